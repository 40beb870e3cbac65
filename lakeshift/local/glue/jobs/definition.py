"""Job definitions: what CreateJob and UpdateJob accept, and what the service fills in.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-jobs-job.html
"""

from __future__ import annotations

from typing import Any, Final

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.local.glue.jobs.capacity import (
    DEFAULT_GLUE_VERSION,
    GLUE_VERSIONS,
    WORKER_TYPES,
    default_timeout,
    dpu_per_worker,
)
from lakeshift.local.glue.jobs.errors import InvalidInputError, NotSupportedError, ValidationError

__all__ = ["COMMANDS", "completed", "validate"]

COMMANDS: Final = ("glueetl", "gluestreaming", "pythonshell")
_PAGE: Final = "https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-jobs-job.html"
_SHELL_CAPACITIES: Final = (0.0625, 1.0)
_LONGEST_TIMEOUT: Final = 10_080  # minutes: seven days
_MOST_RETRIES: Final = 10


def validate(definition: dict[str, Any]) -> None:
    """Refuse what AWS refuses; raises ValidationError, InvalidInputError, NotSupportedError.

    ``definition`` has the members of CreateJob (without the name) or of JobUpdate.
    """
    _validate_required(definition)
    _validate_command(definition["Command"])
    _validate_version(definition)
    _validate_capacity(definition)
    _validate_limits(definition)


def completed(definition: dict[str, Any]) -> dict[str, Any]:
    """The definition with the defaults that AWS shows for what was not given."""
    shell = definition["Command"]["Name"] == "pythonshell"
    filled = {key: value for key, value in definition.items() if value is not None}
    filled.setdefault("JobMode", "SCRIPT")
    filled.setdefault("ExecutionProperty", {"MaxConcurrentRuns": 1})
    filled.setdefault("MaxRetries", 0)
    if not shell:
        filled.setdefault("GlueVersion", DEFAULT_GLUE_VERSION)
        filled.setdefault("ExecutionClass", "STANDARD")
    if definition["Command"]["Name"] != "gluestreaming":  # a streaming run has no end of its own
        filled.setdefault("Timeout", default_timeout(filled.get("GlueVersion")))
    filled["MaxCapacity"] = _capacity(filled, shell)
    filled["AllocatedCapacity"] = int(filled["MaxCapacity"])
    filled["Command"] = {"PythonVersion": "3", **definition["Command"]}
    return filled


def _capacity(definition: dict[str, Any], shell: bool) -> float:
    workers = definition.get("NumberOfWorkers")
    if workers:
        return float(workers * dpu_per_worker(definition.get("WorkerType")))
    given = definition.get("MaxCapacity") or definition.get("AllocatedCapacity")
    return float(given) if given else (_SHELL_CAPACITIES[0] if shell else 10.0)


def _validate_required(definition: dict[str, Any]) -> None:
    for name in ("Role", "Command"):
        if not definition.get(name):
            member = name[0].lower() + name[1:]
            raise ValidationError(
                f"1 validation error detected: Value null at '{member}' failed to satisfy constraint: "
                "Member must not be null"
            )


def _validate_command(command: dict[str, Any]) -> None:
    name = command.get("Name")
    if not name:
        raise InvalidInputError("Command name should not be null or empty.")
    if name == "glueray":
        raise NotSupportedError(
            NotSupportedLocallyError("A Ray job (glueray)", "Use glueetl or pythonshell locally.", _PAGE)
        )
    if name not in COMMANDS:
        raise InvalidInputError(f"Unknown job command name {name!r}: use one of {', '.join(COMMANDS)}.")
    location = command.get("ScriptLocation")
    if not location:
        raise InvalidInputError("Script location should not be null or empty.")
    if not str(location).startswith("s3://"):
        raise InvalidInputError(f"Invalid script location {location!r}: it must be an s3:// object.")


def _validate_version(definition: dict[str, Any]) -> None:
    version = definition.get("GlueVersion")
    if version is not None and version not in GLUE_VERSIONS:
        raise InvalidInputError(f"Glue version {version} is not supported; use one of {', '.join(GLUE_VERSIONS)}.")


def _validate_capacity(definition: dict[str, Any]) -> None:
    worker, workers = definition.get("WorkerType"), definition.get("NumberOfWorkers")
    capacity, allocated = definition.get("MaxCapacity"), definition.get("AllocatedCapacity")
    if worker is not None and worker not in WORKER_TYPES:
        raise ValidationError(
            f"1 validation error detected: Value '{worker}' at 'workerType' failed to satisfy constraint: "
            f"Member must satisfy enum value set: [{', '.join(WORKER_TYPES)}]"
        )
    if capacity and allocated:
        raise InvalidInputError("Please set only Allocated Capacity or Max Capacity")
    if (capacity or allocated) and (worker or workers):
        raise InvalidInputError("Please do not set Max Capacity if using Worker Type and Number of Workers.")
    if bool(worker) != bool(workers):
        raise InvalidInputError("Worker Type and Number of Workers must be set together.")
    if definition["Command"]["Name"] == "pythonshell":
        _validate_shell_capacity(worker, capacity)


def _validate_shell_capacity(worker: str | None, capacity: float | None) -> None:
    if worker:
        raise InvalidInputError("Worker Type is not supported for Job Command pythonshell.")
    if capacity and float(capacity) not in _SHELL_CAPACITIES:
        raise InvalidInputError("For pythonshell jobs, Max Capacity must be either 0.0625 or 1.0.")


def _validate_limits(definition: dict[str, Any]) -> None:
    timeout, retries = definition.get("Timeout"), definition.get("MaxRetries")
    if timeout is not None and not 1 <= int(timeout) <= _LONGEST_TIMEOUT:
        raise InvalidInputError(f"Timeout {timeout} is out of range: 1 to {_LONGEST_TIMEOUT} minutes.")
    if retries is not None and not 0 <= int(retries) <= _MOST_RETRIES:
        raise InvalidInputError(f"Max Retries {retries} is out of range: 0 to {_MOST_RETRIES}.")
    for name in ("DefaultArguments", "NonOverridableArguments"):
        for key, value in (definition.get(name) or {}).items():
            if not isinstance(value, str):
                raise InvalidInputError(f"{name} must map text to text; the value of {key!r} is {value!r}.")
