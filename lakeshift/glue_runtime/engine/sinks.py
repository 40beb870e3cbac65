"""Writing a frame: files of a format under a path."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pyspark.sql import DataFrame
from pyspark.sql import types as t

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.glue_runtime.engine.avro_files import as_avro_writes
from lakeshift.glue_runtime.engine.companion import companion
from lakeshift.glue_runtime.engine.format_options import check_format, load_failure
from lakeshift.glue_runtime.engine.frame import GlueFrame
from lakeshift.glue_runtime.engine.objects import normal_root
from lakeshift.glue_runtime.engine.options import flag
from lakeshift.glue_runtime.engine.paths import column_name
from lakeshift.glue_runtime.engine.rewrite import resolve_to_structs

__all__ = ["FileSink", "Written", "writable", "write_files", "write_sample"]

_PAGE = "https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-format.html"
_SPARK_FORMATS = {"parquet", "orc", "json", "csv", "avro"}
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
    if sink.format in ("parquet", "glueparquet"):
        for name, option in (("blockSize", "parquet.block.size"), ("pageSize", "parquet.page.size")):
            if given.get(name):
                options[option] = str(given[name])
    compression = given.get("compression") or sink.options.get("compression")
    if compression:
        known = _COMPRESSIONS.get(str(compression).lower())
        if known is None:
            raise NotSupportedLocallyError(f"compression {compression}", "Use snappy, gzip or uncompressed.", _PAGE)
        options["compression"] = known
    return options


def write_files(frame: GlueFrame, sink: FileSink) -> Written:
    """Append the records to ``sink``; a frame without columns writes nothing.

    The files are written aside and moved when all are complete: a reader, or a run after one that was killed, never
    sees half a write of Spark. Nothing that was there is touched.
    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-partitions.html

    Raises:
        IllegalArgumentException: a format that Glue does not write.
        ValueError: a partition key that is no column.
    """
    kind = "parquet" if sink.format == "glueparquet" else sink.format
    if kind not in _SPARK_FORMATS:
        raise load_failure(kind)
    check_format(sink.format, sink.format_options)
    frame.assert_thresholds()
    data = writable(frame)
    _check_keys(data, sink.partition_keys)
    if not data.columns:
        return Written((), t.StructType())
    if kind == "avro":
        data = as_avro_writes(data, sink.format_options)
    root = normal_root(sink.path).rstrip("/")
    staged = f"{root}/__temporary/{uuid.uuid4().hex}"
    writer = data.write.options(**_writer_options(sink))
    if sink.partition_keys:
        writer = writer.partitionBy(*sink.partition_keys)
    if kind == "json" and not frame.absent:
        writer = writer.option("ignoreNullFields", "false")  # every null is explicit, and so is written
    writer.format(kind).save(staged)
    moved = companion(frame.spark, "FileCommit").publish(
        frame.spark._jsparkSession, staged, root, "" if kind in ("parquet", "orc") else f"run-{_stamp()}"
    )
    kept = [f for f in data.schema.fields if f.name not in sink.partition_keys]
    return Written(tuple(f"{root}/{name}" for name in moved.split("\u0001")[:-1]), t.StructType(kept))


_last_stamp = 0
_stamping: Final = threading.Lock()


def _stamp() -> int:
    """Nanoseconds, never the same twice in a process: the name of one write's files, which must replace no others."""
    global _last_stamp  # noqa: PLW0603 - what makes it unique
    with _stamping:
        _last_stamp = max(_last_stamp + 1, time.time_ns())
        return _last_stamp


def _check_keys(data: DataFrame, keys: Sequence[str]) -> None:
    missing = [k for k in keys if k not in data.columns]
    if missing and data.columns:
        raise ValueError(f"Partition column {', '.join(missing)} not found in schema {', '.join(data.columns)}")


def write_sample(frame: GlueFrame, path: str, options: Mapping[str, Any]) -> None:
    """Write the first ``topk`` (100) records, each with probability ``prob`` (1), as JSON lines below ``path``.

    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-spigot.html
    """
    data = writable(frame)
    probability = float(options.get("prob", 1))
    if probability < 1:
        data = data.sample(probability)
    data.limit(int(options.get("topk", 100))).coalesce(1).write.mode("append").json(normal_root(path))
