"""Writing a crawl's plan into the catalog, whole and under the catalog's lock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson
from moto.glue.exceptions import GlueClientError
from moto.glue.models import FakeTable, GlueBackend

from lakeshift.crawler import CatalogTable, CrawlPlan, PartitionPlan, TablePlan
from lakeshift.local import clock
from lakeshift.local.glue.catalog.partition import LocalPartition
from lakeshift.local.glue.catalog.table import LocalTable

__all__ = ["apply_plan", "catalog_tables"]

_INDEX: Final = "crawler_partition_index"


def catalog_tables(backend: GlueBackend, database: str) -> dict[str, CatalogTable]:
    """What the database holds now; call it under the catalog's lock."""
    return {
        name: CatalogTable(
            table.as_dict(), {tuple(part.values): part.partition_input for part in table.partitions.values()}
        )
        for name, table in backend.get_database(database).tables.items()
    }


def apply_plan(backend: GlueBackend, database: str, plan: CrawlPlan, role: str) -> None:
    """Create, update and delete as planned; call it under the catalog's lock.

    What the plan needs is looked at before anything is written, since the catalog may have changed under the crawl.
    """
    for table in plan.tables:
        _check(backend, table.database or database, table)
    for table in plan.tables:
        _apply(backend, table.database or database, table, role)


def _check(backend: GlueBackend, database: str, table: TablePlan) -> None:
    """EntityNotFoundException where a table or the database has gone, AlreadyExistsException where one has come."""
    tables = backend.get_database(database).tables
    if table.action == "ADD" and table.name in tables:
        raise GlueClientError("AlreadyExistsException", f"Table {table.name} was made while the crawler ran.")
    if table.action != "ADD":
        backend.get_table(database, table.name)


def _apply(backend: GlueBackend, database: str, table: TablePlan, role: str) -> None:
    if table.action == "DELETE":
        backend.delete_table(database, table.name)
        return
    if table.action != "KEEP":
        _write_table(backend, database, table, role)
    _write_partitions(backend.get_table(database, table.name), table.partitions)


def _write_table(backend: GlueBackend, database: str, table: TablePlan, role: str) -> None:
    given = _own(table.input)
    given["CreatedBy"] = f"arn:aws:sts::{backend.account_id}:assumed-role/{role.rpartition('/')[2]}/AWS-Crawler"
    given["LastAccessTime"] = int(clock.now().timestamp())
    keys = [key["Name"] for key in table.input["PartitionKeys"]]
    if table.action == "UPDATE":
        held: LocalTable = backend.get_table(database, table.name)
        if [name for name, _ in held.keys] != keys:  # partitions of other keys cannot stay, nor an index over them
            held.indexes.clear()
            held.partitions.clear()
        backend.update_table(database, table.name, given)
        return
    made: LocalTable = backend.create_table(database, table.name, given)
    if table.index:
        made.indexes[_INDEX] = keys


def _write_partitions(table: FakeTable, partitions: tuple[PartitionPlan, ...]) -> None:
    now = int(clock.now().timestamp())
    for plan in partitions:
        if plan.action == "DELETE":
            table.delete_partition(list(plan.values))
        elif plan.action in ("ADD", "UPDATE"):
            given = {**_own(plan.input), "LastAccessTime": now}
            partition = LocalPartition(table.database_name, table.name, given)
            table.partitions[str(partition.values)] = partition


def _own(given: Mapping[str, Any]) -> dict[str, Any]:
    """A copy that nothing else holds on to; by JSON, which for thousands of partitions is ten times as fast."""
    copied: dict[str, Any] = orjson.loads(orjson.dumps(dict(given)))
    return copied
