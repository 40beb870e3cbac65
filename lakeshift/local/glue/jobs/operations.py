"""Job operations of the local Glue.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-jobs.html
"""

from __future__ import annotations

import threading
import time
from typing import Any, ClassVar

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.glue.models import FakeJob, GlueBackend
from moto.glue.responses import GlueResponse

from lakeshift.errors import LakeshiftError
from lakeshift.local.glue.jobs.definition import completed, validate
from lakeshift.local.glue.jobs.errors import (
    ConcurrentRunsExceededError,
    EntityNotFoundError,
    IdempotentParameterMismatchError,
)
from lakeshift.local.glue.jobs.paging import page
from lakeshift.local.glue.jobs.requests import RunRequest
from lakeshift.local.glue.jobs.run import JobRun
from lakeshift.local.glue.jobs.runner import JobRunner
from lakeshift.local.glue.triggers.starting import Cause, caused

__all__ = ["Job", "JobOperations", "JobResponses"]

_start_lock = threading.Lock()  # between counting a job's live runs and adding one


class Job(FakeJob):
    """moto's job, shown as AWS shows it: what was given and the service's defaults, nothing else."""

    given: dict[str, Any]

    def define(self, definition: dict[str, Any]) -> None:
        """Take ``definition`` (members of CreateJob) as the whole of what this job is."""
        self.given = definition
        self.last_modified_on = utcnow()

    @property
    def definition(self) -> dict[str, Any]:
        """The definition with the defaults filled in."""
        return completed(self.given)

    def as_dict(self) -> dict[str, Any]:
        """The ``Job`` structure of the API."""
        return {
            "Name": self.name,
            "CreatedOn": self.created_on,
            "LastModifiedOn": self.last_modified_on,
            **self.definition,
        }


class JobOperations(GlueBackend):
    """What the backend does for jobs."""

    runner: ClassVar[JobRunner | None] = None

    @property
    def job_runner(self) -> JobRunner:
        """The runner of this process."""
        runner = type(self).runner
        if runner is None:
            raise LakeshiftError("Glue has no job runner: install the room before the first request.")
        return runner

    def get_job(self, name: str) -> Job:
        """The job; raises EntityNotFoundError."""
        job: Job | None = self.jobs.get(name)
        if job is None:
            raise EntityNotFoundError(f"Job with name: {name} not found.")
        return job

    def update_job(self, name: str, definition: dict[str, Any]) -> None:
        """Replace the definition: what is not given goes back to its default."""
        job = self.get_job(name)
        validate(definition)
        job.define(definition)

    def delete_job(self, name: str) -> None:
        """Forget the job, its tags and its bookmark; a job that is not there is no error. Its runs stay on record."""
        job = self.jobs.pop(name, None)
        if job is not None:
            self.tagger.delete_all_tags_for_resource(job.arn)
            self.forget_bookmark(name)

    def begin_job_run(self, name: str, parameters: dict[str, Any], cause: Cause | None = None) -> str:
        """Start a run and return its id; raises EntityNotFoundError, ConcurrentRunsExceededError, InvalidInputError.

        A run that is there for the same ``cause`` is not started again.
        """
        job: Job | None = self.jobs.get(name)
        if job is None:
            raise EntityNotFoundError("Failed to start job run due to missing metadata")
        previous = self.find_job_run(name, parameters["JobRunId"]) if parameters.get("JobRunId") else None
        request = RunRequest(name, self.account_id, self.region_name, job.given, parameters)
        run = request.run(time.time(), previous)
        if cause is not None:
            run = caused(run, cause)
        with _start_lock:
            if self.job_runner.store.get(self.account_id, self.region_name, name, run.run_id) is not None:
                return run.run_id
            live = [other for other in self.runs_of(name) if other.is_live]
            if len(live) >= run.max_concurrent_runs and not run.queuing:
                raise ConcurrentRunsExceededError(f"Concurrent runs exceeded for {name}")
            self.job_runner.submit(run)
        return run.run_id

    def runs_of(self, name: str) -> list[JobRun]:
        """All runs of the job on record, the newest first."""
        return self.job_runner.store.of_job(self.account_id, self.region_name, name)

    def find_job_run(self, name: str, run_id: str) -> JobRun:
        """The run; raises EntityNotFoundError."""
        run = self.job_runner.store.get(self.account_id, self.region_name, name, run_id)
        if run is None:
            raise EntityNotFoundError(f"Job run {run_id} not found.")
        return run


class JobResponses(GlueResponse):
    """How the API answers for jobs."""

    def create_job(self) -> ActionResult:
        """CreateJob; the same definition again is the same job, another one under the name is an error."""
        name = self.parameters["Name"]
        definition = {key: value for key, value in self.parameters.items() if key not in ("Name", "Tags")}
        validate(definition)
        existing = self.glue_backend.jobs.get(name)
        if existing is not None:
            if existing.given != definition:
                raise IdempotentParameterMismatchError(
                    f"Job with name: {name} already submitted with different configuration"
                )
            return ActionResult({"Name": name})
        answer = super().create_job()
        job = self.glue_backend.jobs[name]
        job.__class__ = Job
        job.define(definition)
        return answer

    def update_job(self) -> ActionResult:
        """UpdateJob."""
        name = self.parameters["JobName"]
        self.glue_backend.update_job(name, dict(self.parameters.get("JobUpdate") or {}))
        return ActionResult({"JobName": name})

    def batch_get_jobs(self) -> ActionResult:
        """BatchGetJobs, with the names that do not exist."""
        jobs = self.glue_backend.jobs
        names = list(dict.fromkeys(self.parameters.get("JobNames") or []))
        return ActionResult(
            {
                "Jobs": [jobs[name].as_dict() for name in names if name in jobs],
                "JobsNotFound": [name for name in names if name not in jobs],
            }
        )

    def list_jobs(self) -> ActionResult:
        """ListJobs: the names of those that have all of ``Tags``, in pages of at most 1,000."""
        given = self.parameters
        jobs = list(self.filter_jobs_by_tags(list(self.glue_backend.jobs.values()), given.get("Tags")))
        rows, token = page(jobs, str, given.get("NextToken"), given.get("MaxResults"), most=1000)
        return ActionResult({"JobNames": rows, "NextToken": token})

    def start_job_run(self) -> ActionResult:
        """StartJobRun; returns once the run is on record."""
        run_id = self.glue_backend.begin_job_run(self.parameters["JobName"], self.parameters)
        return ActionResult({"JobRunId": run_id})

    def get_job_run(self) -> ActionResult:
        """GetJobRun; looking at a run never moves it."""
        backend = self.glue_backend
        run = backend.find_job_run(self.parameters["JobName"], self.parameters["RunId"])
        return ActionResult({"JobRun": run.shown(time.time())})

    def get_job_runs(self) -> ActionResult:
        """GetJobRuns, the newest first, in pages of at most 200."""
        backend = self.glue_backend
        name = self.parameters["JobName"]
        backend.get_job(name)
        rows, token = page(
            backend.runs_of(name),
            lambda run: str(run.run_id),
            self.parameters.get("NextToken"),
            self.parameters.get("MaxResults"),
        )
        now = time.time()
        return ActionResult({"JobRuns": [run.shown(now) for run in rows], "NextToken": token})

    def batch_stop_job_run(self) -> ActionResult:
        """BatchStopJobRun: each run goes to STOPPING here and to STOPPED when its processes are gone."""
        backend = self.glue_backend
        name = self.parameters["JobName"]
        submitted, errors = [], []
        for run_id in self.parameters.get("JobRunIds") or []:
            try:
                backend.find_job_run(name, run_id)
            except EntityNotFoundError as error:
                errors.append(_stop_error(name, run_id, "EntityNotFoundException", error.message))
                continue
            if backend.job_runner.stop(run_id):
                submitted.append({"JobName": name, "JobRunId": run_id})
            else:
                state = backend.find_job_run(name, run_id).state
                text = f"Job run {run_id} is in state {state} and cannot be stopped."
                errors.append(_stop_error(name, run_id, "JobRunInvalidStateTransitionException", text))
        return ActionResult({"SuccessfulSubmissions": submitted, "Errors": errors})


def _stop_error(name: str, run_id: str, code: str, message: str) -> dict[str, Any]:
    return {"JobName": name, "JobRunId": run_id, "ErrorDetail": {"ErrorCode": code, "ErrorMessage": message}}
