"""The built-in JSON classifier."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from lakeshift.crawler.json_records import Decoded, decode
from lakeshift.crawler.json_types import fields_of, type_of
from lakeshift.crawler.names import column_name
from lakeshift.crawler.reading import Note, Reading
from lakeshift.crawler.sample import Sample
from lakeshift.crawler.statistics import FileCount
from lakeshift.crawler.types import NULL, Array, Column, HiveType, merge

__all__ = ["read_json", "reading_of"]


def read_json(sample: Sample) -> Reading | None:
    """The object as JSON, or None where no object or array can be decoded from it.

    An array that text follows is none: logs begin their lines with ``[4018]``.
    """
    decoded = decode(sample.data, whole=sample.whole)
    if not decoded.records or (decoded.damage and isinstance(decoded.records[0], list)):
        return None
    return reading_of(sample, decoded)


def reading_of(sample: Sample, decoded: Decoded) -> Reading:
    """What decoded records, at least one, say of their object."""
    columns, keys, folded = _schema(tuple(_fields(decoded.records).items()))
    return Reading(
        classification="json",
        classifier="json",
        serde="json",
        columns=columns,
        count=FileCount.sampled(sample.info.size, len(sample.data), len(decoded.records)),
        records=len(decoded.records),
        compression=sample.compression,
        keys=keys,
        notes=(*_notes(decoded), *folded),
    )


@lru_cache(maxsize=4096)
def _schema(
    fields: tuple[tuple[str, HiveType], ...],
) -> tuple[tuple[Column, ...], tuple[str, ...], tuple[Note, ...]]:
    """Columns, sorted keys and notes of typed keys; thousands of objects share a few of them."""
    typed = dict(fields)
    return _columns(typed), tuple(sorted(typed)), tuple(_folded(typed))


def _fields(records: list[Any]) -> dict[str, HiveType]:
    """Keys of the objects; a top-level array is one column ``array``."""
    arrays = [record for record in records if isinstance(record, list)]
    fields = fields_of([record for record in records if isinstance(record, dict)] if arrays else records)
    if arrays:
        element: HiveType = NULL
        for array in arrays:
            for item in array:
                element = merge(element, type_of(item))
        fields["array"] = merge(fields.get("array", NULL), Array(element))
    return fields


def _columns(fields: dict[str, HiveType]) -> tuple[Column, ...]:
    merged: dict[str, HiveType] = {}
    for name, kind in fields.items():
        folded = column_name(name)
        merged[folded] = merge(merged.get(folded, NULL), kind)
    return tuple(Column(name, kind) for name, kind in merged.items())


def _notes(decoded: Decoded) -> list[Note]:
    notes = []
    if decoded.damage:
        notes.append(Note("damaged-json", f"{decoded.damage}; {len(decoded.records)} records were read"))
    if any(isinstance(record, list) for record in decoded.records):
        notes.append(Note("top-level-array", "a top-level array becomes one column `array`"))
    elif not decoded.lines:
        notes.append(Note("pretty-printed-json", "a record spans lines, or two share one"))
    return notes


def _folded(fields: dict[str, HiveType]) -> list[Note]:
    seen: dict[str, str] = {}
    notes = []
    for name in fields:
        folded = column_name(name)
        if folded in seen:
            notes.append(Note("duplicate-column", f"the keys {seen[folded]!r} and {name!r} are one column {folded!r}"))
        seen[folded] = name
    return notes
