"""Which warehouse a request means, and who asks."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass, field
from typing import Any, Final

from moto.redshift.models import redshift_backends
from moto.secretsmanager.models import secretsmanager_backends

from lakeshift.local.context import ACCOUNT, REGION, LocalContext
from lakeshift.local.redshift.failures import ResourceNotFoundException, ValidationException
from lakeshift.local.redshift.glue_tables import GlueTables
from lakeshift.local.redshift_serverless.backend import redshiftserverless_backends
from lakeshift.redshift import RedshiftError, Session, Warehouse

__all__ = ["Caller", "Clusters", "Facts", "cluster_facts", "workgroup_facts"]

# Names become file names: nothing that is not a cluster identifier may pass.
_NAME: Final = re.compile("[a-z][a-z0-9-]{0,62}")
_DATABASE: Final = re.compile(r"[\w$@.-]{1,127}")
# GetClusterCredentialsWithIAM's user of a caller that names none.
_FEDERATED: Final = "IAM:local"


@dataclass(frozen=True, slots=True)
class Facts:
    """A warehouse: the name of its file, and the first database and administrator it is made with."""

    key: str
    database: str
    user: str
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Caller:
    """A request's warehouse, database and user; ``target`` as the response repeats it."""

    facts: Facts
    target: dict[str, str]
    database: str
    user: str
    secret: str | None = None
    password: str | None = field(default=None, repr=False)
    iam: bool = False  # the user is made when it is not there


def cluster_facts(cluster: Any) -> Facts:
    """Facts of one of moto's clusters."""
    return Facts(
        cluster.cluster_identifier, cluster.db_name or "dev", cluster.master_username, cluster.master_user_password
    )


def workgroup_facts(account: str, region: str, name: str) -> Facts | None:
    """Facts of a workgroup's namespace, None where there is no such workgroup."""
    found: Facts | None = redshiftserverless_backends[account][region].facts(name)
    return found


class Clusters:
    """Open warehouses, one file a cluster or namespace. Thread-safe."""

    def __init__(self, context: LocalContext) -> None:
        self._context = context
        self._lock = threading.Lock()
        self._open: dict[str, Warehouse] = {}
        self._provisioned: dict[str, Facts] = {}
        self._glue = GlueTables(context)

    def caller(self, request: dict[str, Any], account: str, region: str) -> Caller:
        """Check who is asked for and by whom; raises ValidationException."""
        cluster, workgroup = request.get("ClusterIdentifier"), request.get("WorkgroupName")
        if workgroup and cluster:
            raise ValidationException("Either ClusterIdentifier or WorkgroupName must be given, not both.")
        if not cluster and not workgroup:
            raise ValidationException("ClusterIdentifier or WorkgroupName is missing.")
        secret, user = request.get("SecretArn"), request.get("DbUser")
        if secret and user:
            raise ValidationException("Either SecretArn or DbUser must be given, not both.")
        if workgroup and user:
            raise ValidationException("DbUser cannot be given together with WorkgroupName: give SecretArn, or neither.")
        facts = self._workgroup(workgroup, account, region) if workgroup else self._cluster(cluster, account, region)
        database = request.get("Database")
        if not database or not _DATABASE.fullmatch(database):
            raise ValidationException("Database is missing or is not a valid name.")
        target = {"WorkgroupName": str(workgroup)} if workgroup else {"ClusterIdentifier": str(cluster)}
        if secret:
            name, password = self._secret(secret, account, region)
            return Caller(facts, target, database, name, secret, password)
        return Caller(facts, target, database, user or _FEDERATED, iam=user is None)

    @staticmethod
    def _workgroup(name: str, account: str, region: str) -> Facts:
        found = workgroup_facts(account, region, name)
        if found is None:
            raise ResourceNotFoundException("Redshift endpoint doesn't exist in this region.")
        return found

    @staticmethod
    def _cluster(name: Any, account: str, region: str) -> Facts:
        found = redshift_backends[account][region].clusters.get(name)
        if found is None or not _NAME.fullmatch(name):
            raise ValidationException("Redshift endpoint doesn't exist in this region.")
        if str(found.status) == "paused":
            raise ValidationException("The cluster is paused.")
        return cluster_facts(found)

    @staticmethod
    def _secret(arn: str, account: str, region: str) -> tuple[str, str | None]:
        # moto raises errors of several kinds; to the caller they are all the same.
        try:
            value = secretsmanager_backends[account][region].get_secret_value(arn, None, None)
            document = json.loads(value["SecretString"])
            password = document.get("password")
            return str(document["username"]), None if password is None else str(password)
        except Exception as error:
            raise ValidationException(f"The secret {arn} cannot be read, or holds no username.") from error

    def connect(self, caller: Caller) -> Session:
        """The caller's session; raises RedshiftError where it may not log in."""
        warehouse = self.warehouse(caller.facts)
        if caller.iam:
            warehouse.ensure_user(caller.user)
        if caller.password is not None and not warehouse.password_is_right(caller.user, caller.password):
            raise RedshiftError(f'password authentication failed for user "{caller.user}"', "28000")
        return warehouse.connect(caller.database, caller.user)

    def warehouse(self, facts: Facts) -> Warehouse:
        """The warehouse, opened on first use, with its first database and administrator."""
        with self._lock:
            if facts.key not in self._open:
                file = self._context.state.warehouse / f"{facts.key}.duckdb"
                self._open[facts.key] = Warehouse(file, self._context.lake, self._glue)
                self._provisioned.pop(facts.key, None)
            if self._provisioned.get(facts.key) != facts:
                self._open[facts.key].provision(facts.database, facts.user, facts.password)
                self._provisioned[facts.key] = facts
            return self._open[facts.key]

    def forget(self, key: str) -> None:
        """The cluster or namespace was deleted: its data goes with it."""
        if not _NAME.fullmatch(key.removeprefix("serverless.")):
            return
        with self._lock:
            opened = self._open.pop(key, None)
            if opened is not None:
                opened.close()
            for suffix in (".duckdb", ".duckdb.wal"):
                (self._context.state.warehouse / f"{key}{suffix}").unlink(missing_ok=True)

    @staticmethod
    def known() -> dict[str, tuple[Facts, int]]:
        """Every warehouse that is available: its facts and the port it was asked to listen on."""
        found = {}
        for cluster in redshift_backends[ACCOUNT][REGION].clusters.values():
            if str(cluster.status) != "paused" and _NAME.fullmatch(cluster.cluster_identifier):
                facts = cluster_facts(cluster)
                found[facts.key] = (facts, int(cluster.port))
        for workgroup in redshiftserverless_backends[ACCOUNT][REGION].workgroups.values():
            of = workgroup_facts(ACCOUNT, REGION, workgroup["workgroupName"])
            if of is not None:
                found[of.key] = (of, int(workgroup["port"]))
        return found

    def close(self) -> None:
        """Close every warehouse, so that its file is whole."""
        with self._lock:
            for opened in self._open.values():
                opened.close()
            self._open.clear()
