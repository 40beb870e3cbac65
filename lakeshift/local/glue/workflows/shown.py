"""Workflows and their runs as the API shows them.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-workflow.html
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from lakeshift.local.glue.workflows import graph
from lakeshift.local.glue.workflows.nodes import crawl_state, crawls_of, job_runs_of, states
from lakeshift.local.glue.workflows.run import WorkflowRun

__all__ = ["design_graph", "shown_run"]


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def shown_run(backend: Any, run: WorkflowRun, *, with_graph: bool = False) -> dict[str, Any]:
    """A ``WorkflowRun``."""
    told: dict[str, Any] = {
        "Name": run.name,
        "WorkflowRunId": run.run_id,
        "WorkflowRunProperties": dict(run.properties),
        "StartedOn": _moment(run.started_on),
        "Status": run.status,
        "Statistics": graph.statistics(states(backend, run)),
    }
    if run.previous_run_id:
        told["PreviousRunId"] = run.previous_run_id
    if run.completed_on is not None:
        told["CompletedOn"] = _moment(run.completed_on)
    if run.error_message:
        told["ErrorMessage"] = run.error_message
    if run.batch:
        told["StartingEventBatchCondition"] = run.batch
    if with_graph:
        told["Graph"] = _graph(run.name, run.triggers, lambda kind, name: _details(backend, run, kind, name))
    return told


def design_graph(workflow: str, triggers: list[dict[str, Any]]) -> dict[str, Any]:
    """The ``WorkflowGraph`` of a workflow that is not run."""
    return _graph(workflow, triggers, lambda *_: {})


def _graph(workflow: str, triggers: list[dict[str, Any]], details: Any) -> dict[str, Any]:
    by_name = {f"TRIGGER:{one['Name']}": one for one in triggers}
    shown = []
    for node in graph.nodes(triggers):
        kind, _, name = node.partition(":")
        one: dict[str, Any] = {"Type": kind, "Name": name, "UniqueId": graph.node_id(workflow, node)}
        one |= {"TriggerDetails": {"Trigger": by_name[node]}} if node in by_name else details(kind, name)
        shown.append(one)
    ways = [
        {"SourceId": graph.node_id(workflow, before), "DestinationId": graph.node_id(workflow, after)}
        for before, after in graph.edges(triggers)
    ]
    return {"Nodes": shown, "Edges": ways}


def _details(backend: Any, run: WorkflowRun, kind: str, name: str) -> dict[str, Any]:
    if kind == "JOB":
        now = time.time()
        return {"JobDetails": {"JobRuns": [one.shown(now) for one in job_runs_of(backend, run, name)]}}
    return {"CrawlerDetails": {"Crawls": [_shown_crawl(one) for one in crawls_of(backend, run, name)]}}


def _shown_crawl(crawl: Any) -> dict[str, Any]:
    told = {
        "State": crawl_state(crawl),
        "StartedOn": crawl.start_time,
        "CompletedOn": crawl.end_time,
        "ErrorMessage": crawl.error or None,
        "LogGroup": crawl.log_group,
        "LogStream": crawl.log_stream,
    }
    return {name: value for name, value in told.items() if value is not None}
