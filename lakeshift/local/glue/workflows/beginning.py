"""How a workflow run comes to be: started, by its trigger, or resumed from nodes of an earlier one."""

from __future__ import annotations

import uuid
from typing import Any

from lakeshift.local import clock
from lakeshift.local.glue.jobs.errors import (
    ConcurrentRunsExceededError,
    IllegalWorkflowStateError,
    InvalidInputError,
)
from lakeshift.local.glue.triggers.starting import digest
from lakeshift.local.glue.workflows import graph
from lakeshift.local.glue.workflows.nodes import states
from lakeshift.local.glue.workflows.run import WorkflowRun

__all__ = ["check_concurrency", "first_nodes", "new_run", "resumed_run"]


def check_concurrency(backend: Any, workflow: Any) -> None:
    """Raise ConcurrentRunsExceededError where the workflow has as many active runs as it may."""
    most = workflow.max_concurrent_runs
    runs = backend.workflow_runs.of_workflow(backend.account_id, backend.region_name, workflow.name)
    if most and sum(1 for run in runs if run.is_active) >= int(most):
        raise ConcurrentRunsExceededError(f"Concurrent runs exceeded for workflow: {workflow.name}.")


def new_run(backend: Any, workflow: Any, properties: dict[str, str], once: str | None = None) -> WorkflowRun:
    """A run of the workflow as it is now; ``once`` makes its id, so that the same start is no second run."""
    if backend.start_trigger_of(workflow.name) is None:
        raise InvalidInputError(f"Workflow {workflow.name} has no starting trigger")
    return WorkflowRun(
        run_id=f"wr_{digest(workflow.name, once) if once else uuid.uuid4().hex + uuid.uuid4().hex}",
        name=workflow.name,
        account=backend.account_id,
        region=backend.region_name,
        started_on=clock.now().timestamp(),
        triggers=[one.as_dict() for one in backend.triggers_of(workflow.name)],
        properties={**(workflow.default_run_properties or {}), **properties},
    )


def first_nodes(run: WorkflowRun, node_ids: list[str]) -> list[str]:
    """The nodes of these ids without those that come after another of them; raises InvalidInputError."""
    by_id = {graph.node_id(run.name, node): node for node in graph.nodes(run.triggers)}
    for one in node_ids:
        if one not in by_id:
            raise InvalidInputError(f"Node {one} is not part of workflow run {run.run_id}")
        if by_id[one].startswith("TRIGGER:"):
            raise InvalidInputError(f"Node {one} is a trigger: resume from a job or a crawler")
    chosen = [by_id[one] for one in dict.fromkeys(node_ids)]
    later = set().union(*(graph.downstream(run.triggers, node) for node in chosen))
    return [node for node in chosen if node not in later]


def resumed_run(backend: Any, workflow: Any, run: WorkflowRun, node_ids: list[str]) -> WorkflowRun:
    """A run that begins at the nodes and takes over everything that is not after them."""
    if run.status != "COMPLETED":
        raise IllegalWorkflowStateError(f"Workflow run {run.run_id} is {run.status}: only a COMPLETED one is resumed.")
    chosen = first_nodes(run, node_ids)
    before = states(backend, run)
    for node in chosen:
        if before[node] is None:
            raise InvalidInputError(f"{node} has no run attempt in workflow run {run.run_id}")
    again = set(chosen).union(*(graph.downstream(run.triggers, node) for node in chosen))
    resumed = new_run(backend, workflow, {})
    resumed.triggers, resumed.properties = run.triggers, dict(run.properties)
    resumed.previous_run_id, resumed.restarted = run.run_id, chosen
    resumed.fired = [name for name in run.fired if f"TRIGGER:{name}" not in again]
    # A trigger that started a restarted node and others besides has fired: the others are not started again.
    resumed.copied = {node: _ids(backend, run, node) for node in before if node not in again}
    return resumed


def _ids(backend: Any, run: WorkflowRun, node: str) -> list[str]:
    kind, _, name = node.partition(":")
    if kind == "CRAWLER":
        return [*run.copied.get(node, ()), *run.crawls.get(node, ())]
    own = [one.run_id for one in backend.job_runner.store.of_workflow_run(run.run_id) if one.job_name == name]
    return [*run.copied.get(node, ()), *own]
