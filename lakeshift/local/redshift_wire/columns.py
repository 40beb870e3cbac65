"""A result's columns as the bytes of their values: whole columns at a time, no Python per cell where Arrow can.

A column becomes its values' bytes one after the other, and each value's length (-1 for NULL).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from lakeshift.redshift import SqlType, as_text

__all__ = ["Cells", "binary_cells", "has_binary", "text_cells"]

Cells = tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]
_DAYS: Final = 10957  # from 1970 to 2000
_MICROS: Final = _DAYS * 86_400_000_000
_FIXED: Final[dict[str, str]] = {
    "smallint": ">i2",
    "integer": ">i4",
    "bigint": ">i8",
    "real": ">f4",
    "double precision": ">f8",
    "boolean": ">i1",
    "date": ">i4",
    "timestamp without time zone": ">i8",
    "timestamp with time zone": ">i8",
}


def has_binary(kind: SqlType) -> bool:
    """Whether values of the type can be sent in binary."""
    return kind.name in _FIXED or kind.is_text or kind.name in ("binary varying", "unknown", "super")


def text_cells(values: pa.ChunkedArray | Sequence[Any], _kind: SqlType) -> Cells:
    """The column as text."""
    return _of_strings(_as_strings(values))


def _as_strings(values: pa.ChunkedArray | Sequence[Any]) -> pa.Array:
    if not isinstance(values, pa.ChunkedArray):
        return pa.array([_plain(value) for value in values], pa.large_string())
    column = values.combine_chunks() if values.num_chunks != 1 else values.chunk(0)
    found = column.type
    if pa.types.is_boolean(found):
        return pc.if_else(column, _text("t"), _text("f"))
    if pa.types.is_timestamp(found):
        naive = pc.cast(column, pa.timestamp(found.unit)) if found.tz else column
        trimmed = _trim_fraction(pc.cast(naive, pa.large_string()))
        return pc.binary_join_element_wise(trimmed, _text("+00"), _text("")) if found.tz else trimmed
    if pa.types.is_time(found):
        return _trim_fraction(pc.cast(column, pa.large_string()))
    if pa.types.is_binary(found) or pa.types.is_large_binary(found):
        return pa.array([None if one is None else one.hex() for one in column.to_pylist()], pa.large_string())
    try:
        return pc.cast(column, pa.large_string())
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        return pa.array([_plain(value) for value in column.to_pylist()], pa.large_string())


def _text(value: str) -> pa.Scalar:
    return pa.scalar(value, pa.large_string())


def _trim_fraction(column: pa.Array) -> pa.Array:
    """``12:30:00.250000`` is printed as ``12:30:00.25``, a whole second without its point."""
    return pc.utf8_rtrim(pc.utf8_rtrim(column, "0"), ".") if len(column) else column


def _plain(value: Any) -> str | None:
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return as_text(value)


def _of_strings(column: pa.Array) -> Cells:
    count = len(column)
    _, offsets, data = column.buffers()
    if count == 0:
        return np.empty(0, np.uint8), np.empty(0, np.int64)
    ends = np.frombuffer(offsets, np.int64, count + 1, column.offset * 8)
    lengths = np.diff(ends)
    first, last = int(ends[0]), int(ends[-1])
    found = np.frombuffer(data, np.uint8, last - first, first) if last > first else np.empty(0, np.uint8)
    if column.null_count:
        valid = pc.is_valid(column).to_numpy(zero_copy_only=False)
        if lengths[~valid].any():  # bytes below a NULL belong to nobody
            return _of_strings(pc.fill_null(column, "").cast(pa.large_string())) if valid.all() else _without(column)
        lengths = np.where(valid, lengths, -1)
    return found, lengths


def _without(column: pa.Array) -> Cells:
    data, lengths = _of_strings(pc.fill_null(column, ""))
    return data, np.where(pc.is_valid(column).to_numpy(zero_copy_only=False), lengths, -1)


def binary_cells(values: pa.ChunkedArray | Sequence[Any], kind: SqlType) -> Cells:
    """The column in PostgreSQL's binary formats."""
    code = _FIXED.get(kind.name)
    if code is None:
        return _raw_bytes(values) if kind.name == "binary varying" else text_cells(values, kind)
    column = values if isinstance(values, pa.ChunkedArray) else pa.chunked_array([pa.array(values)])
    if column.null_count == len(column):
        return np.empty(0, np.uint8), np.full(len(column), -1, np.int64)
    valid = pc.is_valid(column).to_numpy()
    numbers = _numbers(column, kind)[valid].astype(code)
    return numbers.view(np.uint8), np.where(valid, numbers.dtype.itemsize, -1).astype(np.int64)


def _numbers(column: pa.ChunkedArray, kind: SqlType) -> npt.NDArray[Any]:
    if kind.name == "date":
        days = pc.fill_null(pc.cast(column, pa.int32()), 0).to_numpy()
        return np.asarray(days.astype(np.int64) - _DAYS)
    if kind.name.startswith("timestamp"):
        zone = column.type.tz
        micros = pc.cast(pc.cast(column, pa.timestamp("us", zone)), pa.int64())
        return np.asarray(pc.fill_null(micros, 0).to_numpy() - _MICROS)
    empty = False if pa.types.is_boolean(column.type) else 0
    return np.asarray(pc.fill_null(column, empty).to_numpy())


def _raw_bytes(values: pa.ChunkedArray | Sequence[Any]) -> Cells:
    cells = values.to_pylist() if isinstance(values, pa.ChunkedArray) else list(values)
    lengths = np.array([-1 if cell is None else len(cell) for cell in cells], np.int64)
    return np.frombuffer(b"".join(cell for cell in cells if cell is not None), np.uint8), lengths
