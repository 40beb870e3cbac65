"""Data quality by DQDL."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import lakeshift.glue_runtime
from lakeshift.errors import NotSupportedLocallyError

pytestmark = pytest.mark.spark


@pytest.fixture
def transform(glue: Any) -> Iterator[Any]:
    """The class that scripts import."""
    folder = str(Path(lakeshift.glue_runtime.__file__).with_name("modules"))
    sys.path.append(folder)
    from awsgluedq.transforms import EvaluateDataQuality

    yield EvaluateDataQuality
    sys.path.remove(folder)


@pytest.fixture
def people(of_json: Any) -> Any:
    return of_json({"id": 1, "n": "a", "x": 2.0}, {"id": 2, "n": "b", "x": 3.0}, {"id": 3, "n": None, "x": 4.0})


RULES = [
    ("RowCount = 3", "Passed"),
    ('IsComplete "id"', "Passed"),
    ('IsComplete "n"', "Failed"),
    ('Completeness "n" > 0.5', "Passed"),
    ('ColumnValues "x" between 1 and 10', "Passed"),
    ('ColumnValues "x" > 2', "Failed"),
    ('IsUnique "id"', "Passed"),
    ('ColumnExists "zz"', "Failed"),
    ('CustomSql "select count(*) from primary" = 3', "Passed"),
    ('Mean "x" = 3.0', "Passed"),
]


def test_apply_gives_one_outcome_a_rule_in_the_order_of_the_ruleset(transform: Any, people: Any) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/dqdl.html"""
    ruleset = f"Rules = [ {', '.join(rule for rule, _ in RULES)} ]"
    outcomes = transform.apply(frame=people, ruleset=ruleset, publishing_options={}).toDF()
    assert outcomes.columns == ["Rule", "Outcome", "FailureReason", "EvaluatedMetrics", "EvaluatedRule"]
    rows = outcomes.collect()
    assert [(r.Rule, r.Outcome) for r in rows] == RULES
    assert rows[0].EvaluatedMetrics == {"Dataset.*.RowCount": 3.0}
    assert all((r.FailureReason is None) == (r.Outcome == "Passed") for r in rows)


def test_process_rows_marks_every_row(transform: Any, people: Any) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-EvaluateDataQuality.html"""
    ruleset = 'Rules = [ IsComplete "n", RowCount > 1 ]'
    found = transform().process_rows(frame=people, ruleset=ruleset, publishing_options={})
    assert set(found.keys()) == {"originalData", "ruleOutcomes", "rowLevelOutcomes"}
    rows = {r.id: r for r in found["rowLevelOutcomes"].toDF().collect()}
    assert set(found["rowLevelOutcomes"].toDF().columns) == {
        "id", "n", "x", "DataQualityRulesPass", "DataQualityRulesFail", "DataQualityRulesSkip",
        "DataQualityEvaluationResult",
    }  # fmt: skip
    assert [rows[i].DataQualityEvaluationResult for i in (1, 2, 3)] == ["Passed", "Passed", "Failed"]
    assert rows[3].DataQualityRulesFail == ['IsComplete "n"']


def test_a_rule_that_the_evaluator_does_not_know_is_refused(transform: Any, people: Any) -> None:
    with pytest.raises(NotSupportedLocallyError, match="DetectAnomalies"):
        transform.apply(frame=people, ruleset='Rules = [ DetectAnomalies "RowCount" ]')


def test_a_ruleset_that_is_no_dqdl_is_an_error(transform: Any, people: Any) -> None:
    with pytest.raises(ValueError, match="Invalid DQDL ruleset"):
        transform.apply(frame=people, ruleset="Rules = [ IsComplete ")
