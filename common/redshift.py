"""What the load needs: COPY manifests, and SQL files whose ``${name}`` places are filled with checked values only."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["LoadFile", "PlaceholderError", "fill", "manifest", "manifest_rows", "statements"]

_PLACE = re.compile(r"\$\{(\w+)\}")
# A value goes into SQL text, so it is allowed by form, not cleaned: a URL, an ARN, an identifier, a run id.
_VALUE = re.compile(r"[A-Za-z0-9_.:/=+@-]+")


class PlaceholderError(ValueError):
    """A value that may not stand in SQL text, or a place without a value."""


@dataclass(frozen=True)
class LoadFile:
    """One file to COPY: URL, size in bytes, rows."""

    url: str
    size: int
    rows: int


def manifest(files: Sequence[LoadFile]) -> dict[str, Any]:
    """A COPY manifest; a missing file fails the load, and ``content_length`` is there as Parquet needs it.

    ``record_count`` is what UNLOAD writes in its verbose manifests.
    https://docs.aws.amazon.com/redshift/latest/dg/loading-data-files-using-manifest.html
    """
    return {
        "entries": [
            {"url": item.url, "mandatory": True, "meta": {"content_length": item.size, "record_count": item.rows}}
            for item in sorted(files, key=lambda item: item.url)
        ]
    }


def manifest_rows(document: Mapping[str, Any]) -> int:
    """Rows in all files of a manifest made by ``manifest``."""
    return sum(int(entry["meta"]["record_count"]) for entry in document["entries"])


def fill(sql: str, values: Mapping[str, str]) -> str:
    """Replace every ``${name}``. Raises PlaceholderError for a name without value or a value that is not plain."""

    def value_of(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in values:
            raise PlaceholderError(f"The SQL asks for ${{{name}}}; given are {', '.join(sorted(values)) or 'none'}.")
        if not _VALUE.fullmatch(values[name]) or "--" in values[name]:
            raise PlaceholderError(f"${{{name}}} may not be {values[name]!r}: letters, digits and _.:/=+@- only.")
        return values[name]

    return _PLACE.sub(value_of, sql)


def statements(sql: str) -> list[str]:
    """The statements of a script, without their semicolons; quotes, ``$$`` bodies and comments are respected."""
    parts: list[str] = []
    current: list[str] = []
    for piece in _TOKENS.findall(sql):
        if piece == ";":
            parts.append("".join(current).strip())
            current = []
        elif not piece.startswith(("--", "/*")):
            current.append(piece)
    parts.append("".join(current).strip())
    return [part for part in parts if part]


_TOKENS = re.compile(
    r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\$\$.*?\$\$|;|[^;'\"$/-]+|.",
    re.DOTALL,
)
