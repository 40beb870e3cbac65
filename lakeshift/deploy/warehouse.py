"""The warehouse's schemas, tables and views through the Data API, and its own record of what has run.

https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from lakeshift.deploy.migrations import RECORDS, Migration, recorded_by
from lakeshift.deploy.session import AwsSession
from lakeshift.errors import LakeshiftError

__all__ = ["Warehouse"]

_MAKE_RECORDS: Final = (
    "CREATE SCHEMA IF NOT EXISTS lakeshift",
    f"CREATE TABLE IF NOT EXISTS {RECORDS} (path VARCHAR(512) NOT NULL, checksum CHAR(64) NOT NULL, "
    "applied_at TIMESTAMP NOT NULL DEFAULT GETDATE(), PRIMARY KEY (path))",
)
_ENDED: Final = ("FINISHED", "FAILED", "ABORTED")
_WAIT: Final = 900.0  # seconds for one transaction


class Warehouse:
    """One cluster, its database and the user that owns its tables."""

    def __init__(
        self,
        aws: AwsSession,
        parameters: Mapping[str, str],
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._aws = aws
        self._pause = pause
        self._clock = clock
        self.cluster = parameters["WarehouseCluster"]
        self._where = {
            "ClusterIdentifier": self.cluster,
            "Database": parameters["WarehouseDatabase"],
            "DbUser": parameters["WarehouseUser"],
        }

    def recorded(self) -> dict[str, str]:
        """Checksums of what has run, by path; empty for a warehouse that has run nothing or is not there yet."""
        absent = ("ClusterNotFound", "ClusterNotFoundFault")
        if self._aws.find("redshift", "describe_clusters", absent, ClusterIdentifier=self.cluster) is None:
            return {}
        sql = f"SELECT path, checksum FROM {RECORDS}"  # noqa: S608 - a constant
        sent = self._aws.call("redshift-data", "execute_statement", Sql=sql, **self._where)
        told = self._wait(sent["Id"])
        if told["Status"] == "FINISHED":
            rows = self._aws.pages("redshift-data", "get_statement_result", "Records", Id=sent["Id"])
            return {row[0]["stringValue"]: row[1]["stringValue"].strip() for row in rows}
        error = str(told.get("Error", "")).lower()
        if "does not exist" in error and ("schema_migrations" in error or "lakeshift" in error):
            return {}  # the warehouse is there, its record is not yet
        raise LakeshiftError(f"The warehouse cannot tell what has run in it: {_failure(told, [sql])}")

    def run(self, files: Sequence[Migration], progress: Callable[[str], None]) -> None:
        """Run ``files``, each with its record in one transaction. Raises LakeshiftError with the warehouse's text."""
        if not files:
            return
        self._transaction(list(_MAKE_RECORDS), RECORDS)
        for one in files:
            progress(f"sql {one.path}")
            self._transaction(recorded_by(one), one.path)

    def _transaction(self, sql: list[str], what: str) -> None:
        try:
            sent = self._aws.call("redshift-data", "batch_execute_statement", Sqls=sql, **self._where)
            told = self._wait(sent["Id"])
        except (ClientError, BotoCoreError) as error:
            raise LakeshiftError(f"{what}: {error} Mend the cause and deploy again.") from error
        if told["Status"] != "FINISHED":
            raise LakeshiftError(f"{what}: nothing of this transaction was kept. {_failure(told, sql)}")

    def _wait(self, statement: str) -> dict[str, Any]:
        end = self._clock() + _WAIT
        wait = 0.01
        while True:
            told = self._aws.call("redshift-data", "describe_statement", Id=statement)
            if told["Status"] in _ENDED:
                return told
            if self._clock() > end:
                self._aws.call("redshift-data", "cancel_statement", Id=statement)
                raise LakeshiftError(f"The warehouse did not end a statement in {_WAIT:.0f} s; it was cancelled.")
            self._pause(wait)
            wait = min(2.0, wait * 1.5)


def _failure(told: Mapping[str, Any], sql: Sequence[str]) -> str:
    for number, part in enumerate(told.get("SubStatements", [])):
        if part.get("Status") == "FAILED":
            start = " ".join(sql[number].split())[:120]
            return f"Statement {number + 1} ({start}): {part.get('Error') or told.get('Error')}"
    return f"{told['Status']}: {told.get('Error') or 'no cause given'}"
