"""What of moto's Redshift is replaced: the Data API as a whole, and what happens when a cluster is deleted."""

from __future__ import annotations

import atexit
from contextlib import ExitStack
from typing import Any, Final

from moto.redshift import models, urls
from moto.redshiftdata import urls as data_urls

from lakeshift.local.context import LocalContext
from lakeshift.local.redshift.clusters import Clusters
from lakeshift.local.redshift.operations import DataApi, DataApiResponse
from lakeshift.local.redshift.records import Records
from lakeshift.local.redshift.runner import Runner

__all__ = ["LocalRedshiftBackend", "close", "install"]

_opened: Final[dict[str, ExitStack]] = {}  # what each server's endpoint has to let go of


class LocalRedshiftBackend(models.RedshiftBackend):
    """moto's clusters; deleting one deletes its warehouse."""

    clusters_open: Clusters

    @property
    def _url_module(self) -> Any:
        # moto looks for the module beside the backend's class, which is here.
        return urls

    def delete_cluster(self, **kwargs: Any) -> Any:
        """DeleteCluster."""
        deleted = super().delete_cluster(**kwargs)
        self.clusters_open.forget(kwargs["cluster_identifier"])
        return deleted


def install(context: LocalContext) -> None:
    """Must run before the first request: backends are made lazily."""
    clusters = Clusters(context)
    records = Records(context.state.warehouse / "statements.sqlite")
    runner = Runner(clusters, records)
    LocalRedshiftBackend.clusters_open = clusters
    models.redshift_backends.backend = LocalRedshiftBackend
    DataApiResponse.api = DataApi(clusters, records, runner)
    data_urls.url_paths = {"{0}/$": DataApiResponse.dispatch}

    stack = ExitStack()
    for one in (records, clusters, runner):  # closed in reverse: what runs is ended before its files
        stack.callback(one.close)
    _opened[context.endpoint] = stack
    atexit.register(stack.close)  # a server that was not stopped still leaves whole files


def close(context: LocalContext) -> None:
    """End what runs, and let go of every file of that server."""
    stack = _opened.pop(context.endpoint, None)
    if stack is not None:
        atexit.unregister(stack.close)
        stack.close()
