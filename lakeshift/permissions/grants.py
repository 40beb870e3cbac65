"""One permission, and how many of them make the statements of a policy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Condition", "Grant", "Statement", "statements"]

Condition = tuple[str, str, tuple[str, ...]]  # operator, key, values
_Cells = Mapping[tuple[str, str], frozenset[str]]


@dataclass(frozen=True, slots=True)
class Grant:
    """One action on one resource (a text for ``!Sub``); ``sid`` names its statement, ``why`` what asks for it."""

    sid: str
    action: str
    resource: str
    why: str
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement: every action on every resource."""

    sid: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    condition: Condition | None = None

    def document(self) -> dict[str, Any]:
        """As a policy has it."""
        found: dict[str, Any] = {
            "Sid": self.sid,
            "Effect": "Allow",
            "Action": list(self.actions),
            "Resource": list(self.resources),
        }
        if self.condition is not None:
            operator, key, values = self.condition
            found["Condition"] = {operator: {key: list(values)}}
        return found


def statements(grants: Iterable[Grant]) -> tuple[Statement, ...]:
    """The fewest statements that allow exactly ``grants``: nothing comes in by multiplying.

    Grants of one ``sid``, condition operator and condition key stand together as far as their actions have the same
    resources and values.
    """
    cells: dict[tuple[str, str, str], dict[tuple[str, str], frozenset[str]]] = defaultdict(dict)
    for grant in grants:
        operator, name, values = grant.condition or ("", "", ())
        own = cells[grant.sid, operator, name]
        cell = (grant.action, grant.resource)
        own[cell] = own.get(cell, frozenset()) | frozenset(values)
    found: list[Statement] = []
    for (sid, operator, name), own in cells.items():
        parts = _rectangles(own)
        for number, (actions, resources, held) in enumerate(parts, 1):
            condition = (operator, name, tuple(sorted(held))) if operator else None
            label = sid if len(parts) == 1 else f"{sid}{number}"
            found.append(Statement(label, tuple(sorted(actions)), tuple(sorted(resources)), condition))
    return tuple(found)


def _rectangles(cells: _Cells) -> list[tuple[list[str], frozenset[str], frozenset[str]]]:
    """Actions times resources with the same condition values, all of which are there."""
    resources: dict[tuple[str, frozenset[str]], set[str]] = defaultdict(set)
    for (action, resource), values in cells.items():
        resources[action, values].add(resource)
    actions: dict[tuple[frozenset[str], frozenset[str]], list[str]] = defaultdict(list)
    for (action, values), names in resources.items():
        actions[frozenset(names), values].append(action)
    return [(names, held, values) for (held, values), names in actions.items()]
