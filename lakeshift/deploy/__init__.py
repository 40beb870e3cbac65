"""Plan (what differs) and apply (make it so); the same code against AWS and the local AWS."""

from __future__ import annotations

from lakeshift.deploy.applying import Result
from lakeshift.deploy.applying import apply_plan as apply
from lakeshift.deploy.planning import Plan
from lakeshift.deploy.planning import make_plan as plan
from lakeshift.deploy.removing import Removed, remove
from lakeshift.deploy.session import AwsSession
from lakeshift.deploy.steps import Step

__all__ = ["AwsSession", "Plan", "Removed", "Result", "Step", "apply", "plan", "remove"]
