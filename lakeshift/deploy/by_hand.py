"""What somebody changed since the last deployment: where the live value is not the one that was deployed; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lakeshift.definitions import TYPES, Value
from lakeshift.deploy.adapters import ADAPTERS, Live
from lakeshift.deploy.diff import Field
from lakeshift.deploy.record import Entry, Record, known_only
from lakeshift.deploy.steps import differences

__all__ = ["changed_by_hand", "since_deployed"]

Path = tuple[str, ...]


def since_deployed(record: Record, logical_id: str, live: Live) -> tuple[Field, ...]:
    """The fields that are neither as the last deployment left them nor as one that was cut off meant to make them."""
    found = _against(record, record.entries.get(logical_id), live)
    if not found or logical_id not in record.intended:
        return found
    meant = {field.path for field in _against(record, record.intended[logical_id], live)}
    return tuple(field for field in found if field.path in meant)


def changed_by_hand(record: Record | None, logical_id: str, live: Live, fields: Iterable[Field]) -> Mapping[Path, Any]:
    """Of ``fields``, which a deployment would write, those that it would overwrite a change of somebody's with."""
    if record is None:
        return {}
    changed = since_deployed(record, logical_id, live)
    return {
        field.path: other.after
        for field in fields
        for other in changed
        if field.path[: len(other.path)] == other.path or other.path[: len(field.path)] == field.path
    }


def _against(record: Record, entry: Entry | None, live: Live) -> tuple[Field, ...]:
    """What ``live`` has otherwise than ``entry`` says; nothing where too little of it is known."""
    if entry is None:
        return ()
    applied: dict[str, Value] = known_only(record.applied(entry)) or {}
    if not TYPES[entry.type].required <= applied.keys():
        return ()
    return differences(ADAPTERS[entry.type], live, applied)
