"""The Grok classifier.

See https://docs.aws.amazon.com/glue/latest/dg/custom-classifier.html#custom-classifier-grok
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from lakeshift.crawler.grok_patterns import PATTERNS
from lakeshift.crawler.json_records import MOST
from lakeshift.crawler.names import column_name
from lakeshift.crawler.reading import Reading
from lakeshift.crawler.sample import Sample
from lakeshift.crawler.statistics import FileCount
from lakeshift.crawler.types import Column

__all__ = ["Grok", "compile_grok", "parse_custom_patterns", "read_grok"]

_REFERENCE: Final = re.compile(r"%\{(?P<pattern>\w+)(?::(?P<field>[\w.\-]+))?(?::(?P<cast>\w+))?\}")
_CASTS: Final = {
    "byte": "tinyint",
    "boolean": "boolean",
    "double": "double",
    "short": "smallint",
    "int": "int",
    "long": "bigint",
    "string": "string",
    "float": "float",
}
_DEEPEST: Final = 20  # patterns that refer to patterns


@dataclass(frozen=True, slots=True)
class Grok:
    """A compiled pattern and its columns."""

    line: re.Pattern[str]
    columns: tuple[Column, ...]


def parse_custom_patterns(text: str | None) -> tuple[tuple[str, str], ...]:
    """``NAME regular expression``, one a line; raises ValueError for a line that is none."""
    found = []
    for line in (text or "").splitlines():
        if line.strip():
            name, _, pattern = line.strip().partition(" ")
            if not re.fullmatch(r"\w+", name) or not pattern.strip():
                raise ValueError(f"The custom pattern {line.strip()!r} is not a name and a regular expression.")
            found.append((name, pattern.strip()))
    return tuple(found)


@lru_cache(maxsize=256)
def compile_grok(pattern: str, custom: tuple[tuple[str, str], ...] = ()) -> Grok:
    """The pattern as a regular expression over one line; raises ValueError for a name or a cast nobody knows."""
    columns: dict[str, Column] = {}
    text = _expanded(pattern, {**PATTERNS, **dict(custom)}, columns, 0)
    try:
        return Grok(re.compile(text), tuple(columns.values()))
    except re.error as error:
        raise ValueError(f"The Grok pattern {pattern!r} is no regular expression: {error}.") from None


def read_grok(sample: Sample, name: str, classification: str, grok: Grok, pattern: str) -> Reading | None:
    """The object as lines of the pattern, or None where its first line is not."""
    data = sample.data if sample.whole else sample.data[: sample.data.rfind(b"\n") + 1]
    if b"\0" in data:
        return None
    lines = [
        line.rstrip("\r")
        for line in data.decode("utf-8", "replace").split("\n", MOST)[:MOST]
        if line.strip() and not line.startswith("#")  # IIS begins its logs with such lines
    ]
    if not lines or grok.line.search(lines[0]) is None:
        return None
    return Reading(
        classification=classification,
        classifier=name,
        serde="grok",
        columns=grok.columns,
        count=FileCount.sampled(sample.info.size, len(sample.data), len(lines)),
        records=sum(grok.line.search(line) is not None for line in lines),
        compression=sample.compression,
        serde_parameters=(("input.format", pattern),),
        parameters=(("grokPattern", pattern),),
    )


def _expanded(pattern: str, known: Mapping[str, str], columns: dict[str, Column], depth: int) -> str:
    if depth > _DEEPEST:
        raise ValueError(f"The Grok pattern {pattern!r} refers to itself.")

    def expand(found: re.Match[str]) -> str:
        name, field, cast = found["pattern"], found["field"], found["cast"]
        if name not in known:
            raise ValueError(f"The Grok pattern {name} is not defined.")
        if cast is not None and cast not in _CASTS:
            raise ValueError(f"The Grok type {cast} is none of {', '.join(_CASTS)}.")
        if field:
            columns.setdefault(field, Column(column_name(field), _CASTS[cast or "string"]))
        return f"(?:{_expanded(known[name], known, columns, depth + 1)})"

    return _REFERENCE.sub(expand, pattern)
