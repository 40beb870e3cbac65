"""SQL on Redshift through the Data API: one batch is one transaction, and its end is waited for.

https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["DataApi", "StatementFailedError", "Warehouse"]

_AT_MOST = 40  # statements in one batch: https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_BatchExecuteStatement.html


class StatementFailedError(RuntimeError):
    """The warehouse refused a statement; the whole transaction was rolled back."""


@dataclass(frozen=True)
class Warehouse:
    """Where the SQL runs: a provisioned cluster, its database, and the database user."""

    cluster: str
    database: str
    user: str

    def parameters(self) -> dict[str, str]:
        """The call parameters that name it."""
        return {"ClusterIdentifier": self.cluster, "Database": self.database, "DbUser": self.user}


class DataApi:
    """The Data API client with waiting; ``pause`` and ``clock`` are replaceable for tests."""

    def __init__(
        self, client: Any, warehouse: Warehouse, timeout: float = 900.0,
        pause: Callable[[float], None] = time.sleep, clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._client = client
        self._warehouse = warehouse
        self._timeout = timeout
        self._pause = pause
        self._clock = clock

    def transaction(self, statements: Sequence[str], name: str) -> list[int]:
        """Run all statements in one transaction; returns the rows each one touched (-1 where it tells none).

        Raises StatementFailedError with the statement's number, its start, and the warehouse's own text; ValueError
        for more statements than one batch takes.
        """
        if not 0 < len(statements) <= _AT_MOST:
            raise ValueError(f"A batch takes 1 to {_AT_MOST} statements, not {len(statements)}; put fewer in one load.")
        sent = self._client.batch_execute_statement(
            Sqls=list(statements), StatementName=name, **self._warehouse.parameters()
        )
        told = self._wait(sent["Id"])
        parts = told.get("SubStatements", [])
        if told["Status"] != "FINISHED":
            raise StatementFailedError(_failure(told, statements))
        return [int(part.get("ResultRows", -1)) for part in parts]

    def rows(self, sql: str, **parameters: str) -> list[list[Any]]:
        """The rows of one query, page by page; named parameters ``:name`` are given as texts."""
        more: dict[str, Any] = {}
        if parameters:
            more["Parameters"] = [{"name": name, "value": value} for name, value in parameters.items()]
        sent = self._client.execute_statement(Sql=sql, **more, **self._warehouse.parameters())
        told = self._wait(sent["Id"])
        if told["Status"] != "FINISHED":
            raise StatementFailedError(_failure(told, [sql]))
        found: list[list[Any]] = []
        page: dict[str, Any] = {"Id": sent["Id"]}
        while True:
            answer = self._client.get_statement_result(**page)
            found += [[_value(cell) for cell in record] for record in answer["Records"]]
            if not answer.get("NextToken"):
                return found
            page["NextToken"] = answer["NextToken"]

    def _wait(self, statement: str) -> dict[str, Any]:
        end = self._clock() + self._timeout
        wait = 0.02
        while True:
            told: dict[str, Any] = self._client.describe_statement(Id=statement)
            if told["Status"] in ("FINISHED", "FAILED", "ABORTED"):
                return told
            if self._clock() > end:
                self._client.cancel_statement(Id=statement)
                raise TimeoutError(f"Statement {statement} was not done in {self._timeout:.0f} s and was cancelled.")
            self._pause(wait)
            wait = min(2.0, wait * 1.5)


def _failure(told: dict[str, Any], statements: Sequence[str]) -> str:
    parts = told.get("SubStatements", [])
    for number, (part, sql) in enumerate(zip(parts, statements), start=1):  # noqa: B905 - not in Python 3.9
        if part["Status"] == "FAILED":
            start = " ".join(sql.split())[:120]
            return f"Statement {number} of {len(statements)} ({start}) failed: {part.get('Error') or told.get('Error')}"
    return f"{told['Status']}: {told.get('Error') or 'no cause given'}"


def _value(cell: dict[str, Any]) -> Any:
    return None if cell.get("isNull") else next(iter(cell.values()))
