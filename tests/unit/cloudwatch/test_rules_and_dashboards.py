"""Rules of composite alarms, and dashboards' bodies."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lakeshift.local.cloudwatch import dashboards
from lakeshift.local.cloudwatch.alarm_rule import RuleError, parse

STATES = {"a": "ALARM", "b": "OK", "c d": "INSUFFICIENT_DATA"}


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        ("ALARM(a)", True),
        ('ALARM("b")', False),
        ("OK(b) AND NOT ALARM(b)", True),
        ('ALARM(b) OR INSUFFICIENT_DATA("c d")', True),
        ("ALARM(b) AND ALARM(b) OR ALARM(a)", True),
        ("ALARM(b) AND (ALARM(b) OR ALARM(a))", False),
        ("NOT (ALARM(a) AND OK(b))", False),
        ("TRUE", True),
        ("FALSE OR ALARM(arn:aws:cloudwatch:us-east-1:000000000000:alarm:a)", True),
    ],
)
def test_a_rule_holds(rule: str, holds: bool) -> None:
    assert parse(rule).holds(STATES.__getitem__) is holds


def test_a_rule_names_its_alarms() -> None:
    assert parse('ALARM(a) OR NOT OK("c d") AND ALARM(a)').names == ("a", "c d")


@pytest.mark.parametrize("rule", ["", "ALARM", "ALARM(a", "RED(a)", "ALARM(a) ALARM(b)", "AT_LEAST(2, ALARM, (a, b))"])
def test_a_rule_that_cannot_be_read_is_told(rule: str) -> None:
    with pytest.raises(RuleError):
        parse(rule)


def _body(**widget: Any) -> str:
    return json.dumps({"widgets": [widget]})


METRIC = {"region": "us-east-1", "metrics": [["Lakeshift", "RowsOut", "Stage", "x", {"stat": "Sum"}]]}


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ("{", "/"),
        ("{}", "/"),
        (_body(), "/widgets/0"),
        (_body(type="chart"), "/widgets/0/type"),
        (_body(type="text"), "/widgets/0"),
        (_body(type="text", properties={}), "/widgets/0/properties"),
        (_body(type="metric", properties={**METRIC, "view": "cake"}), "/widgets/0/properties/view"),
        (_body(type="metric", properties={**METRIC, "metrics": [["Lakeshift"]]}), "/widgets/0/properties/metrics/0"),
        (_body(type="metric", width=25, properties=METRIC), "/widgets/0/width"),
    ],
)
def test_what_is_wrong_with_a_dashboard_is_told_with_its_place(body: str, path: str) -> None:
    assert [fault["DataPath"] for fault in dashboards.check(body)] == [path]


def test_a_dashboard_of_every_kind_of_widget_is_valid() -> None:
    widgets: list[dict[str, Any]] = [
        {"type": "text", "x": 0, "y": 0, "width": 24, "height": 2, "properties": {"markdown": "# rows"}},
        {"type": "metric", "properties": METRIC},
        {"type": "metric", "properties": {**METRIC, "metrics": [[{"expression": "m1 / m2", "id": "e1"}]]}},
        {"type": "alarm", "properties": {"alarms": ["arn:aws:cloudwatch:us-east-1:000000000000:alarm:a"]}},
        {"type": "log", "properties": {"query": "SOURCE 'x' | fields @message", "region": "us-east-1"}},
    ]
    assert dashboards.check(json.dumps({"widgets": widgets})) == []
