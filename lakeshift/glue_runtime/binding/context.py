"""What stands for the JVM's GlueContext: sources, sinks, catalog."""

from __future__ import annotations

from typing import Any, NoReturn

from pyspark.sql import types as t

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.glue_runtime.binding.dynamic_frame import data_frame, session
from lakeshift.glue_runtime.binding.sink import DynamoDbSink, JdbcSink, RedshiftSink, S3Sink, catalog_sink
from lakeshift.glue_runtime.binding.source import (
    CatalogSource,
    DynamoDbSource,
    JdbcSource,
    KinesisSource,
    RedshiftSource,
    S3Source,
)
from lakeshift.glue_runtime.binding.values import JsonOptions
from lakeshift.glue_runtime.engine import purge
from lakeshift.glue_runtime.engine.catalog import connection_properties, get_table
from lakeshift.glue_runtime.engine.kinesis_source import ingestion_time_columns
from lakeshift.glue_runtime.engine.redshift_tables import is_redshift
from lakeshift.glue_runtime.engine.type_text import parse_type

__all__ = ["JvmGlueContext"]

# ruff: noqa: N802, N815

_JDBC = {"jdbc", "postgresql"}
_FILES = {"s3", "file", "parquet", "orc"}
_KINDS = "s3, jdbc, postgresql, redshift, dynamodb"
_PAGE = "https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-connect.html"


def _refuse(feature: str, instead: str) -> NoReturn:
    raise NotSupportedLocallyError(feature, instead, _PAGE)


class JvmGlueContext:
    """One a script; ``minPartitions`` and ``targetPartitions`` only tune Glue's own readers."""

    def __init__(self, _spark_context: Any, *_partitions: int) -> None: ...

    def getSource(self, kind: str, options: JsonOptions, ctx: str, _predicate: str) -> Any:
        """A source by connection type; the library passes parquet and orc as such."""
        given = options.values
        if kind in _FILES:
            return S3Source(kind, given, ctx)
        if kind == "redshift" or (kind in _JDBC and is_redshift(given)):
            return RedshiftSource(given)
        if kind in _JDBC:
            return JdbcSource(given, ctx)
        if kind == "dynamodb":
            return DynamoDbSource(given)
        if kind == "kinesis":
            return KinesisSource(given)
        if given.get("compressionType") == "lzo":  # the library then passes the format as the connection type
            return _refuse("compressionType lzo", "Compress with gzip or bzip2.")
        return _refuse(f"Connection type {kind} as a source", f"Use {_KINDS}, kinesis.")

    def getCatalogSource(
        self, database: str, table: str, tmp: str, ctx: str, predicate: str, options: JsonOptions, catalog: str | None
    ) -> Any:
        """A table of the catalog."""
        return CatalogSource(database, table, ctx, predicate, options.values, catalog, tmp)

    def getSink(self, kind: str, options: JsonOptions, _ctx: str) -> Any:
        """A sink by connection type."""
        given = options.values
        if kind in _FILES:
            return S3Sink(kind, given)
        if kind == "redshift" or (kind in _JDBC and is_redshift(given)):
            return RedshiftSink(given)
        if kind in _JDBC:
            return JdbcSink(given)
        if kind == "dynamodb":
            return DynamoDbSink(given)
        return _refuse(f"Connection type {kind} as a sink", f"Use {_KINDS}.")

    def getCatalogSink(
        self, database: str, table: str, tmp: str, _ctx: str, options: JsonOptions, catalog: str | None
    ) -> Any:
        """A sink to a table's location and format, or to the database it lies in."""
        return catalog_sink(database, table, options.values, catalog, tmp)

    def getJDBCSink(self, connection: str, options: JsonOptions, tmp: str, _ctx: str, catalog: str | None) -> Any:
        """A sink through a connection."""
        given = {**options.values, "connectionName": connection, "useConnectionProperties": True}
        return RedshiftSink(given, catalog, tmp) if is_redshift(given, catalog) else JdbcSink(given, catalog)

    def extractJDBCConf(self, connection: str, catalog: str | None) -> dict[str, str]:
        """User, password, vendor, url of a connection."""
        return connection_properties(connection, catalog)

    def getCatalogSchemaAsSparkSchema(self, database: str, table: str, catalog: str | None) -> Any:
        """A table's schema as a JVM StructType."""
        found = get_table(database, table, catalog)
        columns = {**found.columns, **found.keys}
        schema = t.StructType([t.StructField(n, parse_type(kind)) for n, kind in columns.items()])
        return session()._jsparkSession.parseDataType(schema.json())

    def purgeTable(self, database: str, table: str, options: JsonOptions, ctx: str, catalog: str | None) -> None:
        """Delete old files of a table."""
        purge.purge_table(session(), database, table, options.values, ctx, catalog)

    def purgeS3Path(self, path: str, options: JsonOptions, ctx: str) -> None:
        """Delete old files below a path."""
        purge.purge_path(session(), path, options.values, ctx)

    def transitionTable(
        self, database: str, table: str, target: Any, options: JsonOptions, ctx: str, catalog: str | None
    ) -> None:
        """Change the storage class of old files of a table."""
        purge.transition_table(session(), database, table, str(target), options.values, ctx, catalog)

    def transitionS3Path(self, path: str, target: Any, options: JsonOptions, ctx: str) -> None:
        """Change the storage class of old files below a path."""
        purge.transition_path(session(), path, str(target), options.values, ctx)

    def addIngestionTimeColumns(self, jdf: Any, granularity: str) -> Any:
        """Append ingest_year, ingest_month, ... to a DataFrame."""
        return ingestion_time_columns(data_frame(jdf), granularity)._jdf

    def startTransaction(self, *_arguments: Any) -> None:
        """Refused."""
        _refuse("Transactions of governed tables", "AWS has ended them; use Iceberg tables.")

    commitTransaction = cancelTransaction = startTransaction
