"""Map by a function of plain columns that gives plain values: only these cross to Python, the rows stay with Spark.

What the function set comes back by kind of value, since its types are known only when all records are through: its
state, and beside it the number, the fraction or the text. Spark then counts what came, and makes columns of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql import types as t
from pyspark.sql.pandas.functions import pandas_udf

from lakeshift.glue_runtime.engine.arrow_decode import ABSENT, Absent
from lakeshift.glue_runtime.engine.arrow_encode import TIMESTAMP
from lakeshift.glue_runtime.engine.crossing import Crossing, crossing_of
from lakeshift.glue_runtime.engine.frame import GlueFrame
from lakeshift.glue_runtime.engine.native_shape import (
    Counted,
    fits_int,
    integer_column,
    is_countable,
    made_columns,
)
from lakeshift.glue_runtime.engine.paths import Path, column_name
from lakeshift.glue_runtime.engine.presence import is_hidden
from lakeshift.glue_runtime.engine.script_function import RowFunction
from lakeshift.glue_runtime.engine.shapes import Shape, framed
from lakeshift.glue_runtime.engine.types import is_choice

__all__ = ["ColumnMap", "StrangeError", "by_kind", "map_columns"]

_RESULT: Final = "\u0002result"
_ERROR: Final = "\u0002error"
_STRANGE: Final = "\u0002strange"
_KINDS: Final[dict[Any, int]] = {int: 2, float: 3, str: 4, bool: 5, dt.date: 6, dt.datetime: 7}
_STATES: Final[dict[Any, int]] = {Absent: 0, type(None): 1, **_KINDS}
_NAMES: Final = {3: "double", 4: "string", 5: "boolean", 6: "date", 7: "timestamp", 8: "double"}
_NULL: Final = 1
_INTEGER: Final = 2
_DOUBLE: Final = 3
_NAN: Final = 8
"""A number that is none: pandas takes it for a null on the way."""


_NOTHING: Final = "User-specified function returned None instead of DynamicRecord"


class StrangeError(Exception):
    """A value that does not cross by kind."""


@dataclass(frozen=True)
class ColumnMap:
    """What a Map left: the rows in their new types, and those of the old ones where the function failed, with why."""

    data: DataFrame
    absent: frozenset[Path]
    failed: DataFrame
    error: str = _ERROR


def map_columns(frame: GlueFrame, function: RowFunction) -> ColumnMap | None:
    """Return what the function makes of the records; None where it needs, or gives, more than plain columns."""
    touched = function.touched
    if touched is None or not touched.returns_record or function.plain is None:
        return None
    found = crossing_of(frame, touched.fields)
    changed = sorted(touched.changed)
    struct = t.StructType([f for f in frame.schema.fields if f.name not in touched.changed])
    kept = [f for f in struct.fields if not is_hidden(f.name)]
    if found is None or not kept or not all(is_countable(f.dataType) for f in kept):
        return None
    crossing, given = found
    result: Any = _function(function, crossing, changed, whole=len(crossing.names) == len(_shown(frame)))
    rows = frame.data.select("*", result(*given).alias(_RESULT)).localCheckpoint(eager=False)
    return _typed(frame, rows, struct, changed)


def _shown(frame: GlueFrame) -> list[str]:
    return [name for name in frame.data.columns if not is_hidden(name)]


# -- in Python


def _result_type(changed: Iterable[str]) -> t.StructType:
    made = [t.StructField(_STRANGE, t.BooleanType()), t.StructField(_ERROR, t.StringType())]
    for at, _name in enumerate(changed):
        kinds = (("s", t.ByteType()), ("n", t.LongType()), ("d", t.DoubleType()), ("t", t.StringType()))
        made += [t.StructField(f"{kind}{at}", data_type) for kind, data_type in kinds]
    return t.StructType(made)


def _function(function: RowFunction, crossing: Crossing, changed: list[str], *, whole: bool) -> Any:
    script: Any = function.plain
    make = function.record

    def run(*series: pd.Series) -> pd.DataFrame:
        size = len(series[0])
        errors = np.full(size, None, object)
        columns: list[list[Any]] = [[] for _ in changed]
        taken = [(name, column.append) for name, column in zip(changed, columns, strict=True)]
        for at, record in enumerate(crossing.records(series, make)):
            left = record
            try:
                answer = script(record)
                if whole and not answer:
                    raise ValueError(_NOTHING)
            except Exception as error:  # as the library's wrapper does
                errors[at], left = str(error), {}
            for name, take in taken:
                take(left.get(name, ABSENT))
        strange = False
        made: dict[str, Any] = {_ERROR: errors}
        for at, values in enumerate(columns):
            try:
                parts = by_kind(values)
            except StrangeError:
                strange = True
                parts = by_kind([ABSENT] * size)
            made.update({f"{kind}{at}": part for kind, part in zip("sndt", parts, strict=True)})
        return pd.DataFrame({**made, _STRANGE: np.full(size, strange)})

    return pandas_udf(run, _result_type(changed)).asNondeterministic()  # type: ignore[call-overload]


def by_kind(values: list[Any]) -> tuple[Any, Any, Any, Any]:
    """Return states, numbers, fractions and texts of some values.

    Raises:
        StrangeError: a value of another type, or an integer of more than 64 bits.
    """
    size = len(values)
    kinds: list[Any] = list(map(type, values))
    different = set(kinds)
    if not different <= _STATES.keys():
        raise StrangeError
    if len(different) == 1:
        states = np.full(size, _STATES[kinds[0]], np.int8)
    else:
        states = np.fromiter(map(_STATES.__getitem__, kinds), np.int8, size)
    numbers, fractions = np.zeros(size, np.int64), np.zeros(size)
    texts = np.full(size, None, object)
    for kind in different & _KINDS.keys():
        own = values if len(different) == 1 else [v for v, k in zip(values, kinds, strict=True) if k is kind]
        where: Any = slice(None) if len(different) == 1 else states == _KINDS[kind]
        if kind is str:
            texts[where] = own
        elif kind is float:
            fractions[where] = own
            states[np.isnan(fractions)] = _NAN
        else:
            numbers[where] = _as_numbers(own, kind)
    return states, numbers, fractions, texts


def _as_numbers(values: list[Any], kind: Any) -> Any:
    if kind is dt.date:
        return pa.array(values, pa.date32()).cast(pa.int32()).to_numpy()
    if kind is dt.datetime:
        return pa.array(values, TIMESTAMP).cast(pa.int64()).to_numpy()
    try:
        return np.array(values, np.int64)
    except OverflowError as error:
        raise StrangeError from error


# -- in Spark


@dataclass(frozen=True)
class _Changed:
    """One field that the function may have set; the numbers are places among the answers."""

    at: int
    states: int
    integers: int
    small: int

    @staticmethod
    def part(kind: str, at: int) -> Column:
        return F.col(column_name(_RESULT)).getField(f"{kind}{at}")

    @classmethod
    def asked(cls, counted: Counted, at: int) -> _Changed:
        state, number = cls.part("s", at), cls.part("n", at)
        integer = state == _INTEGER
        return cls(
            at,
            counted.ask(F.bit_or(F.expr(f"shiftleft(1, int(`{_RESULT}`.`s{at}`))"))),
            counted.ask(F.count(F.when(integer, True))),
            counted.ask(F.count(F.when(integer & fits_int(number), True))),
        )

    def shape(self, answers: tuple[Any, ...]) -> Shape:
        """Return the kinds of values that came."""
        states, integers, small = answers[self.states], answers[self.integers], answers[self.small]
        shape: Shape = {name: None for state, name in _NAMES.items() if states >> state & 1}
        if small:
            shape["int"] = None
        if small < integers:
            shape["long"] = None
        flags = {"absent": 0, "null": _NULL}
        return {**shape, **{flag: None for flag, state in flags.items() if states >> state & 1}}

    def made(self, target: t.DataType) -> Column:
        """Return the column with the type the values have."""
        if isinstance(target, t.NullType):
            return F.lit(None)
        if not is_choice(target):
            return self._value(target)
        some = [self._value(f.dataType).alias(f.name) for f in target.fields]
        return F.when(self.part("s", self.at) > _NULL, F.struct(*some))

    def _value(self, target: t.DataType) -> Column:
        number = self.part("n", self.at)
        if isinstance(target, t.IntegerType | t.LongType):
            right = fits_int(number) == isinstance(target, t.IntegerType)
            return F.when((self.part("s", self.at) == _INTEGER) & right, integer_column(number, target))
        if isinstance(target, t.DoubleType):
            whole = F.when(self.part("s", self.at) == _DOUBLE, self.part("d", self.at))
            return whole.when(self.part("s", self.at) == _NAN, F.lit(float("nan")))
        state = next(s for s, name in _NAMES.items() if name == target.simpleString())
        value: Mapping[int, Callable[[], Column]] = {
            4: lambda: self.part("t", self.at),
            5: lambda: number == 1,
            6: lambda: F.date_from_unix_date(number.cast("int")),
            7: lambda: F.timestamp_micros(number),
        }
        return F.when(self.part("s", self.at) == state, value[state]())

    def explicit_mark(self) -> Column:
        """Return the column that is true where the function set null."""
        return F.when(self.part("s", self.at) == _NULL, F.lit(True))


def _typed(frame: GlueFrame, rows: DataFrame, struct: t.StructType, changed: list[str]) -> ColumnMap | None:
    counted = Counted(frame.absent)
    walked: dict[str, Any] = counted.fields(struct, lambda name: F.col(column_name(name)))
    set_: dict[str, Any] = {name: _Changed.asked(counted, at) for at, name in enumerate(changed)}
    strange = counted.ask(F.max(F.col(column_name(_RESULT)).getField(_STRANGE)))
    error = F.col(column_name(_RESULT)).getField(_ERROR)
    good = rows.filter(error.isNull())
    answers = good.agg(*[one.alias(str(at)) for at, one in enumerate(counted.asked)]).first()
    counted.answers = tuple(answers or ())
    if counted.answers[strange]:
        return None
    total = counted.answers[0]
    shapes = counted.shapes(walked, total)
    if total:
        shapes.update({name: one.shape(counted.answers) for name, one in set_.items()})
    fields = {name: shapes[name] for name in _order(frame, changed) if set(shapes.get(name, {})) - {"absent"}}
    schema, absent = framed({"struct": fields} if total else {})
    failed = rows.filter(error.isNotNull()).select(
        *[F.col(column_name(name)) for name in frame.data.columns], error.alias(_ERROR)
    )
    return ColumnMap(good.select(*made_columns({**walked, **set_}, schema)), absent, failed)


def _order(frame: GlueFrame, changed: list[str]) -> list[str]:
    """Fields stay where they are; new ones come last."""
    shown = _shown(frame)
    return [*shown, *[name for name in changed if name not in shown]]
