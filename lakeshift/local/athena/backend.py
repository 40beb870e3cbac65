"""Executions that run: a thread a query, results at the output location.

https://docs.aws.amazon.com/athena/latest/APIReference/Welcome.html
"""

from __future__ import annotations

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from moto.athena import models, urls
from moto.moto_api._internal import mock_random

from lakeshift.errors import LakeshiftError
from lakeshift.local import state
from lakeshift.local.athena.announce import announce
from lakeshift.local.athena.catalog import parse_url
from lakeshift.local.athena.commands import is_command
from lakeshift.local.athena.engine import Answer, Query, bind
from lakeshift.local.athena.failures import InvalidRequestException, QueryError
from lakeshift.local.athena.results import csv_text, metadata_text, plain_text
from lakeshift.local.context import LocalContext
from lakeshift.local.stepfunctions.clients import client

__all__ = ["LocalAthenaBackend"]

_LONGEST: Final = 262_144
_OVER: Final = frozenset({"SUCCEEDED", "FAILED", "CANCELLED"})
_EXECUTE: Final = re.compile(r"EXECUTE\s+(\w+)(?:\s+USING\s+(.*))?", re.IGNORECASE | re.DOTALL)
_PREPARE: Final = re.compile(r"PREPARE\s+(\w+)\s+FROM\s+(.*)", re.IGNORECASE | re.DOTALL)
_DEALLOCATE: Final = re.compile(r"DEALLOCATE\s+PREPARE\s+(\w+)", re.IGNORECASE)
_LITERAL: Final = re.compile(r"'(?:[^']|'')*'|[^,]+")


class LocalAthenaBackend(models.AthenaBackend):
    """moto's work groups, named queries and prepared statements; executions are plain data of ours."""

    local: LocalContext
    pool: ThreadPoolExecutor
    running: dict[str, Query]
    lock: threading.Lock

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.told: dict[str, dict[str, Any]] = {}
        self.tokens: dict[str, str] = {}

    @property
    def _url_module(self) -> Any:
        # moto looks for the module beside the backend's class, which is here.
        return urls

    def start(self, request: dict[str, Any]) -> str:
        """StartQueryExecution; the same ClientRequestToken is the same query."""
        token = request.get("ClientRequestToken")
        if token and token in self.tokens:
            return self.tokens[token]
        sql = request.get("QueryString") or ""
        if not sql.strip() or len(sql.encode()) > _LONGEST:
            raise InvalidRequestException(f"QueryString must have between 1 and {_LONGEST} bytes.")
        group = request.get("WorkGroup") or "primary"
        if group not in self.work_groups:
            raise InvalidRequestException(f"WorkGroup {group} is not found.")
        if self.work_groups[group].state != "ENABLED":
            raise InvalidRequestException(f"WorkGroup {group} is disabled.")
        output = self._output(request, group)
        identifier = str(mock_random.uuid4())
        parameters = request.get("ExecutionParameters")
        context = request.get("QueryExecutionContext") or {}
        self.told[identifier] = {
            "QueryExecutionId": identifier,
            "Query": sql,
            "StatementType": "DDL" if is_command(sql.strip()) else "DML",
            "ResultConfiguration": {"OutputLocation": f"{output}{identifier}.csv"},
            "ResultReuseConfiguration": {"ResultReuseByAgeConfiguration": {"Enabled": False}},
            "QueryExecutionContext": {key: value for key, value in context.items() if value},
            "Status": {"State": "QUEUED", "SubmissionDateTime": time.time()},
            "Statistics": {"DataScannedInBytes": 0},
            "WorkGroup": group,
            "EngineVersion": {
                "SelectedEngineVersion": "AUTO",
                "EffectiveEngineVersion": "Athena engine version 3",
            },
            **({"ExecutionParameters": parameters} if parameters else {}),
        }
        if token:
            self.tokens[token] = identifier
        announce(self.told[identifier], None)
        self.pool.submit(self._run, identifier, output)
        return identifier

    def _output(self, request: dict[str, Any], group: str) -> str:
        configured = self.work_groups[group].configuration
        own = (configured.get("ResultConfiguration") or {}).get("OutputLocation")
        asked = (request.get("ResultConfiguration") or {}).get("OutputLocation")
        output = (own or asked) if configured.get("EnforceWorkGroupConfiguration") else (asked or own)
        if not output:
            raise InvalidRequestException(
                "No output location provided. An output location is required either through the Workgroup result "
                "configuration setting or as an API input."
            )
        try:
            bucket, _ = parse_url(output)
        except QueryError as error:
            raise InvalidRequestException(f"outputLocation is not a valid S3 path: {output}") from error
        if bucket not in self.local.lake.buckets():
            raise InvalidRequestException(f"Unable to verify/create output bucket {bucket}")
        return output if output.endswith("/") else f"{output}/"

    def _statement(self, sql: str, parameters: list[str], group: str) -> str | None:
        """The statement to run; None for one that prepares or forgets another, which is done then."""
        text = sql.strip().rstrip(";").strip()
        prepared = _PREPARE.fullmatch(text)
        if prepared:
            made = models.PreparedStatement(prepared[1], group, prepared[2], "")
            self.prepared_statements[prepared[1]] = made
            return None
        forgotten = _DEALLOCATE.fullmatch(text)
        if forgotten:
            if self.prepared_statements.pop(forgotten[1], None) is None:
                raise QueryError(f"NOT_FOUND: Prepared statement not found: {forgotten[1]}")
            return None
        execute = _EXECUTE.fullmatch(text)
        if execute:
            found = self.prepared_statements.get(execute[1])
            if found is None:
                raise QueryError(f"NOT_FOUND: Prepared statement not found: {execute[1]}")
            text = found.query_statement
            parameters = [one.strip() for one in _LITERAL.findall(execute[2] or "") if one.strip()] or parameters
        return bind(text, parameters) if "?" in text or parameters else text

    def _run(self, identifier: str, output: str) -> None:
        told = self.told[identifier]
        begun = time.monotonic()
        if told["Status"]["State"] in _OVER:
            return
        self._state(told, "RUNNING")
        glue = client("glue", self.region_name, "raw")
        query = Query(glue, self.local.lake, told["QueryExecutionContext"].get("Database") or "default")
        with self.lock:
            self.running[identifier] = query
        try:
            sql = self._statement(told["Query"], told.get("ExecutionParameters") or [], told["WorkGroup"])
            answer = Answer("UTILITY") if sql is None else query.run(sql, self._put, output)
            self._keep(told, answer, output)
            self._state(told, "SUCCEEDED")
        except LakeshiftError as error:
            if told["Status"]["State"] != "CANCELLED":
                self._state(told, "FAILED", str(error))
        except Exception as error:
            self._state(told, "FAILED", f"GENERIC_INTERNAL_ERROR: {type(error).__name__}: {error}")
            raise
        finally:
            with self.lock:
                self.running.pop(identifier, None)
            query.close()
            took = int((time.monotonic() - begun) * 1000)
            told["Statistics"] |= {"EngineExecutionTimeInMillis": took, "TotalExecutionTimeInMillis": took}
            state.changed("athena")

    def _state(self, told: dict[str, Any], name: str, reason: str | None = None) -> None:
        before = told["Status"]["State"]
        told["Status"] = {**told["Status"], "State": name}
        if reason is not None:
            told["Status"]["StateChangeReason"] = reason
            told["Status"]["AthenaError"] = {
                "ErrorCategory": 2,
                "ErrorType": 1006,
                "Retryable": False,
                "ErrorMessage": reason,
            }
        if name in _OVER:
            told["Status"]["CompletionDateTime"] = time.time()
        announce(told, before)

    def _keep(self, told: dict[str, Any], answer: Answer, output: str) -> None:
        identifier = told["QueryExecutionId"]
        told["StatementType"] = answer.kind
        told["columns"] = answer.columns
        told["Statistics"]["DataScannedInBytes"] = answer.scanned
        if answer.written is not None:
            manifest = f"{output}{identifier}-manifest.csv"
            self._text(manifest, "".join(f"{url}\n" for url in answer.written.files))
            told["Statistics"]["DataManifestLocation"] = manifest
            told["ResultConfiguration"] = {"OutputLocation": f"{output}{identifier}"}
            told["update_count"] = answer.written.update_count
            told["rows"] = []
            return
        if answer.kind == "DML":
            text, url = csv_text(answer), f"{output}{identifier}.csv"
            self._text(f"{url}.metadata", metadata_text(answer))
        else:
            text, url = plain_text(answer), f"{output}{identifier}.txt"
        self._text(url, text)
        told["ResultConfiguration"] = {"OutputLocation": url}

    def _text(self, url: str, text: str) -> None:
        bucket, key = parse_url(url)
        client("s3", self.region_name, "raw").put_object(Bucket=bucket, Key=key, Body=text.encode())

    def _put(self, file: Path, url: str) -> None:
        bucket, key = parse_url(url)
        with file.open("rb") as stream:
            client("s3", self.region_name, "raw").put_object(Bucket=bucket, Key=key, Body=stream)

    def stop(self, identifier: str) -> None:
        """StopQueryExecution: the query is interrupted."""
        told = self.execution(identifier)
        if told["Status"]["State"] in _OVER:
            return
        self._state(told, "CANCELLED", "Query was cancelled by the user")
        with self.lock:
            query = self.running.get(identifier)
        if query is not None:
            query.stop()

    def execution(self, identifier: str | None) -> dict[str, Any]:
        """The execution of that identifier; raises InvalidRequestException."""
        if identifier not in self.told:
            raise InvalidRequestException(f"QueryExecution {identifier} was not found")
        return self.told[identifier]

    def fail_unfinished(self) -> None:
        """What ran when the last server stopped did not finish."""
        for told in self.told.values():
            if told["Status"]["State"] not in _OVER:
                self._state(told, "FAILED", "The local AWS was stopped while the query ran.")
