"""A crawl: pure, from a lake and a catalog to a plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lakeshift.crawler.advice import advise, advise_denied
from lakeshift.crawler.catalog_target import update_of
from lakeshift.crawler.delta import delta_table
from lakeshift.crawler.found import Found, plan_tables
from lakeshift.crawler.grouping import Grouping, Unit
from lakeshift.crawler.iceberg import iceberg_tables
from lakeshift.crawler.incremental import Since, incremental_plans
from lakeshift.crawler.inputs import found, location
from lakeshift.crawler.options import CrawlOptions
from lakeshift.crawler.plan import CatalogTable, CrawlPlan, Decision, ObjectWrite, TablePlan
from lakeshift.crawler.reader import Reader
from lakeshift.crawler.targets import AnyTarget, CatalogTarget, DeltaTarget, IcebergTarget, Target
from lakeshift.lake import FolderLake, ObjectInfo

__all__ = ["crawl"]

Catalog = Mapping[str, CatalogTable]


@dataclass(slots=True)
class _Harvest:
    """What the targets gave so far."""

    units: list[tuple[Target, Unit]] = field(default_factory=list)
    tables: list[Found] = field(default_factory=list)
    ready: list[TablePlan] = field(default_factory=list)
    writes: list[ObjectWrite] = field(default_factory=list)


def crawl(
    lake: FolderLake,
    targets: Sequence[AnyTarget],
    options: CrawlOptions,
    catalog_tables: Catalog,
    *,
    reader: Reader | None = None,
    since: Since | None = None,
    described: Sequence[Found] = (),
) -> CrawlPlan:
    """Read every target and plan the tables they make against those the database holds.

    ``catalog_tables`` is by table name; ``since`` is what earlier crawls left, for one that reads only what is new;
    ``described`` are tables of targets that no lake holds (JDBC, DynamoDB). The same objects give the same plan
    whatever order they are listed in. Raises NoSuchBucketError where a target's bucket does not exist, and ValueError
    for a Delta or Iceberg table that cannot be read.
    """
    reader = reader or Reader(lake, options.classifiers)
    harvest = _Harvest(tables=list(described))
    reader.decisions += [_described(table) for table in described]
    for target in targets:
        _gather(target, reader, options, catalog_tables, since, harvest)
    count = len(harvest.tables) + len(harvest.ready)
    failure = _too_many(count, options.threshold)
    advice = (*advise_denied(reader.denied), *advise(harvest.units, options))
    folders = tuple(sorted(reader.folders))
    files, decisions = tuple(reader.plans), tuple(reader.decisions)
    if failure:
        return CrawlPlan((), files, decisions, advice, failure, folders=folders)
    planned = plan_tables(harvest.tables, options, catalog_tables, whole=since is None)
    return CrawlPlan((*planned, *harvest.ready), files, decisions, advice, "", tuple(harvest.writes), folders)


def _gather(
    target: AnyTarget, reader: Reader, options: CrawlOptions, held: Catalog, since: Since | None, harvest: _Harvest
) -> None:
    if isinstance(target, DeltaTarget):
        table, writes = delta_table(reader.lake, target, options)
        reader.decisions.append(Decision(target.path, f"a Delta table of {len(table.partitions)} manifest partitions"))
        harvest.tables.append(table)
        harvest.writes += writes
    elif isinstance(target, IcebergTarget):
        for iceberg, decision in iceberg_tables(reader.lake, target, options):
            reader.decisions.append(decision)
            harvest.tables += [iceberg] if iceberg is not None else []
    elif isinstance(target, CatalogTarget):
        harvest.ready.append(update_of(target, reader, options, since))
    elif since is None:
        _gather_folder(target, reader, options, harvest)
    else:
        plans, left = incremental_plans(target, reader, options, held, since)
        harvest.ready += plans
        if left.objects:
            _gather_folder(target, reader, options, harvest, left.objects, left.split)


def _gather_folder(
    target: Target,
    reader: Reader,
    options: CrawlOptions,
    harvest: _Harvest,
    objects: Sequence[ObjectInfo] | None = None,
    split: frozenset[str] = frozenset(),
) -> None:
    """An include path, or only ``objects`` below it."""
    tree = reader.tree(target, reader.listed(target) if objects is None else objects)
    grouping = Grouping(combine=options.combine, level=options.level, bucket=target.bucket, split=split)
    units = sorted(grouping.units(tree), key=lambda unit: unit.path.encode())
    reader.decisions += grouping.decisions
    reader.decisions += [_told(target, unit) for unit in units]
    harvest.units += [(target, unit) for unit in units]
    harvest.tables += [found(unit, target, options) for unit in units]


def _told(target: Target, unit: Unit) -> Decision:
    """What the unit became, after the steps that led to it."""
    objects = sum(len(files) for _, files in unit.leaves)
    text = f"one table of {objects} {unit.kind[0]} object{'s' * (objects != 1)}"
    if unit.levels:
        deep = "folders are its" if unit.levels == 1 else f"folders {unit.levels} deep are its"
        text += f"; {deep} partitions, {len(unit.leaves)} of them"
    elif not unit.path.endswith("/") and unit.path:
        text += ", which is alone in it"
    return Decision(location(target, unit.path), text)


def _described(table: Found) -> Decision:
    parameters = table.input["Parameters"]
    where = str(table.input["StorageDescriptor"]["Location"])
    return Decision(where, f"one table: its source, {parameters['classification']}, says so")


def _too_many(tables: int, threshold: int) -> str:
    if not threshold or tables <= threshold:
        return ""
    return (
        f"The number of tables detected by crawler: {tables} is greater than the table threshold value provided: "
        f"{threshold}. Failing crawler without writing to Data Catalog."
    )
