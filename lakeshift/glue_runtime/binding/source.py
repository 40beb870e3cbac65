"""What stands for the JVM's DataSource."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pyspark.errors import IllegalArgumentException

from lakeshift.glue_runtime.binding.dynamic_frame import JvmDynamicFrame, session
from lakeshift.glue_runtime.binding.values import JsonOptions
from lakeshift.glue_runtime.engine import choices
from lakeshift.glue_runtime.engine.catalog import get_table
from lakeshift.glue_runtime.engine.catalog_source import read_catalog
from lakeshift.glue_runtime.engine.dynamodb_tables import read_dynamodb
from lakeshift.glue_runtime.engine.format_options import check_format
from lakeshift.glue_runtime.engine.frame import GlueFrame, case_sensitive
from lakeshift.glue_runtime.engine.jdbc_source import read_jdbc
from lakeshift.glue_runtime.engine.kinesis_source import read_kinesis
from lakeshift.glue_runtime.engine.redshift_tables import read_redshift
from lakeshift.glue_runtime.engine.s3_source import Attached, choose_files, fail_fast, list_for, read_files, sampled

__all__ = ["CatalogSource", "DynamoDbSource", "JdbcSource", "KinesisSource", "RedshiftSource", "S3Source"]

# ruff: noqa: N802


class _Source:
    def __init__(self) -> None:
        self.format = ""
        self.format_options: dict[str, Any] = {}

    def _read(self) -> GlueFrame:
        raise NotImplementedError

    def setFormat(self, kind: str, options: JsonOptions) -> None:
        """Set the format of the records."""
        self.format, self.format_options = kind, options.values

    def getDynamicFrame(self, *_partitions: int) -> JvmDynamicFrame:
        """Read it."""
        with case_sensitive(session()):
            return JvmDynamicFrame(self._read())

    def getSampleDynamicFrame(self, number: int, _options: JsonOptions) -> JvmDynamicFrame:
        """Read at most so many records."""
        frame = self.getDynamicFrame().frame
        return JvmDynamicFrame(frame.derive(frame.data.limit(int(number))))

    def getDataFrame(self) -> Any:
        """Read it as a DataFrame."""
        with case_sensitive(session()):
            return choices.to_data(self._read(), []).data._jdf


class S3Source(_Source):
    """Files by connection options; ``kind`` is the format where the library passes it as the connection type."""

    def __init__(self, kind: str, options: dict[str, Any], context: str) -> None:
        super().__init__()
        self.format = "" if kind in ("s3", "file") else kind
        self._options, self._context = options, context
        self._sample: dict[str, Any] | None = None

    def getSampleDynamicFrame(self, number: int, options: JsonOptions) -> JvmDynamicFrame:
        """Read at most so many records, from at most so many partitions and files of each."""
        self._sample = options.values
        return super().getSampleDynamicFrame(number, options)

    def _read(self) -> GlueFrame:
        if not self.format:
            raise ValueError("A source of files needs a format, such as json, csv or parquet")
        spark = session()
        check_format(self.format, self.format_options)
        listing = list_for(spark, self._options, self.format)
        listing = listing if self._sample is None else sampled(listing, self._sample)
        found = choose_files(listing, self._options, self._context)
        attached = Attached.of(self._options, self.format_options)
        reading = replace(found, kind=self.format, format_options=self.format_options)
        return fail_fast(attached.finish(read_files(spark, reading, attached.constants())), self._options)


class JdbcSource(_Source):
    """A table or query of a database."""

    def __init__(self, options: dict[str, Any], context: str) -> None:
        super().__init__()
        self._options, self._context = options, context

    def _read(self) -> GlueFrame:
        return read_jdbc(session(), self._options, self._context)


class RedshiftSource(_Source):
    """A table or query of Redshift, through UNLOAD."""

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__()
        self._options = options

    def _read(self) -> GlueFrame:
        return read_redshift(session(), self._options)


class DynamoDbSource(_Source):
    """A table of DynamoDB, or an export of one."""

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__()
        self._options = options

    def _read(self) -> GlueFrame:
        return read_dynamodb(session(), self._options)


class KinesisSource(_Source):
    """A stream; only a DataFrame can be made of it."""

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__()
        self._options = options

    def _read(self) -> GlueFrame:
        raise IllegalArgumentException("A stream is read by create_data_frame, not as a DynamicFrame")

    def getDataFrame(self) -> Any:
        """The streaming DataFrame."""
        return read_kinesis(session(), self._options)._jdf


class CatalogSource(_Source):
    """A table of the Data Catalog."""

    def __init__(
        self,
        database: str,
        table: str,
        context: str,
        predicate: str,
        options: dict[str, Any],
        catalog: str | None,
        tmp: str = "",
    ) -> None:
        super().__init__()
        self._database, self._table, self._context = database, table, context
        self._predicate, self._options, self._catalog = predicate, options, catalog
        self._tmp = tmp

    def _read(self) -> GlueFrame:
        return read_catalog(
            session(),
            self._database,
            self._table,
            context=self._context,
            predicate=self._predicate or "",
            options=self._options,
            catalog_id=self._catalog,
            tmp=self._tmp,
        )

    def getDataFrame(self) -> Any:
        """The table as a DataFrame; of a stream's table a streaming one."""
        table = get_table(self._database, self._table, self._catalog)
        if table.parameters.get("typeOfData") == "kinesis":
            options = {**table.parameters, **self._options}
            return read_kinesis(session(), options, table.columns)._jdf
        return super().getDataFrame()
