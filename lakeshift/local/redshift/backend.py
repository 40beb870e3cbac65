"""What of moto's Redshift is replaced: the Data API as a whole, and clusters that own data and listen on a port."""

from __future__ import annotations

import atexit
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any, Final

from moto.core.responses import ActionResult
from moto.redshift import models, urls
from moto.redshift.exceptions import ClusterNotFoundError, InvalidParameterValueError
from moto.redshift.responses import RedshiftResponse
from moto.redshiftdata import urls as data_urls

from lakeshift.local import clock
from lakeshift.local.context import LocalContext
from lakeshift.local.redshift.actions import Actions
from lakeshift.local.redshift.clusters import Clusters, cluster_facts
from lakeshift.local.redshift.endpoints import HOST, Endpoints
from lakeshift.local.redshift.management import ManagementBackend
from lakeshift.local.redshift.managing import ManagementResponse
from lakeshift.local.redshift.operations import DataApi
from lakeshift.local.redshift.records import Records
from lakeshift.local.redshift.responses import DataApiResponse
from lakeshift.local.redshift.runner import Runner
from lakeshift.local.redshift_serverless.backend import RedshiftServerlessBackend
from lakeshift.local.redshift_wire.login import Temporary

__all__ = ["LocalRedshiftBackend", "LocalRedshiftResponse", "close", "install", "resume"]

_opened: Final[dict[str, ExitStack]] = {}  # what each server's endpoint has to let go of
_SHORTEST, _LONGEST = 900, 3600
_IAM_USER: Final = "IAM:local"


class LocalRedshiftBackend(ManagementBackend):
    """moto's clusters; each has a warehouse, which goes with it, and a port that speaks the Postgres wire."""

    clusters_open: Clusters
    endpoints: Endpoints

    @property
    def _url_module(self) -> Any:
        # moto looks for the module beside the backend's class, which is here.
        return urls

    def _at_its_port(self, cluster: Any) -> Any:
        """The cluster as clients are told of it: where it really listens."""
        port = self.endpoints.port(cluster.cluster_identifier)
        if port is not None:
            cluster.port = port
        return cluster

    def create_cluster(self, **kwargs: Any) -> Any:
        """CreateCluster."""
        made = super().create_cluster(**kwargs)
        self.endpoints.refresh()
        return self._at_its_port(made)

    def describe_clusters(self, *arguments: Any, **named: Any) -> list[Any]:
        """DescribeClusters."""
        return [self._at_its_port(one) for one in super().describe_clusters(*arguments, **named)]

    def pause_cluster(self, cluster_id: str) -> Any:
        """PauseCluster: connections end."""
        paused = super().pause_cluster(cluster_id)
        self.endpoints.refresh()
        return paused

    def resume_cluster(self, cluster_id: str) -> Any:
        """ResumeCluster."""
        resumed = super().resume_cluster(cluster_id)
        self.endpoints.refresh()
        return self._at_its_port(resumed)

    def delete_cluster(self, **kwargs: Any) -> Any:
        """DeleteCluster."""
        deleted = super().delete_cluster(**kwargs)
        self.endpoints.close_one(kwargs["cluster_identifier"])
        self.clusters_open.forget(kwargs["cluster_identifier"])
        return deleted

    def credentials_for(self, request: dict[str, Any], *, iam: bool) -> dict[str, Any]:
        """GetClusterCredentials, and GetClusterCredentialsWithIAM where ``iam``: they log in on the wire."""
        seconds = int(request.get("DurationSeconds") or 900)
        if not _SHORTEST <= seconds <= _LONGEST:
            raise InvalidParameterValueError(f"Token duration must be between {_SHORTEST} and {_LONGEST} seconds")
        name = request.get("ClusterIdentifier") or ""
        cluster = self.clusters.get(name)
        if cluster is None:
            raise ClusterNotFoundError(name)
        create = bool(request.get("AutoCreate"))
        user = _IAM_USER if iam else str(request["DbUser"]).lower()
        login = user if iam else f"{'IAMA' if create else 'IAM'}:{user}"
        until = time.time() + seconds
        given = Temporary(
            cluster_facts(cluster).key,
            login,
            user,
            self.endpoints.credentials.password(),
            until,
            request.get("DbName"),
            create or iam,
            tuple(str(group).lower() for group in request.get("DbGroups") or ()),
        )
        self.endpoints.credentials.give(given)
        ends = datetime.fromtimestamp(until, UTC)
        return {"DbUser": login, "DbPassword": given.password, "Expiration": ends, "NextRefreshTime": ends}


class LocalRedshiftResponse(ManagementResponse, RedshiftResponse):
    """moto's answers; credentials that really log in."""

    def get_cluster_credentials(self) -> Any:
        """GetClusterCredentials."""
        names = ("ClusterIdentifier", "DbUser", "DbName", "DbGroups", "DurationSeconds")
        request = {name: self._get_param(name) for name in names}
        request["AutoCreate"] = self._get_bool_param("AutoCreate", False)
        found = self.redshift_backend.credentials_for(request, iam=False)
        found.pop("NextRefreshTime")
        return ActionResult(found)

    def get_cluster_credentials_with_iam(self) -> Any:
        """GetClusterCredentialsWithIAM."""
        request = {name: self._get_param(name) for name in ("ClusterIdentifier", "DbName", "DurationSeconds")}
        return ActionResult(self.redshift_backend.credentials_for(request, iam=True))


def install(context: LocalContext) -> None:
    """Must run before the first request: backends are made lazily."""
    clusters = Clusters(context)
    records = Records(context.state.warehouse / "statements.sqlite")
    runner = Runner(clusters, records)
    endpoints = Endpoints(context, clusters)
    LocalRedshiftBackend.clusters_open = RedshiftServerlessBackend.clusters_open = clusters
    LocalRedshiftBackend.endpoints = RedshiftServerlessBackend.endpoints = endpoints
    models.redshift_backends.backend = LocalRedshiftBackend
    models.Cluster.address = property(lambda _: HOST)
    urls.url_paths = {"{0}/$": LocalRedshiftResponse.dispatch}
    DataApiResponse.api = DataApi(clusters, records, runner)
    data_urls.url_paths = {"{0}/$": DataApiResponse.dispatch}

    stack = ExitStack()
    for one in (records, clusters, runner, endpoints):  # closed in reverse: what runs is ended before its files
        stack.callback(one.close)
    _opened[context.endpoint] = stack
    atexit.register(stack.close)  # a server that was not stopped still leaves whole files


def resume(context: LocalContext) -> None:
    """Listen for the clusters and workgroups that were restored, and follow their scheduled actions."""
    LocalRedshiftBackend.endpoints.refresh()
    actions = Actions().start()
    _opened[context.endpoint].callback(actions.stop)
    clock.on_move("redshift", actions.report)


def close(context: LocalContext) -> None:
    """End what runs, and let go of every file of that server."""
    stack = _opened.pop(context.endpoint, None)
    if stack is not None:
        atexit.unregister(stack.close)
        stack.close()
