"""What stands for the JVM's DataSink."""

from __future__ import annotations

from typing import Any

from lakeshift.glue_runtime.binding.dynamic_frame import JvmDynamicFrame, data_frame
from lakeshift.glue_runtime.engine.catalog import CatalogTable, get_table
from lakeshift.glue_runtime.engine.catalog_sink import update_catalog
from lakeshift.glue_runtime.engine.dynamodb_tables import table_name_of, write_dynamodb
from lakeshift.glue_runtime.engine.frame import GlueFrame
from lakeshift.glue_runtime.engine.iceberg_tables import append_iceberg, is_iceberg
from lakeshift.glue_runtime.engine.jdbc_sink import write_jdbc
from lakeshift.glue_runtime.engine.jdbc_source import jdbc_options
from lakeshift.glue_runtime.engine.options import flag
from lakeshift.glue_runtime.engine.redshift_tables import is_redshift, write_redshift
from lakeshift.glue_runtime.engine.sinks import FileSink, write_files
from lakeshift.glue_runtime.engine.tighten import without_unseen_duplicates

__all__ = ["DynamoDbSink", "JdbcSink", "RedshiftSink", "S3Sink", "catalog_sink"]

# ruff: noqa: N802


class _Sink:
    def __init__(self) -> None:
        self.format = ""
        self.format_options: dict[str, Any] = {}

    def _write(self, frame: GlueFrame) -> None:
        raise NotImplementedError

    def setFormat(self, kind: str, options: Any) -> None:
        """Set the format of the files."""
        self.format, self.format_options = kind, options.values

    def setAccumulableSize(self, _size: int) -> None:
        """Only tunes how many error records Glue keeps."""

    def pyWriteDynamicFrame(self, frame: JvmDynamicFrame, _site: str, _info: str) -> JvmDynamicFrame:
        """Write; the answer holds the records that failed, which here fail the write instead."""
        self._write(without_unseen_duplicates(frame.frame))
        return JvmDynamicFrame.emptyDynamicFrame(None)

    def pyWriteDataFrame(self, jdf: Any, _context: Any, _site: str, _info: str) -> Any:
        """Write a DataFrame."""
        data = data_frame(jdf)
        self._write(GlueFrame(data))
        return data.limit(0)._jdf


class S3Sink(_Sink):
    """Files below a path, and with enableUpdateCatalog the table that describes them."""

    def __init__(self, kind: str, options: dict[str, Any]) -> None:
        super().__init__()
        self.format = "" if kind in ("s3", "file") else kind
        self._options = options
        self._catalog: tuple[str, str] | None = None

    def setCatalogInfo(self, database: str, table: str, _catalog_id: str = "") -> None:
        """Name the table that enableUpdateCatalog keeps."""
        self._catalog = (database, table)

    def _write(self, frame: GlueFrame) -> None:
        path = str(self._options.get("path") or "")
        if not path:
            raise ValueError("connection_options must have path, where the files go")
        if not self.format:
            raise ValueError("A sink of files needs a format, such as json, csv or parquet")
        if flag(self._options, "useFrameName"):
            path = f"{path.rstrip('/')}/{frame.name}"
        keys = tuple(self._options.get("partitionKeys") or ())
        updates = flag(self._options, "enableUpdateCatalog")
        if updates and self._catalog is None:
            raise ValueError("enableUpdateCatalog needs setCatalogInfo(catalogDatabase=..., catalogTableName=...)")
        sink = FileSink(path, self.format, self.format_options, self._options, keys)
        written = write_files(frame, sink)
        if updates and self._catalog is not None:
            behaviour = str(self._options.get("updateBehavior") or "UPDATE_IN_DATABASE")
            update_catalog(*self._catalog, sink, written, _key_types(frame, keys), behaviour)


def _key_types(frame: GlueFrame, keys: tuple[str, ...]) -> dict[str, str]:
    types = {f.name: f.dataType.simpleString() for f in frame.schema.fields}
    return {key: types.get(key, "string") for key in keys}


class CatalogSink(_Sink):
    """The location and format of a table that exists."""

    def __init__(self, table: CatalogTable, options: dict[str, Any]) -> None:
        super().__init__()
        self._table, self._options = table, options

    def _write(self, frame: GlueFrame) -> None:
        table = self._table
        keys = tuple(self._options.get("partitionKeys") or table.keys)
        options: dict[str, Any] = {}
        if table.format == "csv":
            options["separator"] = table.serde_parameters.get("field.delim", ",")
            options["writeHeader"] = table.parameters.get("skip.header.line.count", "0") == "1"
        if table.format == "avro":
            options["version"] = "1.8"  # the table's dates and decimals stay what they are
        sink = FileSink(table.location, table.format, options, self._options, keys)
        written = write_files(frame, sink)
        if flag(self._options, "enableUpdateCatalog"):
            behaviour = str(self._options.get("updateBehavior") or "UPDATE_IN_DATABASE")
            update_catalog(table.database, table.name, sink, written, _key_types(frame, keys), behaviour)


class IcebergSink(_Sink):
    """An Iceberg table of the catalog; rows are appended in one commit."""

    def __init__(self, table: CatalogTable, options: dict[str, Any]) -> None:
        super().__init__()
        self._table, self._options = table, options

    def _write(self, frame: GlueFrame) -> None:
        append_iceberg(frame, self._table, self._options)


class JdbcSink(_Sink):
    """A table of a database; rows are inserted."""

    def __init__(self, options: dict[str, Any], catalog: str | None = None) -> None:
        super().__init__()
        self._options, self._catalog_id = options, catalog

    def _write(self, frame: GlueFrame) -> None:
        write_jdbc(frame, self._options, self._catalog_id)


class RedshiftSink(_Sink):
    """A table of Redshift, through COPY."""

    def __init__(self, options: dict[str, Any], catalog: str | None = None, tmp: str = "") -> None:
        super().__init__()
        self._options, self._catalog_id, self._tmp = options, catalog, tmp

    def _write(self, frame: GlueFrame) -> None:
        write_redshift(frame, self._options, self._tmp, self._catalog_id)


class DynamoDbSink(_Sink):
    """A table of DynamoDB; every record is an item."""

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__()
        self._options = options

    def _write(self, frame: GlueFrame) -> None:
        write_dynamodb(frame, self._options)


def catalog_sink(database: str, name: str, options: dict[str, Any], catalog: str | None, tmp: str) -> _Sink:
    """Return the sink that a table of the catalog needs: files, Iceberg, a database, DynamoDB."""
    table = get_table(database, name, catalog)
    if is_iceberg(table):
        return IcebergSink(table, options)
    if table.format == "dynamodb":
        return DynamoDbSink({"dynamodb.output.tableName": table_name_of(table), **options})
    if table.is_jdbc:
        given = {**jdbc_options(table), **options}
        return RedshiftSink(given, catalog, tmp) if is_redshift(given, catalog) else JdbcSink(given, catalog)
    return CatalogSink(table, options)
