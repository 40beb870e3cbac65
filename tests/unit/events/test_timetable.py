"""What is due fires once for each time, in order; a restart neither forgets nor repeats."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lakeshift.local.events import timetable as module
from lakeshift.local.events.outbox import Delivery, Outbox
from lakeshift.local.events.timetable import Appointment, Timetable
from lakeshift.schedule import next_time

START = datetime(2100, 1, 1, tzinfo=UTC)  # later than any test's clock, so that only what a test fires is fired
HOUR = timedelta(hours=1)


def appointment(key: str, expression: str = "rate(1 hour)", since: datetime = START) -> Appointment:
    def deliveries(moment: datetime) -> list[Delivery]:
        return [Delivery(key, {"Arn": "a"}, {"time": moment.isoformat()}, created=0.0)]

    return Appointment(key, since, lambda after: next_time(expression, after, since), deliveries)


def table(outbox: Outbox, *appointments: Appointment) -> Timetable:
    made = Timetable(outbox, [lambda: appointments], lambda: None)
    made.close()
    made._closed = False
    return made


def sent(outbox: Outbox) -> list[tuple[str, str]]:
    found = []
    while (one := outbox.first()) is not None:
        found.append((one.origin, one.event["time"][11:16]))
        outbox.done(one)
    return found


def test_each_time_that_the_clock_went_over_fires_once_in_order() -> None:
    outbox = Outbox()
    made = table(outbox, appointment("a"), appointment("b", "cron(30 * * * ? *)"))
    following = made.fire(START + 2 * HOUR)
    assert sent(outbox) == [("b", "00:30"), ("a", "01:00"), ("b", "01:30"), ("a", "02:00")]
    assert following == START + 2.5 * HOUR
    made.fire(START + 2 * HOUR)
    assert sent(outbox) == []


def test_after_a_restart_nothing_fires_twice_and_what_was_missed_fires_once(tmp_path: Path) -> None:
    file = tmp_path / "fired.sqlite"
    table(Outbox(file), appointment("a")).fire(START + 2 * HOUR)
    outbox = Outbox(file)
    assert sent(outbox) == [("a", "01:00"), ("a", "02:00")]
    made = table(outbox, appointment("a"))
    made.fire(START + 2.5 * HOUR)
    assert sent(outbox) == []
    made.fire(START + 3 * HOUR)
    assert sent(outbox) == [("a", "03:00")]


def test_what_fell_due_while_no_server_ran_fires_once_for_its_last_time(monkeypatch: pytest.MonkeyPatch) -> None:
    outbox = Outbox()
    outbox.mark("a", START)
    monkeypatch.setattr(module.clock, "now", lambda: START + 5.5 * HOUR)
    made = table(outbox, appointment("a"))
    made.fire(START + 5.5 * HOUR)
    assert sent(outbox) == [("a", "05:00")]


def test_more_times_than_the_bound_are_left_out_and_said(caplog: pytest.LogCaptureFixture) -> None:
    outbox = Outbox()
    made = table(outbox, appointment("a", "rate(1 minute)"))
    following = made.fire(START + 24 * HOUR)
    assert len(sent(outbox)) == module.MOST
    assert "more than 1000 times of a" in caplog.text
    assert following == START + 24 * HOUR + timedelta(minutes=1)


def test_a_schedule_that_fails_keeps_no_other_from_firing() -> None:
    def broken(moment: datetime) -> list[Delivery]:
        raise RuntimeError("no")

    outbox = Outbox()
    made = table(
        outbox, Appointment("a", START, lambda after: next_time("rate(1 hour)", after, START), broken), appointment("b")
    )
    made.fire(START + HOUR)
    assert sent(outbox) == [("b", "01:00")]
    assert made.fire(START + HOUR) == START + 2 * HOUR
