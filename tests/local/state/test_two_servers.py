"""One process may start one local AWS after another: every room installs again.

In a process of its own, since a second server takes over what the first one installed.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_SCRIPT = """
import sys
from pathlib import Path
import boto3
from lakeshift.local.server import LocalAws
from lakeshift.paths import StateFolder

keys = {"aws_access_key_id": "local", "aws_secret_access_key": "local", "region_name": "us-east-1"}
for number in range(3):
    with LocalAws(StateFolder(Path(sys.argv[1]) / str(number))) as aws:
        s3 = boto3.client("s3", endpoint_url=aws.endpoint, **keys)
        s3.create_bucket(Bucket=f"bucket-{number}")
        assert f"bucket-{number}" in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
        print("answered", number)
"""


def test_a_local_aws_starts_again_in_the_same_process(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _SCRIPT, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.splitlines() == ["answered 0", "answered 1", "answered 2"], done.stderr
