"""A small lake with a catalog, and Athena over it by boto3."""

from __future__ import annotations

import io
import itertools
import time
from dataclasses import dataclass
from typing import Any

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakeshift.local.server import LocalAws

BUCKET = "athena-tests"
_NUMBERS = itertools.count(1)


@dataclass
class Athena:
    """A client, and a database of its own for each test."""

    client: Any
    database: str

    def start(self, sql: str, **more: Any) -> str:
        return str(
            self.client.start_query_execution(
                QueryString=sql,
                QueryExecutionContext={"Database": self.database},
                ResultConfiguration={"OutputLocation": f"s3://{BUCKET}/results/"},
                **more,
            )["QueryExecutionId"]
        )

    def run(self, sql: str, **more: Any) -> dict[str, Any]:
        identifier = self.start(sql, **more)
        end = time.monotonic() + 30
        while (told := self.client.get_query_execution(QueryExecutionId=identifier)["QueryExecution"])["Status"][
            "State"
        ] in ("QUEUED", "RUNNING"):
            assert time.monotonic() < end, told
            time.sleep(0.01)
        return dict(told)

    def fails(self, sql: str, **more: Any) -> str:
        told = self.run(sql, **more)
        assert told["Status"]["State"] == "FAILED", told
        return str(told["Status"]["StateChangeReason"])

    def rows(self, sql: str, **more: Any) -> list[list[str | None]]:
        """Rows without the header of a query."""
        told = self.run(sql, **more)
        assert told["Status"]["State"] == "SUCCEEDED", told
        pages = self.client.get_paginator("get_query_results").paginate(QueryExecutionId=told["QueryExecutionId"])
        found = [
            [cell.get("VarCharValue") for cell in row["Data"]] for page in pages for row in page["ResultSet"]["Rows"]
        ]
        return found[1:] if told["StatementType"] == "DML" and found else found


def put(key: str, data: bytes) -> None:
    boto3.client("s3").put_object(Bucket=BUCKET, Key=key, Body=data)


def put_parquet(key: str, **columns: list[Any]) -> None:
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    put(key, sink.getvalue())


@pytest.fixture(scope="session")
def athena_bucket(local_aws: LocalAws) -> str:
    boto3.client("s3").create_bucket(Bucket=BUCKET)
    return BUCKET


@pytest.fixture
def athena(athena_bucket: str) -> Athena:
    return _athena()


@pytest.fixture(scope="module")
def flights(athena_bucket: str) -> Athena:
    """Partitions by day of a small table; for tests that only read."""
    made = _athena()
    for day, rows in (
        ("2013-01-01", {"origin": ["EWR", "JFK"], "delay": [2, None]}),
        ("2013-01-02", {"origin": ["LGA"], "delay": [-6]}),
    ):
        put_parquet(f"{made.database}/flights/dt={day}/part.parquet", **rows)
    made.run(
        f"CREATE EXTERNAL TABLE flights (origin string, delay bigint) PARTITIONED BY (dt string) STORED AS PARQUET "
        f"LOCATION 's3://{BUCKET}/{made.database}/flights/'"
    )
    assert made.run("MSCK REPAIR TABLE flights")["Status"]["State"] == "SUCCEEDED"
    return made


def _athena() -> Athena:
    made = Athena(boto3.client("athena"), f"athena{next(_NUMBERS)}")
    boto3.client("glue").create_database(DatabaseInput={"Name": made.database})
    return made
