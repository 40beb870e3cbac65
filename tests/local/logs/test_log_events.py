"""CloudWatch Logs hold what was written, in pages of up to 10,000."""

from __future__ import annotations

import time
import uuid
from typing import Any

import boto3
import pytest

from lakeshift.local import clock
from lakeshift.local.logs import write_events
from lakeshift.local.server import LocalAws

_COUNT = 12_345


@pytest.fixture(scope="module")
def logs(local_aws: LocalAws) -> Any:
    return boto3.client("logs", endpoint_url=local_aws.endpoint)


@pytest.fixture(scope="module")
def group(local_aws: LocalAws) -> str:
    name = f"/test/{uuid.uuid4().hex}"
    assert local_aws.context is not None
    for start in range(0, _COUNT, 1000):
        events = [(1_000_000 + number, f"line {number}") for number in range(start, min(start + 1000, _COUNT))]
        write_events(local_aws.context, name, "long", events)
    write_events(local_aws.context, name, "short", [(2_000_000, "the ERROR"), (2_000_001, "fine")])
    return name


def test_every_event_is_read_by_following_the_token(logs: Any, group: str) -> None:
    found: list[str] = []
    token: dict[str, str] = {}
    while True:
        page = logs.get_log_events(logGroupName=group, logStreamName="long", startFromHead=True, **token)
        assert len(page["events"]) <= 10_000
        if page["nextForwardToken"] == token.get("nextToken"):
            break
        found += [event["message"] for event in page["events"]]
        token = {"nextToken": page["nextForwardToken"]}
    assert found == [f"line {number}" for number in range(_COUNT)]


def test_the_last_events_are_read_first_by_default(logs: Any, group: str) -> None:
    page = logs.get_log_events(logGroupName=group, logStreamName="long", limit=3)
    assert [event["message"] for event in page["events"]] == [f"line {_COUNT - back}" for back in (3, 2, 1)]


def test_the_end_of_a_time_range_is_not_part_of_it(logs: Any, group: str) -> None:
    page = logs.get_log_events(
        logGroupName=group, logStreamName="long", startTime=1_000_005, endTime=1_000_008, startFromHead=True
    )
    assert [event["message"] for event in page["events"]] == ["line 5", "line 6", "line 7"]


def test_a_filter_finds_every_event_once(logs: Any, group: str) -> None:
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, logStreamNames=["long"])
    events = [event for page in pages for event in page["events"]]
    assert len(events) == len({event["eventId"] for event in events}) == _COUNT


def test_a_filter_pattern_is_applied(logs: Any, group: str) -> None:
    found = logs.filter_log_events(logGroupName=group, filterPattern="ERROR")["events"]
    assert [event["message"] for event in found] == ["the ERROR"]


def test_streams_tell_their_first_and_last_event(logs: Any, group: str) -> None:
    streams = {one["logStreamName"]: one for one in logs.describe_log_streams(logGroupName=group)["logStreams"]}
    assert (streams["short"]["firstEventTimestamp"], streams["short"]["lastEventTimestamp"]) == (2_000_000, 2_000_001)
    assert streams["long"]["lastEventTimestamp"] == 1_000_000 + _COUNT - 1


def test_writing_nothing_still_makes_the_stream(local_aws: LocalAws, logs: Any) -> None:
    assert local_aws.context is not None
    name = f"/test/{uuid.uuid4().hex}"
    write_events(local_aws.context, name, "empty", [])
    assert [one["logStreamName"] for one in logs.describe_log_streams(logGroupName=name)["logStreams"]] == ["empty"]
    assert logs.get_log_events(logGroupName=name, logStreamName="empty")["events"] == []


def test_what_is_too_old_or_too_new_by_the_clock_is_told_and_left_out(logs: Any) -> None:
    clock.advance(3 * 3600)
    name, now = f"/test/{uuid.uuid4().hex}", int(clock.now().timestamp() * 1000)
    logs.create_log_group(logGroupName=name)
    logs.create_log_stream(logGroupName=name, logStreamName="s")
    real = int(time.time() * 1000)
    moments = {"old": real - 400 * 86_400_000, "real": real, "moved": now, "new": now + 3 * 3_600_000}
    events = [{"timestamp": moment, "message": message} for message, moment in moments.items()]
    told = logs.put_log_events(logGroupName=name, logStreamName="s", logEvents=events)["rejectedLogEventsInfo"]
    assert told == {"tooOldLogEventEndIndex": 1, "tooNewLogEventStartIndex": 3}
    kept = logs.get_log_events(logGroupName=name, logStreamName="s", startFromHead=True)["events"]
    assert [event["message"] for event in kept] == ["real", "moved"]
