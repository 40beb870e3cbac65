"""The operations of the Redshift Data API.

https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from lakeshift.local.redshift.clusters import Clusters
from lakeshift.local.redshift.failures import ResourceNotFoundException, ValidationException
from lakeshift.local.redshift.fields import csv_page
from lakeshift.local.redshift.records import Record, Records
from lakeshift.local.redshift.runner import SESSION_STATES, Runner
from lakeshift.redshift import RedshiftError

__all__ = ["DataApi"]

_PAGE: Final = 1000
_MOST_BYTES: Final = 100_000
_MOST_BATCH: Final = 40
_LONGEST_SESSION: Final = 86_400
_LONGEST_WAIT: Final = 30
# Unasked, the answer to a statement waits so long for its end: who looks at once finds a short one finished, and a
# state machine that looks again after a second does not lose that second.
_SHORT_WAIT: Final = 0.2
_STATES: Final = frozenset({"SUBMITTED", "PICKED", "STARTED", "FINISHED", "ABORTED", "FAILED", "ALL"})


class DataApi:
    """The Data API of one local AWS."""

    def __init__(self, clusters: Clusters, records: Records, runner: Runner) -> None:
        self._clusters = clusters
        self._records = records
        self._runner = runner

    def execute(self, request: dict[str, Any], account: str, region: str) -> dict[str, Any]:
        """ExecuteStatement."""
        sql = request.get("Sql") or ""
        return self._submit(request, [sql], account, region, batch=False)

    def batch_execute(self, request: dict[str, Any], account: str, region: str) -> dict[str, Any]:
        """BatchExecuteStatement: one transaction."""
        sqls = request.get("Sqls") or []
        if not 1 <= len(sqls) <= _MOST_BATCH:
            raise ValidationException(f"Sqls must have between 1 and {_MOST_BATCH} statements.")
        if request.get("ExecutionMode") not in (None, "TRANSACTION", "AUTO_COMMIT"):
            raise ValidationException("ExecutionMode must be TRANSACTION or AUTO_COMMIT.")
        return self._submit(request, list(sqls), account, region, batch=True)

    def _submit(
        self, request: dict[str, Any], sqls: list[str], account: str, region: str, *, batch: bool
    ) -> dict[str, Any]:
        for sql in sqls:
            if not sql.strip() or len(sql.encode()) > _MOST_BYTES:
                raise ValidationException(f"A SQL statement must have between 1 and {_MOST_BYTES} bytes.")
        keep = int(request.get("SessionKeepAliveSeconds") or 0)
        if not 0 <= keep <= _LONGEST_SESSION:
            raise ValidationException(f"SessionKeepAliveSeconds must be between 0 and {_LONGEST_SESSION}.")
        parameters = _parameters(request)
        token = request.get("ClientToken")
        asked = _fingerprint(request)
        known = self._records.by_token(token) if token else None
        if known is not None:
            if known.request != asked:
                raise ValidationException("The ClientToken was used with other parameters.")
            return _started(known)
        session = request.get("SessionId")
        if session and any(request.get(key) for key in ("ClusterIdentifier", "WorkgroupName", "Database", "DbUser")):
            raise ValidationException("SessionId cannot be given together with a cluster, a database or a user.")
        caller = self._runner.claim(session) if session else self._clusters.caller(request, account, region)
        record = Record(
            str(uuid.uuid4()),
            caller.target,
            caller.database,
            caller.user,
            "" if batch else sqls[0],
            secret=caller.secret,
            name=request.get("StatementName"),
            parameters=parameters,
            format=request.get("ResultFormat") or "JSON",
            session=session,
            with_event=bool(request.get("WithEvent")),
            token=token,
            request=asked,
            texts=sqls,
            mode=(request.get("ExecutionMode") or "TRANSACTION") if batch else None,
        )
        children: list[Record] = []
        if batch:
            for number, sql in enumerate(sqls, start=1):
                child = Record(
                    f"{record.id}:{number}",
                    caller.target,
                    caller.database,
                    caller.user,
                    sql,
                    parent=record.id,
                    parameters=_used(parameters, sql),
                    format=record.format,
                )
                self._records.write(child)
                children.append(child)
                record.children.append(child.id)
        self._runner.submit(record, children, caller, keep)
        self._records.wait(record.id, min(float(request.get("WaitTimeSeconds") or _SHORT_WAIT), _LONGEST_WAIT))
        return _started(self._records.get(record.id) or record)

    def _find(self, identifier: str | None) -> Record:
        record = self._records.get(identifier) if identifier else None
        if record is None:
            raise ResourceNotFoundException
        return record

    def describe(self, request: dict[str, Any]) -> dict[str, Any]:
        """DescribeStatement."""
        record = self._find(request.get("Id"))
        wait = float(request.get("WaitTimeSeconds") or 0)
        if wait:
            self._records.wait(record.id, min(wait, _LONGEST_WAIT))
            record = self._find(record.id)
        children = [self._find(child) for child in record.children]
        return _given(
            **{
                "Id": record.id,
                "Status": record.status,
                "CreatedAt": record.created,
                "UpdatedAt": record.updated,
                "Database": record.database,
                "DbUser": record.user,
                "SecretArn": record.secret,
                "Duration": record.duration,
                "HasResultSet": record.has_result,
                "QueryString": record.sql or None,
                "RedshiftPid": record.pid,
                "RedshiftQueryId": record.query_id,
                "ResultRows": record.result_rows,
                "ResultSize": record.result_size,
                "ResultFormat": record.format,
                "Error": record.error,
                "SessionId": record.session,
                "ExecutionMode": record.mode,
                "QueryParameters": record.parameters or None,
                "SubStatements": [_sub_statement(child) for child in children] or None,
                **record.target,
            }
        )

    def result(self, request: dict[str, Any], *, version: int) -> dict[str, Any]:
        """GetStatementResult and GetStatementResultV2, a page."""
        record = self._find(request.get("Id"))
        if record.status != "FINISHED" or not record.has_result or record.children:
            raise ResourceNotFoundException(
                "Query does not have result. Please check query status with DescribeStatement."
            )
        if version == 1 and record.format == "CSV":
            raise ValidationException("Results in CSV format are read with GetStatementResultV2.")
        start = _offset(request.get("NextToken"))
        columns, rows = self._records.result(record.id)
        page = rows[start : start + _PAGE]
        more = str(start + _PAGE) if start + _PAGE < len(rows) else None
        records: list[Any] = page
        if version == 2 and record.format == "CSV":
            records = [{"CSVRecords": csv_page(columns, page, header=start == 0)}]
        shape = {"ResultFormat": record.format} if version == 2 else {}
        return _given(
            **{"ColumnMetadata": columns, "Records": records, "TotalNumRows": len(rows), "NextToken": more, **shape}
        )

    def cancel(self, request: dict[str, Any]) -> dict[str, Any]:
        """CancelStatement."""
        record = self._find(request.get("Id"))
        if record.parent:
            raise ValidationException("A sub-statement of a batch cannot be cancelled: cancel the batch.")
        if not self._runner.cancel(record):
            raise ValidationException(f"Could not cancel a query that is already in {record.status} state.")
        return {"Status": True}

    def list(self, request: dict[str, Any]) -> dict[str, Any]:
        """ListStatements, the newest first."""
        status, prefix = request.get("Status") or "ALL", request.get("StatementName")
        if status not in _STATES:
            raise ValidationException(f"Status {status} is not valid.")
        start, most = _offset(request.get("NextToken")), _most(request, 100)
        found = [
            record
            for record in self._records.all()
            if record.parent is None
            and status in ("ALL", record.status)
            and (not prefix or (record.name or "").startswith(prefix))
            and request.get("Database") in (None, record.database)
            and request.get("ClusterIdentifier") in (None, record.target.get("ClusterIdentifier"))
            and request.get("WorkgroupName") in (None, record.target.get("WorkgroupName"))
        ]
        more = str(start + most) if start + most < len(found) else None
        return _given(Statements=[_summary(record) for record in found[start : start + most]], NextToken=more)

    def sessions(self, request: dict[str, Any]) -> dict[str, Any]:
        """ListSessions: those that are kept."""
        status, wanted = request.get("Status"), request.get("SessionId")
        if status not in (None, *SESSION_STATES):
            raise ValidationException(f"Status {status} is not valid.")
        found = [
            one
            for one in self._runner.sessions()
            if status in (None, one["Status"])
            and wanted in (None, one["SessionId"])
            and all(
                request.get(key) in (None, one.get(key)) for key in ("ClusterIdentifier", "WorkgroupName", "Database")
            )
        ]
        if wanted and not found:
            raise ResourceNotFoundException("Session does not exist.")
        start, most = _offset(request.get("NextToken")), _most(request, 100)
        more = str(start + most) if start + most < len(found) else None
        return _given(Sessions=found[start : start + most], NextToken=more)

    def browse(
        self, look: Callable[..., dict[str, Any]], request: dict[str, Any], account: str, region: str
    ) -> dict[str, Any]:
        """ListDatabases, ListSchemas, ListTables and DescribeTable, a page."""
        caller = self._clusters.caller(request, account, region)
        warehouse = self._clusters.warehouse(caller.facts)
        connected = replace(caller, database=request.get("ConnectedDatabase") or caller.database)
        try:
            session = self._clusters.connect(connected)
        except RedshiftError as error:
            raise ValidationException(f"FATAL: {error}") from error
        try:
            found = look(warehouse, session, request)
        finally:
            session.close()
        start, most = _offset(request.get("NextToken")), _most(request, 1000)
        key = next(key for key, value in found.items() if isinstance(value, list))
        more = str(start + most) if start + most < len(found[key]) else None
        return _given(**{**found, key: found[key][start : start + most]}, NextToken=more)


def _started(record: Record) -> dict[str, Any]:
    return _given(
        **{
            "Id": record.id,
            "CreatedAt": record.created,
            "Database": record.database,
            "DbUser": record.user,
            "DbGroups": [],
            "SecretArn": record.secret,
            "SessionId": record.session,
            "Status": record.status,
            "RedshiftPid": record.pid or None,
            "HasResultSet": record.has_result,
            **record.target,
        }
    )


def _most(request: dict[str, Any], limit: int) -> int:
    most = int(request.get("MaxResults") or limit)
    if not 0 <= most <= limit:
        raise ValidationException(f"MaxResults must be between 0 and {limit}.")
    return most or limit


def _given(**values: Any) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def _offset(token: str | None) -> int:
    if token is None:
        return 0
    if not token.isdigit():
        raise ValidationException("The NextToken is not valid.")
    return int(token)


def _parameters(request: dict[str, Any]) -> list[dict[str, str]]:
    found = request.get("Parameters") or []
    names = [parameter["name"] for parameter in found]
    if len(set(names)) != len(names):
        raise ValidationException("Parameters must have different names.")
    return list(found)


def _used(parameters: list[dict[str, str]], sql: str) -> list[dict[str, str]]:
    """A batch's parameters are for all of its statements: each gets those it names."""
    return [parameter for parameter in parameters if f":{parameter['name']}" in sql]


def _sub_statement(child: Record) -> dict[str, Any]:
    return _given(
        Id=child.id,
        Status=child.status,
        CreatedAt=child.created,
        UpdatedAt=child.updated,
        Duration=child.duration,
        Error=child.error,
        HasResultSet=child.has_result,
        QueryString=child.sql,
        RedshiftQueryId=child.query_id,
        ResultRows=child.result_rows,
        ResultSize=child.result_size,
    )


def _summary(record: Record) -> dict[str, Any]:
    batch = bool(record.children)
    return _given(
        Id=record.id,
        Status=record.status,
        CreatedAt=record.created,
        UpdatedAt=record.updated,
        StatementName=record.name,
        SecretArn=record.secret,
        IsBatchStatement=batch,
        ResultFormat=record.format,
        QueryString=None if batch else record.sql,
        QueryStrings=record.texts if batch else None,
        QueryParameters=record.parameters or None,
        SessionId=record.session,
    )


def _fingerprint(request: dict[str, Any]) -> str:
    """What a ClientToken was used with; the request itself may hold secrets."""
    asked = json.dumps({key: value for key, value in request.items() if key != "WaitTimeSeconds"}, sort_keys=True)
    return hashlib.sha256(asked.encode()).hexdigest()
