"""Runs that measure a table's column statistics and write them into the catalog.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-column-statistics.html. Every row is read, whatever SampleSize.
"""

from __future__ import annotations

import threading
import uuid
from typing import Any, Final

from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow
from moto.glue.exceptions import EntityNotFoundException, GlueClientError
from moto.glue.models import GlueBackend
from moto.glue.responses import GlueResponse

from lakeshift.lake.folder import NoSuchBucketError
from lakeshift.local import state
from lakeshift.local.context import LocalContext
from lakeshift.local.glue.catalog.lock import CATALOG, locked
from lakeshift.local.glue.catalog.measuring import NotMeasuredError, measure
from lakeshift.local.glue.catalog.pages import page_by
from lakeshift.local.glue.catalog.table import LocalTable

__all__ = ["StatisticsRunOperations", "StatisticsRunResponses"]

_LIVE: Final = ("STARTING", "RUNNING")


class StatisticsRunOperations(GlueBackend):
    """What the backend does for the runs."""

    local: LocalContext

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.statistics_runs: dict[str, dict[str, Any]] = {}

    @locked
    def settle_statistics_runs(self) -> None:
        """Fail what an earlier server left under way."""
        for run in self.statistics_runs.values():
            if run["Status"] in _LIVE:
                _end(run, "FAILED", "The local AWS was stopped while the run was under way. Start it again.")

    @locked
    def start_statistics_run(self, asked: dict[str, Any]) -> str:
        """Begin a run and return its id; ColumnStatisticsTaskRunningException while another is under way."""
        table: LocalTable = self.get_table(asked["DatabaseName"], asked["TableName"])
        if self._live_run(table) is not None:
            raise GlueClientError("ColumnStatisticsTaskRunningException", "Column statistics task is already running.")
        identity, now = str(uuid.uuid4()), utcnow()
        names = asked.get("ColumnNameList")
        for name in names or ():
            if name not in table.columns:
                raise EntityNotFoundException(f"Column {name} not found in the table.")
        self.statistics_runs[identity] = {
            "CustomerId": self.account_id,
            "ColumnStatisticsTaskRunId": identity,
            "DatabaseName": table.database_name,
            "TableName": table.name,
            "ColumnNameList": list(names or table.columns),
            "CatalogID": self.account_id,
            "Role": asked["Role"],
            "SampleSize": asked.get("SampleSize", 100.0),
            "NumberOfWorkers": 1,
            "WorkerType": "G.1X",
            "ComputationType": "FULL",
            "Status": "RUNNING",
            "CreationTime": now,
            "LastUpdated": now,
            "StartTime": now,
            "DPUSeconds": 0.0,
        }
        run = self.statistics_runs[identity]
        threading.Thread(target=self._run, args=(run, table, names), name="column-statistics", daemon=True).start()
        return identity

    @locked
    def stop_statistics_run(self, database: str, table_name: str) -> None:
        """ColumnStatisticsTaskNotRunningException where none is under way."""
        run = self._live_run(self.get_table(database, table_name))
        if run is None:
            raise GlueClientError("ColumnStatisticsTaskNotRunningException", "Column statistics task is not running.")
        _end(run, "STOPPED")

    def _live_run(self, table: LocalTable) -> dict[str, Any] | None:
        place = (table.database_name, table.name)
        runs = self.statistics_runs.values()
        return next(
            (run for run in runs if (run["DatabaseName"], run["TableName"]) == place and run["Status"] in _LIVE), None
        )

    def _run(self, run: dict[str, Any], table: LocalTable, names: list[str] | None) -> None:
        with CATALOG:
            given = dict(table.current)
            locations = _locations(table)
        try:
            found, error = measure(self.local.lake, given, locations, names), ""
        except (NotMeasuredError, NoSuchBucketError) as refused:
            found, error = [], str(refused)
        except Exception as unforeseen:  # the run must end, and say why, whatever happened
            found, error = [], f"{type(unforeseen).__name__}: {unforeseen}"
        with CATALOG:
            if run["Status"] in _LIVE:  # not stopped meanwhile
                for one in found:
                    table.statistics[one["ColumnName"]] = one
                _end(run, "FAILED" if error else "SUCCEEDED", error)
        state.changed("glue")


class StatisticsRunResponses(GlueResponse):
    """How the API answers for the runs."""

    @locked
    def start_column_statistics_task_run(self) -> ActionResult:
        """StartColumnStatisticsTaskRun."""
        return ActionResult({"ColumnStatisticsTaskRunId": self.glue_backend.start_statistics_run(self.parameters)})

    @locked
    def stop_column_statistics_task_run(self) -> EmptyResult:
        """StopColumnStatisticsTaskRun."""
        self.glue_backend.stop_statistics_run(self.parameters["DatabaseName"], self.parameters["TableName"])
        return EmptyResult()

    @locked
    def get_column_statistics_task_run(self) -> ActionResult:
        """GetColumnStatisticsTaskRun."""
        identity = self.parameters["ColumnStatisticsTaskRunId"]
        run = self.glue_backend.statistics_runs.get(identity)
        if run is None:
            raise EntityNotFoundException(f"Column statistics task run {identity} not found.")
        return ActionResult({"ColumnStatisticsTaskRun": dict(run)})

    @locked
    def get_column_statistics_task_runs(self) -> ActionResult:
        """GetColumnStatisticsTaskRuns: of one table, in the order of their start."""
        table = self.glue_backend.get_table(self.parameters["DatabaseName"], self.parameters["TableName"])
        runs = self.glue_backend.statistics_runs.values()
        kept = [run for run in runs if (run["DatabaseName"], run["TableName"]) == (table.database_name, table.name)]
        found, token = page_by(_turn, kept, self.parameters)
        return ActionResult({"ColumnStatisticsTaskRuns": [dict(run) for run in found], "NextToken": token})

    @locked
    def list_column_statistics_task_runs(self) -> ActionResult:
        """ListColumnStatisticsTaskRuns: the ids of all."""
        found, token = page_by(_turn, self.glue_backend.statistics_runs.values(), self.parameters, most=100)
        return ActionResult(
            {"ColumnStatisticsTaskRunIds": [run["ColumnStatisticsTaskRunId"] for run in found], "NextToken": token}
        )


def _turn(run: dict[str, Any]) -> list[Any]:
    return [run["CreationTime"].isoformat(), run["ColumnStatisticsTaskRunId"]]


def _locations(table: LocalTable) -> list[str]:
    stored = [part.partition_input.get("StorageDescriptor") or {} for part in table.partitions.values()]
    if not table.keys:
        stored = [table.current.get("StorageDescriptor") or {}]
    return [one["Location"] for one in stored if one.get("Location")]


def _end(run: dict[str, Any], status: str, error: str = "") -> None:
    now = utcnow()
    run |= {"Status": status, "EndTime": now, "LastUpdated": now}
    if error:
        run["ErrorMessage"] = error[:2048]
