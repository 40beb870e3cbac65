"""Python values to Arrow columns with their shape, column by column.

What a Python function left of some records has no schema: each chunk of records gets the narrowest one, and the shapes
of all chunks merge to that of the frame.
"""

from __future__ import annotations

import datetime as dt
import decimal
import numbers
from collections.abc import Callable, Mapping
from functools import cache
from itertools import chain
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lakeshift.glue_runtime.engine.arrow_decode import ABSENT, Absent
from lakeshift.glue_runtime.engine.presence import hidden_name
from lakeshift.glue_runtime.engine.shapes import Shape
from lakeshift.glue_runtime.engine.types import MARK

__all__ = ["TIMESTAMP", "Alternatives", "combined", "encode", "encode_structs", "integers", "struct_array"]

TIMESTAMP: Final = pa.timestamp("us", tz="UTC")
Alternatives = dict[str, tuple[Any, Any]]
"""A column's values apart by kind: Arrow array (null where the value is of another kind) and detail of the shape."""

_INT: Final = (-(2**31), 2**31 - 1)
_LONG: Final = (-(2**63), 2**63 - 1)


@cache
def _family(python_type: Any) -> str:
    """How the values of a Python type are encoded; what nothing else fits becomes text."""
    known: list[tuple[Any, str]] = [
        (bool | np.bool_, "boolean"),
        (str, "string"),
        (numbers.Integral, "integer"),
        (decimal.Decimal, "decimal"),
        (numbers.Real, "double"),
        (dt.datetime, "timestamp"),
        (dt.date, "date"),
        (bytes | bytearray | memoryview, "binary"),
        (Mapping, "struct"),
        (list | tuple | set | frozenset | np.ndarray, "array"),
    ]
    return next((family for base, family in known if issubclass(python_type, base)), "other")


def family_of(value: Any) -> str:
    """The family of a value's type."""
    kind: Any = type(value)
    return _family(kind)


def encode(values: list[Any]) -> tuple[Any, Shape]:
    """Return values (with None for null and `ABSENT` for no key) as an Arrow array, and their shape."""
    types = set(map(type, values))
    flags: Shape = {}
    if type(None) in types:
        flags["null"] = None
    if Absent in types:
        flags["absent"] = None
        values = [None if value is ABSENT else value for value in values]
    kinds: set[Any] = types - {type(None), Absent}
    families = {_family(kind) for kind in kinds}
    alternatives: Alternatives = {}
    for family in sorted(families):
        if len(families) == 1:
            own = values
        else:
            own = [value if value is not None and family_of(value) == family else None for value in values]
        for kind, made in _BUILD[family](own).items():
            alternatives[kind] = _both(alternatives[kind], made) if kind in alternatives else made
    array, shape = combined(alternatives, len(values))
    return array, {**shape, **flags}


def _both(left: tuple[Any, Any], right: tuple[Any, Any]) -> tuple[Any, Any]:
    """Two families that give one kind (text, and what becomes text): never at the same row."""
    return pc.coalesce(left[0], right[0]), left[1]


def combined(alternatives: Alternatives, length: int) -> tuple[Any, Shape]:
    """Return one array: nulls, the only alternative, or a choice of several."""
    shape: Shape = {kind: detail for kind, (_, detail) in alternatives.items()}
    if not alternatives:
        return pa.nulls(length), shape
    if len(alternatives) == 1:
        return next(iter(alternatives.values()))[0], shape
    kinds = sorted(alternatives)
    arrays = [alternatives[kind][0] for kind in kinds]
    held = np.logical_or.reduce([array.is_valid().to_numpy(zero_copy_only=False) for array in arrays])
    return struct_array([MARK + kind for kind in kinds], arrays, length, pa.array(~held)), shape


def struct_array(names: list[str], arrays: list[Any], length: int, mask: Any = None) -> Any:
    """Return a struct array; Arrow cannot tell the length of one without fields."""
    if not names:
        empty = pa.array([{}] * length, pa.struct([]))
        return empty if mask is None else pc.if_else(mask, pa.scalar(None, empty.type), empty)
    return pa.StructArray.from_arrays(
        arrays, fields=[pa.field(name, array.type) for name, array in zip(names, arrays, strict=True)], mask=mask
    )


def encode_structs(records: list[Any]) -> tuple[Any, Shape]:
    """Return dicts (none of them None) as a struct array, hidden fields and all, and the shape of their fields."""
    names = dict.fromkeys(chain.from_iterable(records))
    fields: Shape = {}
    made: dict[str, Any] = {}
    for name in names:
        values = [record.get(name, ABSENT) for record in records]
        add_field(made, fields, str(name), *encode(values), explicit=[value is None for value in values])
    return struct_array(list(made), list(made.values()), len(records)), fields


def add_field(made: dict[str, Any], fields: Shape, name: str, array: Any, shape: Shape, *, explicit: Any) -> None:
    """Add a column; with its hidden one where some of its nulls are explicit (``explicit`` tells where)."""
    made[name], fields[name] = array, shape
    if "null" in shape:
        made[hidden_name(name)] = pc.if_else(pa.array(explicit), True, pa.scalar(None, pa.bool_()))


def integers(array: Any) -> Alternatives:
    """Return 64-bit integers by size, as Glue's records have them: int where 32 bits hold the value, else long."""
    bounds = pc.min_max(array).as_py()
    low, high = bounds["min"], bounds["max"]
    if low is None:
        return {}
    if low >= _INT[0] and high <= _INT[1]:
        return {"int": (array.cast(pa.int32()), None)}
    small = pc.and_(pc.greater_equal(array, _INT[0]), pc.less_equal(array, _INT[1]))
    if not pc.any(small).as_py():
        return {"long": (array.cast(pa.int64()), None)}
    ints = pc.if_else(small, array, pa.scalar(None, array.type)).cast(pa.int32())
    longs = pc.if_else(small, pa.scalar(None, array.type), array).cast(pa.int64())
    return {"int": (ints, None), "long": (longs, None)}


def _integers(values: list[Any]) -> Alternatives:
    try:
        return integers(pa.array(values, pa.int64()))
    except (OverflowError, pa.ArrowInvalid, pa.ArrowTypeError):
        plain = [None if value is None else int(value) for value in values]
    fits = [value if value is not None and _LONG[0] <= value <= _LONG[1] else None for value in plain]
    too_large = [float(v) if v is not None and not _LONG[0] <= v <= _LONG[1] else None for v in plain]
    return {**integers(pa.array(fits, pa.int64())), **_doubles(too_large)}


def _doubles(values: list[Any]) -> Alternatives:
    array = pa.array([None if value is None else float(value) for value in values], pa.float64())
    return {"double": (array, None)} if array.null_count < len(array) else {}


def _decimals(values: list[Any]) -> Alternatives:
    array = pa.array(values)  # Arrow finds the precision and scale that hold them all
    if array.type.precision > 38 or pa.types.is_decimal256(array.type):
        return {"string": (pa.array([None if v is None else str(v) for v in values], pa.string()), None)}
    precision = max(array.type.precision, array.type.scale, 1)
    return {"decimal": (array.cast(pa.decimal128(precision, array.type.scale)), (precision, array.type.scale))}


def _arrays(values: list[Any]) -> Alternatives:
    lists = [None if value is None else list(value) for value in values]
    elements, shape = encode(list(chain.from_iterable(value for value in lists if value is not None)))
    offsets = np.zeros(len(lists) + 1, dtype=np.int32)
    np.cumsum([0 if value is None else len(value) for value in lists], out=offsets[1:])
    mask = pa.array([value is None for value in lists])
    return {"array": (pa.ListArray.from_arrays(pa.array(offsets), elements, mask=mask), shape)}


def _dicts(values: list[Any]) -> Alternatives:
    held = [value for value in values if value is not None]
    array, fields = encode_structs(held)
    if len(held) < len(values):
        positions = np.cumsum([value is not None for value in values]) - 1
        array = array.take(pa.array(positions, mask=np.array([value is None for value in values])))
    return {"struct": (array, fields)}


def _of_type(kind: str, data_type: Any) -> Callable[[list[Any]], Alternatives]:
    return lambda values: {kind: (pa.array(values, data_type), None)}


def _texts(values: list[Any]) -> Alternatives:
    return {"string": (pa.array([None if value is None else str(value) for value in values], pa.string()), None)}


_BUILD: Final[dict[str, Callable[[list[Any]], Alternatives]]] = {
    "boolean": _of_type("boolean", pa.bool_()),
    "string": _of_type("string", pa.string()),
    "integer": _integers,
    "decimal": _decimals,
    "double": _doubles,
    "timestamp": _of_type("timestamp", TIMESTAMP),
    "date": _of_type("date", pa.date32()),
    "binary": lambda values: {
        "binary": (pa.array([None if v is None else bytes(v) for v in values], pa.binary()), None)
    },
    "struct": _dicts,
    "array": _arrays,
    "other": _texts,
}
