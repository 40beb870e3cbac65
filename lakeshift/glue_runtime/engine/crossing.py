"""Single columns on their way to a Python function and to records: without nulls, these told by a mask beside them.

pandas has no integer that is null, and tells null from NaN nowhere; so each value crosses as something that is never
null, and one more column says, two bits a field, which of them are null and which are not there at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Final

import numpy as np
from pyspark.sql import Column
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql import types as t

from lakeshift.glue_runtime.engine.arrow_decode import ABSENT
from lakeshift.glue_runtime.engine.frame import GlueFrame
from lakeshift.glue_runtime.engine.paths import column_name
from lakeshift.glue_runtime.engine.rewrite import mark_of

__all__ = ["Crossing", "crosses", "crossing_of"]

_NULL: Final = 1
_ABSENT: Final = 2
_BITS: Final = 3
_MOST: Final = 31
"""Fields whose bits a long holds."""
_INTEGERS: Final = (t.ByteType, t.ShortType, t.IntegerType, t.LongType)
_PLAIN: Final = (*_INTEGERS, t.DoubleType, t.FloatType, t.BooleanType, t.StringType, t.DateType, t.TimestampType)
Decode = Callable[[Any], list[Any]]


def _listed(series: Any) -> list[Any]:
    return list(series.to_numpy().tolist())


def _days(series: Any) -> list[Any]:
    return list(series.to_numpy().astype("datetime64[D]").tolist())


def _instants(series: Any) -> list[Any]:
    return list(series.to_numpy().astype("datetime64[us]").tolist())


def _never_null(column: Column, data_type: t.DataType) -> tuple[Column, Decode] | None:
    if isinstance(data_type, _INTEGERS):
        return F.coalesce(column.cast("long"), F.lit(0)), _listed
    if isinstance(data_type, t.DoubleType | t.FloatType):
        return F.coalesce(column.cast("double"), F.lit(0.0)), _listed
    if isinstance(data_type, t.BooleanType):
        return F.coalesce(column, F.lit(False)), _listed
    if isinstance(data_type, t.StringType):
        return F.coalesce(column, F.lit("")), _listed
    if isinstance(data_type, t.DateType):
        return F.coalesce(F.unix_date(column).cast("long"), F.lit(0)), _days
    if isinstance(data_type, t.TimestampType):
        return F.coalesce(F.unix_micros(column), F.lit(0)), _instants
    return None


@dataclass(frozen=True)
class Crossing:
    """The fields ``names``; how each becomes a list of Python values."""

    names: tuple[str, ...]
    decoders: tuple[Decode, ...]

    def records(self, series: Sequence[Any], make: Callable[[Iterable[tuple[str, Any]]], Any]) -> Iterator[Any]:
        """Give one record a row, made of (name, value) pairs; ``series`` are what the columns became.

        One at a time: records that are gone when the next is made are made in the same memory, and the garbage
        collector, which goes through all that live at once, has nothing to do.
        """
        names = self.names
        if not names:
            return (make(()) for _ in range(len(series[0])))
        values = [decode(one) for decode, one in zip(self.decoders, series, strict=False)]
        mask = series[-1].to_numpy()
        odd = np.flatnonzero(mask)
        if not len(odd):
            return (make(zip(names, row, strict=True)) for row in zip(*values, strict=True))
        for at in odd.tolist():
            for place, bits in enumerate(_unpacked(int(mask[at]), len(names))):
                if bits:
                    values[place][at] = None if bits == _NULL else ABSENT
        rows = zip(*values, strict=True)
        return (make((n, v) for n, v in zip(names, row, strict=True) if v is not ABSENT) for row in rows)


def _unpacked(mask: int, number: int) -> list[int]:
    return [mask >> 2 * place & _BITS for place in range(number)]


def _missing(frame: GlueFrame, name: str, place: int) -> Column:
    """The bits of one field: nothing where it has a value."""
    column = F.col(column_name(name))
    optional, mark = mark_of(frame.schema, frame.absent, (name,))
    missing = F.lit((_ABSENT if optional else _NULL) << 2 * place).cast("long")
    explicit = F.lit(_NULL << 2 * place).cast("long")
    told = missing if mark is None else F.when(mark.isNotNull(), explicit).otherwise(missing)
    return F.when(column.isNotNull(), F.lit(0).cast("long")).otherwise(told)


def crosses(frame: GlueFrame, fields: Iterable[str]) -> bool:
    """Whether the fields hold values that a Python function cannot change in place."""
    return all(isinstance(frame.schema[name].dataType, _PLAIN) for name in fields)


def crossing_of(frame: GlueFrame, fields: Iterable[str]) -> tuple[Crossing, list[Column]] | None:
    """Return how those of ``fields`` that the frame has cross, and the columns to hand over; None where one cannot."""
    wanted = set(fields)
    found = [field for field in frame.schema.fields if field.name in wanted]
    values = [_never_null(F.col(column_name(field.name)), field.dataType) for field in found]
    known = [value for value in values if value is not None]
    if len(known) < len(found) or len(found) > _MOST:
        return None
    names = tuple(field.name for field in found)
    bits: list[Column] = [_missing(frame, name, place) for place, name in enumerate(names)]
    mask = reduce(lambda left, right: left.bitwiseOR(right), bits) if bits else F.lit(0).cast("long")
    return Crossing(names, tuple(decode for _, decode in known)), [*[column for column, _ in known], mask]
