"""What a reader of files is given: the files, the options, and the columns that are the same for all of a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lakeshift.glue_runtime.engine.objects import DataFile

__all__ = ["FILE", "MODIFIED", "NO_CONSTANTS", "Constants", "Reading"]

FILE = "\u0002file"
"""Hidden column: the file of each record, as a listing writes it."""
MODIFIED = "\u0002modified"
"""Hidden column: milliseconds of the file's last change, as text."""


@dataclass(frozen=True)
class Reading:
    """``files`` of format ``kind``; ``options`` are the connection's, ``format_options`` the format's.

    ``roots`` are the folders of which they are all the files, where they are; else empty.
    """

    files: tuple[DataFile, ...] = field(repr=False)
    kind: str
    format_options: Mapping[str, Any]
    options: Mapping[str, Any]
    roots: tuple[str, ...] = ()


@dataclass(frozen=True)
class Constants:
    """Text columns behind the others, with one value a file."""

    names: tuple[str, ...]
    of: Callable[[DataFile], Sequence[str | None]]


NO_CONSTANTS = Constants((), lambda _file: ())
