"""Reading JSON files through the JVM companion, which knows choices, absent keys and malformed records."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql import types as t

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.glue_runtime.engine.companion import companion, found_once, java_list
from lakeshift.glue_runtime.engine.file_groups import group_files, groups_text
from lakeshift.glue_runtime.engine.format_options import codec, is_compressed, with_schema
from lakeshift.glue_runtime.engine.frame import ERROR_SCHEMA, ErrorBatch, GlueFrame
from lakeshift.glue_runtime.engine.objects import DataFile
from lakeshift.glue_runtime.engine.options import flag, number
from lakeshift.glue_runtime.engine.paths import column_name
from lakeshift.glue_runtime.engine.reading import Constants, Reading

__all__ = ["error_batch", "json_path", "read_json"]

_PAGE = "https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-format-json-home.html"
_STEP = re.compile(r"""\.([^.\[\]'"*]+|\*)|\[(\d+|\*)\]|\['([^']+)'\]|\["([^"]+)"\]""")


def json_path(text: str) -> list[str]:
    """Return the steps of a path such as ``$.records[*]``: ``.name``, ``*``, ``0``.

    Raises:
        NotSupportedLocallyError: a filter, a slice, a descent at any depth.
    """
    steps: list[str] = []
    at = 1 if text.startswith("$") else 0
    while at < len(text):
        found = _STEP.match(text, at)
        if found is None:
            raise NotSupportedLocallyError(f"jsonPath {text}", "Use names, indexes and [*].", _PAGE)
        name, index, single, double = found.groups()
        steps.append(index if index is not None else "." + (name or single or double))
        at = found.end()
    return steps


def error_batch(bad: DataFrame, known: int | None) -> ErrorBatch:
    """Return the companion's malformed records as an error batch; ``known`` is their number where it was counted."""
    none = F.lit(None).cast(t.StringType())
    given = {**{c: F.col(c) for c in bad.columns}, "site": none, "info": none, "stackTrace": none}
    return ErrorBatch(bad.select(*[given[field.name].alias(field.name) for field in ERROR_SCHEMA.fields]), known)


def _java_options(spark: SparkSession, how: tuple[Any, ...]) -> Any:
    steps, lower, codec_name = how
    return companion(spark, "JsonRecords").Options(java_list(spark, steps), lower, codec_name)


def _splittable(spark: SparkSession, reading: Reading, path: Sequence[str]) -> Any:
    if path or flag(reading.format_options, "multiline") or flag(reading.format_options, "multiLine"):
        return lambda _file: False
    listing = companion(spark, "FileListing")

    def splittable(file: DataFile) -> bool:
        if is_compressed(file.path, reading.options):
            return False
        return bool(listing.beginsWithWholeRecord(spark._jsparkSession, file.path))

    return splittable


_JSON_TYPES = (t.BooleanType, t.IntegerType, t.LongType, t.DoubleType, t.StringType)


def _as_json_has_it(data_type: t.DataType) -> t.DataType:
    """The type as the reader gives it: what JSON has no type of (dates, decimals...) is the text that is cast."""
    if isinstance(data_type, t.StructType):
        return t.StructType([t.StructField(f.name, _as_json_has_it(f.dataType)) for f in data_type.fields])
    if isinstance(data_type, t.ArrayType):
        return t.ArrayType(_as_json_has_it(data_type.elementType))
    if isinstance(data_type, t.MapType):
        raise NotSupportedLocallyError("type map in withSchema of JSON", "Name the fields as a struct.", _PAGE)
    return data_type if isinstance(data_type, _JSON_TYPES) else t.StringType()


def read_json(spark: SparkSession, reading: Reading, constants: Constants, *, lower_names: bool = False) -> GlueFrame:
    """Return the records of the files as Glue's JSON reader sees them, then the constant columns.

    Records are a stream: they may span lines; a malformed one swallows the rest of the line where it broke and becomes
    an error record.
    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-format-json-home.html
    """
    given = reading.format_options
    steps = json_path(str(given.get("jsonPath") or ""))
    how = (tuple(steps), lower_names, codec(reading.options))
    groups = group_files(
        reading.files,
        cores=spark.sparkContext.defaultParallelism,
        group_size=number(reading.options, "groupSize"),
        in_partition=str(reading.options.get("groupFiles")) == "inPartition",
        splittable=_splittable(spark, reading, steps),
    )
    made = companion(spark, "JsonRecords")
    options = _java_options(spark, how)
    session = spark._jsparkSession
    slices = companion(spark, "Slice").groups(groups_text(groups))
    schema = with_schema(given)
    found: Mapping[str, Any] = (
        {"schema": _as_json_has_it(schema).json(), "malformed": None, "absent": [[name] for name in schema.names]}
        if schema is not None
        else found_once((spark, "json", reading.files, how), lambda: str(made.infer(session, slices, options)))
    )
    full = companion(spark, "Slice").groups(groups_text(groups, constants.of)) if constants.names else slices
    size = sum(file.size for file in reading.files)
    jdf = made.read(session, full, size, found["schema"], java_list(spark, constants.names), options)
    errors: tuple[ErrorBatch, ...] = ()
    if found["malformed"] != 0:
        errors = (error_batch(DataFrame(made.malformed(session, slices, options), spark), found["malformed"]),)
    absent = frozenset(tuple(path) for path in found["absent"])
    data = DataFrame(jdf, spark)
    if schema is not None:
        data = data.select(*[F.col(column_name(f.name)).cast(f.dataType) for f in schema.fields], *constants.names)
    return GlueFrame(data, "", absent, errors, stage_errors=len(errors))
