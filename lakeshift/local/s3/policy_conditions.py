"""Whether the conditions of a policy statement hold for a request. Pure.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import ipaddress
import operator
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any, Final

__all__ = ["ABROAD", "UnknownConditionError", "holds"]

# What only AWS's network, organizations and identity providers give to a request.
ABROAD: Final = (
    *("aws:sourcevpc", "aws:sourcevpce", "aws:vpcsourceip", "aws:principalorgid", "aws:principalorgpaths"),
    *("aws:resourceorgid", "aws:resourceorgpaths", "aws:principaltag/", "aws:federatedprovider", "aws:multifactorauth"),
    *("aws:userid", "aws:principalservicename", "aws:principalisawsservice", "aws:sourcearn", "aws:sourceaccount"),
    *("aws:sourceorgid", "s3:dataaccesspoint", "s3:accesspointnetworkorigin"),
)
Compare = Callable[[str, str], bool]


class UnknownConditionError(ValueError):
    """The operator or the key cannot be judged here."""


def _moment(text: str) -> float:
    if text.replace(".", "", 1).isdigit():
        return float(text)
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _numbers(compare: Callable[[float, float], bool], read: Callable[[str], float] = float) -> Compare:
    return lambda value, wanted: compare(read(value), read(wanted))


def _like(value: str, wanted: str) -> bool:
    return fnmatchcase(value, wanted.replace("[", "[[]"))


def _in_network(value: str, wanted: str) -> bool:
    return ipaddress.ip_address(value) in ipaddress.ip_network(wanted, strict=False)


_ORDER: Final = {
    "equals": operator.eq,
    "lessthan": operator.lt,
    "lessthanequals": operator.le,
    "greaterthan": operator.gt,
    "greaterthanequals": operator.ge,
}
_OPERATORS: Final[dict[str, Compare]] = {
    "bool": lambda value, wanted: value.lower() == wanted.lower(),
    "stringequals": operator.eq,
    "stringequalsignorecase": lambda value, wanted: value.lower() == wanted.lower(),
    "stringlike": _like,
    "arnequals": _like,
    "arnlike": _like,
    "ipaddress": _in_network,
    **{f"numeric{name}": _numbers(compare) for name, compare in _ORDER.items()},
    **{f"date{name}": _numbers(compare, _moment) for name, compare in _ORDER.items()},
}
_NEGATED: Final = {
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
    "arnnotequals": "arnequals",
    "arnnotlike": "arnlike",
    "notipaddress": "ipaddress",
    "numericnotequals": "numericequals",
    "datenotequals": "dateequals",
}


def holds(conditions: Mapping[str, Mapping[str, Any]], context: Mapping[str, str]) -> bool:
    """Whether every operator holds for every key; raises UnknownConditionError where the answer depends on it."""
    unknown: UnknownConditionError | None = None
    for name, keys in conditions.items():
        for key, wanted in keys.items():
            values = [str(one).lower() if isinstance(one, bool) else str(one) for one in _several(wanted)]
            try:
                if not _holds(name.lower(), key.lower(), values, context):
                    return False
            except UnknownConditionError as error:
                unknown = error
    if unknown is not None:
        raise unknown
    return True


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _holds(name: str, key: str, wanted: list[str], context: Mapping[str, str]) -> bool:
    if key.startswith(ABROAD):
        raise UnknownConditionError(key)
    every = name.startswith("forallvalues:")
    some = name.startswith("foranyvalue:")
    name = name.partition(":")[2] if every or some else name
    value = context.get(key)
    if name == "null":
        return (value is None) == (wanted[0] == "true")
    optional = name.endswith("ifexists")
    name = name.removesuffix("ifexists")
    negated = name in _NEGATED
    compare = _OPERATORS.get(_NEGATED.get(name, name))
    if compare is None:
        raise UnknownConditionError(name)
    if value is None:
        return optional or every or (negated and not some)
    try:
        return any(compare(value, one) for one in wanted) != negated
    except ValueError:  # not a number, date or network: it does not match
        return negated
