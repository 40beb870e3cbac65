"""Writing a frame: files of a format under a path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import types as t

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.glue_runtime.engine.frame import GlueFrame
from lakeshift.glue_runtime.engine.objects import list_files, normal_root
from lakeshift.glue_runtime.engine.options import flag
from lakeshift.glue_runtime.engine.paths import column_name
from lakeshift.glue_runtime.engine.rewrite import resolve_to_structs

__all__ = ["FileSink", "Written", "writable", "write_files", "write_sample"]

_PAGE = "https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-format.html"
_SPARK_FORMATS = {"parquet": "parquet", "glueparquet": "parquet", "orc": "orc", "json": "json", "csv": "csv"}
_COMPRESSIONS = {
    "gzip": "gzip",
    "snappy": "snappy",
    "uncompressed": "none",
    "none": "none",
    "bzip2": "bzip2",
    "zstd": "zstd",
}


@dataclass(frozen=True)
class FileSink:
    """Where and how: ``path``, ``format``, its options, and the columns that become folders."""

    path: str
    format: str
    format_options: Mapping[str, Any]
    options: Mapping[str, Any]
    partition_keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Written:
    """What a write left: the new files, and the rows' schema without the partition keys."""

    files: tuple[str, ...]
    schema: t.StructType


def writable(frame: GlueFrame) -> DataFrame:
    """Return the rows as a file format takes them: choices as structs, columns without a type left out."""
    data = resolve_to_structs(frame.data)
    kept = [column_name(f.name) for f in data.schema.fields if not isinstance(f.dataType, t.NullType)]
    return data if len(kept) == len(data.columns) else data.select(*kept)


def _writer_options(sink: FileSink) -> dict[str, str]:
    given = sink.format_options
    options: dict[str, str] = {}
    if sink.format == "csv":
        options["header"] = str(flag(given, "writeHeader", default=True)).lower()
        options["sep"] = str(given.get("separator", ","))
        quote = str(given.get("quoteChar", '"'))
        options["quote"] = "" if quote == "-1" else quote
        options["escape"] = options["quote"] or "\\"
        options["emptyValue"] = ""
    compression = given.get("compression") or sink.options.get("compression")
    if compression:
        known = _COMPRESSIONS.get(str(compression).lower())
        if known is None:
            raise NotSupportedLocallyError(f"compression {compression}", "Use snappy, gzip or uncompressed.", _PAGE)
        options["compression"] = known
    return options


def write_files(frame: GlueFrame, sink: FileSink) -> Written:
    """Append the records to ``sink``; a frame without columns writes nothing.

    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-partitions.html
    """
    if sink.format not in _SPARK_FORMATS:
        raise NotSupportedLocallyError(f"Writing format {sink.format}", "Use parquet, orc, json or csv.", _PAGE)
    frame.assert_thresholds()
    data = writable(frame)
    _check_keys(data, sink.partition_keys)
    if not data.columns:
        return Written((), t.StructType())
    root = normal_root(sink.path)
    before = _files(root)
    writer = data.write.mode("append").options(**_writer_options(sink))
    if sink.partition_keys:
        writer = writer.partitionBy(*sink.partition_keys)
    if sink.format == "json" and not frame.absent:
        writer = writer.option("ignoreNullFields", "false")  # every null is explicit, and so is written
    writer.format(_SPARK_FORMATS[sink.format]).save(root)
    kept = [f for f in data.schema.fields if f.name not in sink.partition_keys]
    return Written(tuple(sorted(_files(root) - before)), t.StructType(kept))


def _check_keys(data: DataFrame, keys: Sequence[str]) -> None:
    missing = [k for k in keys if k not in data.columns]
    if missing and data.columns:
        raise ValueError(f"Partition column {', '.join(missing)} not found in schema {', '.join(data.columns)}")


def _files(root: str) -> set[str]:
    try:
        return {f.path for f in list_files([root], recurse=True).files}
    except FileNotFoundError:
        return set()


def write_sample(frame: GlueFrame, path: str, options: Mapping[str, Any]) -> None:
    """Write the first ``topk`` (100) records, each with probability ``prob`` (1), as JSON lines below ``path``.

    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-spigot.html
    """
    data = writable(frame)
    probability = float(options.get("prob", 1))
    if probability < 1:
        data = data.sample(probability)
    data.limit(int(options.get("topk", 100))).coalesce(1).write.mode("append").json(normal_root(path))
