"""Catalog targets: tables that exist are updated from their data; none is made.

See https://docs.aws.amazon.com/glue/latest/dg/tables-described.html#update-manual-tables
"""

from __future__ import annotations

import dataclasses

from lakeshift.crawler.anchor import Anchor
from lakeshift.crawler.changes import changed_table, partition_changes
from lakeshift.crawler.incremental import Since, event_plan
from lakeshift.crawler.inputs import table_input
from lakeshift.crawler.options import CrawlOptions
from lakeshift.crawler.plan import TablePlan
from lakeshift.crawler.reader import Reader
from lakeshift.crawler.targets import CatalogTarget, Target

__all__ = ["update_of"]


def update_of(target: CatalogTarget, reader: Reader, options: CrawlOptions, since: Since | None) -> TablePlan:
    """What the table's data changes of it. Schemas are combined and nothing is deleted, whatever the crawler says."""
    options = dataclasses.replace(options, combine=True, delete="LOG")
    anchor = Anchor.of(target.name, target.held)
    if anchor is None:
        return _kept(target, "its data is not in S3")
    kind = str((target.held.table.get("Parameters") or {}).get("table_type", "")).upper()
    if kind in ("ICEBERG", "DELTA", "HUDI"):
        return _kept(target, f"an {kind} table keeps its schema in its own metadata")
    path = Target(f"s3://{anchor.bucket}/{anchor.prefix}")
    if since is not None and since.changed is not None:
        start = f"s3://{anchor.bucket}/"
        folders = sorted(url[len(start) :] for url in since.changed if url.startswith(start))
        plan = event_plan(anchor, path, reader, options, folders) or _kept(target, "no event in its folders")
    else:
        plan = _whole(target, anchor, path, reader, options)
    return dataclasses.replace(plan, database=target.database)


def _whole(target: CatalogTarget, anchor: Anchor, path: Target, reader: Reader, options: CrawlOptions) -> TablePlan:
    unit = anchor.unit(reader.listed(path), reader)
    if unit is None:
        return _kept(target, "no data of its format lies there")
    held = target.held.table
    built = table_input(unit, path, options)
    parameters = {**(held.get("Parameters") or {}), **built["Parameters"]}
    storage = {**built["StorageDescriptor"], "Location": held["StorageDescriptor"]["Location"]}
    kept = {key: held[key] for key in ("Owner", "Retention", "TableType") if key in held}
    keys = held.get("PartitionKeys") or []
    own = {"Name": target.name, "Parameters": parameters, "StorageDescriptor": storage, "PartitionKeys": keys}
    wanted = anchor.partitions(unit, path, options)
    partitions = partition_changes(wanted, target.held.partitions, options)
    return changed_table({**built, **kept, **own}, target.held, partitions, options)


def _kept(target: CatalogTarget, because: str) -> TablePlan:
    where = str((target.held.table.get("StorageDescriptor") or {}).get("Location", ""))
    return TablePlan("KEEP", target.name, where, {}, (), because, database=target.database)
