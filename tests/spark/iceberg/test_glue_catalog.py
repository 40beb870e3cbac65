"""Iceberg's GlueCatalog in Spark, unmodified, and PyIceberg read and write one table of the local catalog."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import boto3
import pytest

from lakeshift.local.server import LocalAws

pytestmark = pytest.mark.spark
pytest.importorskip("pyiceberg")

_SCRIPT = Path(__file__).with_name("script.py")


@pytest.fixture(scope="module")
def told(local_aws: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    bucket = f"iceberg-{uuid.uuid4().hex[:8]}"
    boto3.client("s3").create_bucket(Bucket=bucket)
    result = tmp_path_factory.mktemp("iceberg") / "result.json"
    done = subprocess.run(
        [sys.executable, str(_SCRIPT), local_aws.endpoint, bucket, str(result)],
        capture_output=True,
        text=True,
        timeout=240,
        env=dict(os.environ),
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return dict(json.loads(result.read_text()))


@pytest.mark.parametrize(
    ("what", "wanted"),
    [
        ("pyiceberg reads", [1, 2]),
        ("spark reads", [[1, "x"], [2, "y"], [3, "x"]]),
        ("pyiceberg reads again", [{"a": 2, "p": "y", "b": 0.5}, {"a": 3, "p": "x", "b": None}]),
        ("tables", ["t"]),
        ("snapshots", 4),
        ("renamed", ["u"]),
    ],
)
def test_both_see_what_the_other_wrote(told: dict[str, Any], what: str, wanted: Any) -> None:
    assert told[what] == wanted
