"""Choice rules: every comparison, and what does not match because it is of another type."""

from __future__ import annotations

from typing import Any

import pytest

from lakeshift.local.stepfunctions.language.choice import holds
from lakeshift.local.stepfunctions.language.failure import StateFailure
from lakeshift.local.stepfunctions.language.paths import Data
from tests.unit.stepfunctions.conftest import Engine, jsonata, one, with_states

NOON, LATER = "2026-01-01T12:00:00Z", "2026-01-01T12:00:00.001Z"
DATA = Data(
    {"s": "b", "n": 5, "t": True, "time": NOON, "null": None, "list": [1], "other": "b", "five": 5.0, "same": NOON},
    {"Execution": {"RedriveCount": 1}},
    {"limit": 4},
)

RULES: dict[str, tuple[str, dict[str, Any], bool]] = {
    "StringEquals": ("$.s", {"StringEquals": "b"}, True),
    "StringEquals another": ("$.s", {"StringEquals": "B"}, False),
    "StringEquals of a number": ("$.n", {"StringEquals": "5"}, False),
    "StringLessThan": ("$.s", {"StringLessThan": "c"}, True),
    "StringGreaterThan": ("$.s", {"StringGreaterThan": "b"}, False),
    "StringLessThanEquals": ("$.s", {"StringLessThanEquals": "b"}, True),
    "StringGreaterThanEquals": ("$.s", {"StringGreaterThanEquals": "c"}, False),
    "StringEqualsPath": ("$.s", {"StringEqualsPath": "$.other"}, True),
    "StringMatches": ("$.time", {"StringMatches": "2026-*T12*Z"}, True),
    "StringMatches whole text": ("$.time", {"StringMatches": "2026-*T12"}, False),
    "StringMatches an escaped star": ("$.s", {"StringMatches": r"\*"}, False),
    "StringMatches a dot is a dot": ("$.s", {"StringMatches": "."}, False),
    "NumericEquals": ("$.n", {"NumericEquals": 5}, True),
    "NumericEquals a fraction's": ("$.five", {"NumericEquals": 5}, True),
    "NumericEquals of text": ("$.s", {"NumericEquals": 5}, False),
    "NumericEquals of true": ("$.t", {"NumericEquals": 1}, False),
    "NumericLessThan": ("$.n", {"NumericLessThan": 5}, False),
    "NumericLessThanEquals": ("$.n", {"NumericLessThanEquals": 5}, True),
    "NumericGreaterThan": ("$.n", {"NumericGreaterThan": 4.5}, True),
    "NumericGreaterThanEquals": ("$.n", {"NumericGreaterThanEquals": 6}, False),
    "NumericGreaterThanPath of a variable": ("$.n", {"NumericGreaterThanPath": "$limit"}, True),
    "BooleanEquals": ("$.t", {"BooleanEquals": True}, True),
    "BooleanEquals of a number": ("$.n", {"BooleanEquals": True}, False),
    "BooleanEqualsPath": ("$.t", {"BooleanEqualsPath": "$.t"}, True),
    "TimestampEquals": ("$.time", {"TimestampEquals": "2026-01-01T13:00:00+01:00"}, True),
    "TimestampLessThan": ("$.time", {"TimestampLessThan": LATER}, True),
    "TimestampGreaterThan": ("$.time", {"TimestampGreaterThan": LATER}, False),
    "TimestampLessThanEqualsPath": ("$.time", {"TimestampLessThanEqualsPath": "$.same"}, True),
    "Timestamp of plain text": ("$.s", {"TimestampEquals": NOON}, False),
    "IsNull": ("$.null", {"IsNull": True}, True),
    "IsNull no": ("$.n", {"IsNull": False}, True),
    "IsPresent": ("$.null", {"IsPresent": True}, True),
    "IsPresent no": ("$.none.at.all", {"IsPresent": False}, True),
    "IsString": ("$.s", {"IsString": True}, True),
    "IsNumeric": ("$.t", {"IsNumeric": True}, False),
    "IsBoolean": ("$.t", {"IsBoolean": True}, True),
    "IsTimestamp": ("$.time", {"IsTimestamp": True}, True),
    "IsTimestamp of text": ("$.s", {"IsTimestamp": False}, True),
    "the context": ("$$.Execution.RedriveCount", {"NumericEquals": 1}, True),
    "a variable": ("$limit", {"NumericLessThan": 5}, True),
}


@pytest.mark.parametrize(("variable", "comparison", "expected"), RULES.values(), ids=RULES)
def test_a_comparison(variable: str, comparison: dict[str, Any], expected: bool) -> None:
    assert holds({"Variable": variable, **comparison}, DATA) is expected


YES, NO = {"Variable": "$.n", "NumericEquals": 5}, {"Variable": "$.n", "NumericEquals": 6}
LOGIC: dict[str, tuple[dict[str, Any], bool]] = {
    "And": ({"And": [YES, YES]}, True),
    "And with one that does not hold": ({"And": [YES, NO]}, False),
    "Or": ({"Or": [NO, YES]}, True),
    "Or of none": ({"Or": [NO, NO]}, False),
    "Not": ({"Not": NO}, True),
    "nested": ({"And": [{"Or": [NO, {"Not": NO}]}, YES]}, True),
    "And stops where it is decided": ({"And": [NO, {"Variable": "$.none", "IsNull": True}]}, False),
}


@pytest.mark.parametrize(("rule", "expected"), LOGIC.values(), ids=LOGIC)
def test_rules_are_joined(rule: dict[str, Any], expected: bool) -> None:
    assert holds(rule, DATA) is expected


def test_a_variable_that_is_not_there_fails_the_execution() -> None:
    with pytest.raises(StateFailure) as told:
        holds({"Variable": "$.none", "IsNull": True}, DATA)
    assert told.value.error == "States.Runtime"


def machine(*choices: dict[str, Any], **fields: Any) -> dict[str, Any]:
    ends = {name: {"Type": "Pass", "Parameters": {"at": name, "v.$": "$x"}, "End": True} for name in ("B", "C")}
    return with_states(one("Choice", Choices=[*choices], Assign={"x": "state"}, **fields), **ends)


TURNS: dict[str, tuple[dict[str, Any], Any, Any]] = {
    "the first rule that holds": (
        machine({**YES, "Next": "B", "Assign": {"x": 1}}, {**YES, "Next": "C"}, Default="C"),
        {"n": 5},
        {"at": "B", "v": 1},
    ),
    "the default, with the state's own variables": (
        machine({**NO, "Next": "B"}, Default="C"),
        {"n": 5},
        {"at": "C", "v": "state"},
    ),
    "a rule's variables are its own": (
        machine({**YES, "Next": "B", "Assign": {"x": "rule"}}, Default="C"),
        {"n": 5},
        {"at": "B", "v": "rule"},
    ),
}


@pytest.mark.parametrize(("definition", "given", "output"), TURNS.values(), ids=TURNS)
def test_a_choice_goes_to(engine: Engine, definition: dict[str, Any], given: Any, output: Any) -> None:
    assert engine.run(definition, given).output == output


def test_no_rule_and_no_default_fails_the_execution(engine: Engine) -> None:
    outcome = engine.run(machine({**NO, "Next": "B"}), {"n": 5})
    assert (outcome.status, outcome.error) == ("FAILED", "States.NoChoiceMatched")
    assert "Failed to transition out of the state" in outcome.cause


def test_a_condition_in_jsonata(engine: Engine) -> None:
    rules = [{"Condition": "{% $states.input.n > 5 %}", "Next": "B"}, {"Condition": True, "Next": "C", "Output": "c"}]
    ends = {name: {"Type": "Succeed"} for name in ("B", "C")}
    definition = jsonata(with_states(one("Choice", Choices=rules), **ends))
    assert (engine.run(definition, {"n": 6}).output, engine.run(definition, {"n": 5}).output) == ({"n": 6}, "c")


def test_a_condition_that_is_no_truth_fails(engine: Engine) -> None:
    definition = jsonata(one("Choice", Choices=[{"Condition": "{% 1 %}", "Next": "A"}], Default="A"))
    assert engine.run(definition).error == "States.QueryEvaluationError"
