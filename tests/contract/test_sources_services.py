"""Sources and sinks that are services: Redshift, DynamoDB, Kinesis; and old files: purge and transition."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.reading import rows

pytestmark = pytest.mark.needs_catalog

REDSHIFT = pytest.mark.page("aws-glue-programming-etl-connect-redshift-home")
DYNAMODB = pytest.mark.page("aws-glue-programming-etl-connect-dynamodb-home")
KINESIS = pytest.mark.page("aws-glue-programming-etl-connect-kinesis-home")
CONTEXT = pytest.mark.page("aws-glue-api-crawler-pyspark-extensions-glue-context")
CLUSTER = {"ClusterIdentifier": "contract", "Database": "dev", "DbUser": "admin"}


@pytest.fixture(scope="module")
def aws(glue: Any) -> Any:
    """The client maker; imported late, so that it sees the local endpoint."""
    import boto3

    return boto3


@pytest.fixture(scope="module")
def bucket(aws: Any) -> Iterator[str]:
    """An empty bucket."""
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="contract-services")
    yield "contract-services"
    for item in s3.list_objects_v2(Bucket="contract-services").get("Contents", ()):
        s3.delete_object(Bucket="contract-services", Key=item["Key"])
    s3.delete_bucket(Bucket="contract-services")


@pytest.fixture(scope="module")
def warehouse(aws: Any, bucket: str) -> Iterator[dict[str, str]]:
    """Connection options of a Redshift cluster."""
    api = aws.client("redshift")
    api.create_cluster(
        ClusterIdentifier="contract",
        NodeType="ra3.xlplus",
        MasterUsername="admin",
        MasterUserPassword="Not-used-1",
        DBName="dev",
    )
    yield {
        "url": "jdbc:redshift://contract.abc.us-east-1.redshift.amazonaws.com:5439/dev",
        "user": "admin",
        "password": "Not-used-1",
        "redshiftTmpDir": f"s3://{bucket}/tmp/",
        "aws_iam_role": "arn:aws:iam::123456789012:role/copy",
    }
    api.delete_cluster(ClusterIdentifier="contract", SkipFinalClusterSnapshot=True)


def sql(aws: Any, text: str) -> list[list[Any]]:
    """Run one statement and return the values of its rows."""
    api = aws.client("redshift-data")
    identifier = api.execute_statement(**CLUSTER, Sql=text)["Id"]
    while (found := api.describe_statement(Id=identifier))["Status"] not in ("FINISHED", "FAILED", "ABORTED"):
        time.sleep(0.01)
    assert found["Status"] == "FINISHED", found.get("Error")
    if not found.get("HasResultSet"):
        return []
    records = api.get_statement_result(Id=identifier)["Records"]
    return [[None if "isNull" in cell else next(iter(cell.values())) for cell in record] for record in records]


@REDSHIFT
def test_redshift_rows_are_copied_and_unloaded(glue: Any, aws: Any, warehouse: dict[str, str], of_json: Any) -> None:
    frame = of_json(
        {"id": 1, "name": 'a "b", c', "at": 1.5}, {"id": 2, "name": None, "at": None}, {"id": 3, "name": ""}
    )
    glue.write_dynamic_frame.from_options(frame, "redshift", {**warehouse, "dbtable": "public.events"})
    found = sql(aws, "SELECT id, name, at FROM public.events ORDER BY id")
    assert [(int(i), n, None if a is None else float(a)) for i, n, a in found] == [
        (1, 'a "b", c', 1.5),
        (2, None, None),
        (3, "", None),
    ]
    back = glue.create_dynamic_frame.from_options("redshift", {**warehouse, "dbtable": "public.events"})
    assert [(r["id"], r["name"]) for r in rows(back)] == [(1, 'a "b", c'), (2, None), (3, "")]
    query = {**warehouse, "query": "SELECT name FROM public.events WHERE name = 'a \"b\", c'"}
    assert rows(glue.create_dynamic_frame.from_options("redshift", query)) == [{"name": 'a "b", c'}]


@REDSHIFT
def test_redshift_actions_are_of_the_copys_transaction(
    glue: Any, aws: Any, warehouse: dict[str, str], of_json: Any
) -> None:
    options = {
        **warehouse,
        "dbtable": "public.acted",
        "preactions": "CREATE TABLE IF NOT EXISTS public.audit (note VARCHAR(20)); DELETE FROM public.acted;",
        "postactions": "INSERT INTO public.audit VALUES ('a;b')",
    }
    for number in (1, 2):
        glue.write_dynamic_frame.from_options(of_json({"id": number}), "redshift", options)
    assert sql(aws, "SELECT id FROM public.acted") == [[2]]
    assert sql(aws, "SELECT note FROM public.audit") == [["a;b"], ["a;b"]]
    with pytest.raises(Exception, match="nowhere"):
        glue.write_dynamic_frame.from_options(
            of_json({"id": 3}), "redshift", {**options, "postactions": "DELETE FROM public.nowhere"}
        )
    assert sql(aws, "SELECT id FROM public.acted") == [[2]]


@REDSHIFT
@pytest.mark.parametrize(
    ("missing", "text"), [("redshiftTmpDir", "redshiftTmpDir"), ("dbtable", "dbtable")], ids=["tmp-dir", "table"]
)
def test_redshift_needs_its_options(
    glue: Any, warehouse: dict[str, str], of_json: Any, missing: str, text: str
) -> None:
    options = {k: v for k, v in {**warehouse, "dbtable": "public.t"}.items() if k != missing}
    with pytest.raises(Exception, match=text):
        glue.write_dynamic_frame.from_options(of_json({"id": 1}), "redshift", options)
    with pytest.raises(Exception, match=text):
        glue.create_dynamic_frame.from_options("redshift", options)


@REDSHIFT
def test_redshift_through_a_connection_of_the_catalog(
    glue: Any, aws: Any, warehouse: dict[str, str], of_json: Any
) -> None:
    properties = {"JDBC_CONNECTION_URL": warehouse["url"], "USERNAME": "admin", "PASSWORD": "Not-used-1"}
    aws.client("glue").create_connection(
        ConnectionInput={"Name": "dw", "ConnectionType": "JDBC", "ConnectionProperties": properties}
    )
    try:
        glue.write_dynamic_frame.from_jdbc_conf(
            of_json({"id": 7}), "dw", {"dbtable": "public.by_conf", "database": "dev"}, warehouse["redshiftTmpDir"]
        )
    finally:
        aws.client("glue").delete_connection(ConnectionName="dw")
    assert sql(aws, "SELECT id FROM public.by_conf") == [[7]]


@REDSHIFT
def test_redshift_table_of_the_catalog(glue: Any, aws: Any, warehouse: dict[str, str]) -> None:
    sql(aws, "CREATE TABLE public.listed (id INT)")
    sql(aws, "INSERT INTO public.listed VALUES (4)")
    properties = {"JDBC_CONNECTION_URL": warehouse["url"], "USERNAME": "admin", "PASSWORD": "Not-used-1"}
    api = aws.client("glue")
    api.create_connection(ConnectionInput={"Name": "dwc", "ConnectionType": "JDBC", "ConnectionProperties": properties})
    api.create_database(DatabaseInput={"Name": "dw"})
    storage = {"Columns": [{"Name": "id", "Type": "int"}], "Location": "dev.public.listed"}
    made = {
        "Name": "listed",
        "StorageDescriptor": storage,
        "Parameters": {"classification": "redshift", "connectionName": "dwc"},
    }
    api.create_table(DatabaseName="dw", TableInput=made)
    try:
        where = {"database": "dw", "table_name": "listed", "redshift_tmp_dir": warehouse["redshiftTmpDir"]}
        frame = glue.create_dynamic_frame.from_catalog(**where)
        assert rows(frame) == [{"id": 4}]
        glue.write_dynamic_frame.from_catalog(frame, **where)
    finally:
        api.delete_table(DatabaseName="dw", Name="listed")
        api.delete_database(Name="dw")
        api.delete_connection(ConnectionName="dwc")
    assert sql(aws, "SELECT id FROM public.listed") == [[4], [4]]


@pytest.fixture(scope="module")
def things(aws: Any) -> Iterator[str]:
    """A DynamoDB table of three items."""
    api = aws.client("dynamodb")
    api.create_table(
        TableName="things",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "N"}],
        BillingMode="PAY_PER_REQUEST",
    )
    items = [
        {"id": {"N": "1"}, "name": {"S": "x"}, "tags": {"SS": ["a"]}, "nested": {"M": {"n": {"N": "1.5"}}}},
        {"id": {"N": "2"}, "flag": {"BOOL": True}, "none": {"NULL": True}},
        {"id": {"N": "3"}, "name": {"N": "5"}},
    ]
    for item in items:
        api.put_item(TableName="things", Item=item)
    yield "things"
    api.delete_table(TableName="things")


@DYNAMODB
@pytest.mark.parametrize("splits", ["1", "4"])
def test_dynamodb_items_are_records(glue: Any, things: str, splits: str) -> None:
    options = {"dynamodb.input.tableName": things, "dynamodb.splits": splits}
    frame = glue.create_dynamic_frame.from_options("dynamodb", options)
    assert sorted(row["id"] for row in rows(frame)) == [1, 2, 3]
    kinds = {field.name: field.dataType.typeName() for field in frame.schema()}
    assert (kinds["name"], kinds["tags"], kinds["nested"], kinds["flag"]) == ("choice", "array", "struct", "boolean")


@DYNAMODB
def test_dynamodb_export_gives_typed_items_or_plain_ones(glue: Any, things: str) -> None:
    options = {"dynamodb.export": "ddb", "dynamodb.tableArn": f"arn:aws:dynamodb:us-east-1:123456789012:table/{things}"}
    raw = glue.create_dynamic_frame.from_options("dynamodb", options)
    assert {row["Item"]["id"]["N"] for row in rows(raw)} == {"1", "2", "3"}
    plain = glue.create_dynamic_frame.from_options("dynamodb", {**options, "dynamodb.simplifyDDBJson": True})
    assert {row["id"] for row in rows(plain)} == {"1", "2", "3"}
    assert [row["nested"] for row in rows(plain) if row["nested"]] == [{"n": "1.5"}]


@DYNAMODB
def test_dynamodb_export_in_s3(glue: Any, aws: Any, bucket: str) -> None:
    text = json.dumps({"Item": {"id": {"N": "1"}, "l": {"L": [{"S": "x"}]}}}) + "\n"
    aws.client("s3").put_object(Bucket=bucket, Key="export/AWSDynamoDB/01-x/data/a.json", Body=text.encode())
    options = {
        "dynamodb.export": "s3",
        "dynamodb.s3.bucket": bucket,
        "dynamodb.s3.prefix": "export/AWSDynamoDB/01-x/",
        "dynamodb.simplifyDDBJson": True,
    }
    assert rows(glue.create_dynamic_frame.from_options("dynamodb", options)) == [{"id": "1", "l": ["x"]}]


@DYNAMODB
def test_dynamodb_sink_puts_items(glue: Any, aws: Any, things: str, of_json: Any) -> None:
    frame = of_json(*[{"id": 100 + i, "v": [i, None]} for i in range(30)])
    glue.write_dynamic_frame.from_options(frame, "dynamodb", {"dynamodb.output.tableName": things})
    api = aws.client("dynamodb")
    found = api.scan(TableName=things, FilterExpression="id >= :n", ExpressionAttributeValues={":n": {"N": "100"}})
    assert len(found["Items"]) == 30
    item = api.get_item(TableName=things, Key={"id": {"N": "107"}})["Item"]
    assert item == {"id": {"N": "107"}, "v": {"L": [{"N": "7"}, {"NULL": True}]}}
    for item in found["Items"]:
        api.delete_item(TableName=things, Key={"id": item["id"]})


@DYNAMODB
def test_dynamodb_table_that_is_not_there(glue: Any, things: str, of_json: Any) -> None:
    with pytest.raises(Exception, match="ResourceNotFoundException"):
        glue.create_dynamic_frame.from_options("dynamodb", {"dynamodb.input.tableName": "nowhere"})
    with pytest.raises(Exception, match="ResourceNotFoundException"):
        glue.write_dynamic_frame.from_options(of_json({"id": 1}), "dynamodb", {"dynamodb.output.tableName": "nowhere"})


@pytest.fixture
def stream(aws: Any, request: pytest.FixtureRequest) -> Iterator[str]:
    """A Kinesis stream of two shards with the records 0..9."""
    api = aws.client("kinesis")
    api.create_stream(StreamName="clicks", ShardCount=2)
    put(aws, range(10))
    yield "clicks"
    api.delete_stream(StreamName="clicks")


def put(aws: Any, numbers: Any) -> None:
    """Put the numbers as JSON records."""
    records = [{"Data": json.dumps({"id": n}).encode(), "PartitionKey": str(n)} for n in numbers]
    aws.client("kinesis").put_records(StreamName="clicks", Records=records)


def run_batches(data: Any, checkpoint: Path, batch: Any) -> None:
    """Process what is there and stop, as forEachBatch does batch by batch."""
    writer = data.writeStream.foreachBatch(batch).option("checkpointLocation", str(checkpoint))
    writer.trigger(once=True).start().awaitTermination()


def of_stream(glue: Any, **options: Any) -> Any:
    given = {
        "typeOfData": "kinesis",
        "streamARN": "arn:aws:kinesis:us-east-1:123456789012:stream/clicks",
        "classification": "json",
        "startingPosition": "earliest",
        "inferSchema": "true",
        **options,
    }
    return glue.create_data_frame.from_options("kinesis", given)


@KINESIS
def test_kinesis_batches_lose_and_double_nothing_over_restarts(
    glue: Any, aws: Any, stream: str, tmp_path: Path
) -> None:
    seen: list[int] = []

    def keep(data: Any, _number: int) -> None:
        seen.extend(row.id for row in data.collect())

    run_batches(of_stream(glue), tmp_path / "c", keep)
    assert sorted(seen) == list(range(10))
    put(aws, range(10, 15))

    def fail(_data: Any, _number: int) -> None:
        raise ValueError("the batch fails")

    with pytest.raises(Exception, match="the batch fails"):
        run_batches(of_stream(glue), tmp_path / "c", fail)
    put(aws, range(15, 20))
    run_batches(of_stream(glue), tmp_path / "c", keep)  # the failed batch again, as it was
    assert sorted(seen) == list(range(15))
    run_batches(of_stream(glue), tmp_path / "c", keep)
    assert sorted(seen) == list(range(20))


@KINESIS
def test_kinesis_raw_records_and_a_given_schema(glue: Any, stream: str, tmp_path: Path) -> None:
    raw = of_stream(glue, inferSchema="false")
    assert raw.columns == ["data", "streamName", "partitionKey", "sequenceNumber", "approximateArrivalTimestamp"]
    given = of_stream(glue, inferSchema="false", schema="`id` STRING")
    assert given.dtypes == [("id", "string")]


@KINESIS
def test_kinesis_table_of_the_catalog(glue: Any, aws: Any, stream: str, tmp_path: Path) -> None:
    api = aws.client("glue")
    api.create_database(DatabaseInput={"Name": "streams"})
    parameters = {"typeOfData": "kinesis", "streamARN": "arn:aws:kinesis:us-east-1:123456789012:stream/clicks"}
    storage = {"Columns": [{"Name": "id", "Type": "bigint"}], "Location": "clicks", "Parameters": parameters}
    made = {"Name": "clicks", "StorageDescriptor": storage, "Parameters": {"classification": "json"}}
    api.create_table(DatabaseName="streams", TableInput=made)
    seen: list[int] = []
    try:
        data = glue.create_data_frame.from_catalog(
            database="streams", table_name="clicks", additional_options={"startingPosition": "trim_horizon"}
        )
        run_batches(data, tmp_path / "c", lambda batch, _number: seen.extend(row.id for row in batch.collect()))
    finally:
        api.delete_table(DatabaseName="streams", Name="clicks")
        api.delete_database(Name="streams")
    assert sorted(seen) == list(range(10))


@KINESIS
def test_kinesis_stream_that_is_not_there(glue: Any) -> None:
    with pytest.raises(Exception, match="ResourceNotFoundException"):
        of_stream(glue, streamARN="arn:aws:kinesis:us-east-1:123456789012:stream/nowhere")


@KINESIS
@pytest.mark.page("streaming-tutorial-studio")
@pytest.mark.filterwarnings("ignore:DataFrame.sql_ctx")
def test_for_each_batch_of_the_library(glue: Any, aws: Any, stream: str, tmp_path: Path) -> None:
    seen: list[int] = []

    def process(data: Any, number: int) -> None:
        seen.extend(row.id for row in glue.add_ingestion_time_columns(data, "hour").collect())
        if len(seen) >= 10:
            raise RuntimeError("that is all")  # a streaming job has no end of its own

    options = {"windowSize": "1 seconds", "checkpointLocation": str(tmp_path / "c"), "batchMaxRetries": 0}
    with pytest.raises(Exception, match="that is all"):
        glue.forEachBatch(frame=of_stream(glue), batch_function=process, options=options)
    assert sorted(seen) == list(range(10))


@KINESIS
def test_a_sample_of_a_stream(glue: Any, stream: str, spark: Any) -> None:
    before = spark.conf.get("spark.sql.streaming.checkpointLocation", None)
    options = {"windowSize": "1 seconds", "pollingTimeInMs": "2500", "recordPollingLimit": "4"}
    sample = glue.getSampleStreamingDynamicFrame(of_stream(glue), options)
    assert sample.count() == 4
    assert spark.conf.get("spark.sql.streaming.checkpointLocation", None) == before


@CONTEXT
@pytest.mark.filterwarnings("ignore:DataFrame.sql_ctx")
def test_ingestion_time_columns(glue: Any, spark: Any) -> None:
    data = glue.add_ingestion_time_columns(spark.range(1), "minute")
    assert data.columns == ["id", "ingest_year", "ingest_month", "ingest_day", "ingest_hour", "ingest_minute"]


def keys(aws: Any, bucket: str, prefix: str) -> list[str]:
    found = aws.client("s3").list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", ())
    return [item["Key"].removeprefix(prefix) for item in found]


@CONTEXT
@pytest.mark.parametrize(
    ("options", "left"),
    [
        pytest.param({"retentionPeriod": 0}, [], id="none-is-kept"),
        pytest.param({}, ["a.json", "b/c.json"], id="a-week-is-kept"),
        pytest.param({"retentionPeriod": 0, "excludeStorageClasses": ["GLACIER"]}, ["b/c.json"], id="storage-class"),
    ],
)
def test_purge_s3_path(glue: Any, aws: Any, bucket: str, options: dict[str, Any], left: list[str]) -> None:
    s3 = aws.client("s3")
    s3.put_object(Bucket=bucket, Key="old/a.json", Body=b"1")
    s3.put_object(Bucket=bucket, Key="old/b/c.json", Body=b"1", StorageClass="GLACIER")
    manifest = {"manifestFilePath": f"s3://{bucket}/manifests/"}
    glue.purge_s3_path(f"s3://{bucket}/old/", {**options, **manifest}, "ctx")
    assert keys(aws, bucket, "old/") == left
    success = s3.get_object(Bucket=bucket, Key="manifests/ctx/Success.csv")["Body"].read().decode().split()
    assert len(success) == 2 - len(left)
    assert s3.get_object(Bucket=bucket, Key="manifests/ctx/Failed.csv")["Body"].read() == b""


@CONTEXT
def test_purge_table_drops_the_partitions_that_are_empty(glue: Any, aws: Any, bucket: str) -> None:
    catalog, s3 = aws.client("glue"), aws.client("s3")
    catalog.create_database(DatabaseInput={"Name": "purged"})
    storage = {"Columns": [{"Name": "id", "Type": "int"}], "Location": f"s3://{bucket}/t/", "SerdeInfo": {}}
    keys_ = [{"Name": "d", "Type": "string"}]
    made = {"Name": "t", "StorageDescriptor": storage, "PartitionKeys": keys_, "Parameters": {"classification": "json"}}
    catalog.create_table(DatabaseName="purged", TableInput=made)
    for day in ("1", "2"):
        place = {**storage, "Location": f"s3://{bucket}/t/d={day}/"}
        catalog.create_partition(
            DatabaseName="purged", TableName="t", PartitionInput={"Values": [day], "StorageDescriptor": place}
        )
        s3.put_object(Bucket=bucket, Key=f"t/d={day}/a.json", Body=b"{}")
    try:
        glue.purge_table("purged", "t", {"partitionPredicate": "d = '1'", "retentionPeriod": 0})
        left = catalog.get_partitions(DatabaseName="purged", TableName="t")["Partitions"]
        assert [p["Values"] for p in left] == [["2"]]
        assert keys(aws, bucket, "t/") == ["d=2/a.json"]
    finally:
        catalog.delete_table(DatabaseName="purged", Name="t")
        catalog.delete_database(Name="purged")


@CONTEXT
def test_transition_changes_the_storage_class(glue: Any, aws: Any, bucket: str) -> None:
    s3 = aws.client("s3")
    s3.put_object(Bucket=bucket, Key="cold/a.json", Body=b'{"id": 1}\n')
    given = {"retentionPeriod": 0, "accountId": "123456789012", "roleArn": "arn:aws:iam::123456789012:role/r"}
    glue.transition_s3_path(f"s3://{bucket}/cold/", "STANDARD_IA", given)
    assert s3.head_object(Bucket=bucket, Key="cold/a.json")["StorageClass"] == "STANDARD_IA"
    read = {"paths": [f"s3://{bucket}/cold/"]}
    assert glue.create_dynamic_frame.from_options("s3", read, "json").count() == 1
    left = {**read, "excludeStorageClasses": ["STANDARD_IA"]}
    assert glue.create_dynamic_frame.from_options("s3", left, "json").count() == 0
    with pytest.raises(Exception, match="roleArn"):
        glue.transition_s3_path(f"s3://{bucket}/cold/", "STANDARD_IA", {"accountId": "1"})
