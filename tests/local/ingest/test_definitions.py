"""Definitions of a stream from Kinesis to Parquet: deployed, filled with good, doubled and poison events, queried."""

from __future__ import annotations

import json
import time
import urllib.request
import uuid
from pathlib import Path
from typing import Any

import boto3
import pytest

from lakeshift.deploy import AwsSession, apply
from lakeshift.local.server import LocalAws
from tests.local.deploy.stage import PARAMETERS, Project

DEFINITIONS = (Path(__file__).parent / "readings.yaml").read_text()


@pytest.fixture
def lake(local_aws: LocalAws, tmp_path: Path) -> str:
    """A deployed stage; its name."""
    name = f"lake-{uuid.uuid4().hex[:12]}"
    project = Project(tmp_path, AwsSession("local", endpoint=local_aws.endpoint))
    parameters = PARAMETERS.replace("tiny", name).replace("Word: one", f"Database: {name.replace('-', '_')}, Word: one")
    project.write("environments/local.yaml", parameters)
    project.write("infra/all.yaml", DEFINITIONS)
    apply(project.plan(), project.session)
    assert not project.plan().changes
    return name


def _query(database: str, sql: str, output: str) -> list[list[str | None]]:
    athena = boto3.client("athena")
    asked = {"QueryExecutionContext": {"Database": database}, "ResultConfiguration": {"OutputLocation": output}}
    run = athena.start_query_execution(QueryString=sql, **asked)["QueryExecutionId"]
    deadline = time.monotonic() + 20
    while True:
        status = athena.get_query_execution(QueryExecutionId=run)["QueryExecution"]["Status"]
        if status["State"] not in ("QUEUED", "RUNNING"):
            break
        assert time.monotonic() < deadline
    assert status["State"] == "SUCCEEDED", status
    rows = athena.get_query_results(QueryExecutionId=run)["ResultSet"]["Rows"][1:]
    return [[cell.get("VarCharValue") for cell in row["Data"]] for row in rows]


def test_readings_of_a_kinesis_stream_are_parquet_that_athena_answers_from(local_aws: LocalAws, lake: str) -> None:
    events: list[dict[str, Any]] = [
        {"id": f"r{n}", "at": f"2013-0{1 + n % 2}-01 0{n % 10}:00:00", "temp": n / 2} for n in range(20)
    ]
    late = [{"id": "r0", "at": "2013-01-01 00:00:00", "temp": 0.0}]  # an event that comes twice
    poison = [b"broken", b'{"id": "x", "at": "2013-01-01 00:00:00", "temp": "cold"}']
    bodies = [*(json.dumps(event).encode() for event in [*events, *late]), *poison]
    boto3.client("kinesis").put_records(
        StreamName=f"{lake}-readings",
        Records=[{"Data": body, "PartitionKey": str(n)} for n, body in enumerate(bodies)],
    )
    url = f"{local_aws.endpoint}/_lakeshift/firehose/{lake}-readings/flush"
    with urllib.request.urlopen(urllib.request.Request(url, method="POST")) as answer:
        assert json.loads(answer.read())["records"] == len(bodies)
    database, output = lake.replace("-", "_"), f"s3://{lake}-raw/results/"
    sql = "select day, count(*), count(distinct id), sum(temp) from readings group by day order by day"
    assert _query(database, sql, output) == [["2013-01-01", "11", "10", "45.0"], ["2013-02-01", "10", "10", "50.0"]]
    objects = boto3.client("s3")
    errors = objects.list_objects_v2(Bucket=f"{lake}-raw", Prefix="errors/")["Contents"]
    kinds = sorted(found["Key"].split("/")[1] for found in errors)
    assert kinds == ["format-conversion-failed", "processing-failed"]
