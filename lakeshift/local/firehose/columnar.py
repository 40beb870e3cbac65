"""Rows as one Parquet or ORC file. Pure.

https://docs.aws.amazon.com/firehose/latest/APIReference/API_ParquetSerDe.html,
https://docs.aws.amazon.com/firehose/latest/APIReference/API_OrcSerDe.html
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import orc

from lakeshift.local.firehose.deserialize import Column
from lakeshift.local.firehose.hive_types import arrow_type

__all__ = ["Serializer", "read_orc", "read_parquet", "write"]

_PARQUET: Final = {"SNAPPY": "snappy", "GZIP": "gzip", "UNCOMPRESSED": "none"}
_ORC: Final = {"SNAPPY": "snappy", "ZLIB": "zlib", "NONE": "uncompressed"}


@dataclass(frozen=True, slots=True)
class Serializer:
    """Which format is written, and the writer's own options."""

    form: Literal["parquet", "orc"]
    options: Mapping[str, Any] = field(default_factory=dict)


def read_parquet(given: Mapping[str, Any]) -> Serializer:
    """Of a ``ParquetSerDe``. Block and padding sizes are of HDFS and change nothing in an object."""
    options = {
        "compression": _PARQUET[given.get("Compression", "SNAPPY")],
        "use_dictionary": bool(given.get("EnableDictionaryCompression", False)),
        "data_page_size": int(given.get("PageSizeBytes", 1024 * 1024)),
        "data_page_version": "2.0" if given.get("WriterVersion") == "V2" else "1.0",
    }
    return Serializer("parquet", options)


def read_orc(given: Mapping[str, Any]) -> Serializer:
    """Of an ``OrcSerDe``."""
    options: dict[str, Any] = {
        "compression": _ORC[given.get("Compression", "SNAPPY")],
        "stripe_size": int(given.get("StripeSizeBytes", 64 * 1024 * 1024)),
        "row_index_stride": int(given.get("RowIndexStride", 10_000)),
        "padding_tolerance": float(given.get("PaddingTolerance", 0.05)) if given.get("EnablePadding") else 0.0,
        "dictionary_key_size_threshold": float(given.get("DictionaryKeyThreshold", 0.0)),
        "bloom_filter_fpp": float(given.get("BloomFilterFalsePositiveProbability", 0.05)),
        "file_version": "0.11" if given.get("FormatVersion") == "V0_11" else "0.12",
    }
    return Serializer("orc", {**options, "bloom": tuple(given.get("BloomFilterColumns") or ())})


def write(rows: Sequence[Mapping[str, Any]], columns: Sequence[Column], serializer: Serializer) -> bytes:
    """The file's bytes; the same rows give the same bytes."""
    names = [column.name for column in columns]
    arrays = [pa.array([row[column.name] for row in rows], type=arrow_type(column.type)) for column in columns]
    table = pa.table(arrays, names=names)
    body = io.BytesIO()
    if serializer.form == "parquet":
        # as Hive's writer, which Firehose is: times are INT96
        pq.write_table(table, body, use_deprecated_int96_timestamps=True, store_schema=False, **serializer.options)
    else:
        options = dict(serializer.options)
        bloom = options.pop("bloom")
        wanted = [names.index(name) for name in bloom if name in names] or None
        orc.write_table(table, body, bloom_filter_columns=wanted, **options)
    return body.getvalue()
