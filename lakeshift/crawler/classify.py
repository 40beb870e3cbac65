"""Which classifier reads an object: the custom ones in their order, then the built-in ones in AWS's.

See https://docs.aws.amazon.com/glue/latest/dg/add-classifier.html
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from lakeshift.crawler.avro_classifier import read_avro
from lakeshift.crawler.columnar import read_orc, read_parquet
from lakeshift.crawler.csv_classifier import read_csv
from lakeshift.crawler.grok import read_log
from lakeshift.crawler.json_classifier import read_json
from lakeshift.crawler.reading import UNKNOWN, Note, Reading
from lakeshift.crawler.sample import FURTHEST, Sample, take
from lakeshift.crawler.statistics import FileCount
from lakeshift.lake import FolderLake, ObjectInfo

__all__ = ["Classifier", "classify"]

Classifier = Callable[[Sample], Reading | None]

_TEXT: Final[tuple[Classifier, ...]] = (read_json, read_log, read_csv)


def classify(lake: FolderLake, info: ObjectInfo, custom: Sequence[Classifier] = ()) -> Reading:
    """Read the object's head and return what the first matching classifier says; UNKNOWN where none matches."""
    sample = take(lake, info)
    found = _first(lake, sample, custom)
    if found is None and not sample.whole and sample.data[:1] in (b"{", b"["):
        found = _first(lake, take(lake, info, FURTHEST), custom)  # the first record alone may exceed the first bytes
    return found or _unknown(sample)


def _first(lake: FolderLake, sample: Sample, custom: Sequence[Classifier]) -> Reading | None:
    for classifier in custom:
        found = classifier(sample)
        if found is not None:
            return found
    found = read_avro(sample) or read_orc(lake, sample) or read_parquet(lake, sample)
    if found is not None:
        return found
    return next((reading for classifier in _TEXT if (reading := classifier(sample)) is not None), None)


def _unknown(sample: Sample) -> Reading:
    note = Note("unreadable", sample.damage or "no classifier recognises it")
    size = sample.info.size
    return Reading(UNKNOWN, "none", "none", (), FileCount(size, max(1, size)), 0, sample.compression, notes=(note,))
