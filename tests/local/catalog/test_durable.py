"""A catalog whose server is killed right after its replies is there as a whole, in the same order."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import boto3
import pytest

from lakeshift.local import process
from lakeshift.paths import StateFolder

_TABLE = {"DatabaseName": "db", "TableName": "t"}
_KEYS = [{"Name": "year", "Type": "int"}]


def _glue(endpoint: str) -> Any:
    keys = {"aws_access_key_id": "local", "aws_secret_access_key": "local", "region_name": "us-east-1"}
    return boto3.client("glue", endpoint_url=endpoint, **keys)


def _fill(glue: Any) -> None:
    glue.create_database(DatabaseInput={"Name": "db", "Description": "d"}, Tags={"team": "x"})
    glue.create_database(DatabaseInput={"Name": "gone"})
    glue.create_table(DatabaseName="gone", TableInput={"Name": "t"})
    glue.create_table(DatabaseName="db", TableInput={"Name": "t", "PartitionKeys": _KEYS})
    for at in range(3):
        parts = [{"Values": [str(at * 100 + number)]} for number in range(100)]
        glue.batch_create_partition(**_TABLE, PartitionInputList=parts)
    glue.create_partition_index(**_TABLE, PartitionIndex={"Keys": ["year"], "IndexName": "by_year"})
    for description in ("one", "two"):
        glue.update_table(
            DatabaseName="db", TableInput={"Name": "t", "PartitionKeys": _KEYS, "Description": description}
        )
    glue.delete_table_version(**_TABLE, VersionId="0")
    glue.update_partition(
        **_TABLE, PartitionValueList=["7"], PartitionInput={"Values": ["7"], "Parameters": {"a": "b"}}
    )
    glue.batch_delete_partition(**_TABLE, PartitionsToDelete=[{"Values": ["8"]}])
    statistics = {"Type": "LONG", "LongColumnStatisticsData": {"NumberOfNulls": 1, "NumberOfDistinctValues": 2}}
    given = [{"ColumnName": "a", "ColumnType": "int", "AnalyzedTime": 1, "StatisticsData": statistics}]
    glue.update_table(
        DatabaseName="db",
        TableInput={
            "Name": "t",
            "PartitionKeys": _KEYS,
            "StorageDescriptor": {"Columns": [{"Name": "a", "Type": "int"}]},
        },
    )
    glue.update_column_statistics_for_table(**_TABLE, ColumnStatisticsList=given)
    glue.update_column_statistics_for_partition(**_TABLE, PartitionValues=["7"], ColumnStatisticsList=given)
    function = {"FunctionName": "F", "ClassName": "c", "OwnerName": "o", "OwnerType": "USER"}
    glue.create_user_defined_function(DatabaseName="db", FunctionInput=function)
    glue.delete_database(Name="gone")


def _told(glue: Any) -> dict[str, Any]:
    pages = glue.get_paginator("get_partitions").paginate(**_TABLE)
    told = {
        "databases": glue.get_databases()["DatabaseList"],
        "table": glue.get_table(DatabaseName="db", Name="t")["Table"],
        "versions": glue.get_table_versions(**_TABLE)["TableVersions"],
        "partitions": [part for page in pages for part in page["Partitions"]],
        "indexes": glue.get_partition_indexes(**_TABLE)["PartitionIndexDescriptorList"],
        "statistics": glue.get_column_statistics_for_table(**_TABLE, ColumnNames=["a"])["ColumnStatisticsList"],
        "of partition": glue.get_column_statistics_for_partition(**_TABLE, PartitionValues=["7"], ColumnNames=["a"])[
            "ColumnStatisticsList"
        ],
        "functions": glue.get_user_defined_functions(DatabaseName="db", Pattern="*")["UserDefinedFunctions"],
        "tags": glue.get_tags(ResourceArn="arn:aws:glue:us-east-1:000000000000:database/db")["Tags"],
    }
    assert all(told.values())
    return told


def _kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    end = time.monotonic() + 10
    while (stat := Path(f"/proc/{pid}/stat")).exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z":
        assert time.monotonic() < end, "it lives on"
        time.sleep(0.01)


@pytest.fixture
def state(tmp_path: Path) -> Any:
    folder = StateFolder(tmp_path)
    yield folder
    process.down(folder)


def test_a_killed_server_forgets_nothing_of_the_catalog(state: StateFolder) -> None:
    facts = process.up(state, 0)
    _fill(_glue(facts["endpoint"]))
    before = _told(_glue(facts["endpoint"]))
    _kill(facts["pid"])
    facts = process.up(state, 0)
    assert _told(_glue(facts["endpoint"])) == before
