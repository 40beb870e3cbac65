"""A crawl of S3 include paths: pure, from a lake and a catalog to a plan."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from lakeshift.crawler.advice import advise
from lakeshift.crawler.changes import changed_table, gone_tables, new_table, partition_changes
from lakeshift.crawler.classify import Classifier, classify
from lakeshift.crawler.custom import custom_classifiers
from lakeshift.crawler.globs import exclusion
from lakeshift.crawler.grouping import Decision, Grouping, Unit
from lakeshift.crawler.inputs import location, partition_inputs, table_input
from lakeshift.crawler.names import hashed_name, table_name
from lakeshift.crawler.options import CrawlOptions, Target
from lakeshift.crawler.plan import CatalogTable, CrawlPlan, FilePlan, PartitionPlan, TablePlan
from lakeshift.crawler.tree import File, Folder, grow, is_marker
from lakeshift.lake import FolderLake, ObjectInfo

__all__ = ["crawl"]

Catalog = Mapping[str, CatalogTable]


def crawl(lake: FolderLake, targets: Sequence[Target], options: CrawlOptions, catalog_tables: Catalog) -> CrawlPlan:
    """Read every target's objects and plan the tables they make against those the database holds.

    ``catalog_tables`` is by table name. The same objects give the same plan whatever order they are listed in.
    Raises NoSuchBucketError where a target's bucket does not exist.
    """
    read = _Read(lake, custom_classifiers(options.classifiers))
    decisions: list[Decision] = []
    units: list[tuple[Target, Unit]] = []
    for target in targets:
        grouping = Grouping(
            lambda folder, target=target: read.folder(folder, target),  # type: ignore[misc]
            combine=options.combine,
            level=options.level,
            bucket=target.bucket,
        )
        tree = grow(target.prefix, _included(lake, target))
        units += [(target, unit) for unit in sorted(grouping.units(tree), key=lambda unit: unit.path.encode())]
        decisions += grouping.decisions
    failure = _too_many(len(units), options.threshold)
    tables = () if failure else _tables(units, options, catalog_tables)
    return CrawlPlan(tables, tuple(read.plans), tuple(decisions), advise(units, options), failure)


class _Read:
    """Reads and classifies the files of a folder, keeping what it did."""

    def __init__(self, lake: FolderLake, custom: Sequence[Classifier]) -> None:
        self.lake, self.custom = lake, custom
        self.plans: list[FilePlan] = []

    def folder(self, folder: Folder, target: Target) -> list[File]:
        files = [File(info, classify(self.lake, info, self.custom)) for info in _sampled(folder.files, target.sample)]
        for file in files:
            reading = file.reading
            self.plans.append(
                FilePlan(
                    location(target, file.info.key),
                    reading.classification,
                    reading.classifier,
                    reading.compression,
                    reading.records,
                    file.info.size,
                )
            )
        return files


def _included(lake: FolderLake, target: Target) -> list[ObjectInfo]:
    """Objects below the include path that are data and not excluded."""
    patterns = [exclusion(pattern) for pattern in target.exclusions]
    skip = len(target.prefix)
    return [
        info
        for info in lake.list(target.bucket, target.prefix)
        if not is_marker(info.key) and not any(pattern.match(info.key[skip:]) for pattern in patterns)
    ]


def _sampled(files: list[ObjectInfo], most: int) -> list[ObjectInfo]:
    """At most ``most`` files, taken by a hash of their keys: random to the data, the same on every crawl."""
    if not most or len(files) <= most:
        return files
    chosen = sorted(files, key=lambda info: hashlib.md5(info.key.encode(), usedforsecurity=False).digest())[:most]
    return sorted(chosen, key=lambda info: info.key)


def _too_many(tables: int, threshold: int) -> str:
    if not threshold or tables <= threshold:
        return ""
    return (
        f"The number of tables detected by crawler: {tables} is greater than the table threshold value provided: "
        f"{threshold}. Failing crawler without writing to Data Catalog."
    )


def _tables(units: list[tuple[Target, Unit]], options: CrawlOptions, held: Catalog) -> tuple[TablePlan, ...]:
    plans: list[TablePlan] = []
    taken: set[str] = set()
    for target, unit in units:
        name = _free_name(unit, target, options, held, taken)
        taken.add(name)
        built = table_input(unit, name, target, options)
        known = held.get(name)
        partitions = _partitions(unit, target, built, known, options)
        if known is None:
            plans.append(new_table(built, partitions, options))
        else:
            plans.append(changed_table(built, known, partitions, options))
    return (*plans, *gone_tables(held, taken, options))


def _free_name(unit: Unit, target: Target, options: CrawlOptions, held: Catalog, taken: set[str]) -> str:
    """The folder's name, or its hashed form where that name is another location's."""
    name = table_name(unit.name or target.bucket, options.table_prefix)
    before = held.get(name)
    theirs = before is not None and _place(before.table) != location(target, unit.path).rstrip("/")
    return hashed_name(name, target.bucket, unit.path) if theirs or name in taken else name


def _place(table: Mapping[str, Any]) -> str:
    return str((table.get("StorageDescriptor") or {}).get("Location", "")).rstrip("/")


def _partitions(
    unit: Unit, target: Target, built: Mapping[str, Any], held: CatalogTable | None, options: CrawlOptions
) -> tuple[PartitionPlan, ...]:
    wanted: dict[tuple[str, ...], Mapping[str, Any]] = dict(partition_inputs(unit, target))
    if options.inherit:
        columns = built["StorageDescriptor"]["Columns"]
        serde = built["StorageDescriptor"]["SerdeInfo"]
        for values, part in wanted.items():
            storage = {**part["StorageDescriptor"], "Columns": columns, "SerdeInfo": serde}
            wanted[values] = {**part, "StorageDescriptor": storage}
    same_keys = held is not None and held.table.get("PartitionKeys") == built["PartitionKeys"]
    return partition_changes(wanted, held.partitions if held and same_keys else {}, options)
