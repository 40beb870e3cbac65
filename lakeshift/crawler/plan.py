"""A crawl's plan: what it read, why it grouped as it did, and what it would write. Frozen and serialisable."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

__all__ = [
    "Advice",
    "CatalogTable",
    "CrawlPlan",
    "Decision",
    "FilePlan",
    "ObjectWrite",
    "PartitionPlan",
    "TablePlan",
]

Action = Literal["ADD", "UPDATE", "DELETE", "KEEP"]


@dataclass(frozen=True, slots=True)
class CatalogTable:
    """A table the catalog already holds, and its partitions by values, both in the shape of the Glue API."""

    table: Mapping[str, Any]
    partitions: Mapping[tuple[str, ...], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Decision:
    """One step of the crawl told to a reader: what lies at ``path`` and what became of it, because of what."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class FilePlan:
    """One object: who classified it as what, how many records were decoded, and the columns they have."""

    path: str
    classification: str
    classifier: str
    compression: str
    records: int
    size: int
    columns: str = ""


@dataclass(frozen=True, slots=True)
class PartitionPlan:
    """One partition: what to do, and its PartitionInput (empty where it is deleted or kept)."""

    action: Action
    values: tuple[str, ...]
    input: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TablePlan:
    """One table: what to do, its TableInput, its partitions, and why. ``database`` is empty for the crawler's own."""

    action: Action
    name: str
    location: str
    input: Mapping[str, Any]
    partitions: tuple[PartitionPlan, ...]
    because: str
    index: bool = False
    database: str = ""


@dataclass(frozen=True, slots=True)
class ObjectWrite:
    """An object that the crawler itself writes: the manifest of a Delta table."""

    bucket: str
    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Advice:
    """What will bite later: a ``code``, where, what was seen, and the way out."""

    code: str
    where: str
    text: str
    fix: str


@dataclass(frozen=True, slots=True)
class CrawlPlan:
    """All of it. ``failure`` is set where the crawl must fail and write nothing.

    ``folders`` are the URLs of the folders that hold the data, for a crawler that remembers them.
    """

    tables: tuple[TablePlan, ...]
    files: tuple[FilePlan, ...]
    decisions: tuple[Decision, ...]
    advice: tuple[Advice, ...]
    failure: str = ""
    writes: tuple[ObjectWrite, ...] = ()
    folders: tuple[str, ...] = ()

    def summary(self) -> dict[str, dict[str, int]]:
        """Counts of ADD, UPDATE and DELETE for TABLE and PARTITION; nothing of what stays."""
        counts: dict[str, dict[str, int]] = {"TABLE": {}, "PARTITION": {}}
        for table in self.tables:
            for kind, action in (("TABLE", table.action), *(("PARTITION", part.action) for part in table.partitions)):
                if action != "KEEP":
                    counts[kind][action] = counts[kind].get(action, 0) + 1
        return counts

    def to_json(self) -> str:
        """The plan as one JSON document."""
        return json.dumps(dataclasses.asdict(self), default=dict, indent=2)
