"""The check's own run: what it watches, and what it leaves for the state machine and the next run."""

from __future__ import annotations

import json

import pytest

from jobs import ingest_check
from tests.unit.common.fakes import FakeS3

RAW = {"flights/2013/01/01/a.json": b"1\n2\n", "weather/2013/01/01/w": b"1\n2\n3\n", "airlines/airlines.csv": b"h\n1\n"}


def _run(s3: FakeS3, run: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    monkeypatch.setattr(ingest_check.boto3, "client", lambda _: s3)
    arguments = ["--lake", "lake", "--pipeline_run_id", run, "--JOB_NAME", "ingest_check", "--JOB_RUN_ID", "jr_1"]
    monkeypatch.setattr(ingest_check.sys, "argv", ["ingest_check.py", *arguments])
    ingest_check.main()
    return json.loads(s3.objects["lake-ops", f"pipeline/{run}/ingest.json"])


def test_a_new_snapshot_of_planes_is_something_new_but_no_raw_record(monkeypatch: pytest.MonkeyPatch) -> None:
    s3 = FakeS3(lake_raw=dict(RAW), lake_clean={"planes/snapshot=1/part.parquet": b"PAR1"})
    assert _run(s3, "run-1", monkeypatch) == {"new_objects": 4, "new_records": 6}
    s3.objects["lake-ops", "pipeline/completed.json"] = s3.objects["lake-ops", "pipeline/run-1/listing.json"]
    assert _run(s3, "run-2", monkeypatch) == {"new_objects": 0, "new_records": 0}
    s3.objects["lake-clean", "planes/snapshot=2/part.parquet"] = b"PAR1"
    assert _run(s3, "run-3", monkeypatch) == {"new_objects": 1, "new_records": 0}
