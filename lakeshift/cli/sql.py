"""``sql``: statements to the local Redshift through its Data API, results as readable tables."""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lakeshift.cli.clients import LocalClients
from lakeshift.cli.stage import parameters
from lakeshift.errors import LakeshiftError
from lakeshift.paths import StateFolder

__all__ = ["Answer", "SqlError", "execute", "sql"]

_POLL: Final = 0.02  # seconds


class SqlError(LakeshiftError):
    """The warehouse refused or failed a statement; the text is its own."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Columns and rows of a result; ``columns`` is empty for a statement without one."""

    columns: list[str]
    rows: list[list[Any]]
    affected: int


def execute(clients: LocalClients, statement: str, database: str | None = None, user: str | None = None) -> Answer:
    """Run one statement, as the pipeline's own user if none is named; raises SqlError with the warehouse's text."""
    given = parameters("local")
    api = clients.client("redshift-data")
    started = api.execute_statement(
        ClusterIdentifier=given["WarehouseCluster"],
        Database=database or given["WarehouseDatabase"],
        DbUser=user or given["WarehouseUser"],
        Sql=statement,
    )["Id"]
    while (told := api.describe_statement(Id=started))["Status"] not in ("FINISHED", "FAILED", "ABORTED"):
        time.sleep(_POLL)
    if told["Status"] != "FINISHED":
        raise SqlError(told.get("Error", told["Status"]))
    if not told["HasResultSet"]:
        return Answer([], [], max(told.get("ResultRows", 0), 0))
    pages = list(api.get_paginator("get_statement_result").paginate(Id=started))
    columns = [column["name"] for column in pages[0]["ColumnMetadata"]]
    rows = [[_value(field) for field in record] for page in pages for record in page["Records"]]
    return Answer(columns, rows, len(rows))


def _value(field: dict[str, Any]) -> Any:
    return None if field.get("isNull") else next(iter(field.values()))


def sql(state: StateFolder, given: argparse.Namespace) -> int:
    """Run the query or each statement of the file, and print every result."""
    from lakeshift.redshift import split_statements, text_table

    if (given.query is None) == (given.file is None):
        raise LakeshiftError('Give one of the two: make sql Q="select 1", or make sql FILE=sql/redshift/answers/….sql')
    text = given.query if given.query is not None else Path(given.file).read_text(encoding="utf-8")
    clients = LocalClients(state)
    for statement in split_statements(text):
        answer = execute(clients, statement, given.database, given.user)
        print(text_table(answer.columns, answer.rows) if answer.columns else f"OK ({answer.affected:,} rows)")
    return 0
