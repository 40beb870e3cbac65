"""Arrow columns that a Python function left alone: the types its values would have got, without making the values.

`retyped` is to be equal to encoding what was decoded, only quicker; what it has no shortcut for goes that way.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from lakeshift.glue_runtime.engine.arrow_decode import is_choice_array, values_of
from lakeshift.glue_runtime.engine.arrow_encode import (
    TIMESTAMP,
    Alternatives,
    add_field,
    combined,
    encode,
    integers,
    struct_array,
)
from lakeshift.glue_runtime.engine.paths import Path
from lakeshift.glue_runtime.engine.presence import hidden_name, is_hidden
from lakeshift.glue_runtime.engine.shapes import Shape
from lakeshift.glue_runtime.engine.types import MARK

__all__ = ["conformed", "is_scalar", "retyped", "retyped_fields"]

_SAME = (
    (pa.types.is_string, "string"),
    (pa.types.is_boolean, "boolean"),
    (pa.types.is_date32, "date"),
)


def is_scalar(kind: Any) -> bool:
    """Whether a Python function cannot change a value of this Arrow type in place."""
    return not pa.types.is_nested(kind) and not pa.types.is_binary(kind)


def retyped_fields(
    columns: dict[str, Any], names: list[str], absent: frozenset[Path], path: Path
) -> tuple[dict[str, Any], Shape]:
    """Return the columns ``names`` of some records (with hidden ones), and the shapes of their fields.

    A field that no record has is gone.
    """
    made: dict[str, Any] = {}
    fields: Shape = {}
    for name in names:
        array, here = columns[name], (*path, name)
        made_array, shape = retyped(array, absent, here)
        missing = array.is_null().to_numpy(zero_copy_only=False)
        explicit = missing
        if here in absent and array.null_count:
            mark = columns.get(hidden_name(name))
            explicit = np.zeros(len(array), bool) if mark is None else mark.is_valid().to_numpy(zero_copy_only=False)
        if (missing & ~explicit).any():
            shape = {**shape, "absent": None}
        if explicit.any():
            shape = {**shape, "null": None}
        if set(shape) != {"absent"}:
            add_field(made, fields, name, made_array, shape, explicit=explicit)
    return made, fields


def retyped(array: Any, absent: frozenset[Path], path: Path) -> tuple[Any, Shape]:
    """Return an array and its shape (which says nothing of its own nulls)."""
    if array.null_count == len(array):
        return pa.nulls(len(array)), {}
    alternatives = _alternatives(array, absent, path)
    if alternatives is None:
        made, shape = encode(values_of(array, absent, path))
        return made, {kind: detail for kind, detail in shape.items() if kind != "null"}
    return combined(alternatives, len(array))


def _alternatives(array: Any, absent: frozenset[Path], path: Path) -> Alternatives | None:
    kind = array.type
    for is_it, name in _SAME:
        if is_it(kind):
            return {name: (array, None)}
    if pa.types.is_int32(kind) or pa.types.is_int64(kind):
        return integers(array)
    if pa.types.is_floating(kind):
        return {"double": (array.cast(pa.float64()), None)}
    if pa.types.is_timestamp(kind):
        return {"timestamp": (array.cast(TIMESTAMP), None)}
    if pa.types.is_struct(kind):
        return _choice(array, absent, path) if is_choice_array(kind) else _struct(array, absent, path)
    if pa.types.is_list(kind):
        return _list(array, absent, path)
    return None


def _choice(array: Any, absent: frozenset[Path], path: Path) -> Alternatives | None:
    found: Alternatives = {}
    for i in range(array.type.num_fields):
        alternative = array.field(i)
        if alternative.null_count == len(alternative):
            continue
        made = _alternatives(alternative, absent, path)
        if made is None or set(made) & set(found):
            return None
        found.update(made)
    return found


def _struct(array: Any, absent: frozenset[Path], path: Path) -> Alternatives:
    held = array.is_valid()
    dense = array.filter(held) if array.null_count else array
    names = [dense.type.field(i).name for i in range(dense.type.num_fields)]
    columns = {name: dense.field(i) for i, name in enumerate(names)}
    made, fields = retyped_fields(columns, [name for name in names if not is_hidden(name)], absent, path)
    built = struct_array(list(made), list(made.values()), len(dense))
    if array.null_count:
        valid = held.to_numpy(zero_copy_only=False)
        built = built.take(pa.array(np.cumsum(valid) - 1, mask=~valid))
    return {"struct": (built, fields)}


def _list(array: Any, absent: frozenset[Path], path: Path) -> Alternatives:
    flat = array.flatten()
    elements, shape = retyped(flat, absent, path)
    if flat.null_count:
        shape = {**shape, "null": None}
    lengths = array.value_lengths().fill_null(0).to_numpy(zero_copy_only=False)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    return {"array": (pa.ListArray.from_arrays(pa.array(offsets), elements, mask=array.is_null()), shape)}


def conformed(array: Any, target: Any) -> Any:
    """Return an array of the narrow type of one chunk as ``target``, the Arrow type of the whole frame."""
    if array.type == target:
        return array
    if pa.types.is_null(array.type) or pa.types.is_null(target):
        return pa.nulls(len(array), target)
    if is_choice_array(target):
        return _as_choice(array, target)
    if pa.types.is_struct(target):
        have = {array.type.field(i).name: array.field(i) for i in range(array.type.num_fields)}
        return _built(have, array, target)
    if pa.types.is_list(target):
        elements = conformed(array.values, target.value_type)
        mask = array.is_null() if array.null_count else None
        return pa.ListArray.from_arrays(array.offsets, elements, type=target, mask=mask)
    return array.cast(target)


def _as_choice(array: Any, target: Any) -> Any:
    if is_choice_array(array.type):
        have = {array.type.field(i).name: array.field(i) for i in range(array.type.num_fields)}
    else:
        have = {MARK + _kind(array.type): array}
    return _built(have, array, target)


def _built(have: dict[str, Any], array: Any, target: Any) -> Any:
    wanted = [target.field(i) for i in range(target.num_fields)]
    if not wanted:
        return struct_array([], [], len(array), array.is_null())
    arrays = [
        conformed(have[field.name], field.type) if field.name in have else pa.nulls(len(array), field.type)
        for field in wanted
    ]
    return pa.StructArray.from_arrays(arrays, fields=wanted, mask=array.is_null())


def _kind(kind: Any) -> str:
    """Glue's name of an Arrow type as `arrow_encode` makes them."""
    known = {
        pa.int32(): "int",
        pa.int64(): "long",
        pa.float64(): "double",
        pa.string(): "string",
        pa.bool_(): "boolean",
        pa.date32(): "date",
        pa.binary(): "binary",
    }
    if kind in known:
        return known[kind]
    if pa.types.is_struct(kind):
        return "struct"
    if pa.types.is_list(kind):
        return "array"
    return "timestamp" if pa.types.is_timestamp(kind) else "decimal"
