"""A bucket policy decided for one request. Pure.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Final

from lakeshift.local.s3.policy_conditions import UnknownConditionError, holds

__all__ = ["ALLOW", "DENY", "Asked", "decide"]

ALLOW, DENY = "Allow", "Deny"
_log = logging.getLogger(__name__)
_VARIABLE: Final = re.compile(r"\$\{([^}]+)\}")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: ``s3:GetObject``, the resource's ARN, who asks, and condition keys (lower case) with their values.

    ``principal`` is an ARN, or None for a request without a signature.
    """

    action: str
    resource: str
    principal: str | None
    account: str
    context: Mapping[str, str] = field(default_factory=dict)


def decide(policy: str | bytes, asked: Asked) -> str | None:
    """DENY where any statement denies, else ALLOW where one allows, else None.

    A condition on what this machine cannot have (a VPC endpoint, an organization) cannot be judged: a Deny then does
    not apply, for it would lock the bucket, nor does an Allow; both are logged.
    """
    statements = _several(json.loads(policy).get("Statement", []))
    effects = {str(one.get("Effect")) for one in statements if _applies(one, asked)}
    return DENY if DENY in effects else ALLOW if ALLOW in effects else None


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _applies(statement: Mapping[str, Any], asked: Asked) -> bool:
    if not (
        _named(statement, "Action", asked.action, fold=True)
        and _named(statement, "Resource", asked.resource, asked=asked)
        and _is_principal(statement, asked)
    ):
        return False
    try:
        return holds(statement.get("Condition") or {}, asked.context)
    except UnknownConditionError as unknown:
        _log.warning("Bucket policy condition not evaluated locally: %s in %s", unknown, json.dumps(statement))
        return False


def _named(
    statement: Mapping[str, Any], element: str, value: str, *, fold: bool = False, asked: Asked | None = None
) -> bool:
    """Whether ``Action``/``Resource`` names the value, or ``NotAction``/``NotResource`` does not."""
    negated = f"Not{element}" in statement
    patterns: Iterable[str] = _several(statement.get(f"Not{element}" if negated else element, []))
    if asked is not None:
        patterns = [_filled(pattern, asked.context) for pattern in patterns]
    matched = any(_like(value, pattern, fold=fold) for pattern in patterns)
    return matched != negated


def _like(value: str, pattern: str, *, fold: bool) -> bool:
    if fold:
        value, pattern = value.lower(), pattern.lower()
    return fnmatchcase(value, pattern.replace("[", "[[]"))


def _filled(pattern: str, context: Mapping[str, str]) -> str:
    return _VARIABLE.sub(lambda found: context.get(found.group(1).lower(), found.group()), pattern)


def _is_principal(statement: Mapping[str, Any], asked: Asked) -> bool:
    negated = "NotPrincipal" in statement
    given = statement.get("NotPrincipal" if negated else "Principal", {})
    matched = given == "*" or any(_is(one, asked) for one in _several(dict(given or {}).get("AWS", [])))
    return matched != negated


def _is(name: str, asked: Asked) -> bool:
    if name == "*":
        return True
    if asked.principal is None:
        return False
    if name in (asked.account, f"arn:aws:iam::{asked.account}:root"):
        return asked.principal.split(":")[4] == asked.account
    return name == asked.principal
