"""When an alarm changes its state, by the tables of AWS's page on missing data, and the words it gives."""

from __future__ import annotations

import pytest

from lakeshift.local.cloudwatch.alarm_state import Judgement, Threshold, judge

TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")
KEPT = "RETAINED"


def judged(points: str, needed: int, missing: str, state: str = KEPT) -> Judgement:
    """``points``: 0 within, X breaching, - missing, oldest first."""
    values = {"0": 0.0, "X": 9.0, "-": None}
    series = [(60.0 * index, values[one]) for index, one in enumerate(points.split())]
    return judge(series, Threshold("GreaterThanThreshold", 1.0, 3, needed, missing), state)


# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
THREE_OF_THREE = [
    ("0 - X - X", ("OK", "OK", "OK", "OK")),
    ("- - - - 0", ("OK", "OK", "OK", "OK")),
    ("- - - - -", ("INSUFFICIENT_DATA", KEPT, "ALARM", "OK")),
    ("0 X X - X", ("ALARM", "ALARM", "ALARM", "ALARM")),
    ("- - X - -", ("ALARM", KEPT, "ALARM", "OK")),
]
TWO_OF_THREE = [
    ("0 - X - X", ("ALARM", "ALARM", "ALARM", "ALARM")),
    ("0 0 X 0 X", ("ALARM", "ALARM", "ALARM", "ALARM")),
    ("0 - X - -", ("OK", "OK", "ALARM", "OK")),
    ("- - - - 0", ("OK", "OK", "ALARM", "OK")),
    ("- - - X -", ("ALARM", KEPT, "ALARM", "OK")),
]


@pytest.mark.parametrize("missing", TREATMENTS)
@pytest.mark.parametrize(
    ("needed", "points", "states"),
    [(3, *row) for row in THREE_OF_THREE] + [(2, *row) for row in TWO_OF_THREE],
    ids=lambda value: str(value) if not isinstance(value, tuple) else "",
)
def test_every_row_of_the_tables_of_the_page_on_missing_data(
    needed: int, points: str, states: tuple[str, ...], missing: str
) -> None:
    assert judged(points, needed, missing).state == states[TREATMENTS.index(missing)]


def test_a_lone_new_breaching_point_of_three_needed_keeps_the_state() -> None:
    assert judged("- - - - X", 3, "missing", "OK").state == "OK"


@pytest.mark.parametrize(
    ("operator", "breaching"),
    [
        ("GreaterThanOrEqualToThreshold", (False, True, True)),
        ("GreaterThanThreshold", (False, False, True)),
        ("LessThanThreshold", (True, False, False)),
        ("LessThanOrEqualToThreshold", (True, True, False)),
    ],
)
def test_each_operator_below_at_and_above_the_threshold(operator: str, breaching: tuple[bool, ...]) -> None:
    threshold = Threshold(operator, 5.0, 1, 1)
    assert tuple(threshold.breaching(value) for value in (4.0, 5.0, 6.0)) == breaching


@pytest.mark.parametrize(
    ("points", "missing", "reason"),
    [
        (
            "0 0 X",
            "missing",
            "Threshold Crossed: 1 out of the last 1 datapoints [9.0 (01/01/70 00:02:00)] was greater than the "
            "threshold (1.0) (minimum 1 datapoint for OK -> ALARM transition).",
        ),
        (
            "X X 0",
            "missing",
            "Threshold Crossed: 1 out of the last 1 datapoints [0.0 (01/01/70 00:02:00)] was not greater than the "
            "threshold (1.0) (minimum 1 datapoint for ALARM -> OK transition).",
        ),
        ("- - -", "missing", "Insufficient Data: 1 datapoint was unknown."),
        (
            "- - -",
            "notBreaching",
            "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as "
            "[NonBreaching].",
        ),
    ],
    ids=["alarm", "ok", "insufficient", "treated"],
)
def test_the_reason_reads_as_on_aws(points: str, missing: str, reason: str) -> None:
    values = {"0": 0.0, "X": 9.0, "-": None}
    series = [(60.0 * index, values[one]) for index, one in enumerate(points.split())]
    assert judge(series, Threshold("GreaterThanThreshold", 1.0, 1, 1, missing), "OK").reason == reason
