from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

_SERVER = """
import json, os, sys, urllib.request
from pathlib import Path
import boto3
from lakeshift.local.server import LocalAws
from lakeshift.paths import StateFolder

ROLE = "arn:aws:iam::000000000000:role/firehose"
aws = LocalAws(StateFolder(Path(sys.argv[1]))).start()
os.environ.update(aws.context.job_environment())
firehose, objects, kinesis = boto3.client("firehose"), boto3.client("s3"), boto3.client("kinesis")

def flush(name):
    url = aws.endpoint + "/_lakeshift/firehose/" + name + "/flush"
    with urllib.request.urlopen(urllib.request.Request(url, method="POST")) as answer:
        return json.loads(answer.read())["records"]

def put(data):
    kinesis.put_record(StreamName="events", Data=data, PartitionKey="k")

if sys.argv[2] == "accept":
    objects.create_bucket(Bucket="raw")
    kinesis.create_stream(StreamName="events", ShardCount=1)
    put(b"before")
    for name in ("readings", "events"):
        source = {"KinesisStreamARN": "arn:aws:kinesis:us-east-1:000000000000:stream/events", "RoleARN": ROLE}
        kind = {} if name == "readings" else {
            "DeliveryStreamType": "KinesisStreamAsSource", "KinesisStreamSourceConfiguration": source}
        firehose.create_delivery_stream(DeliveryStreamName=name, **kind, ExtendedS3DestinationConfiguration={
            "RoleARN": ROLE, "BucketARN": "arn:aws:s3:::raw", "Prefix": name + "/"})
    firehose.put_record_batch(DeliveryStreamName="readings", Records=[{"Data": b"a"}, {"Data": b"b"}])
    put(b"c")
    flush("events")
    put(b"d")
    os._exit(9)  # as by kill -9: nothing is closed
put(b"e")
told = {"records": [flush("readings"), flush("events")]}
keys = [found["Key"] for found in objects.list_objects_v2(Bucket="raw")["Contents"]]
told["bodies"] = sorted(
    key.split("/")[0] + ":" + objects.get_object(Bucket="raw", Key=key)["Body"].read().decode() for key in keys)
print(json.dumps(told))
aws.stop()
"""


def _run(folder: Path, what: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", _SERVER, str(folder), what]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=dict(os.environ), check=False)


def test_records_accepted_before_a_kill_are_delivered_once_by_the_next_server(tmp_path: Path) -> None:
    accepting = _run(tmp_path, "accept")
    assert accepting.returncode == 9, accepting.stderr
    following = _run(tmp_path, "deliver")
    assert following.returncode == 0, following.stderr
    told = json.loads(following.stdout)
    assert (told["records"], told["bodies"]) == ([2, 2], ["events:c", "events:de", "readings:ab"])
