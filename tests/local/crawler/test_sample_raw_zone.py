"""The sample's raw zone, its shape and its seeded dirt, a few rows a day: exactly four tables."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import yaml

from lakeshift.paths import REPOSITORY
from lakeshift.sample.flights import year_of_events
from lakeshift.sample.weather import year_of_readings
from tests.local.crawler.conftest import wait_ready

_AIRPORT = b'{"faa":"EWR","name":"Newark Liberty Intl","lat":40.6925,"lon":-74.168667,"alt":18,"tz":-5}\n'


@pytest.fixture(scope="module")
def flights() -> dict[date, list[bytes]]:
    days = [date(2013, 1, 1) + timedelta(days=number) for number in range(365)]
    return year_of_events(_flight(day, number) for day in days for number in range(20)).lines


def _flight(day: date, number: int) -> dict[str, str]:
    numbers = dict.fromkeys(
        ("dep_time", "dep_delay", "arr_time", "arr_delay", "sched_arr_time", "air_time", "distance", "hour", "minute"),
        str(number),
    )
    texts = {"carrier": "UA", "origin": "EWR", "dest": "IAH", "tailnum": "N1", "time_hour": f"{day}T05:00:00Z"}
    dated = {"year": str(day.year), "month": str(day.month), "day": str(day.day)}
    return {**numbers, **texts, **dated, "sched_dep_time": str(500 + number), "flight": str(number)}


def _reading(number: int) -> dict[str, str]:
    names = ("temp", "dewp", "humid", "wind_dir", "wind_speed", "wind_gust", "precip", "pressure", "visib")
    return {"origin": "EWR", "time_hour": f"2013-01-01T{number % 24:02}:00:00Z"} | dict.fromkeys(names, f"{number}.5")


@pytest.fixture
def raw(put: Callable[[str, bytes], None], flights: dict[date, list[bytes]]) -> None:
    for day, lines in flights.items():
        put(f"flights/{day:%Y/%m/%d}/{day.toordinal():x}.json", b"\n".join(lines) + b"\n")
    readings = year_of_readings(map(_reading, range(1000))).lines
    for number in range(12):
        put(f"weather/2013/{number + 1:02}/01/stream-1-{number}", b"\n".join(readings[number * 80 :][:80]) + b"\n")
    put("airports/0a1b.json", _AIRPORT * 3)
    put("airlines/airlines.csv", b"carrier,name\n9E,Endeavor Air Inc.\nAA,American Airlines Inc.\n")


@pytest.fixture
def definition(bucket: str, database: str) -> dict[str, Any]:
    """crawlers/*.yaml as they are deployed, on this test's bucket and database."""
    text = {name: (REPOSITORY / "crawlers" / name).read_text() for name in ("raw_zone.yaml", "classifiers.yaml")}
    crawler = _plain(text["raw_zone.yaml"].replace("${Lake}-raw", bucket))["Resources"]["RawZone"]["Properties"]
    crawler |= {"DatabaseName": database, "Name": f"raw-zone-{database}", "Role": "r"}
    classifier = _plain(text["classifiers.yaml"])["Resources"]["AirlinesCsv"]["Properties"]["CsvClassifier"]
    classifier["Name"] = f"airlines-{database}"
    return {"crawler": {**crawler, "Classifiers": [classifier["Name"]]}, "classifier": classifier}


def _plain(text: str) -> Any:
    return yaml.safe_load(re.sub(r"!(Sub|Ref|GetAtt) ", "", text))


@pytest.mark.usefixtures("raw")
def test_the_raw_zone_is_four_tables_and_a_second_crawl_changes_nothing(
    glue: Any, database: str, definition: dict[str, Any], flights: dict[date, list[bytes]]
) -> None:
    glue.create_classifier(CsvClassifier=definition["classifier"])
    glue.create_crawler(**definition["crawler"])
    name = definition["crawler"]["Name"]
    glue.start_crawler(Name=name)
    assert wait_ready(glue, name)["LastCrawl"]["Status"] == "SUCCEEDED"

    tables = {table["Name"]: table for table in glue.get_tables(DatabaseName=database)["TableList"]}
    assert sorted(tables) == ["airlines", "airports", "flights", "weather"]
    kinds = {name: _types(table) for name, table in tables.items()}
    assert kinds["airlines"] == {"carrier": "string", "name": "string"}
    assert tables["airlines"]["Parameters"]["skip.header.line.count"] == "1"
    assert kinds["airports"]["lat"] == "double"
    assert kinds["airports"]["alt"] == "int"
    assert kinds["flights"]["operated_by"] == "string"
    assert kinds["flights"]["dep_delay"] == "string"  # sometimes sent as text
    assert kinds["flights"]["sched_dep_time"] == "int"
    assert kinds["weather"]["temp"] == "string"
    assert kinds["weather"]["dewp"] == "double"
    assert [key["Name"] for key in tables["flights"]["PartitionKeys"]] == ["partition_0", "partition_1", "partition_2"]

    pages = glue.get_paginator("get_partitions").paginate(DatabaseName=database, TableName="flights")
    partitions = [part for page in pages for part in page["Partitions"]]
    assert len(partitions) == len(flights) == 365
    assert {tuple(_types(part).items()) for part in partitions} == {tuple(kinds["flights"].items())}

    glue.start_crawler(Name=name)
    assert wait_ready(glue, name)["LastCrawl"]["Status"] == "SUCCEEDED"
    again = {table["Name"]: table["VersionId"] for table in glue.get_tables(DatabaseName=database)["TableList"]}
    assert again == {name: table["VersionId"] for name, table in tables.items()}
    assert "Summary" not in glue.list_crawls(CrawlerName=name)["Crawls"][0]


def _types(table: dict[str, Any]) -> dict[str, str]:
    return {column["Name"]: column["Type"] for column in table["StorageDescriptor"]["Columns"]}
