"""The event of a query that changes its state.

https://docs.aws.amazon.com/athena/latest/ug/athena-events.html
"""

from __future__ import annotations

from typing import Any

__all__ = ["announce"]


def announce(told: dict[str, Any], before: str | None) -> None:
    """Put the event on the default bus."""
    from lakeshift.local.events.bus import emit  # moto's events are loaded only where they are used

    detail = {
        "versionId": "0",
        "currentState": told["Status"]["State"],
        **({"previousState": before} if before else {}),
        "statementType": told["StatementType"],
        "queryExecutionId": told["QueryExecutionId"],
        "workgroupName": told["WorkGroup"],
        "sequenceNumber": {"QUEUED": "1", "RUNNING": "2"}.get(told["Status"]["State"], "3"),
    }
    emit("aws.athena", "Athena Query State Change", detail)
