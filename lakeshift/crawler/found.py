"""A table as a target shows it, before the catalog is asked whether it holds it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lakeshift.crawler.changes import changed_table, gone_tables, new_table, partition_changes
from lakeshift.crawler.names import hashed_name, table_name
from lakeshift.crawler.options import CrawlOptions
from lakeshift.crawler.plan import CatalogTable, TablePlan

__all__ = ["Found", "plan_tables", "with_storage"]

Values = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """``name`` before the prefix; ``place`` = (bucket, key prefix), which tells a second table of that name apart.

    ``input`` is its TableInput without a name; ``partitions`` are PartitionInputs by their values.
    """

    name: str
    place: tuple[str, str]
    input: Mapping[str, Any]
    partitions: Mapping[Values, Mapping[str, Any]] = field(default_factory=dict)


def plan_tables(
    tables: Iterable[Found], options: CrawlOptions, held: Mapping[str, CatalogTable], *, whole: bool
) -> tuple[TablePlan, ...]:
    """What becomes of each in a catalog that holds ``held``.

    With ``whole`` these are all tables that there are, so that tables of this crawler that are not among them are gone.
    """
    plans: list[TablePlan] = []
    taken: set[str] = set()
    for found in tables:
        name = _free_name(found, options, held, taken)
        taken.add(name)
        built = {"Name": name, **found.input}
        known = held.get(name)
        wanted = _inherited(found, options)
        same_keys = known is not None and known.table.get("PartitionKeys") == built["PartitionKeys"]
        partitions = partition_changes(wanted, known.partitions if known and same_keys else {}, options)
        if known is None:
            plans.append(new_table(built, partitions, options))
        else:
            plans.append(changed_table(built, known, partitions, options))
    gone = gone_tables(held, taken, options) if whole else []
    return (*plans, *gone)


def _free_name(found: Found, options: CrawlOptions, held: Mapping[str, CatalogTable], taken: set[str]) -> str:
    """The folder's name, or its hashed form where that name is another location's."""
    name = table_name(found.name, options.table_prefix)
    before = held.get(name)
    theirs = before is not None and _place(before.table) != _place(found.input)
    return hashed_name(name, *found.place) if theirs or name in taken else name


def _place(table: Mapping[str, Any]) -> str:
    return str((table.get("StorageDescriptor") or {}).get("Location", "")).rstrip("/")


def _inherited(found: Found, options: CrawlOptions) -> Mapping[Values, Mapping[str, Any]]:
    """The partitions, with the table's columns and SerDe where they inherit them."""
    if not options.inherit:
        return found.partitions
    of_table = found.input["StorageDescriptor"]
    given = {key: of_table[key] for key in ("Columns", "SerdeInfo")}
    return {values: with_storage(part, given) for values, part in found.partitions.items()}


def with_storage(partition: Mapping[str, Any], given: Mapping[str, Any]) -> Mapping[str, Any]:
    """The partition with parts of its StorageDescriptor replaced."""
    return {**partition, "StorageDescriptor": {**partition["StorageDescriptor"], **given}}
