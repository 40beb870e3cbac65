"""Arrow columns to plain Python values, column by column: choices collapse, absent keys stay away."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import compress
from typing import Any, Final

import numpy as np
import pyarrow as pa

from lakeshift.glue_runtime.engine.paths import Path
from lakeshift.glue_runtime.engine.presence import hidden_name, is_hidden
from lakeshift.glue_runtime.engine.types import MARK

__all__ = ["ABSENT", "Absent", "is_choice_array", "present_cells", "records_of", "values_of"]

Absents = frozenset[Path]


class Absent:
    """The one value that stands for a key which is not there."""

    def __reduce__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent()


def is_choice_array(kind: Any) -> bool:
    """Whether an Arrow type stands for a choice."""
    return bool(pa.types.is_struct(kind) and kind.num_fields and kind.field(0).name.startswith(MARK))


def records_of(
    columns: dict[str, Any], length: int, absent: Absents, names: Iterable[str], path: Path = ()
) -> list[Any]:
    """Return one dict a row with those of the columns ``names`` that the row has.

    ``columns`` are Arrow arrays, hidden ones among them; ``absent`` are the frame's.
    """
    kept = [name for name in names if not is_hidden(name)]
    cells = [present_cells(columns, name, absent, path) for name in kept]
    if not cells:
        return [{} for _ in range(length)]
    if any(some for _, some in cells):
        rows = zip(*[values for values, _ in cells], strict=True)
        return [{n: v for n, v in zip(kept, row, strict=True) if v is not ABSENT} for row in rows]
    return [dict(zip(kept, row, strict=True)) for row in zip(*[values for values, _ in cells], strict=True)]


def present_cells(columns: dict[str, Any], name: str, absent: Absents, path: Path) -> tuple[list[Any], bool]:
    """One column's values with `ABSENT` where the record does not have the key, and whether there are any."""
    array, here = columns[name], (*path, name)
    values = values_of(array, absent, here)
    if here not in absent or array.null_count == 0:
        return values, False
    missing = array.is_null().to_numpy(zero_copy_only=False)
    mark = columns.get(hidden_name(name))
    if mark is not None:
        missing = missing & mark.is_null().to_numpy(zero_copy_only=False)
    for index in np.flatnonzero(missing):
        values[index] = ABSENT
    return values, bool(missing.any())


def values_of(array: Any, absent: Absents, path: Path = ()) -> list[Any]:
    """Return the Python values of an Arrow array, None for null."""
    kind = array.type
    if pa.types.is_struct(kind):
        return _choice(array, absent, path) if is_choice_array(kind) else _structs(array, absent, path)
    if pa.types.is_map(kind):
        return [None if pairs is None else dict(pairs) for pairs in array.to_pylist()]
    if pa.types.is_list(kind):
        return _lists(array, absent, path)
    return _scalars(array)


def _structs(array: Any, absent: Absents, path: Path) -> list[Any]:
    names = [array.type.field(i).name for i in range(array.type.num_fields)]
    columns = {name: array.field(i) for i, name in enumerate(names)}
    records = records_of(columns, len(array), absent, names, path)
    return _null_out(records, array)


def _choice(array: Any, absent: Absents, path: Path) -> list[Any]:
    made: list[Any] = [None] * len(array)
    for i in range(array.type.num_fields):
        alternative = array.field(i)
        held = alternative.is_valid().to_numpy(zero_copy_only=False)
        if held.all():
            made = values_of(alternative, absent, path)
        elif held.any():
            for index, value in zip(
                np.flatnonzero(held), compress(values_of(alternative, absent, path), held), strict=True
            ):
                made[index] = value
    return _null_out(made, array)


def _lists(array: Any, absent: Absents, path: Path) -> list[Any]:
    flat = values_of(array.flatten(), absent, path)
    made: list[Any] = []
    at = 0
    for length in array.value_lengths().to_pylist():
        if length is None:
            made.append(None)
        else:
            made.append(flat[at : at + length])
            at += length
    return made


def _null_out(values: list[Any], array: Any) -> list[Any]:
    if array.null_count:
        for index in np.flatnonzero(array.is_null().to_numpy(zero_copy_only=False)):
            values[index] = None
    return values


def _scalars(array: Any) -> list[Any]:
    """By way of numpy where that is quicker than Arrow's own conversion, which makes an object a cell."""
    kind = array.type
    if pa.types.is_timestamp(kind):
        # Glue's sessions are in UTC: a naive datetime is that of UTC, whatever this machine's zone is.
        plain = array.cast(pa.timestamp("us")).to_numpy(zero_copy_only=False)
        values: list[Any] = plain.astype("datetime64[us]").tolist()
        return values
    if pa.types.is_string(kind):
        return list(array.to_numpy(zero_copy_only=False).tolist())
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind):
        filled = array.fill_null(False if pa.types.is_boolean(kind) else 0) if array.null_count else array
        return _null_out(filled.to_numpy(zero_copy_only=False).tolist(), array)
    if pa.types.is_binary(kind):
        return [None if value is None else bytearray(value) for value in array.to_pylist()]
    return list(array.to_pylist())
