"""Which statements of a bucket policy apply to a request of the local AWS.

moto ignores a statement's Condition, so that the usual "TLS only" policy makes a bucket unreadable.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any, Final

__all__ = ["applying_statements"]

_log = logging.getLogger(__name__)

# What holds of every request here. It comes over loopback, where there is nobody to listen, so it counts as secure.
_REQUEST: Final = {"aws:securetransport": "true", "aws:sourceip": "127.0.0.1", "aws:viaawsservice": "false"}

_OPERATORS: Final[dict[str, Callable[[str, str], bool]]] = {
    "bool": lambda value, wanted: value == wanted.lower(),
    "stringequals": lambda value, wanted: value == wanted,
    "stringnotequals": lambda value, wanted: value != wanted,
    "stringlike": fnmatchcase,
    "stringnotlike": lambda value, wanted: not fnmatchcase(value, wanted),
}


def applying_statements(policy: str) -> str:
    """``policy`` without the statements whose Condition does not hold.

    A condition on a key or with an operator that is not known here cannot be judged: a Deny then does not apply
    (it would lock the bucket) and an Allow does, and both are logged.
    """
    document = json.loads(policy)
    statements = document.get("Statement", [])
    statements = statements if isinstance(statements, list) else [statements]
    return json.dumps({**document, "Statement": [one for one in statements if _applies(one)]})


def _applies(statement: dict[str, Any]) -> bool:
    conditions = [
        _holds(operator, key, wanted if isinstance(wanted, list) else [wanted])
        for operator, keys in statement.get("Condition", {}).items()
        for key, wanted in keys.items()
    ]
    if False in conditions:
        return False
    if None in conditions:
        _log.warning("Bucket policy condition not evaluated locally: %s", json.dumps(statement["Condition"]))
        return bool(statement.get("Effect") != "Deny")
    return True


def _holds(operator: str, key: str, wanted: list[Any]) -> bool | None:
    name = operator.lower()
    optional = name.endswith("ifexists")
    compare = _OPERATORS.get(name.removesuffix("ifexists"))
    value = _REQUEST.get(key.lower())
    if compare is None or value is None:
        return True if optional and value is None and key.lower().startswith("aws:source") else None
    every = "not" in name  # a negated operator must hold against every value
    results = [compare(value, str(one).lower() if isinstance(one, bool) else str(one)) for one in wanted]
    return all(results) if every else any(results)
