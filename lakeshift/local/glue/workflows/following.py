"""What follows the end of a job run or a crawl: its workflow's run goes on, conditional triggers fire."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from lakeshift.local.glue.jobs.run import JobRun

__all__ = ["crawl_ended", "job_ended", "resume"]

_LOG: Final = logging.getLogger(__name__)


def job_ended(run: JobRun) -> None:
    """A job run has ended and no attempt follows it."""
    from moto.glue.models import glue_backends

    if run.trigger_name is None:
        return
    backend: Any = glue_backends[run.account][run.region]
    _follow(backend, run.workflow_run_id, {"JobName": run.job_name, "State": run.state}, run.run_id, depth=run.depth)


def crawl_ended(backend: Any, crawler: Any, crawl: Any) -> None:
    """A crawl has ended."""
    from lakeshift.local.glue.workflows.nodes import crawl_state

    if crawl.trigger_name is None:
        return
    condition = {"CrawlerName": crawler.name, "CrawlState": crawl_state(crawl)}
    try:
        _follow(backend, crawl.workflow_run_id, condition, crawl.crawl_id, depth=crawl.depth)
    except Exception:  # the crawl's own outcome stands, whatever its end sets off
        _LOG.exception("What follows crawl %s could not be started", crawl.crawl_id)


def _follow(backend: Any, workflow_run_id: str | None, condition: dict[str, str], run_id: str, *, depth: int) -> None:
    from lakeshift.local.glue.triggers import firing
    from lakeshift.local.glue.workflows import engine

    if workflow_run_id is None:
        firing.ended(backend, condition, run_id, depth=depth)
        return
    run = backend.workflow_runs.get(workflow_run_id)
    if run is not None:
        engine.advance(backend, run)


def resume(ended: Iterable[JobRun]) -> None:
    """Go on after a start: with the runs that an earlier server left and that have ``ended`` now, and the workflows."""
    from moto.glue.models import glue_backends

    from lakeshift.local.glue.workflows import engine

    for run in ended:
        if run.workflow_run_id is None:
            job_ended(run)
    for _, _, backend in list(glue_backends.iter_backends()):
        for workflow_run in backend.workflow_runs.active():
            if (workflow_run.account, workflow_run.region) == (backend.account_id, backend.region_name):
                go_on = engine.begin if workflow_run.status == "RUNNING" else engine.advance
                go_on(backend, workflow_run)
