"""Which task reads which piece of which file: many small files in one task, a large one in several.

https://docs.aws.amazon.com/glue/latest/dg/grouping-input-files.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

from lakeshift.glue_runtime.engine.objects import DataFile

__all__ = ["Slice", "group_files", "groups_text"]

LARGEST = 128 * 2**20
"""Bytes of a group where nothing else is said: what Spark gives a task of a file source."""
SMALLEST_CUT = 8 * 2**20
"""A file below so many bytes is not cut: starting a task costs more."""
OPEN_COST = 64 * 2**10
"""Bytes that could be read in the time it takes to open a file."""

_END = 2**62
"""The end of a file's last slice: the file may have grown, its last line is read all the same."""

_FIELD, _SLICE, _GROUP, _NONE = "\u0000", "\u0001", "\u0002", "\u0003"


class Slice(NamedTuple):
    """The lines of ``file`` that begin in the bytes [start, end)."""

    file: DataFile
    start: int
    end: int


def _folder(file: DataFile) -> str:
    return file.path.rsplit("/", 1)[0]


def group_files(
    files: Sequence[DataFile],
    *,
    cores: int,
    group_size: int | None = None,
    in_partition: bool = False,
    splittable: Callable[[DataFile], bool] = lambda _: False,
) -> list[list[Slice]]:
    """Return the groups, each for one task, in the order of the files.

    Args:
        files: what is read.
        cores: tasks that run at once; without ``group_size`` every core gets some work.
        group_size: bytes of a group; None: enough groups for all cores, none above 128 MiB.
        in_partition: a group holds files of one folder only (groupFiles = inPartition).
        splittable: whether a large file may be cut at the ends of lines.
    """
    total = sum(file.size + OPEN_COST for file in files)
    target = group_size or min(LARGEST, max(OPEN_COST, -(-total // max(1, cores))))
    cut = max(target, SMALLEST_CUT)
    folders: Iterable[Iterable[DataFile]] = (found for _, found in groupby(files, _folder)) if in_partition else [files]
    cost = 0 if group_size else OPEN_COST
    groups: list[list[Slice]] = []
    for folder in folders:
        current: list[Slice] = []
        held = 0
        for file in folder:
            if file.size > cut and splittable(file):
                ends = [*range(cut, file.size - SMALLEST_CUT // 2, cut), file.size]
                groups += [[Slice(file, start, end)] for start, end in zip([0, *ends], ends, strict=False)]
                continue
            if current and held + file.size > target:
                groups.append(current)
                current, held = [], 0
            current.append(Slice(file, 0, file.size))
            held += file.size + cost
        if current:
            groups.append(current)
    return groups


def groups_text(
    groups: Sequence[Sequence[Slice]], constants: Callable[[DataFile], Sequence[str | None]] | None = None
) -> str:
    """Return the groups as the JVM companion takes them (lakeshift.glue.Slice)."""

    def one(piece: Slice) -> str:
        more = constants(piece.file) if constants else ()
        return _FIELD.join((plain(piece), *(_NONE if text is None else text for text in more)))

    def plain(piece: Slice) -> str:
        file, start, end = piece
        return f"{file.path}{_FIELD}{start}{_FIELD}{end if end < file.size else _END}"

    return _GROUP.join(_SLICE.join(map(one if constants else plain, group)) for group in groups)
