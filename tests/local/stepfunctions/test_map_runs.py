"""Distributed Map states: readers, batches, tolerance, results in S3, Map Runs, and their redrive."""

from __future__ import annotations

import gzip
import io
import json
import uuid
from typing import Any

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.local.stepfunctions.conftest import Machines, code

READ, LIST = "arn:aws:states:::s3:getObject", "arn:aws:states:::s3:listObjectsV2"
GET = "arn:aws:states:::aws-sdk:s3:getObject"


@pytest.fixture
def bucket(machines: Machines) -> str:
    name = f"items-{uuid.uuid4().hex}"
    boto3.client("s3").create_bucket(Bucket=name)
    return name


def put(bucket: str, key: str, body: bytes) -> None:
    boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=body)


def child(kind: str = "STANDARD", **state: Any) -> dict[str, Any]:
    config = {"Mode": "DISTRIBUTED", "ExecutionType": kind}
    fields = {"Type": "Pass", "End": True, **state}
    return {"ProcessorConfig": config, "StartAt": "Each", "States": {"Each": fields}}


def mapped(processor: dict[str, Any], **fields: Any) -> dict[str, Any]:
    state = {"Type": "Map", "Label": "each", "MaxConcurrency": 2, "ItemProcessor": processor, "End": True, **fields}
    return {"StartAt": "A", "States": {"A": state}}


def reading(key: str, resource: str = READ, **config: Any) -> dict[str, Any]:
    place = {"Bucket.$": "$.bucket", ("Prefix" if resource == LIST else "Key"): key}
    return {"ItemReader": {"Resource": resource, "Parameters": place, **({"ReaderConfig": config} if config else {})}}


def parquet(rows: list[dict[str, Any]]) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), stream)
    return stream.getvalue()


CSV = b"n,w\n1,a\n2,\n"
FILES: dict[str, tuple[bytes, dict[str, Any], list[Any]]] = {
    "CSV": (CSV, {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}, [{"n": "1", "w": "a"}, {"n": "2", "w": ""}]),
    "CSV with given headers": (
        b"1|x\n",
        {"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["a", "b"], "CSVDelimiter": "PIPE"},
        [{"a": "1", "b": "x"}],
    ),
    "CSV in gzip": (
        gzip.compress(CSV),
        {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW", "MaxItems": 1},
        [{"n": "1", "w": "a"}],
    ),
    "JSON": (b'[{"a":1},2]', {"InputType": "JSON"}, [{"a": 1}, 2]),
    "JSON below a pointer": (b'{"x":{"y":[1,2]}}', {"InputType": "JSON", "ItemsPointer": "/x/y"}, [1, 2]),
    "JSON lines": (b'{"a":1}\n{"a":2}\n', {"InputType": "JSONL"}, [{"a": 1}, {"a": 2}]),
    "at most so many": (b"[1,2,3]", {"InputType": "JSON", "MaxItems": 2}, [1, 2]),
    "Parquet": (parquet([{"a": 1, "b": "x"}]), {"InputType": "PARQUET"}, [{"a": 1, "b": "x"}]),
}


@pytest.mark.parametrize(("body", "config", "items"), FILES.values(), ids=FILES)
def test_items_are_read_from_an_object(
    machines: Machines, bucket: str, body: bytes, config: dict[str, Any], items: list[Any]
) -> None:
    put(bucket, "items", body)
    ended = machines.run(mapped(child(), **reading("items", **config)), {"bucket": bucket})
    assert ended["status"] == "SUCCEEDED", ended
    assert json.loads(ended["output"]) == items


def test_items_are_the_objects_of_a_listing(machines: Machines, bucket: str) -> None:
    for key in ("in/a", "in/b", "out/c"):
        put(bucket, key, b"12345")
    ended = machines.run(mapped(child(), **reading("in/", LIST)), {"bucket": bucket})
    assert [(one["Key"], one["Size"]) for one in json.loads(ended["output"])] == [("in/a", 5), ("in/b", 5)]


def test_items_are_those_inside_the_objects_of_a_listing(machines: Machines, bucket: str) -> None:
    for key, body in (("in/a", b"[1,2]"), ("in/b", b"[3]")):
        put(bucket, key, body)
    read = reading("in/", LIST, InputType="JSON", Transformation="LOAD_AND_FLATTEN")
    assert json.loads(machines.run(mapped(child(), **read), {"bucket": bucket})["output"]) == [1, 2, 3]


def test_items_are_the_rows_of_an_inventory(machines: Machines, bucket: str) -> None:
    put(bucket, "data/1.csv.gz", gzip.compress(b'"lake","a.json","10"\n'))
    manifest = {"fileFormat": "CSV", "fileSchema": "Bucket, Key, Size", "files": [{"key": "data/1.csv.gz"}]}
    put(bucket, "manifest.json", json.dumps(manifest).encode())
    ended = machines.run(mapped(child(), **reading("manifest.json", InputType="MANIFEST")), {"bucket": bucket})
    assert json.loads(ended["output"]) == [{"Bucket": "lake", "Key": "a.json", "Size": "10"}]


UNREADABLE = {"no object": ("none", b"[]"), "no JSON": ("items", b"{"), "no array": ("items", b"5")}


@pytest.mark.parametrize(("key", "body"), UNREADABLE.values(), ids=UNREADABLE)
def test_items_that_cannot_be_read_fail_the_run(machines: Machines, bucket: str, key: str, body: bytes) -> None:
    put(bucket, "items", body)
    execution = machines.start(mapped(child(), **reading(key, InputType="JSON")), {"bucket": bucket})
    assert machines.wait(execution)["error"] == "States.ItemReaderFailed"
    assert machines.events(execution)[-3:] == ["MapRunFailed", "MapStateFailed", "ExecutionFailed"]


BATCHES: dict[str, tuple[dict[str, Any], list[Any]]] = {
    "by count": ({"MaxItemsPerBatch": 2}, [{"Items": [1, 2]}, {"Items": [3]}]),
    "by a path": ({"MaxItemsPerBatchPath": "$.n"}, [{"Items": [1, 2, 3]}]),
    "by bytes": ({"MaxInputBytesPerBatch": 15}, [{"Items": [1]}, {"Items": [2]}, {"Items": [3]}]),
    "with an input of the batch": (
        {"MaxItemsPerBatch": 3, "BatchInput": {"k.$": "$.n"}},
        [{"BatchInput": {"k": 3}, "Items": [1, 2, 3]}],
    ),
}


@pytest.mark.parametrize(("batcher", "inputs"), BATCHES.values(), ids=BATCHES)
def test_items_are_given_in_batches(machines: Machines, batcher: dict[str, Any], inputs: list[Any]) -> None:
    ended = machines.run(mapped(child(), ItemsPath="$.all", ItemBatcher=batcher), {"all": [1, 2, 3], "n": 3})
    assert json.loads(ended["output"]) == inputs


PICKY = {"Type": "Pass", "InputPath": "$.ok"}
TOLERANCES: dict[str, tuple[dict[str, Any], int, str]] = {
    "none": ({}, 1, "FAILED"),
    "a count": ({"ToleratedFailureCount": 1}, 1, "SUCCEEDED"),
    "more than the count": ({"ToleratedFailureCount": 1}, 2, "FAILED"),
    "a percentage": ({"ToleratedFailurePercentage": 50}, 2, "SUCCEEDED"),
    "more than the percentage": ({"ToleratedFailurePercentage": 50}, 3, "FAILED"),
    "the smaller of both": ({"ToleratedFailureCount": 3, "ToleratedFailurePercentage": 10}, 1, "FAILED"),
    "a path": ({"ToleratedFailureCountPath": "$[0].n"}, 2, "SUCCEEDED"),
}


@pytest.mark.parametrize(("fields", "bad", "status"), TOLERANCES.values(), ids=TOLERANCES)
def test_so_many_children_may_fail(machines: Machines, fields: dict[str, Any], bad: int, status: str) -> None:
    items = [{"ok": 1, "n": 2}] * (4 - bad) + [{}] * bad
    ended = machines.run(mapped(child(**PICKY), **fields), items)
    assert ended["status"] == status, ended
    if status == "FAILED":
        assert ended["error"] == "States.ExceedToleratedFailureThreshold"
        assert ended["cause"] == "The specified tolerated failure threshold was exceeded"
    else:
        outputs = json.loads(ended["output"])
        assert (outputs.count(1), sum(isinstance(one, dict) for one in outputs)) == (4 - bad, bad)


def test_a_map_run_is_described_with_its_children(machines: Machines) -> None:
    execution = machines.start(mapped(child(), ToleratedFailureCount=5), [1, 2, 3])
    ended = machines.wait(execution)
    (listed,) = machines.client.list_map_runs(executionArn=execution)["mapRuns"]
    run = machines.client.describe_map_run(mapRunArn=listed["mapRunArn"])
    assert (run["status"], run["maxConcurrency"], run["toleratedFailureCount"]) == ("SUCCEEDED", 2, 5)
    counts = run["executionCounts"]
    assert (counts["total"], counts["succeeded"], counts["failed"], counts["pending"]) == (3, 3, 0, 0)
    children = machines.client.list_executions(mapRunArn=listed["mapRunArn"])["executions"]
    assert len(children) == 3
    arn = children[0]["executionArn"]
    told = machines.client.describe_execution(executionArn=arn)
    assert (told["mapRunArn"], told["stateMachineArn"]) == (listed["mapRunArn"], ended["stateMachineArn"])
    assert "/each:" in arn
    assert machines.events(arn)[0] == "ExecutionStarted"
    of_machine = machines.client.list_executions(stateMachineArn=ended["stateMachineArn"])["executions"]
    assert [one["executionArn"] for one in of_machine] == [execution]
    assert code(machines.client.describe_map_run, mapRunArn=listed["mapRunArn"] + "x") == "ResourceNotFound"


def test_an_express_map_run_has_no_executions_of_its_own_to_ask_for(machines: Machines) -> None:
    ended = machines.run(mapped(child("EXPRESS")), [1, 2])
    assert json.loads(ended["output"]) == [1, 2]


WRITTEN: dict[str, tuple[dict[str, Any], list[Any] | None, str]] = {
    "whole": ({}, None, "SUCCEEDED_0.json"),
    "outputs alone": ({"Transformation": "COMPACT"}, [[1], [2]], "SUCCEEDED_0.json"),
    "flattened": ({"Transformation": "FLATTEN"}, [1, 2], "SUCCEEDED_0.json"),
    "as lines": ({"Transformation": "COMPACT", "OutputType": "JSONL"}, [[1], [2]], "SUCCEEDED_0.jsonl"),
}


@pytest.mark.parametrize(("config", "outputs", "name"), WRITTEN.values(), ids=WRITTEN)
def test_results_are_written(
    machines: Machines, bucket: str, config: dict[str, Any], outputs: list[Any] | None, name: str
) -> None:
    writer = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": bucket, "Prefix": "results"}}
    fields = {"ResultWriter": {**writer, "WriterConfig": config}, "ToleratedFailureCount": 1}
    ended = machines.run(mapped(child(**PICKY), **fields), [{"ok": [1]}, {}, {"ok": [2]}])
    told = json.loads(ended["output"])
    s3, place = boto3.client("s3"), told["ResultWriterDetails"]
    manifest = json.loads(s3.get_object(Bucket=place["Bucket"], Key=place["Key"])["Body"].read())
    assert manifest["MapRunArn"] == told["MapRunArn"]
    assert (len(manifest["ResultFiles"]["SUCCEEDED"]), len(manifest["ResultFiles"]["FAILED"])) == (1, 1)
    key = manifest["ResultFiles"]["SUCCEEDED"][0]["Key"]
    assert key.endswith(name)
    text = s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
    found = [json.loads(row) for row in text.splitlines()] if name.endswith("l") else json.loads(text)
    assert outputs in (None, found)
    if outputs is None:
        assert [(one["Status"], json.loads(one["Output"])) for one in found] == [("SUCCEEDED", [1]), ("SUCCEEDED", [2])]


def test_results_that_have_no_place_fail_the_run(machines: Machines) -> None:
    writer = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "no-such-bucket-at-all"}}
    assert machines.run(mapped(child(), ResultWriter=writer), [1])["error"] == "States.ResultWriterFailed"


@pytest.mark.parametrize("kind", ["STANDARD", "EXPRESS"])
def test_a_redrive_runs_the_children_that_failed(machines: Machines, bucket: str, kind: str) -> None:
    put(bucket, "a", b"1")
    each = child(kind, Type="Task", Resource=GET, Parameters={"Bucket": bucket, "Key.$": "$"}, OutputPath="$.Body")
    execution = machines.start(mapped(each, MaxConcurrency=1), ["a", "late", "a"])
    assert machines.wait(execution)["error"] == "States.ExceedToleratedFailureThreshold"
    put(bucket, "late", b"2")
    put(bucket, "a", b"changed")
    machines.client.redrive_execution(executionArn=execution)
    ended = machines.wait(execution)
    assert json.loads(ended["output"]) == ["1", "2", "changed"]  # the first child is not run again
    (listed,) = machines.client.list_map_runs(executionArn=execution)["mapRuns"]
    assert machines.client.describe_map_run(mapRunArn=listed["mapRunArn"])["redriveCount"] == 1
    assert machines.events(execution).count("MapRunRedriven") == 1
