"""The custom JSON classifier: a JSON path says what a record is.

See https://docs.aws.amazon.com/glue/latest/dg/custom-classifier.html#custom-classifier-json
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Final

from lakeshift.crawler.json_classifier import reading_of
from lakeshift.crawler.json_records import MOST, decode
from lakeshift.crawler.reading import Reading
from lakeshift.crawler.sample import Sample

__all__ = ["parse_path", "read_json_path"]

_STEP: Final = re.compile(r"\.(?P<name>[^.\[\]]+)|\[(?P<quote>['\"])(?P<quoted>.+?)(?P=quote)\]|\[(?P<index>\*|\d+)\]")

Step = str | int | None  # a key, a position, or None for every item


def parse_path(path: str) -> list[Step]:
    """Steps of a path of the subset Glue knows: ``$``, ``.name``, ``['name']``, ``[n]``, ``[*]``; raises ValueError."""
    text = path.strip()
    if not text.startswith("$"):
        raise ValueError(f"The JSON path {path!r} must start with $.")
    steps: list[Step] = []
    at = 1
    while at < len(text):
        found = _STEP.match(text, at)
        if found is None:
            raise ValueError(f"The JSON path {path!r} is not supported from {text[at:]!r} on.")
        index = found["index"]
        if index:
            steps.append(None if index == "*" else int(index))
        else:
            steps.append(found["quoted"] or (None if found["name"] == "*" else found["name"]))
        at = found.end()
    return steps


def read_json_path(sample: Sample, name: str, path: str) -> Reading | None:
    """The object as the records the path selects; a scalar is one column ``record``; None where it selects nothing."""
    decoded = decode(sample.data, whole=sample.whole)
    steps = parse_path(path)
    found = [item for document in decoded.records for item in _select(document, steps)][:MOST]
    records = [item if isinstance(item, dict) else {"record": item} for item in found]
    if not records:
        return None
    return replace(reading_of(sample, replace(decoded, records=records)), classifier=name)


def _select(value: Any, steps: list[Step]) -> list[Any]:
    if not steps:
        return [value]
    step, *rest = steps
    if step is None:
        items = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
        return [found for item in items for found in _select(item, rest)]
    if isinstance(step, int):
        return _select(value[step], rest) if isinstance(value, list) and step < len(value) else []
    return _select(value[step], rest) if isinstance(value, dict) and step in value else []
