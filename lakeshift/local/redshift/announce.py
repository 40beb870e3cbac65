"""The event of a statement that is over (WithEvent).

https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-monitoring-events.html
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from lakeshift.local.context import ACCOUNT, REGION
from lakeshift.local.redshift.records import Record

__all__ = ["announce"]


def announce(record: Record) -> None:
    """Put the event on the default bus."""
    from lakeshift.local.events.bus import emit  # moto's events are loaded only where they are used

    cluster = record.target.get("ClusterIdentifier")
    workgroup = record.target.get("WorkgroupName")
    resource = (
        f"arn:aws:redshift:{REGION}:{ACCOUNT}:cluster:{cluster}"
        if cluster
        else f"arn:aws:redshift-serverless:{REGION}:{ACCOUNT}:workgroup/{workgroup}"
    )
    ends = datetime.now(UTC) + timedelta(days=1)
    detail = {
        "principal": f"arn:aws:iam::{ACCOUNT}:user/local",
        "statementName": record.name or "",
        "statementId": record.id,
        "redshiftQueryId": str(record.query_id),
        "state": record.status,
        "rows": max(record.result_rows, 0),
        "expireAt": int(ends.timestamp()),
    }
    emit("aws.redshift-data", "Redshift Data Statement Status Change", detail, [resource])
