"""The whole pipeline on all the data, three times, against the sample's published figures.

A run takes minutes, so the module runs it three times and photographs what is there after each; a test looks at the
photographs and at nothing live, so that the tests may come in any order.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

import psutil
import pytest

from lakeshift.cli import outside
from lakeshift.local import process
from lakeshift.sample import world
from lakeshift.sample.files import SourceFolders, Truth
from lakeshift.sample.later import CORRECTED, LATE
from tests.e2e.conftest import LAKE, Installation

pytestmark = pytest.mark.e2e

_FACTS = "select count(*) from flights.fact_flights"
_FIGURES: dict[str, tuple[str, Any]] = {
    "flights": (_FACTS, 336_776),
    "flights on 1 January": (f"{_FACTS} where flight_date = '2013-01-01'", 842),
    "from EWR": (f"{_FACTS} where origin = 'EWR'", 120_835),
    "from JFK": (f"{_FACTS} where origin = 'JFK'", 111_279),
    "from LGA": (f"{_FACTS} where origin = 'LGA'", 104_662),
    "with both delays": (f"{_FACTS} where dep_delay is not null and arr_delay is not null", 327_346),
    "mean departure delay of 1 January": (
        "select round(avg(dep_delay::float8), 4) from flights.fact_flights where flight_date = '2013-01-01'",
        11.5489,
    ),
    "weather readings": ("select count(*) from flights.fact_weather", 26_115),
    "without a known plane": (f"{_FACTS} where not plane_known", 52_606),
    "planes": ("select count(*) from flights.dim_planes", 3_322),
    "airports": ("select count(*) from flights.dim_airports", 1_458),
    "carriers": ("select count(*) from flights.dim_carriers", 16),
}


@dataclass(frozen=True)
class Photograph:
    """What is there after a run."""

    output: str
    truth: Truth
    figures: dict[str, Any]
    audits: dict[str, dict[str, Any]]
    quarantine: dict[str, Counter[str]]
    kept: dict[str, Any]


def _photograph(installation: Installation, output: str = "") -> Photograph:
    return Photograph(
        output=output,
        truth=Truth.read(SourceFolders(installation.state.sources)),
        figures={name: installation.one(query) for name, (query, _) in _FIGURES.items()},
        audits=installation.audits(),
        quarantine={source: _quarantined(installation, source) for source in ("flights", "weather")},
        kept=_kept(installation),
    )


def _quarantined(installation: Installation, source: str) -> Counter[str]:
    s3 = installation.clients.client("s3")
    found: Counter[str] = Counter()
    prefix = f"quarantine/{source}/"
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=f"{LAKE}-clean", Prefix=prefix):
        for item in page.get("Contents", []):
            body = s3.get_object(Bucket=f"{LAKE}-clean", Key=item["Key"])["Body"].read()
            found.update(json.loads(line)["reason"] for line in body.splitlines())
    return found


def nightly(machines: Any) -> str:
    listed = {one["name"]: one["stateMachineArn"] for one in machines.list_state_machines()["stateMachines"]}
    return listed[f"{LAKE}-nightly"]


def _kept(installation: Installation) -> dict[str, Any]:
    """What any boto3 script sees and a restart must keep."""
    clients = installation.clients
    glue, machines = clients.client("glue"), clients.client("stepfunctions")
    pages = clients.client("s3").get_paginator("list_objects_v2").paginate(Bucket=f"{LAKE}-clean")
    objects = [(item["Key"], item["ETag"], item["Size"]) for page in pages for item in page.get("Contents", [])]
    arn = nightly(machines)
    executions = machines.list_executions(stateMachineArn=arn)["executions"]
    jobs = [job["Name"] for job in glue.get_jobs()["Jobs"]]
    return {
        "objects": sorted(objects),
        "tables": {
            database: sorted(table["Name"] for table in glue.get_tables(DatabaseName=database)["TableList"])
            for database in ("lakeshift_raw", "lakeshift_clean", "lakeshift_marts")
        },
        "job runs": {
            job: [(run["Id"], run["JobRunState"]) for run in glue.get_job_runs(JobName=job)["JobRuns"]] for job in jobs
        },
        "bookmark": glue.get_job_bookmark(JobName="flights_clean")["JobBookmarkEntry"]["JobBookmark"],
        "executions": [(item["name"], item["status"]) for item in executions],
        "facts": installation.one(_FACTS),
    }


@pytest.fixture(scope="module")
def first(installation: Installation) -> Photograph:
    return _photograph(installation, installation.command("run"))


@pytest.fixture(scope="module")
def listening(installation: Installation, first: Photograph) -> set[str]:
    """Addresses on which the local AWS, the sources and their children listen."""
    facts, outside = process.status(installation.state), world.read(installation.state.sources)
    assert facts is not None
    assert outside is not None
    family = [
        member
        for pid in (facts["pid"], outside.process_id)
        for member in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True))
    ]
    postmaster = installation.state.sources / "postgres" / "postmaster.pid"
    family.append(psutil.Process(int(postmaster.read_text().splitlines()[0])))
    return {
        socket.laddr.ip
        for member in family
        for socket in member.net_connections(kind="inet")
        if socket.status == psutil.CONN_LISTEN
    }


@pytest.fixture(scope="module")
def second(installation: Installation, first: Photograph, listening: set[str]) -> Photograph:
    return _photograph(installation, installation.command("run"))


@pytest.fixture(scope="module")
def restarted(installation: Installation, second: Photograph) -> Photograph:
    installation.command("down")
    installation.command("up")
    return _photograph(installation)


@pytest.fixture(scope="module")
def third(installation: Installation, restarted: Photograph) -> Photograph:
    installation.command("next-day")
    return _photograph(installation, installation.command("run"))


@pytest.mark.parametrize("name", _FIGURES)
def test_the_warehouse_holds_the_published_figure(first: Photograph, name: str) -> None:
    assert float(first.figures[name]) == _FIGURES[name][1]


@pytest.mark.parametrize("source", ["flights", "weather"])
def test_every_dirty_record_is_in_quarantine_under_its_reason(first: Photograph, source: str) -> None:
    dirt = dict(first.truth.dirt[source])
    duplicates = dirt.pop("duplicate")
    assert first.quarantine[source] == dirt
    assert first.audits[f"{source}_clean"]["duplicates"] == duplicates


def test_every_stage_closes(first: Photograph) -> None:
    told = {
        stage: audit["rows_out"] + sum(audit["rejected"].values()) + audit["duplicates"]
        for stage, audit in first.audits.items()
    }
    assert told == {stage: audit["rows_in"] for stage, audit in first.audits.items()}
    assert len(told) >= 8


@pytest.mark.parametrize("source", ["flights", "weather"])
def test_every_record_sent_went_through_its_stage(first: Photograph, source: str) -> None:
    assert first.audits[f"{source}_clean"]["rows_in"] == first.truth.sent[source]
    assert first.audits[f"{source}_clean"]["rows_out"] == first.truth.good[source]


def test_the_crawler_found_the_raw_tables(first: Photograph) -> None:
    assert first.kept["tables"]["lakeshift_raw"] == ["airlines", "airports", "flights", "weather"]


def test_the_run_prints_its_answers(first: Photograph) -> None:
    assert "stages closed (in = out + rejected + duplicates)" in first.output
    assert first.output.count("\n\n") >= 3


def test_nothing_listens_outside_this_machine(listening: set[str]) -> None:
    assert listening == {"127.0.0.1"}


def test_a_second_run_moves_no_row_and_says_so(first: Photograph, second: Photograph) -> None:
    assert "Nothing new: 0 rows moved" in second.output
    assert sum(audit["rows_out"] for audit in second.audits.values()) == 0
    assert second.figures == first.figures
    assert second.kept["objects"] == first.kept["objects"]


@pytest.mark.parametrize("what", ["objects", "tables", "job runs", "bookmark", "executions", "facts"])
def test_a_restart_keeps_everything(second: Photograph, restarted: Photograph, what: str) -> None:
    assert restarted.kept[what] == second.kept[what]


def test_a_third_run_moves_exactly_what_is_new(second: Photograph, third: Photograph) -> None:
    new = third.truth.good["flights"] - second.truth.good["flights"]
    assert new == 842 + LATE + CORRECTED
    assert third.audits["flights_clean"]["rows_out"] == new
    assert third.audits["flights_enriched"]["rows_out"] == new
    assert third.figures["flights"] - second.figures["flights"] == 842 + LATE
    assert third.figures["weather readings"] == second.figures["weather readings"]


@dataclass(frozen=True)
class Failure:
    """What a run told that could not succeed, and the bookmark around it."""

    output: str
    bookmark_before: str
    bookmark_after: str
    after_the_cause_is_gone: Photograph
    alerts: list[dict[str, Any]]


def _bookmark(installation: Installation) -> str:
    glue = installation.clients.client("glue")
    return str(glue.get_job_bookmark(JobName="flights_clean")["JobBookmarkEntry"]["JobBookmark"])


@pytest.fixture(scope="module")
def garbage(installation: Installation, third: Photograph) -> Failure:
    """A file that is no text at all arrives among the flights; then it is taken away."""
    s3, where = installation.clients.client("s3"), {"Bucket": f"{LAKE}-raw", "Key": "flights/2014/02/01/torn.json"}
    s3.put_object(**where, Body=bytes(range(14, 256)) + b'\n{"flight": 1')
    before = _bookmark(installation)
    output = installation.command("run", code=1)
    after = _bookmark(installation)
    s3.delete_object(**where)
    alerts = _alerts(installation)
    return Failure(output, before, after, _photograph(installation, installation.command("run")), alerts)


def _alerts(installation: Installation) -> list[dict[str, Any]]:
    """The pipeline's own alert, out of what lies in the inbox within a while; all of it is taken out."""
    sqs = installation.clients.client("sqs")
    url = sqs.get_queue_url(QueueName=f"{LAKE}-alerts-inbox")["QueueUrl"]
    found: list[dict[str, Any]] = []
    deadline = time.monotonic() + 60
    while not any("redrive" in one for one in found) and time.monotonic() < deadline:
        for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", []):
            body = message["Body"]
            found.append(json.loads(body) if body.startswith("{") else {"text": body})
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return [one for one in found if "redrive" in one]


@pytest.fixture(scope="module")
def source_down(installation: Installation, garbage: Failure) -> Failure:
    """The pipeline starts by itself while the database and the HTTP API are down; `redrive` starts them again."""
    machines, before = installation.clients.client("stepfunctions"), _bookmark(installation)
    outside.stop(installation.state)
    arn = nightly(machines)
    execution = machines.start_execution(stateMachineArn=arn, name="sources-are-down")["executionArn"]
    deadline = time.monotonic() + 300
    while (told := machines.describe_execution(executionArn=execution))["status"] == "RUNNING":
        assert time.monotonic() < deadline
        time.sleep(0.5)
    output = f"{told['status']} {told.get('error')} {told.get('cause')}"
    after, alerts = _bookmark(installation), _alerts(installation)
    redriven = installation.command("redrive", "sources-are-down")
    return Failure(output, before, after, _photograph(installation, redriven), alerts)


def test_a_file_of_garbage_fails_its_stage_which_names_it_and_reads_nothing(garbage: Failure) -> None:
    """Glue's reader takes UTF-8 only: https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-format.html"""
    assert "flights_clean: States.TaskFailed" in garbage.output
    assert "Unable to parse file: torn.json" in garbage.output
    assert garbage.bookmark_after == garbage.bookmark_before


def test_once_the_garbage_is_taken_away_nothing_is_lost_or_doubled(third: Photograph, garbage: Failure) -> None:
    assert garbage.after_the_cause_is_gone.figures == third.figures


def test_a_source_that_is_down_fails_the_run_and_says_which(source_down: Failure) -> None:
    assert source_down.output.startswith("FAILED")
    assert "airports_from_api" in source_down.output or "planes_from_postgres" in source_down.output


def test_a_failed_run_s_alert_is_in_the_inbox_with_where_and_how_to_go_on(
    garbage: Failure, source_down: Failure
) -> None:
    (torn,), (down,) = garbage.alerts, source_down.alerts
    assert (torn["failed_at"], "torn.json" in torn["cause"]) == ("flights_clean", True)
    assert (down["run"], down["failed_at"] in ("airports_from_api", "planes_from_postgres")) == (
        "sources-are-down",
        True,
    )
    assert f"redrive-execution --execution-arn {down['execution']}" in down["redrive"]


def test_a_failed_run_leaves_the_bookmark_where_it_was(source_down: Failure) -> None:
    assert source_down.bookmark_after == source_down.bookmark_before


def test_once_the_cause_is_gone_nothing_is_lost_or_doubled(third: Photograph, source_down: Failure) -> None:
    assert source_down.after_the_cause_is_gone.figures == third.figures
    assert "execution sources-are-down goes on; it had ended FAILED" in source_down.after_the_cause_is_gone.output
    assert "0 rows moved" in source_down.after_the_cause_is_gone.output
