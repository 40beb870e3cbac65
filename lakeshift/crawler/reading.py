"""What a classifier says of one object."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from lakeshift.crawler.statistics import FileCount
from lakeshift.crawler.types import Column

__all__ = ["UNKNOWN", "Note", "Reading"]

UNKNOWN: Final = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Note:
    """Something in an object that will bite later: a ``code`` of lakeshift.crawler.advice, and what was seen."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One object read by one classifier.

    ``classification`` is the table parameter; ``classifier`` names who decided; ``serde`` picks the storage format;
    ``keys`` are the original JSON keys; ``records`` is how many were decoded.
    """

    classification: str
    classifier: str
    serde: str
    columns: tuple[Column, ...]
    count: FileCount
    records: int
    compression: str = "none"
    keys: tuple[str, ...] = ()
    serde_parameters: tuple[tuple[str, str], ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()
    notes: tuple[Note, ...] = field(default=())

    @property
    def kind(self) -> tuple[str, ...]:
        """What two objects must share to lie in one table: format, compression, SerDe and its delimiter."""
        shared = (f"{name}={value}" for name, value in self.serde_parameters if name != "avro.schema.literal")
        return (self.classification, self.compression, self.serde, *shared)
