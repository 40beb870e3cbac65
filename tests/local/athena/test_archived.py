"""Objects in a Glacier class: Athena leaves them out, and reads restored ones where the table asks for it."""

from __future__ import annotations

import uuid

import boto3

from lakeshift.local import clock
from tests.local.athena.conftest import BUCKET, Athena


def test_archived_objects_are_left_out_and_restored_ones_read_where_the_table_asks(flights: Athena) -> None:
    s3, prefix = boto3.client("s3"), f"cold-{uuid.uuid4().hex[:8]}"
    s3.put_object(Bucket=BUCKET, Key=f"{prefix}/hot.csv", Body=b"1\n")
    s3.put_object(Bucket=BUCKET, Key=f"{prefix}/cold.csv", Body=b"2\n3\n", StorageClass="GLACIER")
    table = prefix.replace("-", "_")
    flights.run(
        f"CREATE EXTERNAL TABLE {table} (n int) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' "
        f"LOCATION 's3://{BUCKET}/{prefix}/'"
    )
    counted = f"SELECT count(*) FROM {table}"
    assert flights.rows(counted) == [["1"]]
    s3.restore_object(
        Bucket=BUCKET,
        Key=f"{prefix}/cold.csv",
        RestoreRequest={"Days": 1, "GlacierJobParameters": {"Tier": "Expedited"}},
    )
    clock.advance(301)
    clock.moved()
    assert flights.rows(counted) == [["1"]]
    flights.run(f"ALTER TABLE {table} SET TBLPROPERTIES ('read_restored_glacier_objects' = 'true')")
    assert flights.rows(counted) == [["3"]]
