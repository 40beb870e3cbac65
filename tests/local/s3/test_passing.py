"""The sample's cold path in small, by the commands: time passes, raw objects go cold, what is hot still answers."""

from __future__ import annotations

import argparse
import json
import urllib.request
from pathlib import Path
from typing import Any

import boto3
import pytest

from lakeshift.cli import costing, passing
from lakeshift.cost.report import lines, load_prices
from lakeshift.local.server import LocalAws

RAW, MARTS = "passing-raw", "passing-marts"


class Clients:
    """As the commands' own."""

    def client(self, service: str) -> Any:
        return boto3.client(service)


@pytest.fixture(scope="module")
def lake(local_aws: LocalAws) -> LocalAws:
    s3 = boto3.client("s3")
    for bucket in (RAW, MARTS):
        s3.create_bucket(Bucket=bucket)
    s3.put_bucket_lifecycle_configuration(
        Bucket=RAW,
        LifecycleConfiguration={
            "Rules": [
                {
                    "ID": "cold-after-90-days",
                    "Status": "Enabled",
                    "Filter": {"Prefix": ""},
                    "Transitions": [{"Days": 90, "StorageClass": "GLACIER"}],
                }
            ]
        },
        TransitionDefaultMinimumObjectSize="varies_by_storage_class",
    )
    for number in range(3):
        s3.put_object(Bucket=RAW, Key=f"flights/2013/01/0{number}/a.json", Body=b'{"n": 1}\n')
    s3.put_object(Bucket=MARTS, Key="enriched/a.json", Body=b'{"n": 1}\n')
    return local_aws


def run(monkeypatch: pytest.MonkeyPatch, aws: LocalAws, verb: Any, **given: Any) -> int:
    monkeypatch.setattr("lakeshift.local.process.status", lambda _: {"endpoint": aws.endpoint})
    return int(verb(aws.state, argparse.Namespace(**given)))


def test_advance_120_days_then_restore(
    lake: LocalAws, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    s3 = boto3.client("s3")
    assert run(monkeypatch, lake, passing.advance, days=120.0, hours=0.0) == 0
    assert f"s3 {RAW}: 3 objects went to GLACIER by the rule cold-after-90-days" in capsys.readouterr().out
    with pytest.raises(s3.exceptions.InvalidObjectState):
        s3.get_object(Bucket=RAW, Key="flights/2013/01/00/a.json")
    assert s3.get_object(Bucket=MARTS, Key="enriched/a.json")["Body"].read() == b'{"n": 1}\n'
    run(monkeypatch, lake, passing.restore, url=f"s3://{RAW}/flights/2013/01/00", days=1, tier="Standard")
    assert capsys.readouterr().out.startswith("1 archived objects")
    run(monkeypatch, lake, passing.advance, days=0.0, hours=5.1)
    assert f"s3 {RAW}: 1 objects are restored" in capsys.readouterr().out
    assert s3.get_object(Bucket=RAW, Key="flights/2013/01/00/a.json")["Body"].read() == b'{"n": 1}\n'


def test_the_cost_of_what_is_there_is_told(lake: LocalAws) -> None:
    found = lines(costing.measure(Clients()), load_prices())
    told = {line.what: line.amount for line in found}
    assert told[f"{MARTS}/enriched/ STANDARD"] == pytest.approx(9e-9)


def test_storage_is_a_metric_each_day(lake: LocalAws) -> None:
    cloudwatch = boto3.client("cloudwatch")
    clock = f"{lake.endpoint}/_lakeshift/clock"
    asked = urllib.request.Request(clock, json.dumps({"advance_seconds": 86_400}).encode(), method="POST")
    with urllib.request.urlopen(asked) as answer:
        assert json.load(answer)["now"]
    found = cloudwatch.list_metrics(Namespace="AWS/S3", Dimensions=[{"Name": "BucketName", "Value": MARTS}])["Metrics"]
    assert {metric["MetricName"] for metric in found} == {"BucketSizeBytes", "NumberOfObjects"}
    assert Path(str(lake.state.root)).exists()
