"""Rows to plain Python records and back: what Filter, Map, show and the error records need."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from pyspark import RDD
from pyspark.sql import Row, SparkSession
from pyspark.sql import types as t

from lakeshift.glue_runtime.engine.frame import ERROR_SCHEMA, ErrorBatch, GlueFrame
from lakeshift.glue_runtime.engine.paths import Path
from lakeshift.glue_runtime.engine.shapes import Shape, kind_of, merge, observe, record_type
from lakeshift.glue_runtime.engine.types import MARK, is_choice

__all__ = ["errors_frame", "frame_of_envelopes", "frame_of_records", "json_lines", "record_converter"]

Converter = Callable[[Any], Any]


def _same(value: Any) -> Any:
    return value


def _struct_converter(struct: t.StructType, absent: frozenset[Path], path: Path) -> Converter:
    parts = []
    for index, field in enumerate(struct.fields):
        inner = (*path, field.name)
        parts.append((index, field.name, record_converter(field.dataType, absent, inner), inner in absent))

    def convert(row: Row) -> dict[str, Any]:
        record = {}
        for index, name, inner_convert, omit in parts:
            value = row[index]
            if value is not None:
                record[name] = inner_convert(value)
            elif not omit:
                record[name] = None
        return record

    return convert


def _choice_converter(struct: t.StructType, absent: frozenset[Path], path: Path) -> Converter:
    inner = [record_converter(field.dataType, absent, path) for field in struct.fields]

    def convert(row: Row) -> Any:
        for index, inner_convert in enumerate(inner):
            if row[index] is not None:
                return inner_convert(row[index])
        return None

    return convert


def record_converter(data_type: t.DataType, absent: frozenset[Path], path: Path = ()) -> Converter:
    """Return the function that makes plain values of cells: choices collapse, absent keys stay away."""
    if isinstance(data_type, t.StructType):
        make = _choice_converter if is_choice(data_type) else _struct_converter
        return make(data_type, absent, path)
    if isinstance(data_type, t.ArrayType):
        element = record_converter(data_type.elementType, absent, path)
        return lambda values: [None if value is None else element(value) for value in values]
    if isinstance(data_type, t.MapType):
        each = record_converter(data_type.valueType, absent, path)
        return lambda values: {key: None if value is None else each(value) for key, value in values.items()}
    return _same


def _cell(value: Any, data_type: t.DataType) -> Any:
    """Return a Python value as Spark's cell of ``data_type``."""
    if value is None or isinstance(data_type, t.NullType):
        return None
    if isinstance(data_type, t.StructType):
        if is_choice(data_type):
            kind = MARK + kind_of(value)
            return tuple(_cell(value, f.dataType) if f.name == kind else None for f in data_type.fields)
        return tuple(_cell(value.get(f.name), f.dataType) for f in data_type.fields)
    if isinstance(data_type, t.ArrayType):
        return [_cell(item, data_type.elementType) for item in value]
    if isinstance(data_type, t.StringType):
        return value if isinstance(value, str) else str(value)
    return value


def _shape_of_part(records: Iterable[Any]) -> Iterator[tuple[Shape, set[Path]]]:
    shape: Shape = {}
    nulls: set[Path] = set()
    for record in records:
        observe(shape, record)
        _explicit_nulls(record, (), nulls)
    yield shape, nulls


def _explicit_nulls(value: Any, path: Path, into: set[Path]) -> None:
    if isinstance(value, dict):
        for name, inner in value.items():
            if inner is None:
                into.add((*path, name))
            else:
                _explicit_nulls(inner, (*path, name), into)
    elif isinstance(value, list | tuple):
        for item in value:
            _explicit_nulls(item, path, into)


def _paths(data_type: t.DataType, path: Path = ()) -> Iterator[Path]:
    if isinstance(data_type, t.StructType):
        choice = is_choice(data_type)
        for field in data_type.fields:
            inner = path if choice else (*path, field.name)
            if not choice:
                yield inner
            yield from _paths(field.dataType, inner)
    elif isinstance(data_type, t.ArrayType):
        yield from _paths(data_type.elementType, path)


def frame_of_records(spark: SparkSession, records: RDD[Any], name: str = "") -> GlueFrame:
    """Return the frame of some dicts; the schema is computed from them (one pass), so they are kept between."""
    kept = records.cache()
    shape: Shape = {"struct": {}}
    nulls: set[Path] = set()
    for part, part_nulls in kept.mapPartitions(_shape_of_part).collect():
        shape = merge(shape, part)
        nulls |= part_nulls
    schema = record_type(shape)
    data = spark.createDataFrame(kept.map(lambda record: _cell(record, schema)), schema, verifySchema=False)
    return GlueFrame(data, name, absent=frozenset(path for path in _paths(schema) if path not in nulls))


def frame_of_envelopes(origin: GlueFrame, envelopes: RDD[Any], site: str, info: str) -> GlueFrame:
    """Return the frame of what a Python function made of ``origin``'s records.

    An envelope is ``{"record": {...}}`` with ``isError`` and ``errorMessage`` where the function failed.
    """
    kept = envelopes.cache()
    good = frame_of_records(origin.spark, kept.filter(lambda x: not x.get("isError")).map(lambda x: x["record"]))
    failed = kept.filter(lambda x: bool(x.get("isError")))
    rows = failed.map(
        lambda x: (site, info, x.get("errorMessage"), None, None, None, None, json.dumps(x["record"], default=str))
    )
    batch = ErrorBatch(origin.spark.createDataFrame(rows, ERROR_SCHEMA, verifySchema=False))
    return origin.derive(good.data, absent=good.absent, new=batch)


def json_lines(frame: GlueFrame, limit: int) -> str:
    """Return the first ``limit`` records as ``show`` prints them: one JSON object a line."""
    convert = record_converter(frame.schema, frame.absent)
    rows = frame.data.limit(limit).collect()
    return "\n".join(json.dumps(convert(row), default=str, ensure_ascii=False) for row in rows)


def _error_record(row: Row) -> dict[str, Any]:
    error = {
        "callsite": {"site": row.site, "info": row.info},
        "msg": row.msg,
        "stackTrace": row.stackTrace,
        "input": row.input,
        "bytesread": row.bytesread,
        "source": row.source,
        "dynamicRecord": json.loads(row.record) if row.record else None,
    }
    return {"error": {key: value for key, value in error.items() if value is not None}}


def errors_frame(frame: GlueFrame) -> GlueFrame:
    """Return one record per error record: column ``error`` with call site, message, input and what was read of it.

    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-dynamic-frame.html
    """
    rows = frame.error_rows()
    if rows is None:
        return GlueFrame(frame.spark.createDataFrame([], t.StructType([])), frame.name)
    return frame_of_records(frame.spark, rows.rdd.map(_error_record), frame.name)
