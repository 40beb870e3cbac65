"""One process may start one local AWS after another: every room installs again."""

from __future__ import annotations

from pathlib import Path

import boto3
import pytest

from lakeshift.local.server import LocalAws
from lakeshift.paths import StateFolder


@pytest.mark.parametrize("times", [1, 3], ids=["once", "three times"])
def test_a_local_aws_starts_again_in_the_same_process(tmp_path: Path, times: int) -> None:
    for number in range(times):
        with LocalAws(StateFolder(tmp_path / str(number))) as aws:
            s3 = boto3.client(
                "s3", endpoint_url=aws.endpoint, region_name="us-east-1", aws_access_key_id="local",
                aws_secret_access_key="local",
            )  # fmt: skip
            s3.create_bucket(Bucket=f"bucket-{number}")
            assert f"bucket-{number}" in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
