"""Formats that Python reads file by file into records: xml, grokLog, ion."""

from __future__ import annotations

import bz2
import gzip
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from pyspark.sql import SparkSession

from lakeshift.glue_runtime.engine.format_options import codec
from lakeshift.glue_runtime.engine.frame import ERROR_SCHEMA, ErrorBatch, GlueFrame
from lakeshift.glue_runtime.engine.grok_log import grok_records
from lakeshift.glue_runtime.engine.ion_records import ion_records, require_ion
from lakeshift.glue_runtime.engine.reading import Constants, Reading
from lakeshift.glue_runtime.engine.records import frame_of_records
from lakeshift.glue_runtime.engine.xml_records import xml_records

__all__ = ["RECORD_FORMATS", "read_record_files"]

Parser = Callable[[bytes, Mapping[str, Any]], Iterator[dict[str, Any] | tuple[str, str]]]
"""Records, or for what is none (message, text)."""

RECORD_FORMATS: Final[dict[str, Parser]] = {"xml": xml_records, "grokLog": grok_records, "ion": ion_records}


def _plain(path: str, content: bytes, codec_name: str) -> bytes:
    if codec_name == "gzip" or (not codec_name and path.endswith((".gz", ".gzip"))):
        return gzip.decompress(content)
    if codec_name == "bzip2" or (not codec_name and path.endswith(".bz2")):
        return bz2.decompress(content)
    return content


def read_record_files(spark: SparkSession, reading: Reading, constants: Constants) -> GlueFrame:
    """Return the records of the files; what could not be read is an error record. Every file is read whole."""
    if reading.kind == "ion":
        require_ion()
    parse, options, codec_name = RECORD_FORMATS[reading.kind], dict(reading.format_options), codec(reading.options)
    more = {
        file.path: dict(zip(constants.names, constants.of(file), strict=True))
        for file in reading.files
        if constants.names
    }

    def parsed(row: Any) -> Iterator[tuple[bool, Any]]:
        path = str(row.path)
        for record in parse(_plain(path, bytes(row.content), codec_name), options):
            if isinstance(record, tuple):
                message, text = record
                yield False, (None, None, message, None, text, len(text.encode()), path, "{}")
            else:
                yield True, record | more.get(path, {})

    files = spark.read.format("binaryFile").load([file.path for file in reading.files])
    found = files.select("path", "content").rdd.flatMap(parsed).cache()
    good = frame_of_records(spark, found.filter(lambda x: x[0]).map(lambda x: x[1]))
    bad = spark.createDataFrame(found.filter(lambda x: not x[0]).map(lambda x: x[1]), ERROR_SCHEMA, verifySchema=False)
    return GlueFrame(good.data, "", good.absent, (ErrorBatch(bad),), stage_errors=1)
