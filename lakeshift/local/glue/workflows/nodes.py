"""What the jobs and crawlers of a workflow run do: their runs, and the state of each node."""

from __future__ import annotations

from typing import Any, Final

from lakeshift.local.glue.workflows import graph
from lakeshift.local.glue.workflows.run import WorkflowRun

__all__ = ["crawl_state", "crawls_of", "is_live", "job_runs_of", "states"]

_CRAWL_STATES: Final = {
    "COMPLETED": "SUCCEEDED",
    "STOPPED": "CANCELLED",
    "STOPPING": "CANCELLING",
    "RUNNING": "RUNNING",
    "FAILED": "FAILED",
}


def crawl_state(crawl: Any) -> str:
    """The state of a crawl as a workflow names it."""
    return _CRAWL_STATES[crawl.status]


def job_runs_of(backend: Any, run: WorkflowRun, job_name: str) -> list[Any]:
    """The runs of the job that belong to the workflow's run, the oldest first."""
    store, node = backend.job_runner.store, f"JOB:{job_name}"
    copied = [store.get(run.account, run.region, job_name, run_id) for run_id in run.copied.get(node, ())]
    own = [one for one in store.of_workflow_run(run.run_id) if one.job_name == job_name]
    return [one for one in (*copied, *own) if one is not None]


def crawls_of(backend: Any, run: WorkflowRun, crawler_name: str) -> list[Any]:
    """The crawls of the crawler that belong to the workflow's run."""
    node = f"CRAWLER:{crawler_name}"
    wanted = {*run.copied.get(node, ()), *run.crawls.get(node, ())}
    crawler = backend.crawlers.get(crawler_name)
    return [one for one in (crawler.crawls if crawler is not None else ()) if one.crawl_id in wanted]


def states(backend: Any, run: WorkflowRun) -> dict[str, str | None]:
    """The state of every job and crawler of the graph; None is one that has not run."""
    named = [node for node in graph.nodes(run.triggers) if not node.startswith("TRIGGER:")]
    with backend.job_runner.settled:
        return {node: _state(backend, run, node) for node in named}


def _state(backend: Any, run: WorkflowRun, node: str) -> str | None:
    kind, _, name = node.partition(":")
    if kind == "JOB":
        found = job_runs_of(backend, run, name)
        return found[-1].state if found else ("ERROR" if node in run.errors else None)
    crawls = crawls_of(backend, run, name)
    if crawls:
        return crawl_state(crawls[-1])
    # A crawl that was begun and is not known is one that a killed server forgot.
    return "ERROR" if node in run.errors else "FAILED" if run.crawls.get(node) else None


def is_live(found: dict[str, str | None]) -> bool:
    """Whether anything of the graph still runs."""
    live = {"STARTING", "RUNNING", "STOPPING", "WAITING", "CANCELLING"}
    return any(state in live for state in found.values())
