"""Python functions over records, batch by batch through Arrow.

A function is given as the library wraps it: it takes an envelope ``{"record": {...}}``, and marks it with ``isError``
and ``errorMessage`` where the script's function failed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any, Final

import pyarrow as pa
from pyspark import RDD, TaskContext
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql import types as t
from pyspark.sql.pandas.types import from_arrow_schema, to_arrow_schema

from lakeshift.glue_runtime.engine.arrow_decode import ABSENT, records_of
from lakeshift.glue_runtime.engine.arrow_encode import add_field, encode, encode_structs, struct_array
from lakeshift.glue_runtime.engine.arrow_retype import conformed, is_scalar, retyped_fields
from lakeshift.glue_runtime.engine.frame import ERROR_SCHEMA, ErrorBatch, GlueFrame
from lakeshift.glue_runtime.engine.paths import Path, column_name
from lakeshift.glue_runtime.engine.predicates import column_predicate
from lakeshift.glue_runtime.engine.presence import hidden_name, is_hidden
from lakeshift.glue_runtime.engine.row_columns import ColumnMap, map_columns
from lakeshift.glue_runtime.engine.script_function import Envelope, RowFunction
from lakeshift.glue_runtime.engine.shapes import Shape, framed, merge_all
from lakeshift.glue_runtime.engine.touched import Touched

__all__ = ["Envelope", "RowFunction", "Site", "filter_rows", "frame_of_records", "map_rows", "run_envelopes"]

Site = tuple[str, str]
"""Where in the script the transform was called, and the script's ``info``."""

_CHUNK: Final = 10_000
_ROW: Final = "\u0002row"
_RESULT: Final = t.StructType(
    [
        t.StructField("shape", t.StringType()),
        t.StructField("payload", t.BinaryType()),
        t.StructField("failed", t.ArrayType(ERROR_SCHEMA)),
    ]
)
_RESULT_ARROW: Final = to_arrow_schema(_RESULT)


def _source(frame: GlueFrame) -> DataFrame:
    """The rows to hand over; Arrow has no rows without a column."""
    return frame.data if frame.data.columns else frame.data.select(F.lit(True).alias(_ROW))


def _batch_columns(batch: Any) -> dict[str, Any]:
    return {name: batch.column(i) for i, name in enumerate(batch.schema.names) if name != _ROW}


def _names(columns: Iterable[str], touched: Touched | None) -> list[str]:
    return [n for n in columns if not is_hidden(n) and (touched is None or n in touched.fields)]


def _failure(site: Site, envelope: Envelope, record: Any) -> dict[str, Any]:
    text = json.dumps(record, default=str)
    error = {"site": site[0], "info": site[1], "msg": envelope.get("errorMessage"), "record": text}
    return {name: error.get(name) for name in ERROR_SCHEMA.names}


# -- Filter


def filter_rows(frame: GlueFrame, function: RowFunction, site: Site) -> GlueFrame:
    """Keep the records for which the function is true; one that fails leaves its record among the errors."""
    source, absent, touched = _source(frame), frame.absent, function.touched

    def judged(batch: Any) -> tuple[list[bool], list[Envelope]]:
        columns = _batch_columns(batch)
        records = records_of(columns, batch.num_rows, absent, _names(columns, touched))
        envelopes = [{"record": record} for record in records]
        call = function.call
        return [bool(call(envelope)) for envelope in envelopes], envelopes

    def good(batches: Iterable[Any]) -> Iterator[Any]:
        for batch in batches:
            kept, envelopes = judged(batch)
            yield batch.filter(pa.array([k and "isError" not in e for k, e in zip(kept, envelopes, strict=True)]))

    def bad(batches: Iterable[Any]) -> Iterator[Any]:
        schema = to_arrow_schema(ERROR_SCHEMA)
        for batch in batches:
            _, envelopes = judged(batch)
            failed = [i for i, envelope in enumerate(envelopes) if envelope.get("isError")]
            if failed:
                columns = _batch_columns(batch.take(pa.array(failed)))
                whole = records_of(columns, len(failed), absent, _names(columns, None))
                rows = [_failure(site, envelopes[i], r) for i, r in zip(failed, whole, strict=True)]
                yield pa.RecordBatch.from_pylist(rows, schema)

    errors = ErrorBatch(source.mapInArrow(bad, ERROR_SCHEMA))
    predicate = column_predicate(frame, function)
    if predicate is not None:
        return frame.derive(frame.data.filter(predicate), new=errors, loose=True)
    data = source.mapInArrow(good, source.schema).select(*[F.col(column_name(n)) for n in frame.data.columns])
    return frame.derive(data, new=errors, loose=True)


# -- Map, and anything else


def map_rows(frame: GlueFrame, function: RowFunction, site: Site) -> GlueFrame:
    """Return what the function makes of each record; the schema is computed anew from the results."""
    by_columns = map_columns(frame, function)
    if by_columns is not None:
        return _of_columns(frame, by_columns, site)
    absent, touched = frame.absent, function.touched
    through = touched is not None and touched.returns_record

    def run(batches: Iterable[Any]) -> Iterator[Any]:
        for batch in batches:
            columns = _batch_columns(batch)
            names = _names(columns, touched)
            records = records_of(columns, batch.num_rows, absent, names)
            if through and len(names) < len(_names(columns, None)):
                for record in records:
                    record[_ROW] = True  # what is left out must not make the record look empty
            envelopes = [function.call({"record": record}) for record in records]
            failed = [i for i, envelope in enumerate(envelopes) if _checked(envelope)]
            errors, kept = [], batch
            if failed:
                part = _batch_columns(batch.take(pa.array(failed)))
                whole = records_of(part, len(failed), absent, _names(part, None))
                errors = [_failure(site, envelopes[i], r) for i, r in zip(failed, whole, strict=True)]
                kept = batch.filter(pa.array([not envelope.get("isError") for envelope in envelopes]))
            results = [envelope["record"] for envelope in envelopes if not envelope.get("isError")]
            if through and touched is not None:
                array, fields = _passed_through(_batch_columns(kept), results, touched, absent)
            else:
                array, fields = encode_structs(results)
            yield _chunk(array, fields, errors)

    return _made(frame, _source(frame).mapInArrow(run, _RESULT))


def _of_columns(frame: GlueFrame, made: ColumnMap, site: Site) -> GlueFrame:
    """The frame of what stayed with Spark; records that failed are made only when somebody asks for them."""
    if made.failed is None:
        return frame.derive(made.data, absent=made.absent, loose=False)
    absent, message = frame.absent, made.error

    def failures(batches: Iterable[Any]) -> Iterator[Any]:
        schema = to_arrow_schema(ERROR_SCHEMA)
        for batch in batches:
            columns = _batch_columns(batch)
            told = columns.pop(message).to_pylist()
            whole = records_of(columns, batch.num_rows, absent, _names(columns, None))
            rows = [_failure(site, {"errorMessage": why}, record) for why, record in zip(told, whole, strict=True)]
            yield pa.RecordBatch.from_pylist(rows, schema)

    errors = ErrorBatch(made.failed.mapInArrow(failures, ERROR_SCHEMA))
    return frame.derive(made.data, absent=made.absent, new=errors, loose=False)


def _checked(envelope: Envelope) -> bool:
    """Whether the function failed; a result that is no record is a failure, too."""
    if not envelope.get("isError") and not isinstance(envelope["record"], dict):
        envelope["isError"] = True
        envelope["errorMessage"] = (
            f"User-specified function returned {type(envelope['record']).__name__} instead of DynamicRecord"
        )
    return bool(envelope.get("isError"))


def _passed_through(
    columns: dict[str, Any], results: list[Any], touched: Touched, absent: frozenset[Path]
) -> tuple[Any, Shape]:
    """The records with their untouched columns as they were; only what the function can have changed is made anew."""
    anew = touched.changed | {n for n in touched.fields if n in columns and not is_scalar(columns[n].type)}
    same, same_fields = retyped_fields(columns, [n for n in _names(columns, None) if n not in anew], absent, ())
    made: dict[str, Any] = {}
    fields: Shape = {}
    for name in [*_names(columns, None), *sorted(anew - set(columns))]:
        if name in same:
            made.update({n: same[n] for n in (name, hidden_name(name)) if n in same})
            fields[name] = same_fields[name]
        elif name in anew:
            values = [record.get(name, ABSENT) for record in results]
            array, shape = encode(values)
            if set(shape) != {"absent"}:
                add_field(made, fields, name, array, shape, explicit=[value is None for value in values])
    return struct_array(list(made), list(made.values()), len(results)), fields


def run_envelopes(
    frame: GlueFrame, function: Callable[[int, Iterator[Envelope]], Iterable[Envelope]], site: Site
) -> GlueFrame:
    """Return what a function of a whole partition (its number, its envelopes) leaves."""
    absent = frame.absent

    def envelopes(batches: Iterable[Any]) -> Iterator[Envelope]:
        for batch in batches:
            columns = _batch_columns(batch)
            for record in records_of(columns, batch.num_rows, absent, _names(columns, None)):
                yield {"record": record}

    def run(batches: Iterable[Any]) -> Iterator[Any]:
        task = TaskContext.get()
        left = iter(function(task.partitionId() if task else 0, envelopes(batches)))
        while chunk := list(islice(left, _CHUNK)):
            errors = [_failure(site, envelope, envelope["record"]) for envelope in chunk if _checked(envelope)]
            yield _chunk(*encode_structs([e["record"] for e in chunk if not e.get("isError")]), errors)

    return _made(frame, _source(frame).mapInArrow(run, _RESULT))


def frame_of_records(spark: SparkSession, records: RDD[Any], name: str = "") -> GlueFrame:
    """Return the frame of an RDD of dicts; the schema is computed from them."""

    def chunks(part: Iterable[Any]) -> Iterator[Any]:
        left = iter(part)
        while chunk := list(islice(left, _CHUNK)):
            row = _chunk(*encode_structs(chunk), []).to_pylist()[0]
            yield row["shape"], row["payload"], []

    made = spark.createDataFrame(records.mapPartitions(chunks), _RESULT, verifySchema=False)
    return replace(_made(GlueFrame(made, name), made), errors=(), stage_errors=0)


def _chunk(array: Any, fields: Shape, errors: list[dict[str, Any]]) -> Any:
    """One row: the shape, the records as an Arrow stream of one column, the error records."""
    batch = pa.RecordBatch.from_arrays([array], names=["records"])
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    shape = {"struct": fields} if len(array) else {}
    row = {"shape": json.dumps(shape), "payload": sink.getvalue().to_pybytes(), "failed": errors}
    return pa.RecordBatch.from_pylist([row], _RESULT_ARROW)


def _made(frame: GlueFrame, chunks: DataFrame) -> GlueFrame:
    """The frame of some chunks: computed once and kept, since the schema needs them all."""
    kept = chunks.localCheckpoint(eager=False)
    found = kept.select("shape", F.size("failed").alias("failed")).collect()
    schema, absent = framed(merge_all(json.loads(row.shape) for row in found))
    types = to_arrow_schema(schema if schema.fields else t.StructType([t.StructField(_ROW, t.NullType())]))

    def unpacked(rows: Iterable[Any]) -> Iterator[Any]:
        for batch in rows:
            for payload in batch.column(0):
                yield from _conformed(payload.as_buffer(), types)

    data = kept.select("payload").mapInArrow(unpacked, from_arrow_schema(types))
    data = data if schema.fields else data.select()
    failed = sum(row.failed for row in found)
    errors = kept.select(F.inline("failed"))
    return frame.derive(data, absent=absent, new=ErrorBatch(errors, failed), loose=False)


def _conformed(payload: Any, types: Any) -> Iterator[Any]:
    with pa.ipc.open_stream(payload) as reader:
        for batch in reader:
            whole = conformed(batch.column(0), pa.struct(list(types)))
            yield pa.RecordBatch.from_arrays([whole.field(i) for i in range(len(types))], schema=types)
