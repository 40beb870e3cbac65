"""Reading a table of the Data Catalog into a frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql import types as t

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.glue_runtime.engine.catalog import CatalogTable, Partition, get_table, partitions, pruned
from lakeshift.glue_runtime.engine.csv_reader import typed_by_catalog
from lakeshift.glue_runtime.engine.frame import GlueFrame
from lakeshift.glue_runtime.engine.jdbc_source import read_jdbc_table
from lakeshift.glue_runtime.engine.objects import DataFile, Listing, list_files, normal_root
from lakeshift.glue_runtime.engine.options import flag
from lakeshift.glue_runtime.engine.paths import column_name
from lakeshift.glue_runtime.engine.s3_source import FILE, FileSet, choose_files, empty_frame, read_files
from lakeshift.glue_runtime.engine.type_text import parse_type

__all__ = ["finish", "read_catalog"]

_JDBC = {"postgresql", "mysql", "oracle", "sqlserver", "redshift"}
_NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"
_FEW = 4
"""Up to so many partitions are listed one by one; of more, the whole table is listed once."""


def _schema(columns: Mapping[str, str]) -> t.StructType:
    return t.StructType([t.StructField(name, parse_type(kind)) for name, kind in columns.items()])


def _csv_serde_options(table: CatalogTable) -> dict[str, str]:
    """Spark's CSV options for a LazySimpleSerDe or OpenCSVSerDe table."""
    given = table.serde_parameters
    options = {"mode": "PERMISSIVE"}
    if "opencsv" in table.serde.lower():
        options["sep"] = given.get("separatorChar", ",")
        options["quote"] = given.get("quoteChar", '"')
        options["escape"] = given.get("escapeChar", "\\")
    else:
        options["sep"] = given.get("field.delim") or table.parameters.get("delimiter") or "\u0001"
        options["quote"] = options["escape"] = '"'
    skipped = int(table.parameters.get("skip.header.line.count", "0") or 0)
    if skipped > 1:
        raise NotSupportedLocallyError(
            f"skip.header.line.count = {skipped}",
            "Keep one header line.",
            "https://docs.aws.amazon.com/athena/latest/ug/csv-serde.html",
        )
    options["header"] = "true" if skipped else "false"
    options["multiLine"] = table.parameters.get("multiLine", "false").lower()
    return options


def _owner(path: str, locations: Mapping[str, Partition], *, recurse: bool) -> Partition | None:
    """The partition that a file lies in: that of its folder, or with ``recurse`` of a folder above."""
    folder = path.rsplit("/", 1)[0] + "/"
    while folder not in locations and recurse and folder.count("/") > 3:
        folder = folder.rstrip("/").rsplit("/", 1)[0] + "/"
    return locations.get(folder)


def _listing(
    table: CatalogTable, chosen: Sequence[Partition], *, recurse: bool
) -> tuple[Listing, dict[str, Partition]]:
    """List the files of the chosen partitions (or of the table), and tell each file's partition."""
    if not table.keys:
        return list_files([table.location], recurse=recurse), {}
    root = normal_root(table.location).rstrip("/") + "/"
    locations = {normal_root(p.location).rstrip("/") + "/": p for p in chosen}
    if len(chosen) > _FEW and all(location.startswith(root) for location in locations):
        found: Sequence[DataFile] = list_files([table.location], recurse=True).files
    else:
        found = [f for location in locations for f in list_files([location], recurse=recurse).files]
    owners = {file.path: _owner(file.path, locations, recurse=recurse) for file in found}
    known = {path: partition for path, partition in owners.items() if partition is not None}
    kept = tuple(f for f in found if f.path in known)
    return Listing((table.location,), kept, whole=False), known


def _with_keys(frame: GlueFrame, table: CatalogTable, files: FileSet, owner: Mapping[str, Partition]) -> GlueFrame:
    """Add the partition columns behind the others, by each record's file."""
    names = [n for n in table.keys if n not in frame.data.columns]
    schema = t.StructType([t.StructField(n, t.StringType()) for n in (FILE, *names)])
    position = {n: i for i, n in enumerate(table.keys)}

    def value(path: str, name: str) -> str | None:
        text = owner[path].values[position[name]]
        return None if text == _NULL_PARTITION else text

    rows = [(f.path, *[value(f.path, n) for n in names]) for f in files.files]
    keys: DataFrame = F.broadcast(frame.spark.createDataFrame(rows, schema))
    data = frame.data.join(keys, FILE, "left")
    kept = [F.col(column_name(n)) for n in frame.data.columns if n != FILE]
    typed = [F.col(column_name(n)).cast(parse_type(table.keys[n])).alias(n) for n in names]
    return frame.derive(data.select(*kept, *typed, F.col(FILE)))


def read_catalog(
    spark: SparkSession,
    database: str,
    name: str,
    *,
    context: str = "",
    predicate: str = "",
    options: Mapping[str, Any] | None = None,
    catalog_id: str | None = None,
) -> GlueFrame:
    """Read table ``name`` of ``database``: its files in its format, partition keys as last columns.

    ``predicate`` (push_down_predicate) and the option catalogPartitionPredicate choose partitions before any listing.
    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-partitions.html
    """
    given = dict(options or {})
    table = get_table(database, name, catalog_id)
    kind = table.format
    if kind in _JDBC or table.parameters.get("connectionName"):
        return read_jdbc_table(spark, table, given, context, catalog_id)
    chosen: Sequence[Partition] = ()
    if table.keys:
        found = partitions(table, str(given.get("catalogPartitionPredicate") or ""), catalog_id)
        chosen = pruned(spark, table, found, predicate)
    listing, owner = _listing(table, chosen, recurse=flag(given, "recurse") or kind in ("parquet", "orc"))
    files = choose_files(listing, given, context)
    if not files.paths:
        return empty_frame(spark, name)
    attach = str(given.get("attachFilename") or "")
    frame = _read(spark, table, files, with_file=bool(table.keys or attach))
    if table.keys:
        frame = _with_keys(frame, table, files, owner)
    return finish(frame, attach)


def _read(spark: SparkSession, table: CatalogTable, files: FileSet, *, with_file: bool) -> GlueFrame:
    kind = table.format
    schema = None if kind == "json" else _schema(table.columns)
    options = _csv_serde_options(table) if kind == "csv" else {}
    frame = read_files(spark, files, kind, options, schema=schema, with_file=with_file, lower_names=kind == "json")
    if kind != "csv":
        return frame
    cells = [F.coalesce(F.col(column_name(n)), F.lit("")).alias(n) for n in table.columns]
    texts = frame.data.select(*cells, *([F.col(FILE)] if with_file else []))
    return frame.derive(typed_by_catalog(texts, table.columns))


def finish(frame: GlueFrame, attach: str) -> GlueFrame:
    """Turn the hidden file column into the one asked for by attachFilename, or drop it."""
    if FILE not in frame.data.columns:
        return frame
    kept = [F.col(column_name(n)) for n in frame.data.columns if n != FILE]
    return frame.derive(frame.data.select(*kept, *([F.col(FILE).alias(attach)] if attach else [])))
