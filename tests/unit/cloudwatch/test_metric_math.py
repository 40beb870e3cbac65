"""Statistics of datapoints, metric math, and what is refused by name."""

from __future__ import annotations

from typing import Any

import pytest

from lakeshift.local.cloudwatch import queries
from lakeshift.local.cloudwatch.expressions import MathError, evaluate
from lakeshift.local.cloudwatch.store import Metric
from lakeshift.local.cloudwatch.values import Sample, StatisticError, check_statistic, series, statistic

A = {0.0: 1.0, 60.0: 4.0, 120.0: 9.0}
B = {0.0: 2.0, 120.0: 3.0}
TIMES = [0.0, 60.0, 120.0, 180.0]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("a + b", {0.0: 3.0, 120.0: 12.0}),
        ("a - 1", {0.0: 0.0, 60.0: 3.0, 120.0: 8.0}),
        ("2 * a / b", {0.0: 1.0, 120.0: 6.0}),
        ("a / (b - 2)", {120.0: 9.0}),
        ("-a ^ 2", {0.0: -1.0, 60.0: -16.0, 120.0: -81.0}),
        ("a > 3 AND a < 9", {0.0: 0.0, 60.0: 1.0, 120.0: 0.0}),
        ("SUM(a)", 14.0),
        ("AVG(a)", 14 / 3),
        ("MIN([a, b])", {0.0: 1.0, 60.0: 4.0, 120.0: 3.0}),
        ("MAX(METRICS())", {0.0: 2.0, 60.0: 4.0, 120.0: 9.0}),
        ("SUM(METRICS('b'))", {0.0: 2.0, 120.0: 3.0}),
        ("RATE(a)", {60.0: 0.05, 120.0: 5 / 60}),
        ("DIFF(a)", {60.0: 3.0, 120.0: 5.0}),
        ("RUNNING_SUM(a)", {0.0: 1.0, 60.0: 5.0, 120.0: 14.0}),
        ("FILL(b, 0)", {0.0: 2.0, 60.0: 0.0, 120.0: 3.0, 180.0: 0.0}),
        ("FILL(b, REPEAT)", {0.0: 2.0, 60.0: 2.0, 120.0: 3.0, 180.0: 3.0}),
        ("FILL(b, LINEAR)", {0.0: 2.0, 60.0: 2.5, 120.0: 3.0}),
        ("IF(a > 3, a, 0)", {0.0: 0.0, 60.0: 4.0, 120.0: 9.0}),
        ("IF(a > 3, a)", {60.0: 4.0, 120.0: 9.0}),
        ("a / PERIOD(a)", {0.0: 1 / 60, 60.0: 4 / 60, 120.0: 9 / 60}),
        ("METRIC_COUNT(METRICS())", 2.0),
        ("ABS(0 - b)", {0.0: 2.0, 120.0: 3.0}),
    ],
)
def test_an_expression_has_the_value_that_aws_documents(expression: str, value: Any) -> None:
    found = evaluate(expression, {"a": A, "b": B}, 60, TIMES)
    assert found == pytest.approx(value)


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("SEARCH('{Glue} rows', 'Sum', 60)", "SEARCH is not evaluated locally"),
        ("ANOMALY_DETECTION_BAND(a)", "ANOMALY_DETECTION_BAND is not evaluated locally"),
        ("SELECT SUM(x) FROM y", "Metrics Insights"),
        ("SOMETHING(a)", "Unsupported function: SOMETHING"),
        ("a + c", "'c'"),
        ("a +", "Syntax error"),
        ("(a", "Syntax error"),
    ],
)
def test_what_cannot_be_evaluated_is_refused_by_name(expression: str, told: str) -> None:
    with pytest.raises(MathError, match=told.replace("(", r"\(")):
        evaluate(expression, {"a": A}, 60, TIMES)


def test_percentiles_interpolate_and_a_statistics_set_has_none() -> None:
    samples = [Sample.of(0, "None", [(float(value), 1.0)]) for value in range(1, 11)]
    assert statistic("p50", samples) == pytest.approx(5.5)
    assert statistic("p90", samples) == pytest.approx(9.1)
    assert statistic("p100", samples) == 10
    assert statistic("p50", [*samples, Sample(0, "None", 2, 30, 10, 20, None)]) is None


@pytest.mark.parametrize(
    ("name", "value"), [("Sum", 12.0), ("Average", 3.0), ("Minimum", 1.0), ("Maximum", 6.0), ("SampleCount", 4.0)]
)
def test_a_statistics_set_and_repeated_values_count_as_what_they_stand_for(name: str, value: float) -> None:
    assert statistic(name, [Sample(0, "None", 2, 7, 1, 6, None), Sample.of(0, "None", [(2.5, 2.0)])]) == value


@pytest.mark.parametrize(
    ("name", "told"), [("tm90", "not computed locally"), ("p101", "not supported"), ("Mean", "not")]
)
def test_other_statistics_are_refused(name: str, told: str) -> None:
    with pytest.raises(StatisticError, match=told):
        check_statistic(name)


def test_periods_start_at_the_start() -> None:
    samples = [Sample.of(time, "None", [(1.0, 1.0)]) for time in (30, 89, 90, 200)]
    assert series(samples, "Sum", 30, 210, 60) == {30: 2, 90: 1, 150: 1}


def _stat(name: str, **more: Any) -> dict[str, Any]:
    return {
        "Id": name,
        "MetricStat": {"Metric": {"Namespace": "N", "MetricName": name}, "Period": 60, "Stat": "Sum"},
        **more,
    }


def fetch(metric: Metric, start: float, end: float, _unit: str | None) -> list[Sample]:
    """One value a minute: 6 of ``a``, 3 of ``b``."""
    value = {"a": 6.0, "b": 3.0}[metric.name]
    return [Sample.of(float(time), "None", [(value, 1.0)]) for time in range(int(start), int(end), 60)]


def test_expressions_may_name_expressions_in_any_order() -> None:
    asked = [
        {"Id": "e2", "Expression": "e1 * 10"},
        {"Id": "e1", "Expression": "a / b", "ReturnData": False},
        _stat("a", ReturnData=False),
        _stat("b", ReturnData=False),
        {"Id": "line", "Expression": "5", "Period": 60},
    ]
    found = queries.run(asked, fetch, 0, 120)
    assert [(one.id, one.series) for one in found] == [("e2", {0: 20, 60: 20}), ("line", {0: 5, 60: 5})]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ([_stat("A")], "lowercase"),
        ([_stat("a"), _stat("a")], "unique"),
        ([{"Id": "x"}], "MetricStat or Expression"),
        ([_stat("a", ReturnData=False)], "At least one"),
        ([{"Id": "x", "Expression": "#"}], "Syntax error"),
    ],
    ids=["capital", "twice", "neither", "nothing-returned", "unreadable"],
)
def test_a_wrong_query_is_told(asked: list[dict[str, Any]], told: str) -> None:
    with pytest.raises(queries.QueryError, match=told):
        queries.check(asked)


def test_expressions_that_name_each_other_are_told() -> None:
    with pytest.raises(queries.QueryError, match="Circular"):
        queries.run([{"Id": "x", "Expression": "y"}, {"Id": "y", "Expression": "x"}], fetch, 0, 60)
