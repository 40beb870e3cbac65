"""Partitions through the API: each once whatever the segments, pages, limits, the expression grammar."""

from __future__ import annotations

import uuid
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from lakeshift.local.server import LocalAws

_COUNT = 130


@pytest.fixture(scope="module")
def table(glue: Any) -> dict[str, str]:
    """A table of 130 partitions ``year=2000..., region``."""
    database = f"db_{uuid.uuid4().hex[:8]}"
    glue.create_database(DatabaseInput={"Name": database})
    keys = [{"Name": "year", "Type": "int"}, {"Name": "Region", "Type": "string"}]
    glue.create_table(DatabaseName=database, TableInput={"Name": "t", "PartitionKeys": keys})
    parts = [
        {"Values": [str(2000 + n), "eu" if n % 2 else "us"], "StorageDescriptor": {"Columns": [{"Name": "a"}]}}
        for n in range(_COUNT)
    ]
    for at in range(0, _COUNT, 100):
        glue.batch_create_partition(DatabaseName=database, TableName="t", PartitionInputList=parts[at : at + 100])
    return {"DatabaseName": database, "TableName": "t"}


def years(glue: Any, table: dict[str, str], **given: Any) -> list[int]:
    pages = glue.get_paginator("get_partitions").paginate(**table, **given)
    return [int(part["Values"][0]) for page in pages for part in page["Partitions"]]


def code_of(call: Any, **given: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**given)
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]


@pytest.mark.parametrize("total", [1, 3, 5, 10])
def test_every_partition_is_in_exactly_one_segment(glue: Any, table: dict[str, str], total: int) -> None:
    found = [
        year
        for number in range(total)
        for year in years(glue, table, Segment={"SegmentNumber": number, "TotalSegments": total})
    ]
    assert sorted(found) == list(range(2000, 2000 + _COUNT))


@pytest.mark.parametrize("size", [1, 50, 130, 1000])
def test_pages_hold_every_partition_once(glue: Any, table: dict[str, str], size: int) -> None:
    assert len(glue.get_partitions(**table, MaxResults=size)["Partitions"]) == min(size, _COUNT)
    assert years(glue, table, PaginationConfig={"PageSize": size}) == list(range(2000, 2000 + _COUNT))


def test_columns_can_be_left_out(glue: Any, table: dict[str, str]) -> None:
    part = glue.get_partitions(**table, ExcludeColumnSchema=True)["Partitions"][0]
    assert "Columns" not in part["StorageDescriptor"]


def test_an_expression_filters_and_pages(glue: Any, table: dict[str, str]) -> None:
    wanted = [year for year in range(2010, 2030) if year % 2]
    found = years(glue, table, Expression="YEAR >= 2010 AND year < 2030 AND NOT region = 'us'")
    assert found == wanted


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("nosuch = 1", "Invalid partition expression!"),
        ("year = ", "Unsupported expression 'year = '"),
        ("year = 'x'", '"x" is not an integer.'),
        ("year LIKE '2%'", "Integral data type doesn't support operation 'LIKE'"),
    ],
    ids=["unknown-key", "unfinished", "wrong-type", "like-on-a-number"],
)
def test_a_wrong_expression_is_refused(glue: Any, table: dict[str, str], expression: str, text: str) -> None:
    assert code_of(glue.get_partitions, **table, Expression=expression) == ("InvalidInputException", text)


def test_a_bad_segment_and_a_bad_token_are_refused(glue: Any, table: dict[str, str]) -> None:
    given = {"SegmentNumber": 5, "TotalSegments": 5}
    assert code_of(glue.get_partitions, **table, Segment=given)[0] == "InvalidInputException"
    assert code_of(glue.get_partitions, **table, NextToken="nonsense")[0] == "InvalidInputException"


def test_values_must_be_as_many_as_keys(glue: Any, table: dict[str, str]) -> None:
    text = "The number of partition keys do not match the number of partition values"
    refused = ("InvalidInputException", text)
    assert code_of(glue.create_partition, **table, PartitionInput={"Values": ["1"]}) == refused
    assert code_of(glue.batch_create_partition, **table, PartitionInputList=[{"Values": ["1"]}]) == refused
    assert code_of(glue.get_partition, **table, PartitionValues=["1"]) == refused
    assert len(years(glue, table)) == _COUNT


@pytest.mark.parametrize(
    ("operation", "argument", "item", "most"),
    [
        ("batch_create_partition", "PartitionInputList", {"Values": ["1", "x"]}, 100),
        (
            "batch_update_partition",
            "Entries",
            {"PartitionValueList": ["1", "x"], "PartitionInput": {"Values": ["1", "x"]}},
            100,
        ),
        ("batch_delete_partition", "PartitionsToDelete", {"Values": ["1", "x"]}, 25),
        ("batch_get_partition", "PartitionsToGet", {"Values": ["1", "x"]}, 1000),
    ],
)
def test_batches_have_limits(
    local_aws: LocalAws, table: dict[str, str], operation: str, argument: str, item: dict[str, Any], most: int
) -> None:
    client = boto3.client("glue", config=Config(parameter_validation=False))
    code, text = code_of(getattr(client, operation), **table, **{argument: [item] * (most + 1)})
    assert code == "ValidationException"
    assert text.endswith(f"Member must have length less than or equal to {most}")


def test_batches_report_each_item_that_failed(glue: Any, table: dict[str, str]) -> None:
    held, missing = ["2000", "us"], ["1900", "us"]
    made = glue.batch_create_partition(**table, PartitionInputList=[{"Values": held}])
    assert made["Errors"][0]["ErrorDetail"]["ErrorCode"] == "AlreadyExistsException"
    entry = {"PartitionValueList": missing, "PartitionInput": {"Values": missing}}
    changed = glue.batch_update_partition(**table, Entries=[entry])
    assert changed["Errors"][0]["ErrorDetail"]["ErrorCode"] == "EntityNotFoundException"
    found = glue.batch_get_partition(**table, PartitionsToGet=[{"Values": held}, {"Values": missing}])
    assert [part["Values"] for part in found["Partitions"]] == [held]
    gone = glue.batch_delete_partition(**table, PartitionsToDelete=[{"Values": missing}])
    assert gone["Errors"][0]["ErrorDetail"]["ErrorCode"] == "EntityNotFoundException"


def test_unfiltered_metadata_authorises_every_column(glue: Any, table: dict[str, str]) -> None:
    given = {"CatalogId": "0" * 12, **table, "SupportedPermissionTypes": ["COLUMN_PERMISSION"]}
    told = glue.get_unfiltered_partitions_metadata(**given, Expression="year = 2001")
    assert [one["Partition"]["Values"] for one in told["UnfilteredPartitions"]] == [["2001", "eu"]]
    assert told["UnfilteredPartitions"][0]["IsRegisteredWithLakeFormation"] is False
    assert glue.get_unfiltered_partition_metadata(**given, PartitionValues=["2001", "eu"])["AuthorizedColumns"]
    name = {"CatalogId": "0" * 12, "DatabaseName": table["DatabaseName"], "Name": "t"}
    told = glue.get_unfiltered_table_metadata(**name, SupportedPermissionTypes=["COLUMN_PERMISSION"])
    assert told["AuthorizedColumns"] == ["year", "Region"]


def test_pages_lose_nothing_while_partitions_are_removed_and_added(glue: Any, database: str) -> None:
    where = {"DatabaseName": database, "TableName": "t"}
    glue.create_table(DatabaseName=database, TableInput={"Name": "t", "PartitionKeys": [{"Name": "k", "Type": "int"}]})
    for at in range(0, 30, 10):
        parts = [{"Values": [str(number)]} for number in range(at, at + 10)]
        glue.batch_create_partition(**where, PartitionInputList=parts)
    first = glue.get_partitions(**where, MaxResults=10)
    told = [part["Values"][0] for part in first["Partitions"]]
    gone = [{"Values": [value]} for value in told[:5]]
    glue.batch_delete_partition(**where, PartitionsToDelete=gone)
    glue.create_partition(**where, PartitionInput={"Values": ["99"]})
    rest = glue.get_partitions(**where, NextToken=first["NextToken"])
    told += [part["Values"][0] for part in rest["Partitions"]]
    assert sorted(map(int, told)) == [*range(30), 99]
