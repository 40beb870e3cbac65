"""What stands for the JVM's DataSource."""

from __future__ import annotations

from typing import Any

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.glue_runtime.binding.dynamic_frame import JvmDynamicFrame, session
from lakeshift.glue_runtime.binding.values import JsonOptions
from lakeshift.glue_runtime.engine import choices
from lakeshift.glue_runtime.engine.catalog_source import finish, read_catalog
from lakeshift.glue_runtime.engine.frame import GlueFrame, case_sensitive
from lakeshift.glue_runtime.engine.jdbc_source import read_jdbc
from lakeshift.glue_runtime.engine.s3_source import choose_files, list_for, read_files

__all__ = ["CatalogSource", "JdbcSource", "S3Source"]

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
        """Read the first records."""
        frame = self.getDynamicFrame().frame
        return JvmDynamicFrame(frame.derive(frame.data.limit(number)))

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

    def _read(self) -> GlueFrame:
        if not self.format:
            raise ValueError("A source of files needs a format, such as json, csv or parquet")
        for name in ("attachTimestamp", "excludeStorageClasses"):
            if self._options.get(name):
                page = "https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-connect-s3-home.html"
                raise NotSupportedLocallyError(f"connection option {name}", "Leave it out.", page)
        attach = str(self._options.get("attachFilename") or self.format_options.get("attachFilename") or "")
        files = choose_files(list_for(self._options, self.format), self._options, self._context)
        frame = read_files(session(), files, self.format, self.format_options, with_file=bool(attach))
        return finish(frame, attach)


class JdbcSource(_Source):
    """A table or query of a database."""

    def __init__(self, options: dict[str, Any], context: str) -> None:
        super().__init__()
        self._options, self._context = options, context

    def _read(self) -> GlueFrame:
        return read_jdbc(session(), self._options, self._context)


class CatalogSource(_Source):
    """A table of the Data Catalog."""

    def __init__(
        self, database: str, table: str, context: str, predicate: str, options: dict[str, Any], catalog: str | None
    ) -> None:
        super().__init__()
        self._database, self._table, self._context = database, table, context
        self._predicate, self._options, self._catalog = predicate, options, catalog

    def _read(self) -> GlueFrame:
        return read_catalog(
            session(),
            self._database,
            self._table,
            context=self._context,
            predicate=self._predicate or "",
            options=self._options,
            catalog_id=self._catalog,
        )
