from __future__ import annotations

import json

from lakeshift.local.pickling import dumps, find_homes, loads
from tests.local.stepfunctions.conftest import Machines
from tests.waiting import until

PASS = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
WAIT = {"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 60, "End": True}}}


def test_machines_and_executions_come_back_from_a_snapshot(machines: Machines) -> None:
    finished = machines.start(PASS, {"a": 1})
    machines.wait(finished)
    running = machines.start(WAIT)
    until(lambda: "WaitStateEntered" in machines.events(running))
    before = machines.events(finished)
    loads(dumps(find_homes()["stepfunctions"]))
    described = machines.client.describe_execution(executionArn=finished)
    assert (described["status"], json.loads(described["output"])) == ("SUCCEEDED", {"a": 1})
    assert machines.events(finished) == before
    cut_off = machines.client.describe_execution(executionArn=running)
    assert (cut_off["status"], cut_off["error"]) == ("ABORTED", "Lakeshift.ServerStopped")
    arn = cut_off["stateMachineArn"]
    again = machines.client.start_execution(stateMachineArn=arn)["executionArn"]
    machines.client.stop_execution(executionArn=again)
    assert machines.status(again) == "ABORTED"
