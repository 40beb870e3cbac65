"""Reading files into a frame: which files, in which format, with which extra columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pyspark.sql import Column, SparkSession
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql import types as t

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.glue_runtime.engine import job
from lakeshift.glue_runtime.engine.csv_reader import read_csv
from lakeshift.glue_runtime.engine.frame import GlueFrame
from lakeshift.glue_runtime.engine.json_reader import read_json
from lakeshift.glue_runtime.engine.objects import DataFile, Listing, list_files, without_excluded
from lakeshift.glue_runtime.engine.options import flag, number

__all__ = ["FILE", "FileSet", "choose_files", "empty_frame", "list_for", "read_files"]

FILE = "\u0002file"
"""Name of the hidden column that holds each record's file."""

_SELF_DESCRIBING = {"parquet", "glueparquet", "orc", "avro"}
_PAGE = "https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-format.html"


@dataclass(frozen=True)
class FileSet:
    """What Spark is asked to open: paths, and whether these are folders to be read at any depth."""

    paths: tuple[str, ...]
    recursive: bool
    files: tuple[DataFile, ...] = field(default=(), repr=False)


def choose_files(listing: Listing, options: Mapping[str, Any], context: str) -> FileSet:
    """Return the files of ``listing`` that this run reads: bookmark, then bounds."""
    listing = without_excluded(listing, options.get("exclusions"))
    chosen = job.current.select_files(
        context,
        listing.files,
        max_files=number(options, "boundedFiles"),
        max_bytes=number(options, "boundedSize"),
        band=number(options, "maxBand"),
        max_in_band=number(options, "maxFilesInBand"),
    )
    if listing.whole and len(chosen) == len(listing.files) and len(chosen) > len(listing.roots):
        return FileSet(listing.roots, recursive=True, files=tuple(chosen))
    return FileSet(tuple(f.path for f in chosen), recursive=False, files=tuple(chosen))


def list_for(options: Mapping[str, Any], file_format: str) -> Listing:
    """List the ``paths`` of connection options; self-describing formats are read at any depth, as Spark does."""
    paths = options.get("paths") or ([options["path"]] if options.get("path") else None)
    if not paths:
        raise ValueError("connection_options must have paths, a list of addresses")
    if isinstance(paths, str):
        paths = [paths]
    return list_files(paths, recurse=flag(options, "recurse") or file_format in _SELF_DESCRIBING)


def empty_frame(spark: SparkSession, name: str = "") -> GlueFrame:
    """Return the frame of no files: no records, no columns."""
    return GlueFrame(spark.createDataFrame([], t.StructType([])), name)


def _file_column() -> Column:
    """The file of each row of a file source, as a listing writes it."""
    return _decoded(F.col("_metadata.file_path"))


def _decoded(encoded: Column) -> Column:
    """Spark's percent-encoded path as a listing writes it."""
    plain = F.url_decode(F.regexp_replace(encoded, r"\+", "%2B"))
    return F.regexp_replace(plain, "^file:/+", "file:/")


def read_files(
    spark: SparkSession,
    chosen: FileSet,
    file_format: str,
    format_options: Mapping[str, Any],
    *,
    schema: t.StructType | None = None,
    with_file: bool = False,
    lower_names: bool = False,
) -> GlueFrame:
    """Read ``chosen`` into a frame; with ``with_file`` a last column `FILE` tells each record's file."""
    if not chosen.paths:
        return empty_frame(spark)
    reader = spark.read
    if chosen.recursive:
        reader = reader.option("recursiveFileLookup", "true")
    match file_format:
        case "json":
            _refuse(format_options, "jsonPath", "withSchema")
            column = FILE if with_file else ""
            frame = read_json(reader.text(list(chosen.paths)), lower_names=lower_names, file_column=column)
            return frame.derive(frame.data.withColumn(FILE, _decoded(F.col(FILE)))) if with_file else frame
        case "csv":
            return _csv_frame(reader, chosen.paths, format_options, schema, with_file=with_file)
        case "parquet" | "glueparquet" | "orc":
            kind = "parquet" if file_format == "glueparquet" else file_format
            data = (reader.schema(schema) if schema else reader).format(kind).load(list(chosen.paths))
            return GlueFrame(data.withColumn(FILE, _file_column()) if with_file else data)
    raise NotSupportedLocallyError(f"Reading format {file_format}", "Use json, csv, parquet or orc.", _PAGE)


def _refuse(format_options: Mapping[str, Any], *names: str) -> None:
    for name in names:
        if format_options.get(name):
            raise NotSupportedLocallyError(f"JSON option {name}", "Select in the script after reading.", _PAGE)


def _csv_frame(
    reader: Any,
    paths: Sequence[str],
    format_options: Mapping[str, Any],
    schema: t.StructType | None,
    *,
    with_file: bool,
) -> GlueFrame:
    extra = [_file_column().alias(FILE)] if with_file else []
    if schema is None:
        return GlueFrame(read_csv(reader, paths, format_options, extra))
    texts = t.StructType([t.StructField(f.name, t.StringType()) for f in schema.fields])
    data = reader.schema(texts).options(**format_options).csv(list(paths))
    return GlueFrame(data.select("*", *extra) if with_file else data)
