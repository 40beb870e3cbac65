"""Start what a trigger starts: a job run or a crawl, with what it needs to know of its cause."""

from __future__ import annotations

import hashlib
import logging
import time
from dataclasses import dataclass, replace
from typing import Any, Final

from moto.core.exceptions import JsonRESTError
from moto.glue.exceptions import GlueClientError

from lakeshift.errors import LakeshiftError
from lakeshift.local.glue.jobs.requests import RunRequest

__all__ = ["Cause", "digest", "start_action"]

_LOG: Final = logging.getLogger(__name__)
_PASSED: Final = ("Arguments", "Timeout", "SecurityConfiguration", "NotificationProperty")


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a run is started: the trigger, its workflow's run, the runs that it waited for.

    ``depth`` counts the conditional triggers that led to it; ``once`` makes the run's id, so that starting for the
    same reason again is no second run.
    """

    trigger: str
    workflow: str | None = None
    workflow_run_id: str | None = None
    predecessors: tuple[tuple[str, str], ...] = ()
    depth: int = 0
    once: str | None = None


def digest(*parts: str) -> str:
    """64 hexadecimal digits made of the parts."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def start_action(backend: Any, action: dict[str, Any], cause: Cause) -> str:
    """Start it; returns the id of the job run or of the crawl. What cannot start is on record as an ERROR run.

    Raises LakeshiftError where there is no job or crawler that a record could be of, or the crawler runs already.
    """
    try:
        if action.get("CrawlerName"):
            return _start_crawl(backend, action["CrawlerName"], cause)
        return _start_job(backend, action, cause)
    except (JsonRESTError, GlueClientError) as error:
        name = action.get("JobName") or action.get("CrawlerName")
        text = str(getattr(error, "message", error))
        _LOG.error("Trigger %s could not start %s: %s", cause.trigger, name, text)
        if action.get("JobName") in backend.jobs:
            return _record_error(backend, action, cause, text)
        raise LakeshiftError(text) from error


def _parameters(action: dict[str, Any], cause: Cause) -> dict[str, Any]:
    given = {name: action[name] for name in _PASSED if action.get(name) is not None}
    if cause.workflow is not None:
        ours = {"--WORKFLOW_NAME": cause.workflow, "--WORKFLOW_RUN_ID": cause.workflow_run_id or ""}
        given["Arguments"] = {**(given.get("Arguments") or {}), **ours}
    return given


def _start_job(backend: Any, action: dict[str, Any], cause: Cause) -> str:
    run_id: str = backend.begin_job_run(action["JobName"], _parameters(action, cause), cause)
    return run_id


def _start_crawl(backend: Any, name: str, cause: Cause) -> str:
    backend.start_crawler(name, cause)
    crawl_id: str = backend.get_crawler(name).crawls[-1].crawl_id
    return crawl_id


def _record_error(backend: Any, action: dict[str, Any], cause: Cause, text: str) -> str:
    """A run that never began, in state ERROR, as AWS shows one."""
    job = backend.get_job(action["JobName"])
    asked = {"Arguments": _parameters(action, cause).get("Arguments") or {}}
    request = RunRequest(job.name, backend.account_id, backend.region_name, job.given, asked)
    run = caused(request.run(time.time()), cause)
    run = replace(run, state="ERROR", error_message=text, completed_on=run.started_on, modified_on=run.started_on)
    backend.job_runner.store.save(run)
    return str(run.run_id)


def caused(run: Any, cause: Cause) -> Any:
    """The run as one of this cause."""
    return replace(
        run,
        run_id=f"jr_{digest(cause.once, run.job_name)}" if cause.once else run.run_id,
        trigger_name=cause.trigger,
        workflow_run_id=cause.workflow_run_id,
        predecessors=[list(one) for one in cause.predecessors],
        depth=cause.depth,
    )
