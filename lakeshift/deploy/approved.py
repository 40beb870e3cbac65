"""A plan that was written to a file and approved: applied only where a new plan says the very same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lakeshift.deploy.planning import Plan
from lakeshift.deploy.report import FORMAT, fingerprints
from lakeshift.errors import LakeshiftError

__all__ = ["check_approved", "read_approved"]


def read_approved(path: Path) -> dict[str, Any]:
    """The plan in a file. Raises LakeshiftError where it is none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise LakeshiftError(f"{path} is no plan: {error}. Write one: make plan ENV=<stage> PLAN=plan.json") from error
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise LakeshiftError(f"{path} is no plan of this version. Write a new one: make plan ENV=<stage> PLAN={path}")
    return found


def check_approved(approved: dict[str, Any], plan: Plan) -> None:
    """Raises LakeshiftError, which names what is another by now, where ``plan`` is not what was approved."""
    project = plan.project
    now = {"stage": project.stage, "stack": project.name, "account": project.parameters["AccountId"]}
    wrong = [f"{key} {approved[key]}, not {value}" for key, value in now.items() if approved[key] != value]
    if wrong:
        raise LakeshiftError(f"The approved plan is of the {'; of the '.join(wrong)}. Nothing was done.")
    before, after = approved["fingerprints"], fingerprints(plan)
    different = sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))
    if different:
        raise LakeshiftError(
            f"What was approved is not what would be done now: {', '.join(different)} changed since, in the "
            "definitions or on AWS. Nothing was done; make a new plan and have it approved."
        )
