"""From a StartJobRun request and a job definition to a run."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from lakeshift.local.glue.jobs.definition import completed, validate
from lakeshift.local.glue.jobs.errors import InvalidInputError
from lakeshift.local.glue.jobs.run import JobRun

__all__ = ["RunRequest", "effective_arguments"]

_OVERRIDES = ("Timeout", "SecurityConfiguration", "NotificationProperty", "ExecutionClass", "JobRunQueuingEnabled")
_CAPACITY = ("WorkerType", "NumberOfWorkers", "MaxCapacity", "AllocatedCapacity")


def effective_arguments(definition: dict[str, Any], given: dict[str, str]) -> dict[str, str]:
    """NonOverridableArguments before the run's arguments before DefaultArguments.

    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-glue-arguments.html
    """
    return {
        **(definition.get("DefaultArguments") or {}),
        **given,
        **(definition.get("NonOverridableArguments") or {}),
    }


@dataclass(frozen=True, slots=True)
class RunRequest:
    """The parameters of StartJobRun, as the API names them, for one job of one account and region."""

    job_name: str
    account: str
    region: str
    definition: dict[str, Any]
    parameters: dict[str, Any]

    def run(self, now: float, previous: JobRun | None = None) -> JobRun:
        """The run asked for; ``previous`` is the run that JobRunId asks to try again.

        Raises InvalidInputError, ValidationError for parameters that do not fit the job.
        """
        effective = self._effective()
        given = self.parameters.get("Arguments")
        if given is None:
            given = previous.arguments if previous else {}
        for key, value in given.items():
            if not isinstance(value, str):
                raise InvalidInputError(f"Arguments must map text to text; the value of {key!r} is {value!r}.")
        return JobRun(
            run_id=f"jr_{uuid.uuid4().hex}{uuid.uuid4().hex}",
            job_name=self.job_name,
            account=self.account,
            region=self.region,
            command=effective["Command"],
            arguments=effective_arguments(self.definition, given),
            started_on=now,
            previous_run_id=previous.run_id if previous else None,
            glue_version=effective.get("GlueVersion"),
            worker_type=effective.get("WorkerType"),
            number_of_workers=effective.get("NumberOfWorkers"),
            max_capacity=effective.get("MaxCapacity"),
            timeout=effective.get("Timeout"),
            max_retries=int(effective.get("MaxRetries") or 0),
            max_concurrent_runs=self.max_concurrent_runs,
            queuing=effective.get("JobRunQueuingEnabled"),
            execution_class=effective.get("ExecutionClass"),
            job_mode=effective.get("JobMode"),
            security_configuration=effective.get("SecurityConfiguration"),
            notification_property=effective.get("NotificationProperty"),
        )

    @property
    def max_concurrent_runs(self) -> int:
        """How many runs of the job may be live at once."""
        return int((self.definition.get("ExecutionProperty") or {}).get("MaxConcurrentRuns") or 1)

    def _effective(self) -> dict[str, Any]:
        """The definition with the run's own settings, checked as a definition is."""
        effective = dict(self.definition)
        if any(self.parameters.get(name) is not None for name in _CAPACITY):
            for name in _CAPACITY:
                effective.pop(name, None)
        for name in (*_OVERRIDES, *_CAPACITY):
            if self.parameters.get(name) is not None:
                effective[name] = self.parameters[name]
        validate(effective)
        return completed(effective)
