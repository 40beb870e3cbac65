"""The Glue backend and its responses, composed from the operations of each folder."""

from __future__ import annotations

import functools
from typing import Any

from moto.glue import models, urls
from moto.glue.responses import GlueResponse
from werkzeug.wrappers import Request, Response

from lakeshift.glue_runtime.spark_settings import heap_megabytes
from lakeshift.local import routes
from lakeshift.local.context import LocalContext
from lakeshift.local.glue.bookmarks.operations import BookmarkOperations, BookmarkResponses
from lakeshift.local.glue.bookmarks.operations import install as open_bookmarks
from lakeshift.local.glue.catalog import keeping
from lakeshift.local.glue.catalog.operations import CatalogOperations, CatalogResponses
from lakeshift.local.glue.connections.operations import ConnectionOperations, ConnectionResponses
from lakeshift.local.glue.crawlers.operations import CrawlerOperations, CrawlerResponses
from lakeshift.local.glue.crawlers.service import close_crawlers, resume_crawlers
from lakeshift.local.glue.jobs.operations import JobOperations, JobResponses
from lakeshift.local.glue.jobs.preparation import environment
from lakeshift.local.glue.jobs.runner import JobRunner
from lakeshift.local.glue.jobs.workers import NO_HEAP, WorkerPool
from lakeshift.local.glue.quality.operations import RulesetOperations, RulesetResponses
from lakeshift.local.glue.refusals import GuardedResponses
from lakeshift.local.glue.registry.operations import RegistryOperations, RegistryResponses
from lakeshift.local.glue.triggers.operations import TriggerOperations, TriggerResponses
from lakeshift.local.glue.workflows import following
from lakeshift.local.glue.workflows.operations import WorkflowOperations, WorkflowResponses
from lakeshift.local.glue.workflows.run import WorkflowRunStore

__all__ = ["LocalGlueBackend", "LocalGlueResponse", "close", "install", "resume"]

_runners: list[JobRunner] = []  # one a server; tests have several in one process


class LocalGlueBackend(
    CrawlerOperations,
    CatalogOperations,
    ConnectionOperations,
    JobOperations,
    TriggerOperations,
    WorkflowOperations,
    BookmarkOperations,
    RegistryOperations,
    RulesetOperations,
    models.GlueBackend,
):
    """moto's Glue whose crawlers crawl and whose job runs run."""

    local: LocalContext

    @property
    def _url_module(self) -> Any:
        return urls  # moto derives it from __module__, which is ours


class LocalGlueResponse(
    CrawlerResponses,
    CatalogResponses,
    ConnectionResponses,
    JobResponses,
    TriggerResponses,
    WorkflowResponses,
    BookmarkResponses,
    RegistryResponses,
    RulesetResponses,
    GuardedResponses,
    GlueResponse,
):
    """The operations of the Glue API; the place for every one that moto lacks."""


def install(context: LocalContext) -> None:
    """Replace moto's Glue; backends are made lazily from these, so this must run before the first request."""
    LocalGlueBackend.local = context
    LocalGlueBackend.bookmarks = open_bookmarks(context)
    workers = WorkerPool.of(functools.partial(environment, context), context.state.root)
    LocalGlueBackend.runner = JobRunner(context, workers=workers)
    LocalGlueBackend.runner.ended = following.job_ended
    LocalGlueBackend.workflow_runs = WorkflowRunStore(context.state.services / "glue-workflow-runs")
    _runners.append(LocalGlueBackend.runner)
    routes.add("PUT", "/_lakeshift/glue/workers", functools.partial(_prepare_worker, workers))
    models.glue_backends.backend = LocalGlueBackend
    urls.url_paths = {"{0}/$": LocalGlueResponse.dispatch}


def _prepare_worker(workers: WorkerPool, _: Request) -> Response:
    """Have a warm worker of the common size, and one for Python shell jobs, before the first job asks for one."""
    workers.prepare(NO_HEAP)
    workers.prepare(heap_megabytes("G.1X", 1))
    return routes.json_response({"workers": workers.count()})


def resume(context: LocalContext) -> None:
    """Fill the catalog, settle the job runs that an earlier server left, go on with workflows and schedules."""
    keeping.restore(models.glue_backends, context)
    for _, _, glue in list(models.glue_backends.iter_backends()):
        glue.settle_statistics_runs()
        glue.adopt_triggers()
    ended = [run for runner in _runners_of(context) for run in runner.recover()]
    resume_crawlers(context)
    following.resume(ended)


def close(context: LocalContext) -> None:
    """End the schedules and every job run of the server that stops."""
    close_crawlers(context)
    for runner in _runners_of(context):
        runner.close()
        _runners.remove(runner)
    keeping.close()


def _runners_of(context: LocalContext) -> list[JobRunner]:
    return [runner for runner in _runners if runner.context is context]
