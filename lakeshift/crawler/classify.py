"""Which classifier reads an object: the custom ones in their order, then the built-in ones in AWS's.

See https://docs.aws.amazon.com/glue/latest/dg/add-classifier.html
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from lakeshift.crawler.avro_classifier import read_avro
from lakeshift.crawler.bson_classifier import read_bson
from lakeshift.crawler.columnar import read_orc, read_parquet
from lakeshift.crawler.csv_classifier import read_csv
from lakeshift.crawler.json_classifier import read_json
from lakeshift.crawler.logs import read_log
from lakeshift.crawler.reading import UNKNOWN, Note, Reading
from lakeshift.crawler.sample import FIRST, FURTHEST, Sample, take
from lakeshift.crawler.statistics import FileCount
from lakeshift.crawler.xml_rows import read_plain_xml
from lakeshift.lake import FolderLake, ObjectInfo

__all__ = ["Classifier", "classify"]

_BOM: Final = b"\xef\xbb\xbf"
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
_ION: Final = b"\xe0\x01\x00\xea"
_BINARY_STARTS: Final = (b"O", b"P")  # Obj, ORC, PAR1
_RECORD_STARTS: Final = (b"{", b"[", b"<")

Classifier = Callable[[Sample], Reading | None]

_TEXT: Final[tuple[Classifier, ...]] = (read_json, read_bson, read_plain_xml, read_log, read_csv)


def classify(lake: FolderLake, info: ObjectInfo, custom: Sequence[Classifier] = ()) -> Reading:
    """Read the object's head and return what the first matching classifier says; UNKNOWN where none matches."""
    sample = take(lake, info)
    found = _first(lake, sample, custom)
    limit = FIRST
    while found is None and not sample.whole and limit < FURTHEST and _may_go_on(sample):
        limit += FIRST  # the first record alone may exceed the first bytes
        sample = take(lake, info, limit)
        found = _first(lake, sample, custom)
    if found is None:
        return _unknown(sample)
    if sample.damage:
        found = replace(found, notes=(*found.notes, Note("truncated-archive", sample.damage)))
    if sample.data.startswith(_BOM):
        found = replace(found, notes=(*found.notes, Note("byte-order-mark", "it starts with a byte order mark")))
    return found


def _may_go_on(sample: Sample) -> bool:
    """Whether the sample is text of which no record has ended yet."""
    if b"\0" in sample.data[:FIRST]:
        return False
    return sample.data.lstrip(_BOM)[:1] in _RECORD_STARTS or b"\n" not in sample.data


def _first(lake: FolderLake, sample: Sample, custom: Sequence[Classifier]) -> Reading | None:
    for classifier in custom:
        found = classifier(sample)
        if found is not None:
            return found
    if sample.data[:1] in _BINARY_STARTS:
        found = read_avro(sample) or read_orc(lake, sample) or read_parquet(lake, sample)
        if found is not None:
            return found
    return next((reading for classifier in _TEXT if (reading := classifier(sample)) is not None), None)


def _unknown(sample: Sample) -> Reading:
    note = Note("unreadable", sample.damage or _reason(sample.data))
    size = sample.info.size
    return Reading(UNKNOWN, "none", "none", (), FileCount(size, max(1, size)), 0, sample.compression, notes=(note,))


def _reason(data: bytes) -> str:
    if data.startswith(_ION):
        return "binary Amazon Ion, whose classifier is not supported locally: attach none, convert it to JSON"
    if data.startswith(_UTF_16):
        return "UTF-16: Glue reads UTF-8"
    return "no classifier recognises it"
