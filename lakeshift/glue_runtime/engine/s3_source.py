"""Reading files into a frame: which files, in which format, with which extra columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql import types as t

from lakeshift.glue_runtime.engine import job
from lakeshift.glue_runtime.engine.avro_files import avro_reader_options
from lakeshift.glue_runtime.engine.csv_reader import dialect_of_options, read_csv
from lakeshift.glue_runtime.engine.format_options import check_format
from lakeshift.glue_runtime.engine.frame import GlueFrame
from lakeshift.glue_runtime.engine.json_reader import read_json
from lakeshift.glue_runtime.engine.local_rows import local_rows
from lakeshift.glue_runtime.engine.objects import (
    DataFile,
    Listing,
    list_files,
    without_excluded,
    without_storage_classes,
)
from lakeshift.glue_runtime.engine.options import flag, number, texts
from lakeshift.glue_runtime.engine.paths import column_name
from lakeshift.glue_runtime.engine.reading import FILE, MODIFIED, NO_CONSTANTS, Constants, Reading
from lakeshift.glue_runtime.engine.record_files import RECORD_FORMATS, read_record_files

__all__ = [
    "Attached",
    "choose_files",
    "empty_frame",
    "fail_fast",
    "list_for",
    "read_files",
    "read_spark_files",
    "sampled",
]

SELF_DESCRIBING = {"parquet", "glueparquet", "orc", "avro"}


@dataclass(frozen=True)
class Attached:
    """The names of the columns that attachFilename and attachTimestamp ask for; empty where they do not."""

    file: str = ""
    modified: str = ""

    @classmethod
    def of(cls, *options: Mapping[str, Any]) -> Attached:
        """Read them from the first options that have them."""

        def named(name: str) -> str:
            return next((str(given[name]) for given in options if given.get(name)), "")

        return cls(named("attachFilename"), named("attachTimestamp"))

    def constants(self) -> Constants:
        """The columns to ask a reader for."""
        made: dict[str, Callable[[DataFile], str]] = {}
        if self.file:
            made[FILE] = lambda file: file.path
        if self.modified:
            made[MODIFIED] = lambda file: str(file.modified)
        return Constants(tuple(made), lambda file: [one(file) for one in made.values()]) if made else NO_CONSTANTS

    def finish(self, frame: GlueFrame) -> GlueFrame:
        """Give the hidden columns the names asked for."""
        hidden = {FILE: F.col(FILE).alias(self.file), MODIFIED: F.col(MODIFIED).cast("long").alias(self.modified)}
        if not hidden.keys() & set(frame.data.columns):
            return frame
        cells = [hidden.get(name, F.col(column_name(name))) for name in frame.data.columns]
        return frame.derive(frame.data.select(*cells))


def choose_files(listing: Listing, options: Mapping[str, Any], context: str) -> Reading:
    """Return the files of ``listing`` that this run reads: exclusions, then the bookmark, then the bounds.

    Raises:
        ValueError: boundedFiles together with boundedSize.

    https://docs.aws.amazon.com/glue/latest/dg/bounded-execution.html
    """
    listing = without_excluded(listing, options.get("exclusions"))
    listing = without_storage_classes(listing, texts(options.get("excludeStorageClasses")))
    most, bytes_ = number(options, "boundedFiles"), number(options, "boundedSize")
    if most is not None and bytes_ is not None:
        raise ValueError("Only one of boundedFiles and boundedSize can be specified")
    taken = job.current.select_files(
        context,
        listing.files,
        max_files=most,
        max_bytes=bytes_,
        band=number(options, "maxBand"),
        max_in_band=number(options, "maxFilesInBand"),
    )
    chosen = tuple(taken)
    whole = listing.whole and len(chosen) == len(listing.files) and len(chosen) > len(listing.roots)
    return Reading(chosen, "", {}, options, listing.roots if whole else ())


def sampled(listing: Listing, options: Mapping[str, Any]) -> Listing:
    """Keep the files that a sample is taken from: maxSamplePartitions folders, maxSampleFilesPerPartition of each (10).

    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-glue-context.html
    """
    folders, of_each = number(options, "maxSamplePartitions") or 10, number(options, "maxSampleFilesPerPartition") or 10
    held: dict[str, list[DataFile]] = {}
    for file in listing.files:
        held.setdefault(file.path.rsplit("/", 1)[0], []).append(file)
    kept = tuple(file for folder in list(held)[:folders] for file in held[folder][:of_each])
    return Listing(listing.roots, kept, whole=False)


def list_for(spark: SparkSession, options: Mapping[str, Any], file_format: str) -> Listing:
    """List the ``paths`` of connection options; self-describing formats are read at any depth, as Spark does."""
    paths = texts(options.get("paths") or options.get("path"))
    if not paths:
        raise ValueError("connection_options must have paths, a list of addresses")
    recurse = flag(options, "recurse") or file_format in SELF_DESCRIBING
    listing = list_files(paths, recurse=recurse, spark=spark)
    if not listing.files and file_format in ("parquet", "orc"):
        spark.read.format(file_format).load(paths)  # read by Spark on Glue too: its error for a path that is not there
    return listing


def fail_fast(frame: GlueFrame, options: Mapping[str, Any]) -> GlueFrame:
    """Return ``frame``; with isFailFast a record that could not be read fails the read.

    Raises:
        RuntimeError: there are error records.
    """
    if flag(options, "isFailFast") and frame.error_count():
        raise RuntimeError(f"isFailFast: {frame.error_count()} records could not be parsed")
    return frame


def empty_frame(spark: SparkSession, name: str = "") -> GlueFrame:
    """Return the frame of no files: no records, no columns."""
    return GlueFrame(spark.createDataFrame([], t.StructType([])), name)


def read_files(
    spark: SparkSession,
    reading: Reading,
    constants: Constants = NO_CONSTANTS,
    *,
    schema: t.StructType | None = None,
    lower_names: bool = False,
) -> GlueFrame:
    """Read the files into a frame; the last columns are the constants. ``schema`` is that of a catalog table."""
    check_format(reading.kind, reading.format_options)
    if not reading.files:
        return empty_frame(spark)
    if reading.kind == "json":
        return read_json(spark, reading, constants, lower_names=lower_names)
    if reading.kind == "csv":
        return read_csv(spark, reading, constants, dialect_of_options(reading.format_options))
    if reading.kind in RECORD_FORMATS:
        return read_record_files(spark, reading, constants)
    data = read_spark_files(spark, reading, schema)
    if constants.names:
        path = F.regexp_replace("_metadata.file_path", r"\+", "%2B")
        path = F.regexp_replace(F.url_decode(path), "^file:/+", "file:/")
        data = with_constants(data.withColumn(FILE, path), reading.files, constants)
    return GlueFrame(data)


def read_spark_files(
    spark: SparkSession, reading: Reading, schema: t.StructType | None, base: str | None = None
) -> DataFrame:
    """Read files of a format that Spark reads; below ``base`` folders ``key=value`` are columns."""
    kind = "parquet" if reading.kind == "glueparquet" else reading.kind
    reader = spark.read.format(kind)
    if kind == "avro":
        reader = reader.options(**avro_reader_options(spark, reading))
    else:
        reader = reader.options(**_spark_options(reading.options))
        reader = reader.schema(schema) if schema else reader
    if reading.roots:
        reader = reader.option("recursiveFileLookup", "true")
    if base is not None:
        reader = reader.option("basePath", base)
    return reader.load(list(reading.roots or [file.path for file in reading.files]))


_OURS = {
    "paths",
    "path",
    "exclusions",
    "recurse",
    "groupFiles",
    "groupSize",
    "boundedFiles",
    "boundedSize",
    "excludeStorageClasses",
    "attachFilename",
    "attachTimestamp",
    "compressionType",
}


def _spark_options(options: Mapping[str, Any]) -> dict[str, str]:
    """Spark's own reader options (mergeSchema, datetimeRebaseMode...), which Glue hands on for parquet and orc."""
    scalars = {k: v for k, v in options.items() if k not in _OURS and isinstance(v, str | int | float | bool)}
    return {k: str(v).lower() if isinstance(v, bool) else str(v) for k, v in scalars.items()}


def with_constants(data: DataFrame, files: Sequence[DataFile], constants: Constants) -> DataFrame:
    """Return ``data``, whose column `FILE` tells each row's file, with the constant columns in its place."""
    own = [F.col(column_name(name)) for name in data.columns if name != FILE]
    if constants.names == (FILE,):
        return data.select(*own, FILE)
    key = "\u0002key"
    schema = t.StructType([t.StructField(name, t.StringType()) for name in (key, *constants.names)])
    values = local_rows(data.sparkSession, [(file.path, *constants.of(file)) for file in files], schema)
    joined = data.withColumnRenamed(FILE, key).join(F.broadcast(values), key, "left")
    return joined.select(*own, *[F.col(column_name(name)) for name in constants.names])
