"""Filter patterns: which messages they match, and which kinds are refused."""

from __future__ import annotations

import pytest

from lakeshift.local.logs.filter_patterns import PatternError, compiled
from lakeshift.local.logs.metric_filters import datapoints


@pytest.mark.parametrize(
    ("pattern", "message", "matches"),
    [
        ("", "anything", True),
        ("ERROR", "an ERROR here", True),
        ("ERROR", "an error here", False),
        ("ERROR memory", "memory ERROR", True),
        ("ERROR memory", "ERROR", False),
        ('"out of memory"', "java: out of memory!", True),
        ("?ERROR ?WARN", "WARN x", True),
        ("?ERROR ?WARN", "INFO x", False),
        ("ERROR -retry", "ERROR retry", False),
        ('{ $.level = "ERROR" }', '{"level": "ERROR"}', True),
        ('{ $.level = "ERR*" }', '{"level": "ERROR"}', True),
        ('{ $.level != "ERROR" }', '{"level": "ERROR"}', False),
        ('{ $.level = "ERROR" }', "level ERROR", False),
        ("{ $.a.b[1] >= 2.5 }", '{"a": {"b": [0, 3]}}', True),
        ("{ $.n = 3 }", '{"n": 3}', True),
        ("{ ($.n > 3) || ($.m = 1 && $.n < 3) }", '{"n": 2, "m": 1}', True),
        ("{ $.x NOT EXISTS }", '{"n": 2}', True),
        ("{ $.x IS NULL }", '{"x": null}', True),
        ("{ $.x IS TRUE }", '{"x": true}', True),
    ],
)
def test_a_pattern_matches(pattern: str, message: str, matches: bool) -> None:
    assert compiled(pattern)(message) is matches


@pytest.mark.parametrize(
    "pattern", ["[a, b]", "%x+%", "{ $.a", "{ a = 1 }", "{ $.a ~ 1 }", "{ $.a > x }", "{ $.a = 1 ) }"]
)
def test_what_cannot_be_evaluated_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        compiled(pattern)


def test_a_filter_makes_a_datapoint_of_each_match_and_its_default_of_none() -> None:
    made = {
        "filterPattern": "{ $.rows > 0 }",
        "metricTransformations": [
            {
                "metricName": "Rows",
                "metricNamespace": "N",
                "metricValue": "$.rows",
                "defaultValue": 0.0,
                "dimensions": {"Stage": "$.stage"},
            }
        ],
    }
    found = datapoints(made, [(0, '{"rows": 5, "stage": "x"}'), (0, '{"rows": 0}'), (0, "text")])
    dimension = [{"Name": "Stage", "Value": "x"}]
    assert found == {"N": [{"MetricName": "Rows", "Value": 5.0, "Unit": "None", "Dimensions": dimension}]}
    assert datapoints(made, [(0, "text")]) == {"N": [{"MetricName": "Rows", "Value": 0.0}]}
