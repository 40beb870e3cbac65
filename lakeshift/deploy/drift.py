"""What is on AWS otherwise than it was deployed; only reads, and needs no definitions: the record is enough."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lakeshift.deploy.by_hand import since_deployed
from lakeshift.deploy.diff import Field
from lakeshift.deploy.ownership import tagged_stack
from lakeshift.deploy.record import Record, resource_of
from lakeshift.deploy.session import AwsSession
from lakeshift.deploy.steps import Known, read_live

__all__ = ["Drift", "drift_json", "drift_text", "find_drift"]


@dataclass(frozen=True, slots=True)
class Drift:
    """One resource: whether it is gone, whether it lost the stack's tag, and the fields that differ.

    ``before`` of a field is what was deployed, ``after`` what is there now.
    """

    logical_id: str
    type: str
    gone: bool
    untagged: bool
    fields: tuple[Field, ...]


def find_drift(record: Record, session: AwsSession) -> tuple[Drift, ...]:
    """Every recorded resource that is not as it was deployed."""
    found = (_drift(record, name, session) for name in record.entries)
    return tuple(one for one in found if one.gone or one.untagged or one.fields)


def _drift(record: Record, name: str, session: AwsSession) -> Drift:
    entry = record.entries[name]
    resource = resource_of(name, entry, record.applied(entry))
    live = read_live(resource, session, Known())
    if live is None:
        return Drift(name, entry.type, True, False, ())
    takes_tags, owner = tagged_stack(resource, resource.properties, live, session)
    fields = tuple(Field(one.path, one.after, one.before) for one in since_deployed(record, name, live))
    return Drift(name, entry.type, False, takes_tags and owner != record.stack, fields)


def drift_text(record: Record, found: tuple[Drift, ...]) -> str:
    """For people."""
    lines: list[str] = []
    for one in found:
        lines.append(f"! {one.logical_id} ({one.type}){': is gone' if one.gone else ''}")
        if one.untagged:
            lines.append(f"    has lost the tag of the stack {record.stack}")
        for field in one.fields:
            deployed, live = field.shown()
            lines.append(f"    {field.name}: deployed {deployed}, now {live}")
    told = f"{len(found)} of {len(record.entries)} resources are not" if found else "All resources are"
    lines.append(f"{told} as the deployment {record.number} ({record.sha}, {record.at}) left them.")
    return "\n".join(lines)


def drift_json(record: Record, found: tuple[Drift, ...]) -> dict[str, Any]:
    """For programs."""
    return {
        "stack": record.stack,
        "deployment": record.number,
        "sha": record.sha,
        "drift": [
            {
                "logical_id": one.logical_id,
                "type": one.type,
                "gone": one.gone,
                "untagged": one.untagged,
                "fields": [
                    dict(zip(("path", "deployed", "now"), (field.name, *field.shown()), strict=True))
                    for field in one.fields
                ],
            }
            for one in found
        ],
    }
