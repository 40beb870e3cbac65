"""Reading a table of the Data Catalog into a frame."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pyspark.sql import Column, SparkSession
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql import types as t

from lakeshift.glue_runtime.engine.catalog import CatalogTable, Partition, get_table, partitions, pruned
from lakeshift.glue_runtime.engine.csv_reader import Dialect, read_csv, typed_by_catalog
from lakeshift.glue_runtime.engine.dynamodb_tables import read_dynamodb, table_name_of
from lakeshift.glue_runtime.engine.frame import GlueFrame
from lakeshift.glue_runtime.engine.iceberg_tables import is_iceberg, read_iceberg
from lakeshift.glue_runtime.engine.jdbc_source import jdbc_options, read_jdbc
from lakeshift.glue_runtime.engine.objects import DataFile, Listing, list_files, normal_root
from lakeshift.glue_runtime.engine.options import flag
from lakeshift.glue_runtime.engine.paths import column_name
from lakeshift.glue_runtime.engine.reading import Constants, Reading
from lakeshift.glue_runtime.engine.redshift_tables import is_redshift, read_redshift
from lakeshift.glue_runtime.engine.s3_source import (
    SELF_DESCRIBING,
    Attached,
    choose_files,
    empty_frame,
    fail_fast,
    read_files,
    read_spark_files,
)
from lakeshift.glue_runtime.engine.type_text import parse_type

__all__ = ["read_catalog"]

_NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"
_KEY = "\u0002key "
"""Marks the columns of partition keys while a frame is read: a file may have a column of that name itself."""
_BY_FOLDERS = {"parquet", "glueparquet", "orc"}
_PLAIN = re.compile(r"[A-Za-z0-9_.-]+")
"""A value that stands for itself in the name of a folder."""
_KINDS = {"grok": "grokLog", "groklog": "grokLog", "glueparquet": "parquet"}


def _schema(columns: Mapping[str, str]) -> t.StructType:
    return t.StructType([t.StructField(name, parse_type(kind)) for name, kind in columns.items()])


def _dialect(table: CatalogTable) -> Dialect:
    """The text of a LazySimpleSerDe or OpenCSVSerDe table, or of one that a crawler classified as csv."""
    given = table.serde_parameters
    multi_line = table.parameters.get("multiLine", "false").lower() == "true"
    skipped = int(table.parameters.get("skip.header.line.count", "0") or 0)
    columns = tuple(table.columns)
    if "opencsv" in table.serde.lower():
        separator, quote = given.get("separatorChar", ","), given.get("quoteChar", '"')
        escape = given.get("escapeChar", "\\")
    else:
        separator = given.get("field.delim") or table.parameters.get("delimiter") or "\u0001"
        quote, escape = given.get("quoteChar", '"'), given.get("escape.delim", "")
    return Dialect(separator, quote, escape, multi_line, skipped=skipped, columns=columns)


def _owner(path: str, locations: Mapping[str, Partition], *, recurse: bool) -> Partition | None:
    """The partition that a file lies in: that of its folder, or with ``recurse`` of a folder above."""
    folder = path.rsplit("/", 1)[0] + "/"
    while folder not in locations and recurse and folder.count("/") > 3:
        folder = folder.rstrip("/").rsplit("/", 1)[0] + "/"
    return locations.get(folder)


def _listing(
    spark: SparkSession, table: CatalogTable, chosen: Sequence[Partition], *, recurse: bool
) -> tuple[Listing, dict[str, Partition]]:
    """List the files of the chosen partitions (or of the table), and tell each file's partition."""
    if not table.keys:
        return list_files([table.location], recurse=recurse, spark=spark), {}
    locations = {normal_root(p.location).rstrip("/") + "/": p for p in chosen}
    found = list_files(list(locations), recurse=recurse, spark=spark).files
    owners = {file.path: _owner(file.path, locations, recurse=recurse) for file in found}
    known = {path: partition for path, partition in owners.items() if partition is not None}
    kept = tuple(f for f in found if f.path in known)
    return Listing(tuple(locations), kept, whole=False), known


def _constants(table: CatalogTable, owner: Mapping[str, Partition], attached: Attached) -> Constants:
    """The partition's values of each file, then what is attached."""
    more = attached.constants()

    def values(file: DataFile) -> list[str | None]:
        found = owner[file.path].values if table.keys else ()
        return [*(None if text == _NULL_PARTITION else text for text in found), *more.of(file)]

    return Constants((*[_KEY + name for name in table.keys], *more.names), values)


def _with_keys(frame: GlueFrame, table: CatalogTable) -> GlueFrame:
    """Give the partition columns their names and types; a file's own column of that name goes before."""
    own = set(frame.data.columns)
    cells: list[Column] = []
    for name in frame.data.columns:
        key = name.removeprefix(_KEY)
        if key == name:
            cells.append(F.col(column_name(name)))
        elif key not in own:
            cells.append(F.col(column_name(name)).cast(parse_type(table.keys[key])).alias(key))
    absent = frozenset(path for path in frame.absent if not path[0].startswith(_KEY))
    return frame.derive(frame.data.select(*cells), absent=absent)


def read_catalog(
    spark: SparkSession,
    database: str,
    name: str,
    *,
    context: str = "",
    predicate: str = "",
    options: Mapping[str, Any] | None = None,
    catalog_id: str | None = None,
    tmp: str = "",
) -> GlueFrame:
    """Read table ``name`` of ``database``: its files in its format, partition keys as last columns.

    ``predicate`` (push_down_predicate) and the option catalogPartitionPredicate choose partitions before any listing.
    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-partitions.html
    """
    given = dict(options or {})
    table = get_table(database, name, catalog_id)
    kind = table.format
    if is_iceberg(table):
        return GlueFrame(read_iceberg(spark, table, given), name)
    if table.is_jdbc:
        given = {**jdbc_options(table), **given}
        if is_redshift(given, catalog_id):
            return read_redshift(spark, given, tmp, catalog_id)
        return read_jdbc(spark, given, context, catalog_id)
    if kind == "dynamodb":
        return read_dynamodb(spark, {"dynamodb.input.tableName": table_name_of(table), **given})
    chosen: Sequence[Partition] = ()
    if table.keys:
        found = partitions(table, str(given.get("catalogPartitionPredicate") or ""), catalog_id)
        chosen = pruned(spark, table, found, predicate)
    listing, owner = _listing(spark, table, chosen, recurse=flag(given, "recurse") or kind in SELF_DESCRIBING)
    reading = choose_files(listing, given, context)
    if not reading.files:
        return empty_frame(spark, name)
    attached = Attached.of(given)
    if not attached.constants().names and _in_hive_folders(table, owner, reading.files):
        frame = _by_folders(spark, table, reading)
    else:
        frame = _read(spark, table, reading, _constants(table, owner, attached))
    return fail_fast(attached.finish(_with_keys(frame, table)), given)


def _in_hive_folders(table: CatalogTable, owner: Mapping[str, Partition], files: Sequence[DataFile]) -> bool:
    """Whether each file lies in the folder of its partition, below the table's, named by its keys and plain values.

    Spark reads the keys off such folders: no row needs its file's name, and none is read where only keys are wanted.
    """
    if table.format not in _BY_FOLDERS or not table.keys or table.keys.keys() & table.columns.keys():
        return False
    base = normal_root(table.location).rstrip("/")
    for folder, partition in {file.path.rpartition("/")[0]: owner[file.path] for file in files}.items():
        named = [f"{key}={value}" for key, value in zip(table.keys, partition.values, strict=False)]
        plain = all(_PLAIN.fullmatch(value) for value in partition.values)
        if not plain or folder != "/".join([base, *named]):
            return False
    return True


def _by_folders(spark: SparkSession, table: CatalogTable, reading: Reading) -> GlueFrame:
    schema = _schema(table.columns)
    for name in table.keys:
        schema = schema.add(name, t.StringType())
    reading = replace(reading, kind=_KINDS.get(table.format, table.format), roots=())
    base = normal_root(table.location).rstrip("/") + "/"
    data = read_spark_files(spark, reading, schema, base)
    keys = [F.col(column_name(name)).alias(_KEY + name) for name in table.keys]
    return GlueFrame(data.select(*map(column_name, table.columns), *keys))


def _read(spark: SparkSession, table: CatalogTable, reading: Reading, constants: Constants) -> GlueFrame:
    kind = _KINDS.get(table.format, table.format)
    if kind == "csv":
        frame = read_csv(spark, replace(reading, kind=kind), constants, _dialect(table))
        cells = [F.coalesce(F.col(column_name(n)), F.lit("")).alias(n) for n in table.columns]
        texts = frame.data.select(*cells, *[column_name(n) for n in constants.names])
        return frame.derive(typed_by_catalog(texts, table.columns), absent=frozenset())
    options: dict[str, Any] = {}
    if kind == "xml":
        options["rowTag"] = table.parameters.get("rowTag") or table.parameters.get("xmlRowTag", "")
    if kind == "grokLog":
        options["logFormat"] = table.serde_parameters.get("input.format") or table.parameters.get("grokPattern", "")
        options["customPatterns"] = table.serde_parameters.get("input.grokCustomPatterns", "")
    if kind == "avro":
        options["version"] = "1.8"
    schema = _schema(table.columns) if kind in ("parquet", "orc") else None
    reading = replace(reading, kind=kind, format_options=options)
    return read_files(spark, reading, constants, schema=schema, lower_names=kind == "json")
