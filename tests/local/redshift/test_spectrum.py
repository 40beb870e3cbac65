"""Redshift Spectrum by the Data API, over the tables the local Glue holds."""

from __future__ import annotations

import io
import time
from typing import Any

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakeshift.local.server import LocalAws

CLUSTER, BUCKET, GLUE = "spectrum-tests", "spectrum-tests", "spectrum_tests"
TARGET = {"ClusterIdentifier": CLUSTER, "Database": "dev", "DbUser": "awsuser"}


@pytest.fixture
def clients(local_aws: LocalAws) -> dict[str, Any]:
    session = boto3.session.Session("local", "local", region_name="us-east-1")
    names = ("redshift", "redshift-data", "glue", "s3")
    return {name: session.client(name, endpoint_url=local_aws.context.endpoint) for name in names}


def rows(client: Any, sql: str) -> list[list[Any]]:
    sent = client.execute_statement(Sql=sql, **TARGET)
    end = time.monotonic() + 30
    while (told := client.describe_statement(Id=sent["Id"]))["Status"] not in ("FINISHED", "FAILED", "ABORTED"):
        assert time.monotonic() < end
    assert told["Status"] == "FINISHED", told.get("Error")
    if not told["HasResultSet"]:
        return []
    records = client.get_statement_result(Id=sent["Id"])["Records"]
    return [[next(iter(field.values())) for field in record] for record in records]


def test_a_table_of_glue_is_read_pruned_and_written(clients: dict[str, Any]) -> None:
    glue, s3, data = clients["glue"], clients["s3"], clients["redshift-data"]
    clients["redshift"].create_cluster(
        ClusterIdentifier=CLUSTER, NodeType="ra3.xlplus", MasterUsername="awsuser", MasterUserPassword="Passw0rd"
    )
    s3.create_bucket(Bucket=BUCKET)
    glue.create_database(DatabaseInput={"Name": GLUE})
    storage = {
        "Columns": [{"Name": "a", "Type": "int"}],
        "Location": f"s3://{BUCKET}/t/",
        "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
        "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
    }
    keys = [{"Name": "day", "Type": "string"}]
    glue.create_table(DatabaseName=GLUE, TableInput={"Name": "t", "StorageDescriptor": storage, "PartitionKeys": keys})
    sink = io.BytesIO()
    pq.write_table(pa.table({"a": pa.array([1, 2], pa.int32())}), sink)
    s3.put_object(Bucket=BUCKET, Key="t/day=1/x.parquet", Body=sink.getvalue())
    s3.put_object(Bucket=BUCKET, Key="t/day=2/x.parquet", Body=b"not to be opened")
    for day in ("1", "2"):
        place = {**storage, "Location": f"s3://{BUCKET}/t/day={day}/"}
        glue.create_partition(
            DatabaseName=GLUE, TableName="t", PartitionInput={"Values": [day], "StorageDescriptor": place}
        )
    rows(data, f"CREATE EXTERNAL SCHEMA lake FROM DATA CATALOG DATABASE '{GLUE}' IAM_ROLE default")
    assert rows(data, "SELECT a, day FROM lake.t WHERE day = '1' ORDER BY a") == [[1, "1"], [2, "1"]]
    rows(data, "INSERT INTO lake.t SELECT 3, '3'")
    assert rows(data, "SELECT a FROM lake.t WHERE day > '2'") == [[3]]
    found = glue.get_partitions(DatabaseName=GLUE, TableName="t")["Partitions"]
    assert sorted(one["Values"][0] for one in found) == ["1", "2", "3"]
    told = rows(data, "SELECT tablename FROM svv_external_tables")
    assert told == [["t"]]
