"""What a task execution must do: compare two listings under filters. Pure.

https://docs.aws.amazon.com/datasync/latest/userguide/configure-metadata.html,
https://docs.aws.amazon.com/datasync/latest/userguide/filtering.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

__all__ = ["Entry", "Plan", "is_chosen", "plan"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A file: ``path`` below its location without a leading slash, size in bytes, modification in nanoseconds."""

    path: str
    size: int
    modified: int | None


@dataclass(frozen=True, slots=True)
class Plan:
    """Paths to copy, to leave and to delete, each in order."""

    copy: list[Entry]
    skip: list[Entry]
    delete: list[Entry]


def plan(
    source: Sequence[Entry],
    target: Sequence[Entry],
    options: Mapping[str, str],
    includes: Sequence[str] = (),
    excludes: Sequence[str] = (),
) -> Plan:
    """Copy what is new or differs in size or time (all of it where ``TransferMode`` is ALL)."""
    wanted = [entry for entry in source if is_chosen(entry.path, includes, excludes)]
    there = {entry.path: entry for entry in target}
    copy: list[Entry] = []
    skip: list[Entry] = []
    for entry in wanted:
        held = there.get(entry.path)
        same = held is not None and (held.size, held.modified) == (entry.size, entry.modified)
        never = held is not None and options.get("OverwriteMode") == "NEVER"
        (skip if never or (same and options.get("TransferMode") != "ALL") else copy).append(entry)
    kept = {entry.path for entry in source}
    gone = [entry for entry in target if entry.path not in kept and is_chosen(entry.path, includes, excludes)]
    return Plan(copy, skip, gone if options.get("PreserveDeletedFiles") == "REMOVE" else [])


def is_chosen(path: str, includes: Sequence[str], excludes: Sequence[str]) -> bool:
    """Whether the patterns (``/folder|*.tmp``) let the path through; an exclusion wins."""
    return (not includes or _matches(path, includes)) and not _matches(path, excludes)


def _matches(path: str, filters: Sequence[str]) -> bool:
    return any(_pattern(one).fullmatch("/" + path) for value in filters for one in value.split("|") if one)


def _pattern(pattern: str) -> re.Pattern[str]:
    """``*`` is any run of characters; a folder stands for all that is in it."""
    return re.compile(".*".join(map(re.escape, pattern.rstrip("/").split("*"))) + "(/.*)?", re.DOTALL)
