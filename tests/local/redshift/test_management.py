"""Parameter groups, usage limits and scheduled actions of Redshift by boto3."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from lakeshift.local import clock
from lakeshift.local.server import LocalAws

GROUP = {"ParameterGroupName": "queues"}
CLUSTER = {"ClusterIdentifier": "managed"}


@pytest.fixture(scope="module")
def redshift(local_aws: LocalAws) -> Iterator[Any]:
    client = boto3.client("redshift")
    client.create_cluster_parameter_group(**GROUP, ParameterGroupFamily="redshift-1.0", Description="of the test")
    client.create_cluster(
        **CLUSTER, NodeType="ra3.xlplus", MasterUsername="admin", MasterUserPassword="Passw0rd", DBName="dev",
        ClusterParameterGroupName="queues",
    )  # fmt: skip
    yield client
    client.delete_cluster(**CLUSTER, SkipFinalClusterSnapshot=True)
    client.delete_cluster_parameter_group(**GROUP)


def _set(redshift: Any) -> dict[str, str]:
    told = redshift.describe_cluster_parameters(**GROUP, Source="user")["Parameters"]
    return {one["ParameterName"]: one["ParameterValue"] for one in told}


def test_parameters_are_set_told_and_reset(redshift: Any) -> None:
    queues = json.dumps([{"query_group": ["etl"], "concurrency_scaling": "auto"}, {"short_query_queue": True}])
    given = {"wlm_json_configuration": queues, "require_ssl": "true"}
    parameters = [{"ParameterName": name, "ParameterValue": value} for name, value in given.items()]
    redshift.modify_cluster_parameter_group(**GROUP, Parameters=parameters)
    assert _set(redshift) == given
    everything = redshift.describe_cluster_parameters(**GROUP)["Parameters"]
    assert {one["Source"] for one in everything} == {"user", "engine-default"}
    redshift.reset_cluster_parameter_group(**GROUP, Parameters=[{"ParameterName": "require_ssl"}])
    assert _set(redshift) == {"wlm_json_configuration": queues}
    redshift.reset_cluster_parameter_group(**GROUP, ResetAllParameters=True)
    assert _set(redshift) == {}


def test_usage_limits_are_kept(redshift: Any) -> None:
    made = redshift.create_usage_limit(**CLUSTER, FeatureType="spectrum", LimitType="data-scanned", Amount=10)
    assert (made["Period"], made["BreachAction"]) == ("monthly", "log")
    redshift.modify_usage_limit(UsageLimitId=made["UsageLimitId"], Amount=20, BreachAction="disable")
    told = redshift.describe_usage_limits(**CLUSTER, FeatureType="spectrum")["UsageLimits"]
    assert [(one["Amount"], one["BreachAction"]) for one in told] == [(20, "disable")]
    with pytest.raises(ClientError, match="UsageLimitAlreadyExists"):
        redshift.create_usage_limit(**CLUSTER, FeatureType="spectrum", LimitType="data-scanned", Amount=5)
    redshift.delete_usage_limit(UsageLimitId=made["UsageLimitId"])
    assert redshift.describe_usage_limits(**CLUSTER)["UsageLimits"] == []


def _status(redshift: Any) -> str:
    return str(redshift.describe_clusters(**CLUSTER)["Clusters"][0]["ClusterStatus"])


def _becomes(redshift: Any, status: str) -> bool:
    end = time.monotonic() + 10
    while _status(redshift) != status and time.monotonic() < end:
        clock.wait_until(clock.now() + timedelta(seconds=0.02))
    return _status(redshift) == status


def test_a_cluster_is_paused_and_resumed_when_it_is_due(redshift: Any) -> None:
    at = clock.now() + timedelta(hours=2)
    for name, kind, moment in (
        ("evening", "PauseCluster", at),
        ("morning", "ResumeCluster", at + timedelta(hours=10)),
        ("never", "PauseCluster", at + timedelta(hours=11)),
    ):
        told = redshift.create_scheduled_action(
            ScheduledActionName=name,
            TargetAction={kind: CLUSTER},
            Schedule=f"at({moment:%Y-%m-%dT%H:%M:%S})",
            IamRole="arn:aws:iam::000000000000:role/scheduler",
            Enable=name != "never",
        )
        assert told["NextInvocations"] == ([] if name == "never" else [moment.replace(microsecond=0)])
    clock.advance(3 * 3600)
    assert _becomes(redshift, "paused")
    redshift.modify_scheduled_action(ScheduledActionName="never", ScheduledActionDescription="still disabled")
    clock.advance(20 * 3600)
    assert _becomes(redshift, "available")
    told = redshift.describe_scheduled_actions(Active=False)["ScheduledActions"]
    assert [(one["ScheduledActionName"], one["ScheduledActionDescription"]) for one in told] == [
        ("never", "still disabled")
    ]
    for name in ("evening", "morning", "never"):
        redshift.delete_scheduled_action(ScheduledActionName=name)
    assert redshift.describe_scheduled_actions()["ScheduledActions"] == []


_ACTION = {"ScheduledActionName": "x", "IamRole": "arn:aws:iam::000000000000:role/scheduler"}
REFUSED: dict[str, tuple[str, dict[str, Any], str]] = {
    "an unknown parameter": (
        "modify_cluster_parameter_group",
        {**GROUP, "Parameters": [{"ParameterName": "no_such", "ParameterValue": "1"}]},
        "Could not find parameter with name: no_such",
    ),
    "queues that are no list": (
        "modify_cluster_parameter_group",
        {**GROUP, "Parameters": [{"ParameterName": "wlm_json_configuration", "ParameterValue": "{}"}]},
        "must be a JSON array",
    ),
    "an unknown group": (
        "modify_cluster_parameter_group",
        {"ParameterGroupName": "absent", "Parameters": []},
        "ClusterParameterGroupNotFound",
    ),
    "a group that is used": ("delete_cluster_parameter_group", GROUP, "InvalidClusterParameterGroupState"),
    "a limit of an unknown cluster": (
        "create_usage_limit",
        {"ClusterIdentifier": "absent", "FeatureType": "spectrum", "LimitType": "data-scanned", "Amount": 1},
        "ClusterNotFound",
    ),
    "a limit of the other kind": (
        "create_usage_limit",
        {**CLUSTER, "FeatureType": "spectrum", "LimitType": "time", "Amount": 1},
        "InvalidUsageLimit",
    ),
    "a limit that is not there": ("delete_usage_limit", {"UsageLimitId": "absent"}, "UsageLimitNotFound"),
    "a schedule that is none": (
        "create_scheduled_action",
        {**_ACTION, "TargetAction": {"PauseCluster": CLUSTER}, "Schedule": "cron(nonsense)"},
        "InvalidSchedule",
    ),
    "a resize": (
        "create_scheduled_action",
        {**_ACTION, "TargetAction": {"ResizeCluster": CLUSTER}, "Schedule": "cron(0 1 * * ? *)"},
        "ScheduledActionTypeUnsupported",
    ),
    "an action that is not there": ("delete_scheduled_action", {"ScheduledActionName": "x"}, "ScheduledActionNotFound"),
}


@pytest.mark.parametrize(("operation", "request_", "error"), REFUSED.values(), ids=REFUSED.keys())
def test_refused(redshift: Any, operation: str, request_: dict[str, Any], error: str) -> None:
    with pytest.raises(ClientError, match=error):
        getattr(redshift, operation)(**request_)
