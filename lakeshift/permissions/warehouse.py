"""Grants on Redshift: statements by the Data API, and what the cluster itself reads and writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from lakeshift.permissions import lake
from lakeshift.permissions.declared import (
    check_declared,
    declared_objects,
    declared_tables,
    loaded_cluster,
    loaded_from,
)
from lakeshift.permissions.grants import Grant
from lakeshift.permissions.reading import Definition, mapping, text

__all__ = ["action_grants", "cluster_grants", "follow_statements", "log_in", "statements_on"]

_DATA_API: Final = "https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-access.html"
_CREDENTIALS: Final = "https://docs.aws.amazon.com/redshift/latest/mgmt/redshift-iam-access-control-identity-based.html"
_COPY: Final = "https://docs.aws.amazon.com/redshift/latest/dg/copy-usage_notes-access-permissions.html"
_SCHEDULER: Final = "https://docs.aws.amazon.com/redshift/latest/mgmt/managing-cluster-scheduled-actions.html"
_SPECTRUM: Final = "https://docs.aws.amazon.com/redshift/latest/dg/c-spectrum-iam-policies.html"
_FOLLOW: Final = ("DescribeStatement", "GetStatementResult")
_SEES: Final = ("glue:GetTable", "glue:GetTables", "glue:GetPartitions")


def statements_on(cluster: str, user: str, database: str) -> Iterator[Grant]:
    """Running statements as a database user, with temporary credentials, and following one's own."""
    arn = lake.regional("redshift", f"cluster:{cluster}")
    for action in ("ExecuteStatement", "BatchExecuteStatement"):
        yield Grant("RunStatements", f"redshift-data:{action}", arn, _DATA_API)
    yield from log_in(cluster, user, database)
    for action in _FOLLOW:
        yield follow_statements(action)


def log_in(cluster: str, user: str, database: str) -> Iterator[Grant]:
    """Temporary credentials of one database user for one database."""
    for resource in (f"dbuser:{cluster}/{user}", f"dbname:{cluster}/{database}"):
        yield Grant(
            "LogInToWarehouse", "redshift:GetClusterCredentials", lake.regional("redshift", resource), _CREDENTIALS
        )


def action_grants(action: Definition) -> Iterator[Grant]:
    """The one call that a scheduled action makes, on the one cluster it names."""
    target = action.properties["TargetAction"].value
    for call, given in target.items() if isinstance(target, dict) else ():
        cluster = text(mapping(given)["ClusterIdentifier"])
        yield Grant("RunAction", f"redshift:{call}", lake.regional("redshift", f"cluster:{cluster}"), _SCHEDULER)


def follow_statements(action: str) -> Grant:
    """``action`` takes a statement's id only; the condition keeps it to the caller's own."""
    own = ("StringEquals", "redshift-data:statement-owner-iam-userid", ("${aws:userid}",))
    return Grant("FollowOwnStatements", f"redshift-data:{action}", "*", _DATA_API, own)


def cluster_grants(cluster: Definition, others: Mapping[str, Definition]) -> Iterator[Grant]:
    """COPY reads what the jobs that load the cluster declare; Spectrum reads and UNLOAD writes what it declares."""
    check_declared(cluster)
    name = text(cluster.properties["ClusterIdentifier"])
    loads = [place for one in others.values() if loaded_cluster(one) == name for place in loaded_from(one)]
    for grant in lake.read_objects([*loads, *declared_objects(cluster, "Reads")], probes=False):
        yield Grant(grant.sid, grant.action, grant.resource, _COPY, grant.condition)
    for grant in lake.write_objects(declared_objects(cluster, "Writes"), spark=False):
        yield Grant(grant.sid, grant.action, grant.resource, _COPY, grant.condition)
    tables = declared_tables(cluster, "Reads")
    yield from lake.read_tables(tables, _SEES, _SPECTRUM)
    for database in sorted({table.partition(".")[0] for table in tables}):
        for resource in ("catalog", f"database/{database}"):
            yield Grant("ReadDatabases", "glue:GetDatabase", lake.regional("glue", resource), _SPECTRUM)
