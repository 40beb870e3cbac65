"""Rules of the marts in DQDL, and what their outcomes mean for the run.

https://docs.aws.amazon.com/glue/latest/dg/dqdl.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

__all__ = ["FLIGHTS_RULES", "Outcome", "QualityGateError", "require_passed", "require_rows", "ruleset"]

# What must hold for any day of flights, a stormy one too: no rule on how many flew.
FLIGHTS_RULES: Final = (
    "RowCount > 0",
    'IsComplete "flight_id"',
    'IsUnique "flight_id"',
    'IsComplete "event_time"',
    'IsComplete "flight_date"',
    'IsComplete "time_hour"',
    'IsComplete "carrier"',
    'IsComplete "origin"',
    'IsComplete "dest"',
    'IsComplete "plane_known"',
    'IsComplete "weather_known"',
    'ColumnLength "origin" = 3',
    'ColumnLength "dest" = 3',
    'ColumnValues "distance" > 0',
)


class QualityGateError(RuntimeError):
    """The data broke a rule, or there was none where some was expected; the run must not load it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one rule: ``Passed``, or anything else with its reason."""

    rule: str
    outcome: str
    reason: str | None


def ruleset(rules: Sequence[str]) -> str:
    """The rules as one DQDL document."""
    return "Rules = [\n    " + ",\n    ".join(rules) + "\n]"


def require_rows(rows: int, expected: bool, what: str) -> None:
    """Raise QualityGateError for no rows where rows were expected: rules pass easily on nothing."""
    if expected and rows == 0:
        raise QualityGateError(f"{what}: rows were expected and none are there; nothing is loaded.")


def require_passed(outcomes: Sequence[Outcome], rules: int, what: str) -> None:
    """Raise QualityGateError naming every rule that did not pass, or when a rule was not evaluated at all."""
    if len(outcomes) != rules:
        raise QualityGateError(f"{what}: {rules} rules were asked and {len(outcomes)} answered; nothing is loaded.")
    broken = [f"{one.rule} ({one.reason or one.outcome})" for one in outcomes if one.outcome != "Passed"]
    if broken:
        raise QualityGateError(
            f"{what}: {len(broken)} of {rules} rules failed; nothing is loaded: " + "; ".join(broken)
        )
