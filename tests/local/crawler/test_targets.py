"""Targets other than folders of files: a real PostgreSQL, DynamoDB, Delta, Iceberg, tables of the catalog."""

from __future__ import annotations

import json
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from lakeshift.local.server import LocalAws
from lakeshift.sample.database import DATABASE, PASSWORD, USER, OperationalDatabase
from tests.local.crawler.conftest import wait_ready
from tests.local.crawler.test_recrawl import log_of, partitions

Put = Callable[[str, bytes], None]

_SCHEMA = """\
CREATE SCHEMA hr;
CREATE TABLE hr.people (id bigserial, name varchar(40), salary numeric(10,2), born date, seen timestamptz, ok boolean,
  photo bytea, tags text[], doc jsonb, small smallint, rate real, free numeric);
CREATE TABLE hr.secrets (id integer);
CREATE VIEW hr.names AS SELECT name FROM hr.people;
COMMENT ON TABLE hr.people IS 'Who works here';
COMMENT ON COLUMN hr.people.name IS 'As in the passport';
"""


@pytest.fixture(scope="module")
def operations() -> Iterator[OperationalDatabase]:
    """Its folder is not pytest's, which is closed to the user that the server runs as."""
    with tempfile.TemporaryDirectory(prefix="lakeshift-postgres-", ignore_cleanup_errors=True) as home:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the server's wheel, about folders it does not use here
            server = OperationalDatabase(Path(home) / "data").start()
        server.psql(DATABASE, _SCHEMA)
        yield server
        server.stop()


@pytest.fixture
def connection(glue: Any, database: str, operations: OperationalDatabase) -> str:
    properties = {"JDBC_CONNECTION_URL": operations.jdbc_url, "USERNAME": USER, "PASSWORD": PASSWORD}
    given = {"Name": f"pg-{database}", "ConnectionType": "JDBC", "ConnectionProperties": properties}
    glue.create_connection(ConnectionInput=given)
    return f"pg-{database}"


def crawl(glue: Any, database: str, targets: dict[str, Any], **given: Any) -> dict[str, Any]:
    name = f"c-{database}"
    glue.create_crawler(Name=name, Role="r", DatabaseName=database, Targets=targets, **given)
    glue.start_crawler(Name=name)
    return dict(wait_ready(glue, name)["LastCrawl"])


def tables(glue: Any, database: str) -> dict[str, dict[str, Any]]:
    return {table["Name"]: table for table in glue.get_tables(DatabaseName=database)["TableList"]}


def types(table: dict[str, Any]) -> dict[str, str]:
    return {column["Name"]: column["Type"] for column in table["StorageDescriptor"]["Columns"]}


def test_gt35_a_database_is_crawled_by_schema_and_pattern(glue: Any, database: str, connection: str) -> None:
    target = {
        "ConnectionName": connection,
        "Path": f"{DATABASE}/hr/%",
        "Exclusions": ["sec*"],
        "EnableAdditionalMetadata": ["COMMENTS", "RAWTYPES"],
    }
    assert crawl(glue, database, {"JdbcTargets": [target]}, TablePrefix="p_")["Status"] == "SUCCEEDED"
    found = tables(glue, database)
    assert sorted(found) == ["p_operations_hr_names", "p_operations_hr_people"]
    people = found["p_operations_hr_people"]
    assert types(people) == {
        "id": "bigint",
        "name": "string",
        "salary": "decimal(10,2)",
        "born": "date",
        "seen": "timestamp",
        "ok": "boolean",
        "photo": "binary",
        "tags": "array<string>",
        "doc": "string",
        "small": "smallint",
        "rate": "float",
        "free": "decimal(38,18)",
    }
    storage, parameters = people["StorageDescriptor"], people["Parameters"]
    assert (storage["Location"], storage["SerdeInfo"]["Parameters"], storage["NumberOfBuckets"]) == (
        "operations.hr.people",
        {},
        -1,
    )
    assert {key: parameters[key] for key in ("classification", "connectionName", "typeOfData", "compressionType")} == {
        "classification": "postgresql",
        "connectionName": connection,
        "typeOfData": "table",
        "compressionType": "none",
    }
    assert found["p_operations_hr_names"]["Parameters"]["typeOfData"] == "view"
    assert people["Description"] == "Who works here"
    name = storage["Columns"][1]
    assert (name["Comment"], name["Parameters"]) == ("As in the passport", {"rawType": "character varying(40)"})


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"PASSWORD": "wrong"}, "password authentication failed"),
        (
            {"JDBC_CONNECTION_URL": "jdbc:mysql://127.0.0.1/x"},
            "A JDBC target over jdbc:mysql: is not supported locally",
        ),
    ],
    ids=["wrong-password", "another-engine"],
)
def test_a_database_that_does_not_answer_fails_the_crawl(
    glue: Any, database: str, connection: str, change: dict[str, str], text: str
) -> None:
    properties = glue.get_connection(Name=connection)["Connection"]["ConnectionProperties"]
    given = {"Name": f"bad-{database}", "ConnectionType": "JDBC", "ConnectionProperties": properties | change}
    glue.create_connection(ConnectionInput=given)
    last = crawl(glue, database, {"JdbcTargets": [{"ConnectionName": given["Name"], "Path": f"{DATABASE}/%"}]})
    assert (last["Status"], text in last["ErrorMessage"]) == ("FAILED", True)
    assert tables(glue, database) == {}


def test_a_dynamodb_table_is_crawled_by_its_items(local_aws: LocalAws, glue: Any, database: str) -> None:
    dynamodb = boto3.client("dynamodb")
    name = f"Orders-{database}"
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "Id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "Id", "AttributeType": "S"}],
    )
    for number in range(3):
        item = {
            "Id": {"S": str(number)},
            "n": {"N": str(number)},
            "price": {"N": "1.5"},
            "tags": {"SS": ["a"]},
            "lines": {"L": [{"M": {"Sku": {"S": "x"}}}]},
            "gone": {"NULL": True},
        }
        dynamodb.put_item(TableName=name, Item=item)
    target = {"Path": name, "scanAll": True, "scanRate": 0.5}
    assert crawl(glue, database, {"DynamoDBTargets": [target]})["Status"] == "SUCCEEDED"
    ((_, table),) = tables(glue, database).items()
    assert types(table) == {
        "id": "string",
        "n": "bigint",
        "price": "double",
        "tags": "array<string>",
        "lines": "array<struct<Sku:string>>",
        "gone": "string",
    }
    assert table["Parameters"]["classification"] == "dynamodb"
    assert table["Parameters"]["recordCount"] == "3"
    assert table["StorageDescriptor"]["Location"].endswith(f":table/{name}")


def test_a_dynamodb_table_that_is_not_there_fails_the_crawl(glue: Any, database: str) -> None:
    last = crawl(glue, database, {"DynamoDBTargets": [{"Path": "nosuch"}]})
    assert last == {**last, "Status": "FAILED", "ErrorMessage": "Requested resource not found: Table: nosuch not found"}


def test_a_delta_target_writes_its_manifests(glue: Any, put: Put, database: str, bucket: str) -> None:
    schema = {"type": "struct", "fields": [{"name": "Id", "type": "long", "nullable": True, "metadata": {}}]}
    actions: list[dict[str, Any]] = [
        {"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}},
        {"metaData": {"id": "x", "schemaString": json.dumps(schema), "partitionColumns": []}},
        {"add": {"path": "part-0.parquet", "partitionValues": {}, "size": 1}},
    ]
    put("sales/_delta_log/00000000000000000000.json", "\n".join(map(json.dumps, actions)).encode())
    target = {"DeltaTables": [f"s3://{bucket}/sales/"], "WriteManifest": True}
    assert crawl(glue, database, {"DeltaTargets": [target]})["Status"] == "SUCCEEDED"
    assert types(tables(glue, database)["sales"]) == {"id": "bigint"}
    manifest = boto3.client("s3").get_object(Bucket=bucket, Key="sales/_symlink_format_manifest/manifest")
    assert manifest["Body"].read().decode() == f"s3://{bucket}/sales/part-0.parquet\n"


def test_a_catalog_target_updates_a_table_made_by_hand(glue: Any, put: Put, database: str, bucket: str) -> None:
    storage = {"Columns": [{"Name": "a", "Type": "int"}], "Location": f"s3://{bucket}/deep/t/"}
    keys = [{"Name": "day", "Type": "date"}]
    given = {
        "Name": "mine",
        "StorageDescriptor": storage,
        "PartitionKeys": keys,
        "Parameters": {"classification": "json"},
    }
    glue.create_table(DatabaseName=database, TableInput=given)
    put("deep/t/day=2013-01-01/x.json", b'{"a":1,"b":"x"}\n')
    put("deep/t/day=2013-01-02/y.csv", b"q,z\n1,a\n2,b\n")
    targets = {"CatalogTargets": [{"DatabaseName": database, "Tables": ["mine"]}]}
    policy = {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "LOG"}
    assert crawl(glue, database, targets, SchemaChangePolicy=policy)["Status"] == "SUCCEEDED"
    found = tables(glue, database)
    assert sorted(found) == ["mine"]
    assert types(found["mine"]) == {"a": "int", "b": "string"}
    assert found["mine"]["PartitionKeys"] == keys
    assert partitions(glue, database, "mine") == [["2013-01-01"]]


def test_a_crawler_of_catalog_targets_needs_no_database(glue: Any, put: Put, database: str, bucket: str) -> None:
    for name in ("one", "two"):
        storage = {"Columns": [], "Location": f"s3://{bucket}/{name}/"}
        glue.create_table(DatabaseName=database, TableInput={"Name": name, "StorageDescriptor": storage})
        put(f"{name}/x.json", b'{"a":1}\n')
    name = f"c-{database}"
    glue.create_crawler(
        Name=name,
        Role="r",
        Targets={"CatalogTargets": [{"DatabaseName": database, "Tables": ["one", "TWO"]}]},
        SchemaChangePolicy={"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "LOG"},
    )
    glue.start_crawler(Name=name)
    assert wait_ready(glue, name)["LastCrawl"]["Status"] == "SUCCEEDED"
    assert {name: types(table) for name, table in tables(glue, database).items()} == {
        "one": {"a": "int"},
        "two": {"a": "int"},
    }
    assert f"BENCHMARK : Classification complete, writing results to database {database}" in log_of(name)
    with pytest.raises(glue.exceptions.InvalidInputException, match="without a database name"):
        glue.create_crawler(Name=f"x-{name}", Role="r", Targets={"S3Targets": [{"Path": f"s3://{bucket}/"}]})


def test_a_catalog_target_that_is_not_there_fails_the_crawl(glue: Any, database: str) -> None:
    targets = {"CatalogTargets": [{"DatabaseName": database, "Tables": ["nosuch"]}]}
    last = crawl(glue, database, targets, SchemaChangePolicy={"DeleteBehavior": "LOG"})
    assert (last["Status"], "nosuch" in last["ErrorMessage"]) == ("FAILED", True)
