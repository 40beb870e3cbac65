"""What our services tell on the bus, in the shape that the documentation shows."""

from __future__ import annotations

import json
import uuid
from typing import Any

import boto3
import pytest

from tests.local.events.helpers import Inbox, rule


def told(inbox: Inbox, least: int) -> list[dict[str, Any]]:
    return [json.loads(message["Body"]) for message in inbox.all(least)]


def test_the_catalog_tells_of_databases_tables_and_partitions(inbox: Inbox) -> None:
    glue, name = boto3.client("glue"), f"db_{uuid.uuid4().hex[:12]}"
    rule({"source": ["aws.glue"], "detail": {"databaseName": [name]}}, {"Arn": inbox.arn})
    place = {"Columns": [{"Name": "a", "Type": "int"}], "Location": "s3://b/t/"}
    table = {"Name": "t", "StorageDescriptor": place, "PartitionKeys": [{"Name": "day", "Type": "string"}]}
    glue.create_database(DatabaseInput={"Name": name})
    glue.create_table(DatabaseName=name, TableInput=table)
    parts = [{"Values": [day], "StorageDescriptor": place} for day in ("01", "02")]
    glue.batch_create_partition(DatabaseName=name, TableName="t", PartitionInputList=parts)
    glue.delete_partition(DatabaseName=name, TableName="t", PartitionValues=["01"])
    glue.delete_table(DatabaseName=name, Name="t")
    with pytest.raises(glue.exceptions.EntityNotFoundException):
        glue.delete_table(DatabaseName=name, Name="t")  # tells nothing
    found = {one["detail"]["typeOfChange"]: one for one in told(inbox, 5)}
    assert list(found) == ["CreateDatabase", "CreateTable", "BatchCreatePartition", "DeletePartition", "DeleteTable"]
    created = found["BatchCreatePartition"]
    assert created["detail-type"] == "Glue Data Catalog Table State Change"
    assert created["detail"] == {
        "databaseName": name,
        "tableName": "t",
        "typeOfChange": "BatchCreatePartition",
        "changedPartitions": ["[01]", "[02]"],
    }
    assert created["resources"] == [f"arn:aws:glue:us-east-1:000000000000:table/{name}/t"]
    assert found["DeletePartition"]["detail"]["changedPartitions"] == ["[01]"]
    assert found["CreateTable"]["detail-type"] == "Glue Data Catalog Database State Change"
    assert found["CreateTable"]["detail"]["changedTables"] == ["t"]


def test_a_crawler_tells_when_it_starts_and_ends(inbox: Inbox) -> None:
    glue, name = boto3.client("glue"), f"c{uuid.uuid4().hex[:12]}"
    rule({"source": ["aws.glue"], "detail": {"crawlerName": [name]}}, {"Arn": inbox.arn})
    boto3.client("s3").create_bucket(Bucket=name)
    glue.create_database(DatabaseInput={"Name": name})
    targets = {"S3Targets": [{"Path": f"s3://{name}/"}]}
    glue.create_crawler(Name=name, Role="r", DatabaseName=name, Targets=targets)
    glue.start_crawler(Name=name)
    found = {one["detail"]["state"]: one for one in told(inbox, 2)}
    assert set(found) == {"Started", "Succeeded"}
    assert found["Succeeded"]["detail-type"] == "Glue Crawler State Change"
    assert {"crawlerName", "state", "message", "tablesCreated", "completionDate"} <= set(found["Succeeded"]["detail"])
