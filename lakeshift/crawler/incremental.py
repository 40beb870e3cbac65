"""Crawls that read only what is new: folders that were added, or folders that events name.

See https://docs.aws.amazon.com/glue/latest/dg/incremental-crawls.html and
https://docs.aws.amazon.com/glue/latest/dg/crawler-s3-event-notifications.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lakeshift.crawler.anchor import Anchor, anchors_below
from lakeshift.crawler.changes import changed_table, gone_tables, partition_changes
from lakeshift.crawler.grouping import Unit
from lakeshift.crawler.inputs import table_input
from lakeshift.crawler.options import CrawlOptions
from lakeshift.crawler.plan import CatalogTable, Decision, TablePlan
from lakeshift.crawler.reader import Reader
from lakeshift.crawler.similarity import THRESHOLD, similarity
from lakeshift.crawler.targets import Target
from lakeshift.lake import ObjectInfo

__all__ = ["Left", "Since", "event_plan", "incremental_plans"]

Values = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Since:
    """What earlier crawls left: ``known`` folders (URLs), or the folders that events say have ``changed``."""

    known: frozenset[str] = frozenset()
    changed: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Left:
    """Objects of no table yet, and the key prefixes of folders that are none since tables lie below them."""

    objects: tuple[ObjectInfo, ...]
    split: frozenset[str]


def incremental_plans(
    target: Target, reader: Reader, options: CrawlOptions, held: Mapping[str, CatalogTable], since: Since
) -> tuple[list[TablePlan], Left]:
    """Changes of the tables this crawler made, and the new objects that belong to none of them."""
    anchors = anchors_below(target, held, options.crawler)
    split = frozenset(above for anchor in anchors for above in _above(anchor.prefix, target.prefix))
    if since.changed is not None:
        folders = sorted(_key_prefixes(since.changed, target))
        events = [event_plan(anchor, target, reader, options, folders) for anchor in anchors]
        free = [folder for folder in folders if not any(folder.startswith(anchor.prefix) for anchor in anchors)]
        left = [info for folder in free for info in reader.listed(target, folder) if _folder(info) == folder]
        return [plan for plan in events if plan is not None], Left(tuple(left), split)
    fresh = _new_objects(target, reader, since.known)
    plans = []
    for anchor in anchors:
        mine = [info for info in fresh if info.key.startswith(anchor.prefix)]
        fresh = [info for info in fresh if not info.key.startswith(anchor.prefix)]
        if mine:
            plans.append(_with_new_folders(anchor, target, reader, options, mine))
    return plans, Left(tuple(fresh), split)


def _new_objects(target: Target, reader: Reader, known: frozenset[str]) -> list[ObjectInfo]:
    """Objects whose folder no earlier crawl has seen; all folders are remembered."""
    fresh = []
    for info in reader.listed(target):
        url = f"s3://{info.bucket}/{_folder(info)}"
        reader.folders.add(url)
        if url not in known:
            fresh.append(info)
    return fresh


def _with_new_folders(
    anchor: Anchor, target: Target, reader: Reader, options: CrawlOptions, objects: Sequence[ObjectInfo]
) -> TablePlan:
    """Partitions of the new folders, where most of them have the table's schema; the table itself stays."""
    unit = anchor.unit(objects, reader)
    if unit is None:
        return _kept(anchor, "nothing new of its format")
    share = _matching_share(unit, anchor)
    if share <= 0.5:
        text = f"only {share:.0%} of the new folders have the schema of table {anchor.name}: none is added"
        reader.decisions.append(Decision(f"s3://{anchor.bucket}/{anchor.prefix}", text))
        return _kept(anchor, text)
    wanted = anchor.partitions(unit, target, options)
    before = {values: anchor.held.partitions[values] for values in wanted if values in anchor.held.partitions}
    return _kept(anchor, "new folders only: the table stays", partition_changes(wanted, before, options))


def _matching_share(unit: Unit, anchor: Anchor) -> float:
    names = frozenset(column["Name"] for column in anchor.held.table["StorageDescriptor"].get("Columns", []))
    alike = [
        similarity(frozenset(column.name for file in files for column in file.reading.columns), names) > THRESHOLD
        for _, files in unit.leaves
    ]
    return sum(alike) / len(alike)


def event_plan(
    anchor: Anchor, target: Target, reader: Reader, options: CrawlOptions, folders: Sequence[str]
) -> TablePlan | None:
    """What events in ``folders`` (key prefixes) change of one table; None where none of them touches it."""
    touched = [folder for folder in folders if folder.startswith(anchor.prefix)]
    if not touched:
        return None
    if not anchor.keys:
        return _reread(anchor, target, reader, options)
    leaves = {leaf for folder in touched if (leaf := anchor.leaf(folder)) is not None}
    objects = [info for leaf in sorted(leaves) for info in reader.listed(target, anchor.leaf_prefix(leaf))]
    unit = anchor.unit(objects, reader)
    wanted = anchor.partitions(unit, target, options) if unit else {}
    values = {anchor.values(leaf) for leaf in leaves}
    before = {key: part for key, part in anchor.held.partitions.items() if key in values}
    changes = partition_changes(wanted, before, options)
    added = _new_columns(unit, anchor) if unit and options.update != "LOG" else []
    if not added:
        return _kept(anchor, f"{len(touched)} folders changed", changes)
    table = dict(anchor.held.table)
    storage = {**table["StorageDescriptor"], "Columns": [*table["StorageDescriptor"]["Columns"], *added]}
    because = "; ".join(f"adds {column['Name']} {column['Type']}" for column in added)
    where = str(storage.get("Location", ""))
    return TablePlan("UPDATE", anchor.name, where, {**table, "StorageDescriptor": storage}, changes, because)


def _reread(anchor: Anchor, target: Target, reader: Reader, options: CrawlOptions) -> TablePlan | None:
    """An unpartitioned table is read whole."""
    unit = anchor.unit(reader.listed(target, anchor.prefix), reader)
    if unit is None:
        return next(iter(gone_tables({anchor.name: anchor.held}, set(), options)), None)
    built = {"Name": anchor.name, **table_input(unit, target, options)}
    return changed_table(built, anchor.held, (), options)


def _new_columns(unit: Unit, anchor: Anchor) -> list[dict[str, Any]]:
    known = {column["Name"] for column in anchor.held.table["StorageDescriptor"].get("Columns", [])}
    return [column.as_api() for column in unit.schema if column.name not in known]


def _kept(anchor: Anchor, because: str, partitions: tuple[Any, ...] = ()) -> TablePlan:
    where = str(anchor.held.table["StorageDescriptor"].get("Location", ""))
    return TablePlan("KEEP", anchor.name, where, {}, partitions, because)


def _folder(info: ObjectInfo) -> str:
    return info.key[: info.key.rfind("/") + 1]


def _above(prefix: str, root: str) -> Iterable[str]:
    """Key prefixes of the folders above ``prefix``, from ``root`` down."""
    at = prefix.rstrip("/").rfind("/") + 1
    while at >= len(root):
        yield prefix[:at]
        if at == 0:
            return
        at = prefix[: at - 1].rfind("/") + 1


def _key_prefixes(urls: frozenset[str], target: Target) -> set[str]:
    start = f"s3://{target.bucket}/"
    keys = {url[len(start) :] for url in urls if url.startswith(start)}
    return {key for key in keys if key.startswith(target.prefix)}
