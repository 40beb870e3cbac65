"""The parameters of one stage: environments/<stage>.yaml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lakeshift.definitions.document import Item, read
from lakeshift.definitions.errors import DefinitionError, Problem

__all__ = ["Environment", "load_environment"]

_KEYS = ("Description", "Account", "Parameters")


@dataclass(frozen=True, slots=True)
class Environment:
    """``parameters`` by name; ``account`` (12 digits) where the stage may be deployed to one account only."""

    parameters: Mapping[str, str]
    account: str | None = None


def load_environment(text: str, file: str) -> Environment:
    """Read one stage's file. Raises DefinitionError for keys or values that are not known here."""
    document = read(text, file)
    if not isinstance(document.value, dict):
        raise DefinitionError([Problem(file, document.line, "needs `Parameters:` with a value for each name.")])
    problems = [
        Problem(file, item.line, f"unknown key {key}; known are {', '.join(_KEYS)}.")
        for key, item in document.value.items()
        if key not in _KEYS
    ]
    parameters = _parameters(document.value.get("Parameters"), file, problems)
    account = document.value.get("Account")
    if account is not None and not re.fullmatch(r"\d{12}", str(account.value)):
        problems.append(Problem(file, account.line, 'Account has to be 12 digits in quotes: "123456789012".'))
    if problems:
        raise DefinitionError(problems)
    return Environment(parameters, None if account is None else str(account.value))


def _parameters(section: Item | None, file: str, problems: list[Problem]) -> dict[str, str]:
    if section is None or not isinstance(section.value, dict):
        problems.append(
            Problem(file, section.line if section else 1, "needs `Parameters:` with a value for each name.")
        )
        return {}
    found: dict[str, str] = {}
    for name, item in section.value.items():
        if isinstance(item.value, bool) or not isinstance(item.value, str | int | float):
            problems.append(Problem(file, item.line, f"the parameter {name} has to be one text or number."))
        else:
            found[name] = str(item.value)
    return found
