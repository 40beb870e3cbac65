"""Members of requests that the local catalog refuses by name rather than ignore."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.local.glue.jobs.errors import NotSupportedError

__all__ = ["refuse", "refuse_members"]

_GUIDE: Final = "https://docs.aws.amazon.com/"
_LINKS: Final = ("Create the database or table itself.", f"{_GUIDE}lake-formation/latest/dg/resource-links-about.html")
_FEDERATED: Final = (
    "Crawl or copy the source's tables into a database of the catalog.",
    f"{_GUIDE}lake-formation/latest/dg/federated-catalog-data-connection.html",
)
_VIEWS: Final = (
    "Create the view in the engine that reads it.",
    f"{_GUIDE}lake-formation/latest/dg/working-with-views.html",
)
_TRANSACTIONS: Final = (
    "Use a table format with snapshots, as Iceberg is.",
    f"{_GUIDE}glue/latest/webapi/API_GetTable.html",
)
_FORMATS: Final = (
    "Create and change Iceberg tables with an Iceberg client (Spark, PyIceberg), which writes their metadata itself.",
    f"{_GUIDE}glue/latest/webapi/API_OpenTableFormatInput.html",
)
_MEMBERS: Final[dict[str, tuple[str, str]]] = {
    "TargetDatabase": _LINKS,
    "TargetTable": _LINKS,
    "FederatedDatabase": _FEDERATED,
    "ViewDefinition": _VIEWS,
    "ViewUpdateAction": _VIEWS,
    "TransactionId": _TRANSACTIONS,
    "QueryAsOfTime": _TRANSACTIONS,
    "OpenTableFormatInput": _FORMATS,
    "UpdateOpenTableFormatInput": _FORMATS,
}


def refuse_members(given: Mapping[str, Any], where: str) -> None:
    """OperationNotSupportedException where ``given`` holds a member that would change nothing here."""
    for name, (instead, page) in _MEMBERS.items():
        if given.get(name):
            raise refuse(f"{name} in glue:{where}", instead, page)


def refuse(feature: str, instead: str, page: str) -> NotSupportedError:
    """The error to raise."""
    return NotSupportedError(NotSupportedLocallyError(feature, instead, page))
