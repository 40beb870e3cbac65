"""The seeded dirt: its counts are what they say, it is additional, and the same seed gives the same bytes."""

from __future__ import annotations

from datetime import date

import orjson
import pytest

from lakeshift.sample.flights import DIRT, year_of_events
from lakeshift.sample.later import CORRECTED, LATE, NEW_DAY, next_batch
from lakeshift.sample.weather import DIRT as WEATHER_DIRT
from lakeshift.sample.weather import year_of_readings


def _row(number: int, month: int, day: int) -> dict[str, str]:
    return {
        "year": "2013", "month": str(month), "day": str(day), "dep_time": "517.0", "sched_dep_time": "515",
        "dep_delay": "2.0", "arr_time": "830", "sched_arr_time": "819", "arr_delay": "" if number % 7 == 0 else "11",
        "carrier": "UA", "flight": str(number), "tailnum": "N14228", "origin": "EWR", "dest": "IAH", "air_time": "227",
        "distance": "1400", "hour": "5", "minute": "15", "time_hour": f"2013-{month:02d}-{day:02d}T10:00:00Z",
    }  # fmt: skip


_TABLE = [_row(number, 1 + number % 12, 1 + number % 28) for number in range(8_000)]


@pytest.fixture(scope="module")
def events() -> list[tuple[date, bytes]]:
    return [(day, line) for day, lines in year_of_events(_TABLE).lines.items() for line in lines]


def test_dirt_is_additional_to_every_good_record() -> None:
    made = year_of_events(_TABLE)
    assert (made.good, made.records, dict(made.dirt)) == (8_000, 8_000 + sum(DIRT.values()), DIRT)


def test_a_malformed_line_is_no_json_and_there_are_as_many_as_counted(events: list[tuple[date, bytes]]) -> None:
    broken = 0
    for _, line in events:
        try:
            orjson.loads(line)
        except orjson.JSONDecodeError:
            broken += 1
    assert broken == DIRT["malformed_json"]


def test_every_line_is_one_line(events: list[tuple[date, bytes]]) -> None:
    assert not [line for _, line in events if b"\n" in line or not line]


def test_every_good_record_is_there_under_its_own_key(events: list[tuple[date, bytes]]) -> None:
    keys = set()
    for _, line in events:
        try:
            event = orjson.loads(line)
        except orjson.JSONDecodeError:
            continue
        if isinstance(event.get("flight"), int):
            keys.add(event["flight"])
    assert keys == set(range(8_000))


def test_the_new_column_appears_half_way_through_the_year(events: list[tuple[date, bytes]]) -> None:
    months = {
        event["month"]: "operated_by" in event
        for _, line in events
        if line.endswith(b"}") and (event := orjson.loads(line))
    }
    assert months == {month: month >= 7 for month in range(1, 13)}


@pytest.mark.parametrize("make", [year_of_events, next_batch], ids=["year", "next batch"])
def test_the_same_seed_gives_the_same_bytes(make) -> None:
    assert make(_TABLE).lines == make(_TABLE).lines


def test_another_seed_gives_other_bytes() -> None:
    assert year_of_events(_TABLE, seed=1).lines != year_of_events(_TABLE, seed=2).lines


def test_the_next_batch_is_a_new_day_and_late_and_corrected_records() -> None:
    batch = next_batch(_TABLE)
    first_day = sum(row["month"] == "1" and row["day"] == "1" for row in _TABLE)
    events = [orjson.loads(line) for line in batch.lines[NEW_DAY]]
    assert len(events) == first_day + LATE + CORRECTED
    assert sum(event["year"] == 2014 for event in events) == first_day
    assert sum(event["flight"] >= 10_000 for event in events) == LATE


def test_a_correction_keeps_the_flight_and_is_newer() -> None:
    corrections = [
        event
        for line in next_batch(_TABLE).lines[NEW_DAY]
        if (event := orjson.loads(line))["year"] == 2013 and event["flight"] < 10_000
    ]
    assert {event["flight"] for event in corrections} <= set(range(8_000))
    assert {event["event_time"] for event in corrections} == {"2014-01-02T10:00:00Z"}


def test_readings_hold_their_dirt_beside_the_good_ones() -> None:
    numbers = ("temp", "dewp", "humid", "wind_dir", "wind_speed", "wind_gust", "precip", "pressure", "visib")
    table = [
        {"origin": "EWR", "time_hour": f"2013-01-01T{hour:05d}", **dict.fromkeys(numbers, "1.5")} for hour in range(900)
    ]
    made = year_of_readings(table)
    temps = [orjson.loads(line)["temp"] for line in made.lines]
    assert (made.good, len(made.lines), dict(made.dirt)) == (900, 960, WEATHER_DIRT)
    assert temps.count("sensor?") == WEATHER_DIRT["bad_double:temp"]
    assert temps.count("1.5") >= 150
