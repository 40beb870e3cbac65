"""Workflow operations of the local Glue.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-workflow.html
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

from moto.core.responses import ActionResult, EmptyResult
from moto.glue.models import FakeWorkflow, GlueBackend
from moto.glue.responses import GlueResponse

from lakeshift.local.glue.jobs.errors import (
    AlreadyExistsError,
    ConcurrentRunsExceededError,
    EntityNotFoundError,
    IllegalWorkflowStateError,
    ResourceNumberLimitExceededError,
)
from lakeshift.local.glue.jobs.paging import page
from lakeshift.local.glue.workflows import beginning, engine, graph
from lakeshift.local.glue.workflows.run import WorkflowRun, WorkflowRunStore
from lakeshift.local.glue.workflows.shown import design_graph, shown_run

__all__ = ["WorkflowOperations", "WorkflowResponses"]

_MOST: Final = 250  # of an account
_PAGE: Final = 1000


class WorkflowOperations(GlueBackend):
    """What the backend does for workflows."""

    workflow_runs: ClassVar[WorkflowRunStore]

    def workflow(self, name: str) -> FakeWorkflow:
        """The workflow; raises EntityNotFoundError."""
        found: FakeWorkflow | None = self.workflows.get(name)
        if found is None:
            raise EntityNotFoundError(f"Workflow with name: {name} not found.")
        return found

    def workflow_run(self, name: str, run_id: str) -> WorkflowRun:
        """The run; raises EntityNotFoundError."""
        self.workflow(name)
        run = self.workflow_runs.get(run_id)
        if run is None or (run.account, run.region, run.name) != (self.account_id, self.region_name, name):
            raise EntityNotFoundError(f"Workflow run {run_id} of workflow {name} not found.")
        return run

    def begin_workflow_run(
        self,
        name: str,
        properties: dict[str, str],
        *,
        once: str | None = None,
        batch: dict[str, int] | None = None,
        refuse: bool = False,
    ) -> str:
        """Start a run and return its id; one that is there for the same ``once`` is not started again.

        With too many active runs it is on record as ERROR, or ConcurrentRunsExceededError is raised (``refuse``).
        """
        workflow = self.workflow(name)
        with engine.LOCK:
            run = beginning.new_run(self, workflow, properties, once)
            if self.workflow_runs.get(run.run_id) is not None:
                return run.run_id
            run.batch = batch
            try:
                beginning.check_concurrency(self, workflow)
            except ConcurrentRunsExceededError as error:
                if refuse:
                    raise
                run.status, run.error_message, run.completed_on = "ERROR", error.message, run.started_on
                self.workflow_runs.save(run)
                return run.run_id
            engine.begin(self, run)
        return run.run_id

    def shown_workflow(self, name: str, *, with_graph: bool = False) -> dict[str, Any]:
        """A ``Workflow`` of the API; raises EntityNotFoundError."""
        told: dict[str, Any] = self.workflow(name).as_dict()
        runs = self.workflow_runs.of_workflow(self.account_id, self.region_name, name)
        if runs:
            told["LastRun"] = shown_run(self, runs[0], with_graph=with_graph)
        if with_graph:
            told["Graph"] = design_graph(name, [one.as_dict() for one in self.triggers_of(name)])
        return told


class WorkflowResponses(GlueResponse):
    """How the API answers for workflows."""

    def create_workflow(self) -> ActionResult:
        """CreateWorkflow."""
        name = self.parameters["Name"]
        if name in self.glue_backend.workflows:
            raise AlreadyExistsError(f"Workflow with name: {name} already exists.")
        if len(self.glue_backend.workflows) >= _MOST:
            raise ResourceNumberLimitExceededError(f"The number of workflows is limited to {_MOST}.")
        return super().create_workflow()

    def get_workflow(self) -> ActionResult:
        """GetWorkflow."""
        with_graph = bool(self.parameters.get("IncludeGraph"))
        return ActionResult(
            {"Workflow": self.glue_backend.shown_workflow(self.parameters["Name"], with_graph=with_graph)}
        )

    def batch_get_workflows(self) -> ActionResult:
        """BatchGetWorkflows, with the names that do not exist."""
        names, known = list(dict.fromkeys(self.parameters["Names"])), self.glue_backend.workflows
        with_graph = bool(self.parameters.get("IncludeGraph"))
        found = [self.glue_backend.shown_workflow(name, with_graph=with_graph) for name in names if name in known]
        return ActionResult({"Workflows": found, "MissingWorkflows": [name for name in names if name not in known]})

    def update_workflow(self) -> ActionResult:
        """UpdateWorkflow."""
        self.glue_backend.workflow(self.parameters["Name"])
        return super().update_workflow()

    def delete_workflow(self) -> ActionResult:
        """DeleteWorkflow; one that is not there is no error."""
        if self.parameters["Name"] not in self.glue_backend.workflows:
            return ActionResult({"Name": self.parameters["Name"]})
        return super().delete_workflow()

    def start_workflow_run(self) -> ActionResult:
        """StartWorkflowRun."""
        given = self.parameters.get("RunProperties") or {}
        return ActionResult(
            {"RunId": self.glue_backend.begin_workflow_run(self.parameters["Name"], given, refuse=True)}
        )

    def get_workflow_run(self) -> ActionResult:
        """GetWorkflowRun."""
        with_graph = bool(self.parameters.get("IncludeGraph"))
        return ActionResult({"Run": shown_run(self.glue_backend, self._run(), with_graph=with_graph)})

    def get_workflow_runs(self) -> ActionResult:
        """GetWorkflowRuns, the newest first."""
        backend, name = self.glue_backend, self.parameters["Name"]
        backend.workflow(name)
        runs, token = page(
            backend.workflow_runs.of_workflow(backend.account_id, backend.region_name, name),
            lambda run: str(run.run_id),
            self.parameters.get("NextToken"),
            self.parameters.get("MaxResults"),
            _PAGE,
        )
        with_graph = bool(self.parameters.get("IncludeGraph"))
        return ActionResult(
            {"Runs": [shown_run(backend, one, with_graph=with_graph) for one in runs], "NextToken": token}
        )

    def get_workflow_run_properties(self) -> ActionResult:
        """GetWorkflowRunProperties."""
        return ActionResult({"RunProperties": self._run().properties})

    def put_workflow_run_properties(self) -> EmptyResult:
        """PutWorkflowRunProperties: those given are added or replaced."""
        with engine.LOCK:
            run = self._run()
            run.properties = {**run.properties, **self.parameters["RunProperties"]}
            self.glue_backend.workflow_runs.save(run)
        return EmptyResult()

    def stop_workflow_run(self) -> EmptyResult:
        """StopWorkflowRun."""
        run = self._run()
        if run.status != "RUNNING":
            raise IllegalWorkflowStateError(f"Workflow run {run.run_id} is {run.status} and cannot be stopped.")
        engine.stop(self.glue_backend, run)
        return EmptyResult()

    def resume_workflow_run(self) -> ActionResult:
        """ResumeWorkflowRun; nodes that come after another one are not named in the answer."""
        backend, run = self.glue_backend, self._run()
        workflow = backend.workflow(run.name)
        with engine.LOCK:
            resumed = beginning.resumed_run(backend, workflow, run, self.parameters["NodeIds"])
            beginning.check_concurrency(backend, workflow)
            engine.begin(backend, resumed)
        node_ids = [graph.node_id(run.name, node) for node in resumed.restarted]
        return ActionResult({"RunId": resumed.run_id, "NodeIds": node_ids})

    def _run(self) -> WorkflowRun:
        run: WorkflowRun = self.glue_backend.workflow_run(self.parameters["Name"], self.parameters["RunId"])
        return run
