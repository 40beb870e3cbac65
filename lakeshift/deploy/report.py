"""A plan for people and for programs."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import Any, Final

from lakeshift.deploy.adapters import ADAPTERS
from lakeshift.deploy.diff import Field
from lakeshift.deploy.planning import Plan
from lakeshift.deploy.record import known_only
from lakeshift.deploy.steps import Action, Step

__all__ = ["FORMAT", "fingerprints", "plan_json", "plan_text"]

FORMAT: Final = 1
_FEW: Final = 5  # objects that are told one by one
_SIGNS: Final[dict[Action, str]] = {"create": "+", "update": "~", "none": "=", "delete": "-", "keep": "-"}


def plan_text(plan: Plan, unchanged: bool = True) -> str:
    """A line for each resource (``+ ~ - =``), object and SQL file, field by field, and the sum."""
    lines: list[str] = []
    if plan.cut_off and plan.record is not None:
        lines.append(f"The deployment {plan.record.number} ({plan.record.sha}) was cut off; this is what remains.")
    for step in plan.steps:
        if unchanged or step.action != "none":
            lines += _step_lines(step)
    lines += _upload_lines(plan)
    lines += [f"+ sql {one.path}" for one in plan.migrations]
    counts = plan.counts()
    told = [f"{counts['create']} to create", f"{counts['update']} to update"]
    told += [f"{counts[key]} to {word}" for key, word in (("delete", "delete"), ("keep", "leave")) if counts[key]]
    lines.append(
        f"{', '.join(told)}, {counts['none']} unchanged; "
        f"{len(plan.uploads)} objects to upload, {len(plan.migrations)} SQL files to run."
    )
    if plan.by_hand:
        names = ", ".join(step.resource.logical_id for step in plan.by_hand)
        lines.append(f"Changed by hand since the last deployment, and would be overwritten: {names}.")
    return "\n".join(lines)


def _upload_lines(plan: Plan) -> list[str]:
    """A line for each object; one for each folder where they are many."""
    prefix = plan.project.code.prefix
    if len(plan.uploads) <= _FEW:
        return [f"+ object {prefix}/{one.path}" for one in plan.uploads]
    folders = Counter(one.path.rpartition("/")[0] for one in plan.uploads)
    return [f"+ objects {prefix}/{folder}/ ({number})" for folder, number in sorted(folders.items())]


def _step_lines(step: Step) -> list[str]:
    more = "; holds data and stays, no longer managed here" if step.action == "keep" else ""
    lines = [f"{_SIGNS[step.action]} {step.resource.logical_id} ({step.resource.type}{more})"]
    for field in step.fields:
        before, after = field.shown()
        was = ""
        if field.path in step.by_hand:
            _, deployed = Field(field.path, None, step.by_hand[field.path]).shown()
            was = f"  (changed by hand; deployed was {deployed})"
        lines.append(f"    {field.name}: {before} -> {after}{was}")
    return lines


def plan_json(plan: Plan) -> dict[str, Any]:
    """The same for programs, with what a later apply of this very plan compares."""
    return {
        "format": FORMAT,
        "stage": plan.project.stage,
        "stack": plan.project.name,
        "account": plan.project.parameters["AccountId"],
        "region": plan.project.parameters["Region"],
        "sha": plan.project.code.sha,
        "commit": plan.project.commit,
        "record": 0 if plan.record is None else plan.record.number,
        "changes": plan.changes,
        "resources": [_step_json(step) for step in plan.steps],
        "uploads": [f"{plan.project.code.prefix}/{one.path}" for one in plan.uploads],
        "migrations": [one.path for one in plan.migrations],
        "counts": plan.counts(),
        "fingerprints": fingerprints(plan),
    }


def _step_json(step: Step) -> dict[str, Any]:
    fields = [
        {**dict(zip(("path", "before", "after"), (field.name, *field.shown()), strict=True))}
        | ({"changed_by_hand": True} if field.path in step.by_hand else {})
        for field in step.fields
    ]
    return {
        "logical_id": step.resource.logical_id,
        "type": step.resource.type,
        "action": step.action,
        "fields": fields,
    }


def fingerprints(plan: Plan) -> dict[str, str]:
    """A digest of what is done with each resource, field by field with whole values, and of the code and the SQL."""
    found = {step.resource.logical_id: _digest(_facts(step)) for step in plan.steps}
    return {
        **found,
        "(code)": _digest(plan.project.code.sha),
        "(sql)": _digest([[one.path, one.checksum] for one in plan.migrations]),
    }


def _facts(step: Step) -> Any:
    """What a later plan has to show again: the action, the declared properties, and their live values."""
    adapter = ADAPTERS[step.resource.type]
    declared = {key: value for key, value in step.resource.properties.items() if key not in adapter.write_only}
    fields = [[list(field.path), field.before, str(field.after)] for field in step.fields]
    return [step.action, step.resource.type, known_only(declared), fields]


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:16]
