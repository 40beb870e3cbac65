from __future__ import annotations

import json

from common.audit import Audit
from common.objects import Objects
from jobs.airports_from_api import load, page_name
from tests.unit.common.fakes import FakeS3

RAW, OPS = "s3://lake-raw", "s3://lake-ops"
A, B, C = [{"faa": "A"}], [{"faa": "B"}], [{"faa": "C"}]


def fetch(s3: FakeS3, *pages: list[dict[str, str]], at: str = "2013-01-01T00:00:00Z") -> Audit:
    audit = Audit("airports_from_api", "j", "r")
    load(Objects(s3), RAW, OPS, list(pages), at, audit)
    audit.check()
    return audit


def test_every_page_is_an_object_of_json_lines_named_by_its_content() -> None:
    s3 = FakeS3()
    audit = fetch(s3, A + B, C)
    assert (audit.rows_in, audit.rows_out, audit.duplicates, audit.files) == (3, 3, 0, 2)
    body = s3.objects["lake-raw", f"airports/{page_name(A + B)}.json"]
    assert [json.loads(line)["faa"] for line in body.splitlines()] == ["A", "B"]
    assert json.loads(body.splitlines()[0])["fetched_at"] == "2013-01-01T00:00:00Z"


def test_a_repeated_fetch_writes_no_record() -> None:
    s3 = FakeS3()
    fetch(s3, A, B)
    s3.writes.clear()
    audit = fetch(s3, A, B, at="2013-01-02T00:00:00Z")
    assert (audit.rows_out, audit.duplicates) == (0, 2)
    assert s3.writes == ["lake-ops/state/airports_from_api.json"]


def test_a_page_that_goes_back_to_what_it_was_is_news() -> None:
    s3 = FakeS3()
    fetch(s3, A)
    fetch(s3, B)
    audit = fetch(s3, A, at="2013-01-03T00:00:00Z")
    assert audit.rows_out == 1
    assert b"2013-01-03" in s3.objects["lake-raw", f"airports/{page_name(A)}.json"]


def test_a_kill_before_the_names_were_kept_fetches_again() -> None:
    s3 = FakeS3()
    fetch(s3, A, B)
    del s3.objects["lake-ops", "state/airports_from_api.json"]
    assert fetch(s3, A, B).rows_out == 2
    assert len([key for bucket, key in s3.objects if bucket == "lake-raw"]) == 2
