"""Is a task state's ``Resource`` one that the local AWS can really call?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from botocore import xform_name

from lakeshift.local.stepfunctions.models import actions
from lakeshift.local.stepfunctions.names import OPTIMIZED, is_known

__all__ = ["Resource", "resource_problem"]

_PREFIX: Final = "arn:aws:states:::"
_LAMBDA: Final = "arn:aws:lambda:"
_PAGE: Final = "https://docs.aws.amazon.com/step-functions/latest/dg/integrate-services.html"


@dataclass(frozen=True, slots=True)
class Resource:
    """``arn:aws:states:::aws-sdk:glue:getJobRun`` or ``arn:aws:states:::glue:startJobRun.sync``, taken apart."""

    kind: str  # resourceType of events: "aws-sdk:glue" or "glue"
    action: str
    pattern: str

    @classmethod
    def of(cls, arn: str) -> Resource:
        """The resource of a Task state that calls a service."""
        kind, _, name = arn.removeprefix(_PREFIX).rpartition(":")
        if kind.endswith(":startExecution.sync"):  # ``.sync:2``
            kind, name = kind.removesuffix(":startExecution.sync"), f"startExecution.sync:{name}"
        action, _, pattern = name.partition(".")
        return cls(kind, action, pattern)

    @property
    def service(self) -> str:
        """The service's name without ``aws-sdk:``."""
        return self.kind.removeprefix("aws-sdk:")

    @property
    def optimized(self) -> bool:
        """Whether Step Functions has an integration of its own for it."""
        return not self.kind.startswith("aws-sdk:")

    @property
    def facts(self) -> dict[str, str]:
        """As events have it."""
        name = f"{self.action}.{self.pattern}" if self.pattern else self.action
        return {"resourceType": self.kind, "resource": name}


def resource_problem(resource: str) -> str | None:
    """Why the resource is refused (with AWS's text where AWS refuses it too), or None."""
    if resource.startswith((_LAMBDA, f"{_PREFIX}lambda:")):
        return _unsupported("A Lambda task", "Do the step in a Glue Python shell job.")
    if ":activity:" in resource and resource.startswith("arn:aws:states:"):
        return None
    if not resource.startswith(_PREFIX):
        return _unrecognized(resource)
    name = resource.removeprefix(_PREFIX)
    if name.startswith("aws-sdk:"):
        return _sdk_problem(resource, name.removeprefix("aws-sdk:"))
    action, _, pattern = name.partition(".")
    if action not in OPTIMIZED:
        return _unsupported(f"The integration {name}", "Call the service by arn:aws:states:::aws-sdk:… and poll.")
    if pattern and pattern not in OPTIMIZED[action]:
        return _unrecognized(resource)
    return None


def _sdk_problem(resource: str, name: str) -> str | None:
    service, _, action = name.partition(":")
    action, _, pattern = action.partition(".")
    if not is_known(service):
        return _unsupported(f"The service {service!r} in a task", "Use a service of the local AWS.")
    if pattern not in ("", "waitForTaskToken") or action[:1].isupper() or xform_name(action) not in actions(service):
        return _unrecognized(resource)
    return None


def _unrecognized(resource: str) -> str:
    return (
        f"The resource provided {resource} is not recognized. "
        "The value is not a valid resource ARN, or the resource is not available in this region."
    )


def _unsupported(feature: str, instead: str) -> str:
    return f"{feature} is not supported locally. {instead} See {_PAGE}"
