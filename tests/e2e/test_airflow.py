"""The Airflow DAG on the local AWS, in Airflow's own environment: ``make test-airflow`` installs it and runs this."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from lakeshift.cli.stage import parameters
from lakeshift.paths import REPOSITORY
from tests.e2e import ways
from tests.e2e.conftest import LAKE, Installation
from tests.e2e.small_lake import contents, next_file, small_lake
from tests.waiting import until

_AIRFLOW = Path(os.environ.get("LAKESHIFT_AIRFLOW") or REPOSITORY / ".venv-airflow" / "bin" / "airflow").absolute()
_DAYS = 1
_DATE = "2026-01-02"

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not _AIRFLOW.exists(), reason="`make test-airflow` installs Airflow and runs this"),
]


class Airflow:
    """The command ``airflow`` with a home of its own, over an installation's endpoint where there is one."""

    def __init__(self, home: Path, installation: Installation | None = None) -> None:
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__CORE__DAGS_FOLDER": str(REPOSITORY / "pipelines" / "airflow"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
            "AIRFLOW_CONN_AWS_DEFAULT": "aws://?region_name=us-east-1",
        }
        if installation is not None:
            self._environment |= _outputs(installation)
        self("db", "migrate")

    def __call__(self, *arguments: str, code: int = 0) -> str:
        done = subprocess.run(
            [str(_AIRFLOW), *arguments], env=self._environment, capture_output=True, text=True, check=False, timeout=540
        )
        told = [line for line in done.stdout.splitlines() if " ERROR " in line or "Error" in line or "FAILED" in line]
        assert done.returncode == code, "\n".join([f"exit {done.returncode}", *told, done.stderr[-2000:]])
        return done.stdout


def _outputs(installation: Installation) -> dict[str, str]:
    """Endpoint and variables: what a deploy to AWS would put into the environment of MWAA."""
    clients, given = installation.clients, parameters("local")
    tasks = {task["Name"]: task["TaskArn"] for task in clients.client("datasync").list_tasks()["Tasks"]}
    topics = [topic["TopicArn"] for topic in clients.client("sns").list_topics()["Topics"]]
    variables = {
        "LAKE": LAKE,
        "WAREHOUSE_CLUSTER": given["WarehouseCluster"],
        "WAREHOUSE_DATABASE": given["WarehouseDatabase"],
        "WAREHOUSE_USER": given["WarehouseUser"],
        "AIRLINES_TASK_ARN": tasks[f"{LAKE}-airlines"],
        "ALERTS_TOPIC_ARN": next(arn for arn in topics if arn.endswith(f":{LAKE}-alerts")),
        "DONE_TOPIC_ARN": next(arn for arn in topics if arn.endswith(f":{LAKE}-done")),
    }
    return {
        "AWS_ENDPOINT_URL": clients.endpoint,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        **{f"AIRFLOW_VAR_{name}": value for name, value in variables.items()},
    }


@pytest.fixture(scope="module")
def lakes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Installation]]:
    """Lakes with the same days, one for each way; all but that of the event have the last file already."""
    with ExitStack() as stack:
        names = ("schedule", "event", "workflow", "airflow")
        made = {name: stack.enter_context(small_lake(tmp_path_factory.mktemp(name), _DAYS)) for name in names}
        for name in names:
            if name != "event":
                next_file(made[name])
        yield made


def test_the_dags_parse(tmp_path: Path) -> None:
    airflow = Airflow(tmp_path)
    assert "No data found" in airflow("dags", "list-import-errors")
    assert [one["dag_id"] for one in json.loads(airflow("dags", "list", "-o", "json"))] == ["nightly"]


def test_all_ways_leave_the_same_tables(lakes: dict[str, Installation], tmp_path: Path) -> None:
    by_airflow = lakes["airflow"]
    ways.by_schedule(lakes["schedule"])
    ways.once_a_batch_arrives(lakes["event"], lambda: next_file(lakes["event"]))
    ways.by_workflow(lakes["workflow"])
    airflow = Airflow(tmp_path, by_airflow)
    airflow("dags", "test", "nightly", _DATE)
    expected = contents(lakes["schedule"])
    assert expected["fact_flights"][0] > 1500
    for name in ("event", "workflow", "airflow"):
        assert contents(lakes[name]) == expected, name
    # Nothing new: it says so, and moves nothing.
    airflow("dags", "test", "nightly", "2026-01-03")
    assert contents(by_airflow) == expected
    assert not _stages(by_airflow, "airflow-20260103T000000") - {
        "airports_from_api",
        "planes_from_postgres",
        "ingest_check",
    }
    # A failure is told on the alerts topic: what, where, why, what is left, how to rerun.
    by_airflow.clients.client("glue").delete_job(JobName="ingest_check")
    airflow("dags", "test", "nightly", "2026-01-04", code=1)
    alert = _alert(by_airflow)
    assert alert["failed_at"] == "ingest_check"
    assert set(alert) == {"pipeline", "run", "failed_at", "cause", "left", "rerun"}


def _stages(installation: Installation, run: str) -> set[str]:
    s3 = installation.clients.client("s3")
    listed = s3.list_objects_v2(Bucket=f"{LAKE}-ops", Prefix=f"audit/{run}/").get("Contents", [])
    return {json.loads(s3.get_object(Bucket=f"{LAKE}-ops", Key=item["Key"])["Body"].read())["stage"] for item in listed}


def _alert(installation: Installation) -> dict[str, Any]:
    """What the DAG has told on the alerts topic, where alarms tell as well."""
    sqs = installation.clients.client("sqs")
    queue = sqs.get_queue_url(QueueName=f"{LAKE}-alerts-inbox")["QueueUrl"]

    def told() -> Any:
        messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, VisibilityTimeout=1).get("Messages", [])
        bodies = [json.loads(one["Body"]) for one in messages if one["Body"].startswith("{")]
        return next((one for one in bodies if "failed_at" in one), None)

    return dict(until(told))
