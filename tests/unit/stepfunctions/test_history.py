"""Event histories as golden files, after masking the times: UPDATE_GOLDEN=1 writes them anew.

Those of a pass chain, map, parallel, wait, fail and of a task that is retried were compared, event by event, with the
histories of the interpreter in moto 5.2.5, whose own tests were recorded on AWS.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.stepfunctions.conftest import Engine, Service, jsonata, one, with_states

_GOLDEN = Path(__file__).parent / "golden"
GET, SYNC = "arn:aws:states:::aws-sdk:glue:getCrawler", "arn:aws:states:::glue:startJobRun.sync"
PASS = {"Type": "Pass", "End": True}
RUNNING, SUCCEEDED, FAILED = (
    {"JobRun": {"Id": "jr_1", "JobRunState": state}} for state in ("RUNNING", "SUCCEEDED", "FAILED")
)
SCRIPT = {
    "get_crawler": ["EntityNotFoundException", {"Crawler": {"Name": "a"}}],
    "start_job_run": [{"JobRunId": "jr_1"}],
}


def line(name: str, **state: Any) -> dict[str, Any]:
    return {"StartAt": name, "States": {name: {"End": True, **state}}}


def task(**fields: Any) -> dict[str, Any]:
    return one("Task", Resource=GET, Parameters={"Name": "a"}, **fields)


CATCH = {"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "B", "ResultPath": "$.failure"}]}
RETRY = {"Retry": [{"ErrorEquals": ["States.ALL"]}]}
RULE = {"Variable": "$.n", "NumericEquals": 1, "Next": "B"}
FAILS = {"StartAt": "D", "States": {"D": {"Type": "Fail", "Error": "E"}}}
ITEMS = {"MaxConcurrency": 1, "ItemProcessor": line("B", Type="Pass")}

MACHINES: dict[str, tuple[dict[str, Any], Any]] = {
    "choice": (with_states(one("Choice", Choices=[RULE], Default="C"), B={"Type": "Succeed"}, C=PASS), {"n": 1}),
    "fail": (one("Fail", Error="E", Cause="c"), {}),
    "wait": (one("Wait", Seconds=60), {}),
    "assign": (one("Pass", Assign={"v": {"a": 1}}), {}),
    "missing_path": (one("Pass", Parameters={"x.$": "$.no"}), {"a": 1}),
    "evaluation_failed": (jsonata(one("Pass", Output="{% $no %}")), {}),
    "task_retried": (task(**RETRY), {}),
    "task_caught": (with_states(task(**CATCH), B=PASS), {"a": 1}),
    "job_run": (one("Task", Resource=SYNC, Parameters={"JobName": "j"}, TimeoutSeconds=600), {}),
    "job_run_failed": (one("Task", Resource=SYNC, Parameters={"JobName": "broken"}), {}),
    "job_run_timed_out": (one("Task", Resource=SYNC, Parameters={"JobName": "slow"}, TimeoutSeconds=1), {}),
    "machine_timed_out": ({**one("Wait", Seconds=60), "TimeoutSeconds": 10}, {}),
    "map": (one("Map", **ITEMS), [1, 2]),
    "map_failed": (one("Map", MaxConcurrency=1, ItemProcessor=FAILS), [1, 2]),
    "parallel": (with_states(one("Parallel", Branches=[line("B", **PASS)], Next="C"), C=PASS), {}),
    "parallel_caught": (
        with_states(one("Parallel", Branches=[FAILS], **CATCH), B=PASS),
        {},
    ),
}


def _text(history: list[dict[str, Any]]) -> str:
    rows = []
    for event in history:
        details = next((value for key, value in event.items() if key.endswith("EventDetails")), {})
        rows.append(
            f"{event['id']:>3} {event['previousEventId']:>3} {event['type']} {json.dumps(details, sort_keys=True)}"
        )
    return "\n".join(rows) + "\n"


def _compare(name: str, text: str) -> None:
    path = _GOLDEN / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", MACHINES)
def test_a_history_is_the_golden_one(engine: Engine, service: Callable[..., Service], name: str) -> None:
    ends = {"job_run_failed": [RUNNING, FAILED], "job_run_timed_out": [RUNNING]}.get(name, [RUNNING, SUCCEEDED])
    service(**SCRIPT, get_job_run=ends, batch_stop_job_run=[{}])
    machine, given = MACHINES[name]
    engine.run(machine, given)
    _compare(name, _text(engine.history))


def test_a_redriven_history_is_the_golden_one(engine: Engine, service: Callable[..., Service]) -> None:
    service(**SCRIPT)
    machine = with_states(task(Next="B"), B=PASS)
    engine.run(machine)
    engine.redrive(machine)
    _compare("redriven", _text(engine.history))


def test_a_redriven_parallel_s_history_is_the_golden_one(engine: Engine, service: Callable[..., Service]) -> None:
    service(**SCRIPT)
    machine = one("Parallel", Branches=[line("B", **task()["States"]["A"])])
    engine.run(machine)
    engine.redrive(machine)
    _compare("redriven_parallel", _text(engine.history))
