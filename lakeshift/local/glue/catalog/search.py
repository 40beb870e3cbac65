"""SearchTables over all databases.

https://docs.aws.amazon.com/glue/latest/webapi/API_SearchTables.html
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from moto.core.responses import ActionResult
from moto.glue.exceptions import InvalidInputException
from moto.glue.responses import GlueResponse

from lakeshift.local.glue.catalog.lock import locked
from lakeshift.local.glue.catalog.pages import page
from lakeshift.local.glue.catalog.times import seconds

__all__ = ["SearchResponses"]

_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "EQUALS": operator.eq,
    "GREATER_THAN": operator.gt,
    "LESS_THAN": operator.lt,
    "GREATER_THAN_EQUALS": operator.ge,
    "LESS_THAN_EQUALS": operator.le,
}
_TIMES: Final = ("CreateTime", "UpdateTime", "LastAccessTime")


class SearchResponses(GlueResponse):
    """How the API answers a search."""

    @locked
    def search_tables(self) -> ActionResult:
        """Tables whose name, description, columns or parameters hold the text, and that pass every filter."""
        tables = [
            table.as_dict() for database in self.glue_backend.get_databases() for table in database.tables.values()
        ]
        text, filters = self.parameters.get("SearchText"), self.parameters.get("Filters") or []
        kept = [table for table in tables if _holds(table, text) and all(_passes(table, one) for one in filters)]
        kept.sort(key=lambda table: (table["Name"], table["DatabaseName"]))
        for order in reversed(self.parameters.get("SortCriteria") or []):
            field = order["FieldName"]
            kept.sort(key=lambda table: str(table.get(field, "")), reverse=order.get("Sort") == "DESC")
        found, token = page(kept, self.parameters)  # the order may be by what changes, so by position
        return ActionResult({"TableList": found, "NextToken": token})


def _holds(table: Mapping[str, Any], text: str | None) -> bool:
    if not text:
        return True
    exact = len(text) > 1 and text[0] == text[-1] == '"'
    word = text.strip('"').lower()
    return any(word == words.lower() if exact else word in words.lower() for words in _texts(table))


def _texts(table: Mapping[str, Any]) -> list[str]:
    columns = [*(table.get("StorageDescriptor") or {}).get("Columns", []), *(table.get("PartitionKeys") or [])]
    parameters = table.get("Parameters") or {}
    return [
        table["Name"],
        table.get("Description") or "",
        *(column["Name"] for column in columns),
        *(column.get("Comment") or "" for column in columns),
        *parameters,
        *parameters.values(),
    ]


def _passes(table: Mapping[str, Any], given: Mapping[str, str]) -> bool:
    key, wanted = given.get("Key", ""), given.get("Value", "")
    value = table.get(key, (table.get("Parameters") or {}).get(key))
    comparator = given.get("Comparator")
    if comparator is None:
        return value is not None and wanted.lower() in str(value).lower()
    if comparator not in _COMPARE:
        raise InvalidInputException("SearchTables", f"Invalid comparator: {comparator}")
    if key in _TIMES:
        return value is not None and _COMPARE[comparator](_seconds(value), _moment(wanted))
    return value is not None and _COMPARE[comparator](str(value), wanted)


def _seconds(value: Any) -> float:
    return seconds(value) if isinstance(value, datetime) else float(value)


def _moment(text: str) -> float:
    """Seconds since the epoch, or an ISO-8601 date and time (UTC where it says nothing else)."""
    try:
        return float(text)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInputException("SearchTables", f"Invalid time: {text}") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
