"""What the Hive-style Glue client of Spark calls, which is on no registry: its requests, in its order.

https://github.com/awslabs/aws-glue-data-catalog-client-for-apache-hive-metastore: partitions are listed in five
segments at a time in threads, in pages, without limits of their own; texts in filters are quoted with backslashes;
names come in any case; a partition is altered by UpdatePartition and a table by UpdateTable with SkipArchive.
"""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest

from lakeshift.local.server import LocalAws

_SEGMENTS = 5
_KEYS = [{"Name": "day", "Type": "string"}, {"Name": "Hour", "Type": "int"}]
_ODD = ["it's", "a\\b", 'say "x"', "50%", "a_b", "ünï", "a b=c/d"]


@pytest.fixture(scope="module")
def glue(local_aws: LocalAws) -> Any:
    return boto3.client("glue")


@pytest.fixture(scope="module")
def table(glue: Any) -> dict[str, str]:
    database = f"Hive_{uuid.uuid4().hex[:8]}"
    glue.create_database(DatabaseInput={"Name": database})
    glue.create_table(DatabaseName=database, TableInput={"Name": "Events", "PartitionKeys": _KEYS})
    parts = [
        {"Values": [day, str(hour)]}
        for day in [*_ODD, *(f"2020-01-{n:02}" for n in range(1, 31))]
        for hour in range(60)
    ]
    for at in range(0, len(parts), 100):
        told = glue.batch_create_partition(
            DatabaseName=database, TableName="Events", PartitionInputList=parts[at : at + 100]
        )
        assert told["Errors"] == []
    return {"DatabaseName": database.lower(), "TableName": "events"}


def listed(glue: Any, table: dict[str, str], expression: str | None) -> list[tuple[str, ...]]:
    def segment(number: int) -> list[tuple[str, ...]]:
        asked = {**table, "Segment": {"SegmentNumber": number, "TotalSegments": _SEGMENTS}}
        if expression:
            asked["Expression"] = expression
        found: list[tuple[str, ...]] = []
        while True:
            told = glue.get_partitions(**asked)
            found += [tuple(part["Values"]) for part in told["Partitions"]]
            if not told.get("NextToken"):
                return found
            asked["NextToken"] = told["NextToken"]

    with ThreadPoolExecutor(_SEGMENTS) as pool:
        return [values for found in pool.map(segment, range(_SEGMENTS)) for values in found]


def test_five_segments_hold_every_partition_once(glue: Any, table: dict[str, str]) -> None:
    found = listed(glue, table, None)
    assert len(found) == len(set(found)) == (len(_ODD) + 30) * 60


@pytest.mark.parametrize("value", _ODD)
def test_a_quoted_value_finds_its_partitions(glue: Any, table: dict[str, str], value: str) -> None:
    quoted = value.replace("\\", "\\\\").replace("'", "\\'")
    assert sorted(listed(glue, table, f"((day = '{quoted}') AND (hour < 3))")) == [(value, str(n)) for n in range(3)]


@pytest.mark.parametrize(
    ("expression", "count"),
    [
        ("(day IN ('2020-01-01', '2020-01-02'))", 120),
        ("((DAY >= '2020-01-10') and (day <= '2020-01-19') and (HOUR = 7))", 10),
        ("(hour BETWEEN 10 AND 19) AND NOT (day LIKE '2020%')", len(_ODD) * 10),
        ("day LIKE '50%' OR day LIKE 'a_b'", 180),
        ("(hour <> 0)", (len(_ODD) + 30) * 59),
    ],
)
def test_the_filters_spark_pushes_down(glue: Any, table: dict[str, str], expression: str, count: int) -> None:
    found = listed(glue, table, expression)
    assert len(found) == len(set(found)) == count


def test_an_altered_partition_stays_one(glue: Any, table: dict[str, str]) -> None:
    values = ["2020-01-01", "0"]
    before = glue.get_partition(**table, PartitionValues=values)["Partition"]
    given = {"Values": values, "Parameters": {"numRows": "1"}}
    glue.update_partition(**table, PartitionValueList=values, PartitionInput=given)
    after = glue.get_partition(**table, PartitionValues=values)["Partition"]
    assert (after["Parameters"], after["CreationTime"]) == ({"numRows": "1"}, before["CreationTime"])
    asked = [{"Values": values}, {"Values": ["nosuch", "1"]}]
    found = glue.batch_get_partition(**table, PartitionsToGet=asked)
    assert ([part["Values"] for part in found["Partitions"]], found["UnprocessedKeys"]) == ([values], [])


def test_an_altered_table_leaves_no_archive(glue: Any, table: dict[str, str]) -> None:
    given = {"Name": "events", "PartitionKeys": _KEYS, "Parameters": {"spark.sql.partitionProvider": "catalog"}}
    glue.update_table(DatabaseName=table["DatabaseName"], TableInput=given, SkipArchive=True)
    versions = glue.get_table_versions(**table)["TableVersions"]
    assert [version["VersionId"] for version in versions] == ["1"]
    assert versions[0]["Table"]["Parameters"] == {"spark.sql.partitionProvider": "catalog"}
