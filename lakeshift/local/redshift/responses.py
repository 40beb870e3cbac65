"""The wire's side of the Redshift Data API: one method an operation, dispatched by name."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from moto.core.responses import BaseResponse

from lakeshift.local.redshift.browsing import describe_table, list_databases, list_schemas, list_tables
from lakeshift.local.redshift.operations import DataApi

__all__ = ["DataApiResponse"]


class DataApiResponse(BaseResponse):
    """The wire's side: one method an operation, dispatched by name."""

    api: DataApi

    def __init__(self) -> None:
        super().__init__(service_name="redshift-data")

    def _answer(self, document: dict[str, Any]) -> tuple[int, dict[str, str], str]:
        return 200, {}, json.dumps(document)

    @property
    def _request(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.body or "{}")
        return document

    def execute_statement(self) -> Any:
        """ExecuteStatement."""
        return self._answer(self.api.execute(self._request, self.current_account, self.region))

    def batch_execute_statement(self) -> Any:
        """BatchExecuteStatement."""
        return self._answer(self.api.batch_execute(self._request, self.current_account, self.region))

    def describe_statement(self) -> Any:
        """DescribeStatement."""
        return self._answer(self.api.describe(self._request))

    def get_statement_result(self) -> Any:
        """GetStatementResult."""
        return self._answer(self.api.result(self._request, version=1))

    def get_statement_result_v2(self) -> Any:
        """GetStatementResultV2."""
        return self._answer(self.api.result(self._request, version=2))

    def cancel_statement(self) -> Any:
        """CancelStatement."""
        return self._answer(self.api.cancel(self._request))

    def list_statements(self) -> Any:
        """ListStatements."""
        return self._answer(self.api.list(self._request))

    def _browse(self, look: Callable[..., dict[str, Any]]) -> Any:
        return self._answer(self.api.browse(look, self._request, self.current_account, self.region))

    def list_databases(self) -> Any:
        """ListDatabases."""
        return self._browse(list_databases)

    def list_schemas(self) -> Any:
        """ListSchemas."""
        return self._browse(list_schemas)

    def list_tables(self) -> Any:
        """ListTables."""
        return self._browse(list_tables)

    def describe_table(self) -> Any:
        """DescribeTable."""
        return self._browse(describe_table)

    def list_sessions(self) -> Any:
        """ListSessions."""
        return self._answer(self.api.sessions(self._request))
