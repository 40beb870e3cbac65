"""Which warehouse a request means, and who asks."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass
from typing import Any, Final

from moto.redshift.models import redshift_backends
from moto.secretsmanager.models import secretsmanager_backends

from lakeshift.local.context import LocalContext
from lakeshift.local.redshift.failures import ValidationException
from lakeshift.local.redshift.glue_tables import GlueTables
from lakeshift.redshift import Warehouse

__all__ = ["Caller", "Clusters"]

# Names become file names: nothing that is not a cluster identifier may pass.
_NAME: Final = re.compile("[a-z][a-z0-9-]{0,62}")
_DATABASE: Final = re.compile(r"[\w$@.-]{1,127}")
# GetClusterCredentialsWithIAM's user of a caller that names none.
_FEDERATED: Final = "IAM:local"


@dataclass(frozen=True, slots=True)
class Caller:
    """A request's warehouse, database and user; ``target`` as the response repeats it."""

    cluster: str
    target: dict[str, str]
    database: str
    user: str
    secret: str | None = None


class Clusters:
    """Open warehouses, one file a cluster. Thread-safe."""

    def __init__(self, context: LocalContext) -> None:
        self._context = context
        self._lock = threading.Lock()
        self._open: dict[str, Warehouse] = {}
        self._glue = GlueTables(context)

    def caller(self, request: dict[str, Any], account: str, region: str) -> Caller:
        """Check who is asked for and by whom; raises ValidationException."""
        cluster, workgroup = request.get("ClusterIdentifier"), request.get("WorkgroupName")
        if workgroup and cluster:
            raise ValidationException("Either ClusterIdentifier or WorkgroupName must be given, not both.")
        if workgroup:
            raise ValidationException(
                "WorkgroupName (Redshift Serverless) is not supported locally. "
                "Create a cluster with redshift create-cluster and give its ClusterIdentifier."
            )
        if not cluster:
            raise ValidationException("ClusterIdentifier or WorkgroupName is missing.")
        database = request.get("Database")
        if not database or not _DATABASE.fullmatch(database):
            raise ValidationException("Database is missing or is not a valid name.")
        found = redshift_backends[account][region].clusters.get(cluster)
        if found is None or not _NAME.fullmatch(cluster):
            raise ValidationException("Redshift endpoint doesn't exist in this region.")
        if str(found.status) == "paused":
            raise ValidationException("The cluster is paused.")
        secret = request.get("SecretArn")
        user = request.get("DbUser") or (self._secret_user(secret, account, region) if secret else _FEDERATED)
        return Caller(cluster, {"ClusterIdentifier": cluster}, database, user, secret)

    @staticmethod
    def _secret_user(arn: str, account: str, region: str) -> str:
        # moto raises errors of several kinds; to the caller they are all the same.
        try:
            value = secretsmanager_backends[account][region].get_secret_value(arn, None, None)
            return str(json.loads(value["SecretString"])["username"])
        except Exception as error:
            raise ValidationException(f"The secret {arn} cannot be read, or holds no username.") from error

    def warehouse(self, cluster: str) -> Warehouse:
        """The cluster's warehouse, opened on first use."""
        with self._lock:
            if cluster not in self._open:
                file = self._context.state.warehouse / f"{cluster}.duckdb"
                self._open[cluster] = Warehouse(file, self._context.lake, self._glue)
            return self._open[cluster]

    def forget(self, cluster: str) -> None:
        """The cluster was deleted: its data goes with it."""
        if not _NAME.fullmatch(cluster):
            return
        with self._lock:
            opened = self._open.pop(cluster, None)
            if opened is not None:
                opened.close()
            for suffix in (".duckdb", ".duckdb.wal"):
                (self._context.state.warehouse / f"{cluster}{suffix}").unlink(missing_ok=True)

    def close(self) -> None:
        """Close every warehouse, so that its file is whole."""
        with self._lock:
            for opened in self._open.values():
                opened.close()
            self._open.clear()
