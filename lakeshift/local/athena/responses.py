"""The wire's side of Athena: every operation that differs from moto's."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from moto.athena.responses import AthenaResponse

from lakeshift.local.athena.backend import LocalAthenaBackend
from lakeshift.local.athena.catalog import parse_url
from lakeshift.local.athena.failures import InvalidRequestException, ResourceNotFoundException
from lakeshift.local.athena.results import page, read_csv
from lakeshift.local.stepfunctions.clients import client

__all__ = ["LocalAthenaResponse"]

_OWN: Final = frozenset({"columns", "update_count", "rows"})
_MOST: Final = 1000


def _shown(told: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in told.items() if key not in _OWN}


class LocalAthenaResponse(AthenaResponse):
    """Queries, and what of work groups, named queries and prepared statements moto leaves out."""

    @property
    def _backend(self) -> LocalAthenaBackend:
        found: LocalAthenaBackend = self.athena_backend
        return found

    @property
    def _request(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.body or "{}")
        return document

    def start_query_execution(self) -> str:
        """StartQueryExecution."""
        return json.dumps({"QueryExecutionId": self._backend.start(self._request)})

    def get_query_execution(self) -> str:
        """GetQueryExecution."""
        told = self._backend.execution(self._request.get("QueryExecutionId"))
        return json.dumps({"QueryExecution": _shown(told)})

    def batch_get_query_execution(self) -> str:
        """BatchGetQueryExecution."""
        asked = self._request.get("QueryExecutionIds") or []
        found = [_shown(self._backend.told[one]) for one in asked if one in self._backend.told]
        missing = [
            {
                "QueryExecutionId": one,
                "ErrorCode": "INVALID_INPUT",
                "ErrorMessage": f"Query execution {one} was not found.",
            }
            for one in asked
            if one not in self._backend.told
        ]
        return json.dumps({"QueryExecutions": found, "UnprocessedQueryExecutionIds": missing})

    def get_query_results(self) -> str:
        """GetQueryResults, read from the file at the output location."""
        request = self._request
        told = self._backend.execution(request.get("QueryExecutionId"))
        status = told["Status"]["State"]
        if status in ("QUEUED", "RUNNING"):
            raise InvalidRequestException(f"Query has not yet finished. Current state: {status}")
        if status != "SUCCEEDED":
            raise InvalidRequestException(f"Query did not finish successfully. Final query state: {status}")
        start, most = _offset(request), int(request.get("MaxResults") or _MOST)
        if not 1 <= most <= _MOST:
            raise InvalidRequestException(f"MaxResults must be between 1 and {_MOST}.")
        shown = page(self._rows(told), start, most)
        rows = shown.pop("Rows")
        result = {"Rows": rows, "ResultSetMetadata": {"ColumnInfo": told.get("columns", [])}}
        count = told.get("update_count")
        return json.dumps({"ResultSet": result, **({"UpdateCount": count} if count is not None else {}), **shown})

    def _rows(self, told: dict[str, Any]) -> list[list[str | None]]:
        if "rows" in told:
            return []
        bucket, key = parse_url(told["ResultConfiguration"]["OutputLocation"])
        s3 = client("s3", self._backend.region_name, "raw")
        try:
            text = s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
        except s3.exceptions.NoSuchKey as error:
            raise InvalidRequestException(f"Could not find results: s3://{bucket}/{key} is gone.") from error
        if told["StatementType"] == "DML":
            return read_csv(text, len(told["columns"]))
        return [[line] for line in text.splitlines()]

    def list_query_executions(self) -> str:
        """ListQueryExecutions, the newest first."""
        request = self._request
        group = request.get("WorkGroup") or "primary"
        found = [one["QueryExecutionId"] for one in reversed(self._backend.told.values()) if one["WorkGroup"] == group]
        return self._page("QueryExecutionIds", found, 50)

    def _page(self, key: str, found: list[Any], limit: int) -> str:
        request = self._request
        start, most = _offset(request), int(request.get("MaxResults") or limit)
        more = {"NextToken": str(start + most)} if start + most < len(found) else {}
        return json.dumps({key: found[start : start + most], **more})

    def stop_query_execution(self) -> str:
        """StopQueryExecution."""
        self._backend.stop(str(self._request.get("QueryExecutionId")))
        return "{}"

    def get_query_runtime_statistics(self) -> str:
        """GetQueryRuntimeStatistics."""
        told = self._backend.execution(self._request.get("QueryExecutionId"))
        statistics = told["Statistics"]
        timeline = {
            "QueryQueueTimeInMillis": 0,
            "EngineExecutionTimeInMillis": statistics.get("EngineExecutionTimeInMillis", 0),
            "TotalExecutionTimeInMillis": statistics.get("TotalExecutionTimeInMillis", 0),
        }
        return json.dumps(
            {"QueryRuntimeStatistics": {"Timeline": timeline, "Rows": {"InputBytes": statistics["DataScannedInBytes"]}}}
        )

    # Work groups.

    def update_work_group(self) -> str:
        """UpdateWorkGroup."""
        request = self._request
        group = self._backend.work_groups.get(request.get("WorkGroup"))
        if group is None:
            raise InvalidRequestException(f"WorkGroup {request.get('WorkGroup')} is not found.")
        updates = dict(request.get("ConfigurationUpdates") or {})
        results = updates.pop("ResultConfigurationUpdates", None)
        group.configuration |= updates
        if results is not None:
            kept = dict(group.configuration.get("ResultConfiguration") or {})
            if results.pop("RemoveOutputLocation", False):
                kept.pop("OutputLocation", None)
            group.configuration["ResultConfiguration"] = {**kept, **results}
        group.state = request.get("State") or group.state
        group.description = request.get("Description") or group.description
        return "{}"

    # Named queries and prepared statements.

    def batch_get_named_query(self) -> str:
        """BatchGetNamedQuery."""
        asked = self._request.get("NamedQueryIds") or []
        there = self._backend.named_queries
        found = [_named(there[one]) for one in asked if one in there]
        missing = [{"NamedQueryId": one, "ErrorCode": "NOT_FOUND"} for one in asked if one not in there]
        return json.dumps({"NamedQueries": found, "UnprocessedNamedQueryIds": missing})

    def update_named_query(self) -> str:
        """UpdateNamedQuery."""
        request = self._request
        found = self._backend.named_queries.get(request.get("NamedQueryId"))
        if found is None:
            raise InvalidRequestException(f"NamedQuery {request.get('NamedQueryId')} is not found.")
        found.name, found.query_string = request["Name"], request["QueryString"]
        found.description = request.get("Description", found.description)
        return "{}"

    def delete_named_query(self) -> str:
        """DeleteNamedQuery."""
        if self._backend.named_queries.pop(self._request.get("NamedQueryId"), None) is None:
            raise InvalidRequestException(f"NamedQuery {self._request.get('NamedQueryId')} is not found.")
        return "{}"

    def _prepared(self) -> Any:
        found = self._backend.prepared_statements.get(self._request.get("StatementName"))
        if found is None:
            raise ResourceNotFoundException(f"PreparedStatement {self._request.get('StatementName')} was not found")
        return found

    def update_prepared_statement(self) -> str:
        """UpdatePreparedStatement."""
        found = self._prepared()
        found.query_statement = self._request["QueryStatement"]
        found.description = self._request.get("Description", found.description)
        return "{}"

    def delete_prepared_statement(self) -> str:
        """DeletePreparedStatement."""
        del self._backend.prepared_statements[self._prepared().statement_name]
        return "{}"

    def list_prepared_statements(self) -> str:
        """ListPreparedStatements."""
        group = self._request.get("WorkGroup")
        found = [
            {"StatementName": one.statement_name}
            for one in self._backend.prepared_statements.values()
            if one.workgroup == group
        ]
        return self._page("PreparedStatements", found, 50)

    # The catalog, which is Glue's.

    def _glue(self, call: str, **given: Any) -> dict[str, Any]:
        glue = client("glue", self._backend.region_name, "raw")
        try:
            answer: dict[str, Any] = getattr(glue, call)(**given)
        except glue.exceptions.EntityNotFoundException as error:
            raise MetadataException(error.response["Error"]["Message"]) from error
        return answer

    def get_database(self) -> str:
        """GetDatabase."""
        return json.dumps(
            {"Database": _database(self._glue("get_database", Name=self._request["DatabaseName"])["Database"])}
        )

    def list_databases(self) -> str:
        """ListDatabases."""
        found = [_database(one) for one in self._glue("get_databases")["DatabaseList"]]
        return self._page("DatabaseList", found, 50)

    def get_table_metadata(self) -> str:
        """GetTableMetadata."""
        request = self._request
        table = self._glue("get_table", DatabaseName=request["DatabaseName"], Name=request["TableName"])["Table"]
        return json.dumps({"TableMetadata": _table(table)})

    def list_table_metadata(self) -> str:
        """ListTableMetadata."""
        found = self._glue("get_tables", DatabaseName=self._request["DatabaseName"])["TableList"]
        return self._page("TableMetadataList", [_table(one) for one in found], 50)


class MetadataException(InvalidRequestException):
    """The catalog has no such entity."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.error_type = "MetadataException"
        self.description = json.dumps({"__type": "MetadataException", "message": message})


def _named(query: Any) -> dict[str, Any]:
    return {
        "Name": query.name,
        "Description": query.description,
        "Database": query.database,
        "QueryString": query.query_string,
        "NamedQueryId": query.id,
        "WorkGroup": query.workgroup.name,
    }


def _database(found: dict[str, Any]) -> dict[str, Any]:
    return {
        "Name": found["Name"],
        "Description": found.get("Description", ""),
        "Parameters": found.get("Parameters", {}),
    }


def _table(found: dict[str, Any]) -> dict[str, Any]:
    described = found.get("StorageDescriptor", {})
    made = found.get("CreateTime")
    shape: Callable[[dict[str, Any]], dict[str, Any]] = lambda one: {  # noqa: E731 - one shape, twice
        "Name": one["Name"],
        "Type": one["Type"],
        **({"Comment": one["Comment"]} if one.get("Comment") else {}),
    }
    return {
        "Name": found["Name"],
        "CreateTime": made.timestamp() if made is not None else 0,
        "TableType": found.get("TableType", ""),
        "Columns": [shape(one) for one in described.get("Columns", [])],
        "PartitionKeys": [shape(one) for one in found.get("PartitionKeys", [])],
        "Parameters": {
            **found.get("Parameters", {}),
            "location": described.get("Location", ""),
            "inputformat": described.get("InputFormat", ""),
            "outputformat": described.get("OutputFormat", ""),
            "serde.serialization.lib": described.get("SerdeInfo", {}).get("SerializationLibrary", ""),
        },
    }


def _offset(request: dict[str, Any]) -> int:
    token = request.get("NextToken") or "0"
    if not token.isdigit():
        raise InvalidRequestException("The NextToken is not valid.")
    return int(token)
