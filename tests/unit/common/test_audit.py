from __future__ import annotations

import json

import pytest

from common.audit import Audit, AuditMismatchError
from common.objects import Objects
from tests.unit.common.fakes import FakeS3

CASES = [
    pytest.param({"rows_in": 0}, True, id="nothing"),
    pytest.param({"rows_in": 3, "rows_out": 3}, True, id="all_out"),
    pytest.param({"rows_in": 6, "rows_out": 1, "rejected": {"a": 2, "b": 1}, "duplicates": 2}, True, id="all_kinds"),
    pytest.param({"rows_in": 3, "rows_out": 2}, False, id="one_lost"),
    pytest.param({"rows_in": 3, "rows_out": 4}, False, id="one_doubled"),
    pytest.param({"rows_in": 3, "rows_out": 3, "duplicates": 1}, False, id="a_duplicate_too_many"),
]


@pytest.mark.parametrize(("counts", "closes"), CASES)
def test_a_stage_that_does_not_close_fails_but_leaves_its_evidence(counts: dict, closes: bool) -> None:
    s3 = FakeS3()
    audit = Audit("flights_clean", "jr_1", "run-1", **counts, seconds=1.23456)
    if closes:
        audit.write(Objects(s3), "s3://lake-ops")
    else:
        with pytest.raises(AuditMismatchError, match="Stage flights_clean does not close: 3 rows in"):
            audit.write(Objects(s3), "s3://lake-ops")
    document = json.loads(s3.objects["lake-ops", "audit/run-1/flights_clean.json"])
    assert document == {
        "stage": "flights_clean", "job_run_id": "jr_1", "pipeline_run_id": "run-1", "rows_in": 0, "rows_out": 0,
        "rejected": {}, "duplicates": 0, "files": 0, "bytes": 0, "seconds": 1.235,
    } | counts  # fmt: skip


def test_files_and_bytes_are_those_written() -> None:
    objects = Objects(FakeS3(lake={"t/a": b"12", "t/b": b"345", "t/_SUCCESS": b"", "t/.hidden/c": b"1", "u/d": b"1"}))
    audit = Audit("s", "j", "p")
    audit.wrote(objects.under("s3://lake/t/"))
    assert (audit.files, audit.bytes) == (2, 5)
