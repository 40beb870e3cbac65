"""Log groups: events past their retention go by the clock, and metric filters make datapoints."""

from __future__ import annotations

import time
import uuid
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from lakeshift.local import clock
from lakeshift.local.server import LocalAws


@pytest.fixture
def group(local_aws: LocalAws) -> str:
    name = f"/kept/{uuid.uuid4().hex[:8]}"
    logs = boto3.client("logs")
    logs.create_log_group(logGroupName=name)
    logs.create_log_stream(logGroupName=name, logStreamName="s")
    return name


def put(group: str, *messages: str) -> None:
    now = int(time.time() * 1000)
    events = [{"timestamp": now, "message": text} for text in messages]
    boto3.client("logs").put_log_events(logGroupName=group, logStreamName="s", logEvents=events)


def messages(group: str) -> list[str]:
    found: dict[str, Any] = boto3.client("logs").get_log_events(
        logGroupName=group, logStreamName="s", startFromHead=True
    )
    return [event["message"] for event in found["events"]]


def test_events_past_their_retention_are_gone_and_younger_ones_stay(group: str) -> None:
    boto3.client("logs").put_retention_policy(logGroupName=group, retentionInDays=30)
    put(group, "old", "older")
    clock.advance(20 * 86_400)
    put(group, "young")
    clock.advance(11 * 86_400)
    assert f"logs {group}: 2 events are past their retention" in clock.moved()
    assert messages(group) == ["young"]


def test_an_event_of_the_clock_s_own_time_is_taken_and_one_far_ahead_of_it_is_not(group: str) -> None:
    clock.advance(5 * 86_400)
    now = int(clock.now().timestamp() * 1000)
    events = [{"timestamp": now, "message": "now"}, {"timestamp": now + 3 * 3600 * 1000, "message": "ahead"}]
    answer = boto3.client("logs").put_log_events(logGroupName=group, logStreamName="s", logEvents=events)
    assert answer["rejectedLogEventsInfo"] == {"tooNewLogEventStartIndex": 1}
    assert messages(group) == ["now"]


def test_a_group_without_retention_keeps_everything(group: str) -> None:
    put(group, "old")
    clock.advance(400 * 86_400)
    clock.moved()
    assert messages(group) == ["old"]


def test_a_metric_filter_counts_and_a_pattern_of_another_kind_is_refused(group: str) -> None:
    logs, namespace = boto3.client("logs"), f"Logs{group}"
    given = {"logGroupName": group, "filterName": "errors"}
    made = [{"metricName": "Errors", "metricNamespace": namespace, "metricValue": "1"}]
    for _ in range(2):  # put again, it is replaced
        logs.put_metric_filter(**given, filterPattern="ERROR", metricTransformations=made)
    assert len(logs.describe_metric_filters(logGroupName=group)["metricFilters"]) == 1
    put(group, "ERROR one", "fine", "ERROR two")
    now = clock.now()
    found = boto3.client("cloudwatch").get_metric_statistics(
        Namespace=namespace, MetricName="Errors", StartTime=now.replace(year=now.year - 1), EndTime=now, Period=86_400,
        Statistics=["Sum"],
    )["Datapoints"]  # fmt: skip
    assert [point["Sum"] for point in found] == [2.0]
    with pytest.raises(ClientError, match="not evaluated locally"):
        logs.put_metric_filter(**given, filterPattern="[a, b]", metricTransformations=made)
