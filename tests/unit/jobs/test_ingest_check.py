from __future__ import annotations

import json

import pytest

from common.arguments import StageArguments
from common.objects import Objects, StoredObject
from jobs import ingest_check
from tests.unit.common.fakes import FakeS3

ARGUMENTS = StageArguments("ingest_check", "lake", "run-1", "ingest_check", "j")
RAW = {"flights/2013/01/01/a.json": b"1\n2\n", "weather/2013/01/01/w": b"1\n2\n3\n", "airlines/airlines.csv": b"h\n1\n"}


def listed(s3: FakeS3) -> list[StoredObject]:
    return list(Objects(s3).under("s3://lake-raw/"))


def test_all_is_new_before_the_first_completed_run_and_only_changes_after() -> None:
    s3 = FakeS3(lake_raw=dict(RAW))
    now = listed(s3)
    assert ingest_check.new_objects(now, {}) == now
    before = {item.url: item.etag for item in now}
    assert ingest_check.new_objects(now, before) == []
    s3.objects["lake-raw", "airlines/airlines.csv"] = b"h\n2\n"
    s3.objects["lake-raw", "flights/2014/01/01/b.json"] = b"3\n"
    changed = [item.url for item in ingest_check.new_objects(listed(s3), before)]
    assert changed == ["s3://lake-raw/airlines/airlines.csv", "s3://lake-raw/flights/2014/01/01/b.json"]


@pytest.mark.parametrize("source", ["flights", "weather", "airlines"])
def test_a_source_that_never_sent_anything_is_named(source: str) -> None:
    s3 = FakeS3(lake_raw={key: body for key, body in RAW.items() if not key.startswith(source)})
    with pytest.raises(ingest_check.EmptySourceError, match=f"s3://lake-raw/{source}/ holds no object"):
        ingest_check.require_sources(listed(s3), "s3://lake-raw")


def test_all_sources_there_is_fine() -> None:
    ingest_check.require_sources(listed(FakeS3(lake_raw=dict(RAW))), "s3://lake-raw")


def test_records_are_counted_by_manifest_or_by_lines_and_a_header_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = {"files": [{"key": "flights/2013/01/01/a.json", "records": 50}]}
    s3 = FakeS3(lake_raw=dict(RAW), lake_ops={"manifests/flights/m.json": json.dumps(manifest).encode()})
    fresh = listed(s3)
    assert ingest_check.count_records(Objects(s3), ARGUMENTS, fresh) == 50 + 3 + 1
    assert ingest_check.count_records(Objects(s3), ARGUMENTS, []) == 0
    monkeypatch.setattr(ingest_check, "COUNTED_BYTES", 5)
    assert ingest_check.count_records(Objects(s3), ARGUMENTS, fresh) is None
