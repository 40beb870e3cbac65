from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from benchmarks.data.dirt import DIRT, HARSH, KINDS
from benchmarks.data.flights import Truth, write_flights
from benchmarks.data.others import write_reference, write_weather
from common.cleaning import NULL_WORDS

EVERY_KIND = {kind: max(share, 0.01) for kind, share in HARSH.items()}
INTEGERS = ("dep_delay", "arr_delay", "distance")


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.json*"))}


def text(value: Any) -> str | None:
    told = "" if value is None else str(value).strip()
    return None if told.upper() in NULL_WORDS else told


def instant(value: str) -> datetime | None:
    if not re.match(r"\d{4}-\d{2}-\d{2}[T ]", value):
        return None
    try:
        return datetime.fromisoformat(value.replace("Z", "+00:00")).replace(tzinfo=None)
    except ValueError:
        return None


def integer(value: str) -> bool:
    return bool(re.fullmatch(r"-?\d+(\.0*)?", value))


def judged(line: str) -> tuple[str | None, tuple[str, ...]]:
    """The reason, or None with the event's key and version: the rules of common/flights.py, read by plain Python."""
    try:
        event = json.loads(line)
    except ValueError:
        return "malformed_json", ()
    for name in ("time_hour", "flight"):
        if text(event.get(name)) is None:
            return f"missing:{name}", ()
    hour = instant(text(event["time_hour"]) or "")
    if hour is None:
        return "bad_timestamp:time_hour", ()
    for name in INTEGERS:
        value = text(event[name])
        if value is not None and not integer(value):
            return f"bad_integer:{name}", ()
    try:
        day = date(event["year"], event["month"], event["day"])
    except ValueError:
        return "bad_date:flight_date", ()
    if abs((hour.date() - day).days) > 1:
        return "inconsistent:flight_date", ()
    codes = [str(text(event[name])).upper() for name in ("carrier", "origin")]
    return None, (*codes, str(event["flight"]), hour.isoformat())


def read(lines: list[str]) -> Truth:
    found = [judged(line) for line in lines]
    keys = Counter(key for reason, key in found if reason is None)
    rejected = Counter(reason for reason, _ in found if reason is not None)
    return Truth(len(lines), len(keys), keys.total() - len(keys), dict(rejected))


@pytest.mark.parametrize(
    "dirt",
    [
        pytest.param(DIRT, id="as-the-sample"),
        pytest.param(EVERY_KIND, id="every-kind"),
        pytest.param({}, id="none"),
    ],
)
def test_the_truth_is_what_plain_python_reads(dirt: dict[str, float], tmp_path: Path) -> None:
    truth = write_flights(tmp_path, 600, days=3, dirt=dirt)
    lines = [line for content in contents(tmp_path).values() for line in content.decode().splitlines()]
    assert truth.lines == 600
    assert read(lines) == truth


def test_every_kind_of_dirt_is_known_and_spoils_its_rows(tmp_path: Path) -> None:
    becomes = {kind.becomes for kind in KINDS.values() if kind.becomes not in ("", "duplicate")}
    assert set(write_flights(tmp_path, 600, dirt=EVERY_KIND).rejected) == becomes


def test_one_seed_gives_one_set_of_bytes_and_another_gives_others(tmp_path: Path) -> None:
    made = {}
    for name, seed in (("first", 1), ("again", 1), ("other", 2)):
        write_flights(tmp_path / name, 300, seed=seed)
        made[name] = contents(tmp_path / name)
    assert made["first"] == made["again"]
    assert not set(made["first"].values()) & set(made["other"].values())


def test_gzip_packs_the_same_lines(tmp_path: Path) -> None:
    truths = [write_flights(tmp_path / str(packed), 300, gzip=packed) for packed in (False, True)]
    plain, packed = contents(tmp_path / "False"), contents(tmp_path / "True")
    assert truths[0] == truths[1]
    assert sorted(gzip.decompress(content) for content in packed.values()) == sorted(plain.values())
    assert all(name.endswith(".json.gz") for name in packed)


def test_lines_land_under_the_day_they_are_sent_and_a_new_column_comes_half_way(tmp_path: Path) -> None:
    write_flights(tmp_path, 400, days=4, first_day=date(2013, 3, 30), dirt={})
    found = {name.rpartition("/")[0]: content for name, content in contents(tmp_path).items()}
    assert sorted(found) == [f"flights/2013/{day}" for day in ("03/30", "03/31", "04/01", "04/02")]
    assert ["operated_by" in content.decode() for _, content in sorted(found.items())] == [False, False, True, True]


def test_more_dirt_than_lines_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="too few for the dirt wanted"):
        write_flights(tmp_path, 70, dirt={"copy": 0.6, "truncated": 0.6})


def test_what_flights_join_lands_beside_them(tmp_path: Path) -> None:
    readings = write_weather(tmp_path, days=1)
    write_reference(tmp_path)
    lines = [line for content in contents(tmp_path / "weather").values() for line in content.splitlines()]
    assert len(lines) == readings > 100
    assert {path.relative_to(tmp_path).parts[0] for path in tmp_path.rglob("*.*")} == {
        "weather", "airports", "airlines", "planes",
    }  # fmt: skip
