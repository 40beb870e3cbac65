"""``run-job`` tells what became of a run: its states, its rows, or why it failed."""

from __future__ import annotations

import argparse
import json

import pytest

from lakeshift.cli.new_job import run_job
from lakeshift.errors import LakeshiftError
from lakeshift.local.server import LocalAws
from tests.local.gluejobs.conftest import Glue

AUDIT = {"stage": "x", "rows_in": 5, "rows_out": 3, "rejected": {"missing:key": 2}, "duplicates": 0, "seconds": 1.0}


def given(name: str) -> argparse.Namespace:
    return argparse.Namespace(name=name)


def test_a_run_that_succeeds_ends_with_its_rows(
    glue: Glue, local_aws: LocalAws, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("lakeshift.cli.new_job._audit", lambda _, run_id, name: {**AUDIT, "stage": name})
    name = glue.job()
    assert run_job(local_aws.state, given(name)) == 0
    printed = capsys.readouterr().out
    assert f"{name}, run jr_" in printed
    assert "rows in" in printed
    assert "missing:key" in printed
    assert "SUCCEEDED in " in printed


def test_the_rows_are_those_of_the_runs_own_audit(
    glue: Glue, local_aws: LocalAws, capsys: pytest.CaptureFixture[str]
) -> None:
    if "lakeshift-local-ops" not in [bucket["Name"] for bucket in glue.s3.list_buckets()["Buckets"]]:
        glue.s3.create_bucket(Bucket="lakeshift-local-ops")
    name = glue.job()
    assert run_job(local_aws.state, given(name)) == 0
    run_id = next(word for word in capsys.readouterr().out.split() if word.startswith("jr_"))
    key = f"audit/manual-{run_id}/{name}.json"
    glue.s3.put_object(Bucket="lakeshift-local-ops", Key=key, Body=json.dumps(AUDIT).encode())
    from lakeshift.cli import new_job
    from lakeshift.cli.clients import LocalClients

    assert new_job._audit(LocalClients(local_aws.state), run_id, name) == AUDIT
    assert new_job._audit(LocalClients(local_aws.state), "jr_other", name) is None


def test_a_run_that_fails_says_why_and_where_to_look(
    glue: Glue, local_aws: LocalAws, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("lakeshift.cli.new_job._audit", lambda *_: None)
    name = glue.job("raise ValueError('no such thing')")
    assert run_job(local_aws.state, given(name)) == 1
    printed = capsys.readouterr().out
    assert f"✗ {name}: FAILED" in printed
    assert "make logs RUN=jr_" in printed


def test_a_job_that_is_not_there_is_told(local_aws: LocalAws, glue: Glue) -> None:
    with pytest.raises(LakeshiftError, match="Is it deployed"):
        run_job(local_aws.state, given("nobody"))
