from __future__ import annotations

import pytest

from common.quality import FLIGHTS_RULES, Outcome, QualityGateError, require_passed, require_rows, ruleset


def test_a_ruleset_is_one_dqdl_document() -> None:
    assert ruleset(["RowCount > 0", 'IsComplete "a"']) == 'Rules = [\n    RowCount > 0,\n    IsComplete "a"\n]'
    assert "RowCount > 0" in FLIGHTS_RULES


def test_no_rows_fail_only_where_some_were_expected() -> None:
    require_rows(0, expected=False, what="t")
    require_rows(1, expected=True, what="t")
    with pytest.raises(QualityGateError, match="t: rows were expected and none are there"):
        require_rows(0, expected=True, what="t")


PASSED = Outcome("A", "Passed", None)
OUTCOMES = [
    pytest.param([PASSED, Outcome("B", "Failed", "Value: 3")], 2, r"1 of 2 rules failed.*B \(Value: 3\)", id="failed"),
    pytest.param([Outcome("A", "Error", None)], 1, r"A \(Error\)", id="anything_else_than_passed"),
    pytest.param([PASSED], 2, "2 rules were asked and 1 answered", id="not_evaluated"),
    pytest.param([], 2, "2 rules were asked and 0 answered", id="no_outcome_at_all"),
]


def test_all_passed_is_silent() -> None:
    require_passed([PASSED, PASSED], 2, "t")


@pytest.mark.parametrize(("outcomes", "rules", "message"), OUTCOMES)
def test_every_rule_that_did_not_pass_is_named(outcomes: list[Outcome], rules: int, message: str) -> None:
    with pytest.raises(QualityGateError, match=message):
        require_passed(outcomes, rules, "t")
