"""Statements and results of the Data API outlive the server that ran them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lakeshift.local.redshift.records import Record, Records


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "statements.sqlite"


@pytest.fixture
def records(file: Path) -> Iterator[Records]:
    made = Records(file)
    yield made
    made.close()


def record(identifier: str, status: str, created: float | None = None) -> Record:
    made = Record(identifier, {"ClusterIdentifier": "c"}, "dev", "awsuser", "SELECT 1", status=status)
    if created is not None:
        made.created = created
    return made


@pytest.mark.parametrize("status", ["FINISHED", "FAILED", "ABORTED"])
def test_statement_that_was_over_stays_as_it_was(file: Path, records: Records, status: str) -> None:
    records.write(record("a", status))
    again = Records(file)
    found = again.get("a")
    again.close()
    assert found is not None
    assert (found.status, found.error) == (status, None)


@pytest.mark.parametrize("status", ["SUBMITTED", "PICKED", "STARTED"])
def test_statement_that_ran_is_aborted_on_the_next_start(file: Path, records: Records, status: str) -> None:
    records.write(record("a", status))
    again = Records(file)
    found = again.get("a")
    again.close()
    assert found is not None
    assert found.status == "ABORTED"
    assert found.error == "The local AWS was stopped while the statement ran."


def test_result_is_there_after_a_restart(file: Path, records: Records) -> None:
    records.write(record("a", "FINISHED"))
    records.put_result("a", [{"name": "one"}], [[{"longValue": 1}]], 100)
    again = Records(file)
    found = again.result("a")
    again.close()
    assert found == ([{"name": "one"}], [[{"longValue": 1}]])


def test_statement_older_than_a_day_is_forgotten_with_its_result(file: Path, records: Records) -> None:
    records.write(record("a", "FINISHED", created=0.0))
    records.put_result("a", [], [[{"longValue": 1}]], 100)
    again = Records(file)
    found = again.get("a"), again.result("a")
    again.close()
    assert found == (None, ([], []))


def test_token_finds_its_statement(records: Records) -> None:
    made = record("a", "FINISHED")
    made.token = "once"
    records.write(made)
    found = records.by_token("once")
    assert found is not None
    assert found.id == "a"
    assert records.by_token("twice") is None


def test_file_holds_no_secret(file: Path) -> None:
    records = Records(file)
    sql = "COPY t FROM 's3://b/k' CREDENTIALS 'aws_access_key_id=AKIAEXAMPLE;aws_secret_access_key=sesame'"
    records.write(Record("1", {}, "dev", "ann", sql, texts=[sql]))
    kept = records.get("1")
    records.close()
    assert kept is not None
    assert kept.sql == "COPY t FROM 's3://b/k' CREDENTIALS ''"
    assert b"sesame" not in b"".join(one.read_bytes() for one in file.parent.iterdir())
