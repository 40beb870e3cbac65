"""Seeded faults in S3 and Firehose: every way in ends in success or a clean failure; reruns lose and double nothing."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from ingest.batch import Loader
from ingest.files import FileSource, files_in
from ingest.landing import Landing
from ingest.readings import SendError, send_readings
from ingest.retry import GaveUpError, Retry
from ingest.rows import Rules
from ingest.store import Store
from lakeshift.local.faults import FAULTS, Fault
from lakeshift.local.server import LocalAws
from tests.local.datasync.test_transfers import Transfer
from tests.local.firehose.flow import Flow

SEEDS = range(4)
KINDS = ("error", "lost", "reset")
ONCE = Config(retries={"total_max_attempts": 1})


@pytest.fixture(autouse=True)
def _no_fault_is_left_over() -> Iterator[None]:
    yield
    FAULTS.set(())


def broken(service: str, seed: int, share: float = 0.08) -> None:
    FAULTS.set([Fault(service, share=share, kind=kind, code="SlowDown") for kind in KINDS], seed)


@pytest.fixture
def flow(local_aws: LocalAws) -> Flow:
    return Flow(local_aws)


def _lines(flow: Flow) -> Counter[str]:
    FAULTS.set(())
    return Counter(line for body in flow.delivered().values() for line in body.decode().splitlines())


@pytest.mark.parametrize("seed", SEEDS)
def test_files_are_loaded_whole_and_once(flow: Flow, tmp_path: Path, seed: int) -> None:
    for day in range(1, 6):
        lines = "".join(f'{{"id": "{day}-{n}", "at": "2013-01-0{day}"}}\n' for n in range(20))
        (tmp_path / f"{day}.jsonl").write_text(lines)
    ops = f"{flow.bucket}-ops"
    flow.objects.create_bucket(Bucket=ops)
    store = Store(boto3.client("s3", config=ONCE), Retry(attempts=4, pause=lambda _: None))
    loader = Loader(Landing(store, flow.bucket, ops), Rules(("id",), "at"))
    broken("s3", seed, 0.15)
    for _ in range(30):
        try:
            loader.run(FileSource("flights", files_in([tmp_path])))
            break
        except GaveUpError:
            continue
    injected = sum(FAULTS.injected.values())
    expected = Counter(f'{{"id": "{day}-{n}", "at": "2013-01-0{day}"}}' for day in range(1, 6) for n in range(20))
    assert _lines(flow) == expected
    manifests = flow.objects.list_objects_v2(Bucket=ops, Prefix="manifests/")["Contents"]
    bodies = [flow.objects.get_object(Bucket=ops, Key=one["Key"])["Body"].read() for one in manifests]
    assert sum(json.loads(body)["rows_out"] for body in bodies) == 100
    assert injected > 0


@pytest.mark.parametrize("seed", SEEDS)
def test_what_a_kinesis_stream_took_is_delivered_once(flow: Flow, seed: int) -> None:
    kinesis = boto3.client("kinesis")
    kinesis.create_stream(StreamName=flow.name, ShardCount=2)
    arn = kinesis.describe_stream_summary(StreamName=flow.name)["StreamDescriptionSummary"]["StreamARN"]
    flow.create(arn, Prefix="by/", BufferingHints={"SizeInMBs": 1, "IntervalInSeconds": 900})
    broken("s3", seed, 0.25)
    for part in range(6):
        records = [{"Data": f"{part}-{n}\n".encode(), "PartitionKey": str(n)} for n in range(10)]
        kinesis.put_records(StreamName=flow.name, Records=records)
        _flushed(flow)
    assert _lines(flow) == Counter(f"{part}-{n}" for part in range(6) for n in range(10))
    kinesis.delete_stream(StreamName=flow.name)
    flow.client.delete_delivery_stream(DeliveryStreamName=flow.name)


def _flushed(flow: Flow) -> None:
    for _ in range(40):
        try:
            flow.flush()
        except OSError:  # an HTTP error is one
            continue
        return
    pytest.fail("the stream was never delivered")


@pytest.mark.parametrize("seed", SEEDS)
def test_a_throttled_stream_gets_every_reading_and_twice_only_those_whose_answer_was_lost(
    flow: Flow, tmp_path: Path, seed: int
) -> None:
    flow.create()
    spool = tmp_path / "readings.jsonl"
    spool.write_text("".join(f'{{"id": {n}}}\n' for n in range(2_000)))
    client = boto3.client("firehose", config=ONCE)
    broken("firehose", seed, 0.15)
    for _ in range(30):
        try:
            send_readings(client, flow.name, spool, pause=lambda _: None)
            break
        except (GaveUpError, SendError):
            continue
    lost = FAULTS.injected["firehose:lost"]
    FAULTS.set(())
    _flushed(flow)
    found = Counter(part + "}" for body in flow.delivered().values() for part in body.decode().split("}")[:-1])
    assert set(found) == {f'{{"id": {n}}}' for n in range(2_000)}
    assert sum(found.values()) == 2_000 + 500 * lost
    flow.client.delete_delivery_stream(DeliveryStreamName=flow.name)


@pytest.mark.parametrize("seed", [0, 1])
def test_a_transfer_ends_and_its_reruns_bring_every_file(local_aws: LocalAws, seed: int) -> None:
    transfer = Transfer(local_aws)
    expected = {f"airlines/{n}": uuid.uuid4().hex for n in range(12)}
    for key, content in expected.items():
        (transfer.folder / key.rpartition("/")[2]).write_text(content)
    task = transfer.task()
    broken("s3", seed, 0.03)
    outcomes = [_ended(transfer, task)]
    while outcomes[-1]["Status"] != "SUCCESS" and len(outcomes) < 30:
        outcomes.append(_ended(transfer, task))
    FAULTS.set(())
    assert all(one["Status"] == "SUCCESS" or one["Result"]["ErrorDetail"] for one in outcomes)
    bodies = {
        key: transfer.objects.get_object(Bucket=transfer.bucket, Key=key)["Body"].read().decode() for key in expected
    }
    assert bodies == expected


def _ended(transfer: Transfer, task: str) -> dict[str, Any]:
    arn = transfer.client.start_task_execution(TaskArn=task)["TaskExecutionArn"]
    deadline, pause = time.monotonic() + 20, threading.Event()
    while (told := transfer.client.describe_task_execution(TaskExecutionArn=arn))["Status"] not in ("SUCCESS", "ERROR"):
        assert time.monotonic() < deadline
        pause.wait(0.01)
    return told
