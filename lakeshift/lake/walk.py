"""A bucket's folder walked in the order of S3's keys, one page's worth at a time."""

from __future__ import annotations

import heapq
import os
from collections.abc import Iterator
from pathlib import Path
from stat import S_ISREG
from typing import TypeAlias

from lakeshift.lake.names import ARCHIVED_SUFFIX, is_hidden_part

__all__ = ["Found", "walk"]

# (key, path, status) of an object; (prefix, None, None) of a common prefix
Found: TypeAlias = tuple[str, str | None, os.stat_result | None]


def walk(folder: Path, odd: list[tuple[str, str]], prefix: str, delimiter: str, start_after: str) -> Iterator[Found]:
    """Objects below ``folder`` and the ``odd`` ones (key, path), rolled up at ``delimiter`` after ``prefix``."""
    plain = _files(str(folder), "", prefix, "/" if delimiter == "/" else "", start_after)
    both = heapq.merge(plain, _odd(odd, prefix, start_after), key=lambda found: found[0]) if odd else plain
    if not delimiter:
        yield from both
        return
    last = ""
    for key, path, status in both:
        end = key.find(delimiter, len(prefix))
        if end < 0:
            yield key, path, status
            continue
        common = key[: end + len(delimiter)]
        if common != last and common > start_after:
            last = common
            yield common, None, None


def _odd(odd: list[tuple[str, str]], prefix: str, start_after: str) -> Iterator[Found]:
    for key, path in odd:
        if key.startswith(prefix) and key > start_after:
            for file in (path, path + ARCHIVED_SUFFIX):
                try:
                    yield key, file, os.stat(file)  # noqa: PTH116 - one of many, measured
                    break
                except FileNotFoundError:
                    continue


def _files(folder: str, above: str, prefix: str, delimiter: str, start_after: str) -> Iterator[Found]:
    """``above`` is the key of ``folder`` with its trailing slash; names sort as S3 sorts the keys below them."""
    for name, entry in _sorted_names(folder):
        key = above + name
        if not (key.startswith(prefix) or (name.endswith("/") and prefix.startswith(key))):
            continue
        if key <= start_after and not start_after.startswith(key):
            continue
        if name.endswith("/"):
            below = _files(entry.path, key, prefix, delimiter, start_after)
            if delimiter and len(key) > len(prefix) and key.startswith(prefix):
                below = (found for found, _ in zip(below, range(1), strict=False))
            yield from below
        elif key > start_after:
            try:
                status = entry.stat()
            except FileNotFoundError:  # deleted since the folder was read
                continue
            if S_ISREG(status.st_mode):
                yield key, entry.path, status


def _is_text(name: str) -> bool:
    """A key is Unicode: a file name that is not UTF-8 is none."""
    return name.isascii() or not any("\udc80" <= char <= "\udcff" for char in name)


def _sorted_names(folder: str) -> list[tuple[str, os.DirEntry[str]]]:
    try:
        with os.scandir(folder) as entries:
            everything = list(entries)
    except (FileNotFoundError, NotADirectoryError):
        return []
    found = [
        (f"{entry.name}/" if entry.is_dir(follow_symlinks=False) else entry.name, entry)
        for entry in everything
        if not is_hidden_part(entry.name) and _is_text(entry.name)
    ]
    archived = [entry for entry in everything if entry.name.endswith(ARCHIVED_SUFFIX)]
    if archived:
        present = {name for name, _ in found}  # a restored copy is there beside the archived object
        named = ((entry.name.removesuffix(ARCHIVED_SUFFIX), entry) for entry in archived)
        found += [(name, entry) for name, entry in named if name not in present]
    return sorted(found, key=lambda pair: pair[0])
