"""XML: a row tag says what a record is; the built-in classifier takes the commonest child of the root.

See https://docs.aws.amazon.com/glue/latest/dg/custom-classifier.html#custom-classifier-xml
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError, XMLPullParser

from lakeshift.crawler.csv_classifier import scalar_type
from lakeshift.crawler.json_records import MOST
from lakeshift.crawler.names import column_name
from lakeshift.crawler.reading import Reading
from lakeshift.crawler.sample import Sample
from lakeshift.crawler.statistics import FileCount
from lakeshift.crawler.types import NULL, Array, Column, HiveType, Struct, merge

__all__ = ["read_plain_xml", "read_xml"]

_START: Final = re.compile(rb"\s*(\xef\xbb\xbf)?\s*<")


def read_xml(sample: Sample, name: str, classification: str, row_tag: str) -> Reading | None:
    """The object as rows of ``row_tag``; None where it is no XML or holds no such element with content.

    Attributes and children are columns, repeated children arrays. A self-closing element is no row, as on AWS.
    A document that declares entities is refused: it is then no XML.
    """
    if not _START.match(sample.data) or b"<!ENTITY" in sample.data:
        return None
    rows = _rows(sample.data, row_tag)
    if not rows:
        return None
    columns: dict[str, HiveType] = {}
    for row in rows:
        for field, kind in _fields(row):
            key = column_name(field)
            columns[key] = merge(columns.get(key, NULL), kind)
    return Reading(
        classification=classification,
        classifier=name,
        serde="xml",
        columns=tuple(Column(key, kind) for key, kind in columns.items()),
        count=FileCount.sampled(sample.info.size, len(sample.data), len(rows)),
        records=len(rows),
        compression=sample.compression,
        parameters=(("rowTag", row_tag),),
    )


def read_plain_xml(sample: Sample) -> Reading | None:
    """The built-in classifier: the element that most of the root's children are is the row tag."""
    if not _START.match(sample.data) or b"<!ENTITY" in sample.data:
        return None
    names = _children(sample.data)
    return read_xml(sample, "xml", "xml", max(names, key=names.__getitem__)) if names else None


def _children(data: bytes) -> dict[str, int]:
    """How often each child of the root occurs in the sample."""
    parser: XMLPullParser[Any] = XMLPullParser(events=("start", "end"))
    found: dict[str, int] = {}
    depth = 0
    with suppress(ParseError):
        parser.feed(data)
    events: Any = parser.read_events()
    with suppress(ParseError):
        for event, element in events:
            depth += 1 if event == "start" else -1
            if event == "start" and depth == 2:
                name = _local(element.tag)
                found[name] = found.get(name, 0) + 1
    return found


def _rows(data: bytes, row_tag: str) -> list[Element]:
    parser: XMLPullParser[Any] = XMLPullParser(events=("end",))
    events: Any = parser.read_events()
    rows: list[Element] = []
    with suppress(ParseError):
        parser.feed(data)
    with suppress(ParseError):  # rows before the damage, or before the cut, count
        for _, element in events:
            if isinstance(element, Element) and _local(element.tag) == row_tag and (len(element) or element.text):
                rows.append(element)
            if len(rows) >= MOST:
                break
    return rows


def _fields(element: Element) -> list[tuple[str, HiveType]]:
    found: dict[str, HiveType] = {_local(name): _plain(value) for name, value in element.attrib.items()}
    for child in element:
        name, kind = _local(child.tag), _type(child)
        before = found.get(name)
        if before is None:
            found[name] = kind
        else:
            found[name] = Array(merge(before.element if isinstance(before, Array) else before, kind))
    return list(found.items())


def _type(element: Element) -> HiveType:
    if len(element) or element.attrib:
        return Struct(tuple(_fields(element)))
    return _plain(element.text)


def _plain(text: str | None) -> HiveType:
    return scalar_type([text or ""]) if (text or "").strip() else NULL


def _local(tag: Any) -> str:
    return str(tag).rpartition("}")[2]
