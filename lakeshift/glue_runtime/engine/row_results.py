"""What a Python worker makes of plain columns: it calls the function, and tells what that set by kind of value.

Of each field there are four columns: the state (the kind of value, null, or no key at all), and beside it the number,
the fraction or the text.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import repeat
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import types as t

from lakeshift.glue_runtime.engine.arrow_decode import ABSENT, Absent, present_cells
from lakeshift.glue_runtime.engine.arrow_encode import TIMESTAMP
from lakeshift.glue_runtime.engine.paths import Path
from lakeshift.glue_runtime.engine.worker_memory import settle

__all__ = [
    "ERROR",
    "NULL",
    "PARTS",
    "STATES",
    "STRANGE",
    "STREAM",
    "Run",
    "StrangeError",
    "by_kind",
    "part_name",
    "result_type",
]

ERROR: Final = "\u0002error"
STRANGE: Final = "\u0002strange"
STREAM: Final = t.StructType([t.StructField("stream", t.BinaryType())])
PARTS: Final = (("s", t.ByteType()), ("n", t.LongType()), ("d", t.DoubleType()), ("t", t.StringType()))
NULL: Final = 1
_LONG: Final = 8
_KINDS: Final[dict[Any, int]] = {int: 2, float: 3, str: 4, bool: 5, dt.date: 6, dt.datetime: 7}
_STATES: Final[dict[Any, int]] = {Absent: 0, type(None): NULL, **_KINDS}
STATES: Final = {
    "absent": 0,
    "null": NULL,
    "int": 2,
    "double": 3,
    "string": 4,
    "boolean": 5,
    "date": 6,
    "timestamp": 7,
    "long": _LONG,
}
"""By Glue's name of the kind."""
_NOTHING: Final = "User-specified function returned None instead of DynamicRecord"


class StrangeError(Exception):
    """A value that does not cross by kind."""


def result_type(changed: Iterable[str]) -> t.StructType:
    """Return the columns of results: whether the batch has a strange value, the error's text, and four a field."""
    made = [t.StructField(STRANGE, t.BooleanType()), t.StructField(ERROR, t.StringType())]
    for at, _name in enumerate(changed):
        made += [t.StructField(part_name(kind, at), data_type) for kind, data_type in PARTS]
    return t.StructType(made)


def part_name(kind: str, at: int) -> str:
    """Return the name of one of the `PARTS` of field number ``at``."""
    return f"\u0002{kind}{at}"


@dataclass(frozen=True)
class Run:
    """What a Python worker does: batches of the fields ``names`` to results, one stream a batch.

    ``whole``: these are all fields there are, so that a record may be left empty.
    """

    script: Callable[[Any], Any]
    make: Callable[[Any], Any]
    names: tuple[str, ...]
    absent: frozenset[Path]
    changed: tuple[str, ...]
    whole: bool

    def __call__(self, batches: Iterable[Any]) -> Iterator[Any]:
        """Give one row of `STREAM` for each batch."""
        settle()
        for batch in batches:
            results = pa.RecordBatch.from_arrays(self._results(batch), names=result_type(self.changed).names)
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, results.schema) as writer:
                writer.write_batch(results)
            yield pa.RecordBatch.from_arrays([pa.array([sink.getvalue().to_pybytes()], pa.binary())], STREAM.names)

    def _results(self, batch: Any) -> list[Any]:
        """Columns of `result_type`."""
        script, size, whole = self.script, batch.num_rows, self.whole
        errors: dict[int, str] = {}
        columns: list[list[Any]] = [[] for _ in self.changed]
        taken = [(name, column.append) for name, column in zip(self.changed, columns, strict=True)]
        for at, record in enumerate(self._records(batch)):
            left = record
            try:
                answer = script(record)
                if whole and not answer:
                    raise ValueError(_NOTHING)
            except Exception as error:  # as the library's wrapper does
                errors[at], left = str(error), {}
            for name, take in taken:
                take(left.get(name, ABSENT))
        strange: Any = pa.nulls(size)
        made: list[Any] = []
        for values in columns:
            try:
                made += by_kind(values)
            except StrangeError:
                strange = pa.array(np.full(size, True))
                made += by_kind([ABSENT] * size)
        told = pa.array([errors.get(at) for at in range(size)], pa.string()) if errors else pa.nulls(size)
        return [strange, told, *made]

    def _records(self, batch: Any) -> Iterator[Any]:
        """One at a time: a record that is gone when the next is made leaves the garbage collector nothing to do."""
        make, names = self.make, self.names
        columns = {name: batch.column(at) for at, name in enumerate(batch.schema.names)}
        cells = [present_cells(columns, name, self.absent, ()) for name in names]
        if not cells:
            return (make(()) for _ in range(batch.num_rows))
        rows = zip(*[values for values, _ in cells], strict=True)
        if any(some for _, some in cells):
            return (make((n, v) for n, v in zip(names, row, strict=True) if v is not ABSENT) for row in rows)
        return map(make, map(zip, repeat(names), rows))


def by_kind(values: list[Any]) -> tuple[Any, Any, Any, Any]:
    """Return states, numbers, fractions and texts of some values, as Arrow arrays; null where a value has none.

    Raises:
        StrangeError: a value of another type, or an integer of more than 64 bits.
    """
    size = len(values)
    kinds: list[Any] = list(map(type, values))
    different = set(kinds)
    if not different <= _STATES.keys():
        raise StrangeError
    parts: dict[str, Any] = {"n": pa.nulls(size), "d": pa.nulls(size), "t": pa.nulls(size)}
    if len(different) == 1:
        states = np.full(size, _STATES[kinds[0]], np.int8)
    else:
        states = np.fromiter(map(_STATES.__getitem__, kinds), np.int8, size)
    for kind in different & _KINDS.keys():
        own = values if len(different) == 1 else [v if k is kind else None for v, k in zip(values, kinds, strict=True)]
        part, array = _one_kind(own, kind)
        if kind is int:
            states[_large(array)] = _LONG
        parts[part] = array if pa.types.is_null(parts[part].type) else pc.coalesce(parts[part], array)
    return pa.array(states), *parts.values()


def _large(numbers: Any) -> Any:
    """Where 32 bits do not hold the number."""
    plain = numbers.fill_null(0).to_numpy()
    return plain != plain.astype(np.int32)


def _one_kind(values: list[Any], kind: Any) -> tuple[str, Any]:
    """Which part values of one type (and None) are, and the part."""
    if kind is str:
        return "t", pa.array(values, pa.string())
    if kind is float:
        return "d", pa.array(values, pa.float64())
    if kind is bool:
        return "n", pa.array(values, pa.bool_()).cast(pa.int64())
    if kind is dt.date:
        return "n", pa.array(values, pa.date32()).cast(pa.int32()).cast(pa.int64())
    if kind is dt.datetime:
        return "n", pa.array(values, TIMESTAMP).cast(pa.int64())
    try:
        return "n", pa.array(values, pa.int64())
    except (OverflowError, pa.ArrowInvalid) as error:
        raise StrangeError from error
