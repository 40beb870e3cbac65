"""DataRow messages of a whole batch of rows, written column by column into one buffer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from lakeshift.local.redshift_wire.columns import Cells, binary_cells, text_cells
from lakeshift.redshift import Result

__all__ = ["data_rows"]

_BATCH: Final = 16_384


def data_rows(result: Result, formats: Sequence[int], start: int, stop: int) -> Iterator[memoryview]:
    """The messages of rows ``start`` to ``stop``, a buffer a batch; ``formats`` is 1 for a binary column."""
    kinds = [column.type for column in result.columns]
    for first in range(start, stop, _BATCH):
        size = min(_BATCH, stop - first)
        cells = []
        for index, kind in enumerate(kinds):
            encode = binary_cells if formats[index] else text_cells
            cells.append(encode(_column(result, index, first, size), kind))
        yield _messages(cells, size)


def _column(result: Result, index: int, first: int, size: int) -> Any:
    if result.table is not None:
        return result.table.column(index).slice(first, size)
    return [row[index] for row in result.rows[first : first + size]]


def _messages(cells: Sequence[Cells], count: int) -> memoryview:
    """``D``, length, number of columns, and each value behind its length."""
    body = np.full(count, 6 + 4 * len(cells), np.int64)
    for _, lengths in cells:
        body += np.maximum(lengths, 0)
    starts = np.zeros(count, np.int64)
    np.cumsum(body[:-1] + 1, out=starts[1:])
    out = np.empty(int(body.sum()) + count, np.uint8)
    out[starts] = ord("D")
    _put(out, starts + 1, body, 4)
    _put(out, starts + 5, np.full(count, len(cells), np.int64), 2)
    place = starts + 7
    for data, lengths in cells:
        _put(out, place, lengths, 4)
        place += 4
        sizes = np.maximum(lengths, 0)
        if len(data):
            # Where each byte goes: its value's place, less where the value begins among the bytes.
            before = np.cumsum(sizes) - sizes
            out[np.repeat(place - before, sizes) + np.arange(len(data))] = data
        place += sizes
    return out.data.cast("B")


def _put(out: npt.NDArray[np.uint8], places: npt.NDArray[np.int64], values: npt.NDArray[np.int64], size: int) -> None:
    for byte in range(size):
        out[places + byte] = (values >> (8 * (size - 1 - byte))) & 0xFF
