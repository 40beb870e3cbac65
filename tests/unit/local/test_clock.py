"""The clock that can be moved, and when schedules are due."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lakeshift.errors import LakeshiftError
from lakeshift.local.clock import Clock
from lakeshift.schedule import next_time, parse_cron, parse_rate

_FROM = datetime(2013, 2, 27, 23, 59, 30, tzinfo=UTC)  # a Wednesday


def test_advancing_wakes_who_waits_and_is_kept(tmp_path: Path) -> None:
    clock = Clock(tmp_path / "clock.json")
    moment = clock.now() + timedelta(days=90)
    came: list[bool] = []
    waiting = threading.Thread(target=lambda: came.append(clock.wait_until(moment)))
    waiting.start()
    assert clock.advance(timedelta(days=90).total_seconds()) >= moment
    waiting.join(10)
    assert came == [True]
    assert Clock(tmp_path / "clock.json").offset == clock.offset == timedelta(days=90).total_seconds()


def test_waiting_ends_when_it_is_told_to_stop() -> None:
    clock, stopped = Clock(), threading.Event()
    came: list[bool] = []
    waiting = threading.Thread(target=lambda: came.append(clock.wait_until(None, stopped.is_set)))
    waiting.start()
    stopped.set()
    while waiting.is_alive():
        clock.wake()
        waiting.join(0.01)
    assert came == [False]


def test_the_clock_never_goes_back_and_says_when_its_file_is_damaged(tmp_path: Path) -> None:
    with pytest.raises(LakeshiftError, match="forward only"):
        Clock().advance(-1)
    (tmp_path / "clock.json").write_text("nonsense")
    with pytest.raises(LakeshiftError, match="Delete it"):
        Clock(tmp_path / "clock.json")


@pytest.mark.parametrize(
    ("expression", "due"),
    [
        ("cron(15 12 * * ? *)", "2013-02-28 12:15"),
        ("cron(0/30 * * * ? *)", "2013-02-28 00:00"),
        ("cron(0 8 1 * ? *)", "2013-03-01 08:00"),
        ("cron(0 8 L * ? *)", "2013-02-28 08:00"),
        ("cron(0 8 LW * ? *)", "2013-02-28 08:00"),
        ("cron(0 8 3W * ? *)", "2013-03-04 08:00"),
        ("cron(0 8 ? * MON-FRI *)", "2013-02-28 08:00"),
        ("cron(0 8 ? * 2#1 *)", "2013-03-04 08:00"),
        ("cron(0 8 ? * 6L *)", "2013-03-29 08:00"),
        ("cron(0 8 ? * L *)", "2013-03-02 08:00"),
        ("cron(0 0 29 FEB ? *)", "2016-02-29 00:00"),
        ("cron(5,10 1-2 * JAN,mar ? 2013-2014)", "2013-03-01 01:05"),
        ("rate(5 minutes)", "2013-02-28 00:00"),
        ("rate(1 day)", "2013-02-28 00:00"),
    ],
)
def test_the_next_time_of_a_schedule(expression: str, due: str) -> None:
    since = datetime(2013, 2, 1, tzinfo=UTC)
    assert next_time(expression, _FROM, since) == datetime.fromisoformat(due).replace(tzinfo=UTC)


def test_a_schedule_that_is_past_is_never_due() -> None:
    assert parse_cron("cron(0 0 1 1 ? 2012)").after(_FROM) is None


@pytest.mark.parametrize(
    "expression",
    [
        "every day",
        "cron(0 8 * * *)",
        "cron(0 8 * * * *)",
        "cron(0 8 ? * ? *)",
        "cron(60 8 * * ? *)",
        "cron(0 8 * XXX ? *)",
        "cron(0/0 8 * * ? *)",
    ],
)
def test_what_is_no_cron_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match=r"cron|field|within"):
        parse_cron(expression)


@pytest.mark.parametrize("expression", ["rate(1 minutes)", "rate(5 minute)", "rate(0 days)", "rate(x)"])
def test_what_is_no_rate_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match="no rate"):
        parse_rate(expression)
