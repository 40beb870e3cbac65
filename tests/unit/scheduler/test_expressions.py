"""When a schedule of EventBridge Scheduler is due, by time zone, start and end."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from lakeshift.local.scheduler.expressions import parse


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def due(expression: str, after: str, number: int = 1, **more: str) -> list[str]:
    zone = more.pop("zone", None)
    found = parse(expression, zone, *(utc(more[name]) if name in more else None for name in ("start", "end")))
    moment, times = utc(after), []
    for _ in range(number):
        following = found.after(moment, utc(after))
        if following is None:
            break
        times.append(f"{following:%Y-%m-%dT%H:%M}")
        moment = following
    return times


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param(due("at(2026-03-01T02:00:00)", "2026-01-01", 2), ["2026-03-01T02:00"], id="once"),
        pytest.param(due("at(2026-03-01T02:00:00)", "2026-03-01T02:00"), [], id="once and over"),
        pytest.param(
            due("at(2026-07-01T02:00:00)", "2026-01-01", zone="Europe/Berlin"),
            ["2026-07-01T00:00"],
            id="once in a zone",
        ),
        pytest.param(
            due("at(2026-03-01T02:00:00)", "2026-01-01", start="2027-01-01"), ["2026-03-01T02:00"], id="once, no start"
        ),
        pytest.param(
            due("rate(12 hours)", "2026-01-01", 2), ["2026-01-01T12:00", "2026-01-02T00:00"], id="rate from now"
        ),
        pytest.param(
            due("rate(1 day)", "2026-01-01", 2, start="2026-02-01T05:00"),
            ["2026-02-01T05:00", "2026-02-02T05:00"],
            id="rate from its start",
        ),
        pytest.param(
            due("rate(1 day)", "2026-01-01", 9, end="2026-01-03"),
            ["2026-01-02T00:00", "2026-01-03T00:00"],
            id="to its end",
        ),
        pytest.param(
            due("cron(0 2 * * ? *)", "2026-03-28T12:00", 2, zone="Europe/Berlin"),
            ["2026-03-30T00:00", "2026-03-31T00:00"],
            id="02:00 is left out on the day that the clocks skip it",
        ),
        pytest.param(
            due("cron(30 1 * * ? *)", "2026-10-31T12:00", 2, zone="America/New_York"),
            ["2026-11-01T05:30", "2026-11-02T06:30"],
            id="01:30 is due once on the day that has it twice",
        ),
        pytest.param(
            due("cron(0 9 * * ? *)", "2026-01-01", 1, start="2026-01-05T09:00"),
            ["2026-01-05T09:00"],
            id="cron at its start",
        ),
    ],
)
def test_it_is_due(found: list[str], expected: list[str]) -> None:
    assert found == expected


@pytest.mark.parametrize(
    ("expression", "zone", "text"),
    [
        ("at(2026-01-01)", None, "Invalid Schedule Expression"),
        ("at(2026-13-01T00:00:00)", None, "Invalid Schedule Expression"),
        ("rate(1 days)", None, "Invalid Schedule Expression"),
        ("cron(0 2 * * *)", None, "Invalid Schedule Expression"),
        ("rate(1 day)", "Mars/Base", "Invalid Schedule Expression Timezone Mars/Base."),
    ],
)
def test_what_is_no_expression_is_refused(expression: str, zone: str | None, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        parse(expression, zone)
