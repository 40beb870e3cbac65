"""A policy taken apart: the single permissions it holds, and what a call that needs one of them asks for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lakeshift.permissions.grants import Grant

__all__ = ["Call", "Element", "concrete", "elements", "matches", "policy"]


@dataclass(frozen=True, slots=True)
class Element:
    """One action on one resource; of a condition's values, one (None where there is no condition)."""

    grant: Grant
    value: str | None

    @property
    def action(self) -> str:
        """``s3:GetObject``."""
        return self.grant.action

    def call(self, values: Mapping[str, str]) -> Call:
        """A call that asks for it: every ``*`` of its patterns is an ``x``."""
        resource = concrete(self.grant.resource, values)
        asked = resource if resource == "*" else resource.replace("*", "x")
        if self.grant.condition is None or self.value is None:
            return Call(self.action, asked)
        if self.grant.condition[1] == "s3:prefix":
            return Call(self.action, asked, self.value.replace("*", "x"))
        return Call(self.action, asked, keys=((self.grant.condition[1], self.value),))


@dataclass(frozen=True, slots=True)
class Call:
    """What AWS is asked for: action, resource, of a listing its prefix, and what else conditions look at."""

    action: str
    resource: str
    prefix: str | None = None
    keys: tuple[tuple[str, str], ...] = ()


def elements(grants: Iterable[Grant]) -> tuple[Element, ...]:
    """Every single permission of ``grants``, each once, in their order."""
    found: dict[tuple[str, str, str | None], Element] = {}
    for grant in grants:
        for value in grant.condition[2] if grant.condition else (None,):
            found.setdefault((grant.action, grant.resource, value), Element(grant, value))
    return tuple(found.values())


def policy(held: Iterable[Element], values: Mapping[str, str]) -> dict[str, Any]:
    """The policy document of ``held``, references replaced by ``values``."""
    statements = []
    for one in held:
        statement: dict[str, Any] = {
            "Effect": "Allow",
            "Action": one.action,
            "Resource": concrete(one.grant.resource, values),
        }
        if one.grant.condition is not None:
            operator, key, _ = one.grant.condition
            statement["Condition"] = {operator: {key: one.value}}
        statements.append(statement)
    return {"Version": "2012-10-17", "Statement": statements}


def concrete(text: str, values: Mapping[str, str]) -> str:
    """``${Name}`` replaced; raises KeyError for a name without value."""
    return re.sub(r"\$\{([\w.:]+)\}", lambda match: values[match[1]], text)


def matches(element: Element, call: Call, values: Mapping[str, str]) -> bool:
    """Whether ``element`` alone allows ``call``, by IAM's wildcards."""
    if element.action != call.action or not _like(concrete(element.grant.resource, values), call.resource):
        return False
    if call.prefix is None or element.value is None:
        return element.value is None or not call.keys or element.value in dict(call.keys).values()
    return _like(element.value, call.prefix)


def _like(pattern: str, text: str) -> bool:
    parts = (".*" if part == "*" else "." if part == "?" else re.escape(part) for part in re.split(r"([*?])", pattern))
    return re.fullmatch("".join(parts), text, re.DOTALL) is not None
