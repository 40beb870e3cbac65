"""What stands for the JVM's GlueContext: sources, sinks, catalog."""

from __future__ import annotations

from typing import Any, NoReturn

from pyspark.sql import types as t

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.glue_runtime.binding.dynamic_frame import session
from lakeshift.glue_runtime.binding.sink import CatalogSink, JdbcSink, S3Sink
from lakeshift.glue_runtime.binding.source import CatalogSource, JdbcSource, S3Source
from lakeshift.glue_runtime.binding.values import JsonOptions
from lakeshift.glue_runtime.engine.catalog import connection_properties, get_table
from lakeshift.glue_runtime.engine.type_text import parse_type

__all__ = ["JvmGlueContext"]

# ruff: noqa: N802, N815

_JDBC = {"jdbc", "postgresql"}
_FILES = {"s3", "file", "parquet", "orc"}
_PAGE = "https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-connect.html"


def _refuse(feature: str, instead: str) -> NoReturn:
    raise NotSupportedLocallyError(feature, instead, _PAGE)


class JvmGlueContext:
    """One a script; ``minPartitions`` and ``targetPartitions`` only tune Glue's own readers."""

    def __init__(self, _spark_context: Any, *_partitions: int) -> None: ...

    def getSource(self, kind: str, options: JsonOptions, ctx: str, _predicate: str) -> Any:
        """A source by connection type; the library passes parquet and orc as such."""
        if kind in _FILES:
            return S3Source(kind, options.values, ctx)
        if kind in _JDBC:
            return JdbcSource(options.values, ctx)
        return _refuse(f"Connection type {kind} as a source", "Use s3, jdbc or postgresql.")

    def getCatalogSource(
        self, database: str, table: str, _tmp: str, ctx: str, predicate: str, options: JsonOptions, catalog: str | None
    ) -> Any:
        """A table of the catalog."""
        return CatalogSource(database, table, ctx, predicate, options.values, catalog)

    def getSink(self, kind: str, options: JsonOptions, _ctx: str) -> Any:
        """A sink by connection type."""
        if kind in _FILES:
            return S3Sink(kind, options.values)
        if kind in _JDBC:
            return JdbcSink(options.values)
        return _refuse(f"Connection type {kind} as a sink", "Use s3, jdbc or postgresql.")

    def getCatalogSink(
        self, database: str, table: str, _tmp: str, _ctx: str, options: JsonOptions, catalog: str | None
    ) -> Any:
        """A sink to a table's location and format."""
        return CatalogSink(database, table, options.values, catalog)

    def getJDBCSink(self, connection: str, options: JsonOptions, _tmp: str, _ctx: str, catalog: str | None) -> Any:
        """A sink through a connection."""
        return JdbcSink({**options.values, "connectionName": connection, "useConnectionProperties": True}, catalog)

    def extractJDBCConf(self, connection: str, catalog: str | None) -> dict[str, str]:
        """User, password, vendor, url of a connection."""
        return connection_properties(connection, catalog)

    def getCatalogSchemaAsSparkSchema(self, database: str, table: str, catalog: str | None) -> Any:
        """A table's schema as a JVM StructType."""
        found = get_table(database, table, catalog)
        columns = {**found.columns, **found.keys}
        schema = t.StructType([t.StructField(n, parse_type(kind)) for n, kind in columns.items()])
        return session()._jsparkSession.parseDataType(schema.json())

    def purgeTable(self, *_arguments: Any) -> None:
        """Refused."""
        _refuse("purge_table", "Delete the objects through boto3.")

    def purgeS3Path(self, *_arguments: Any) -> None:
        """Refused."""
        _refuse("purge_s3_path", "Delete the objects through boto3.")

    def transitionTable(self, *_arguments: Any) -> None:
        """Refused."""
        _refuse("transition_table", "Storage classes mean nothing on a local disk; leave it out.")

    def transitionS3Path(self, *_arguments: Any) -> None:
        """Refused."""
        _refuse("transition_s3_path", "Storage classes mean nothing on a local disk; leave it out.")

    def addIngestionTimeColumns(self, *_arguments: Any) -> None:
        """Refused."""
        _refuse("add_ingestion_time_columns", "Add the columns with Spark's current_timestamp().")

    def startTransaction(self, *_arguments: Any) -> None:
        """Refused."""
        _refuse("Transactions of governed tables", "AWS has ended them; use Iceberg tables.")

    commitTransaction = cancelTransaction = startTransaction
