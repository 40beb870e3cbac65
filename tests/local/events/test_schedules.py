"""Rules with a schedule fire by the clock that a user can move."""

from __future__ import annotations

import json
import uuid

import boto3
import pytest
from botocore.exceptions import ClientError

from lakeshift.local import clock
from lakeshift.local.server import LocalAws
from tests.local.events.helpers import Inbox

DAY = 24 * 3600.0


def test_a_daily_rule_fires_once_a_day_that_the_clock_goes_over(inbox: Inbox) -> None:
    client, name = boto3.client("events"), f"daily-{uuid.uuid4().hex}"
    arn = client.put_rule(Name=name, ScheduleExpression="cron(0 2 * * ? *)")["RuleArn"]
    client.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": inbox.arn}])
    begun = clock.now()
    clock.advance(2 * DAY)
    told = sorted((json.loads(message["Body"]) for message in inbox.all(2)), key=lambda one: one["time"])
    assert [one["time"][11:] for one in told] == ["02:00:00Z", "02:00:00Z"]
    assert f"{begun:%Y-%m-%d}" <= told[0]["time"][:10] < told[1]["time"][:10]
    assert (told[0]["source"], told[0]["detail-type"], told[0]["resources"]) == ("aws.events", "Scheduled Event", [arn])
    client.disable_rule(Name=name)
    clock.advance(2 * DAY)
    assert inbox.is_empty()
    client.enable_rule(Name=name)
    clock.advance(DAY)
    assert len(inbox.all(1)) == 1
    client.disable_rule(Name=name)


def test_a_rate_counts_from_when_the_rule_was_made(inbox: Inbox) -> None:
    client, name = boto3.client("events"), f"rate-{uuid.uuid4().hex}"
    client.put_rule(Name=name, ScheduleExpression="rate(7 days)")
    client.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": inbox.arn, "Input": '{"go": true}'}])
    clock.advance(6.9 * DAY)
    assert inbox.is_empty()
    clock.advance(0.2 * DAY)
    assert inbox.document() == {"go": True}
    client.disable_rule(Name=name)


@pytest.mark.parametrize("expression", ["rate(1 days)", "rate(5 minute)", "cron(0 2 * * *)", "at(2026-01-01T00:00:00)"])
def test_what_is_no_schedule_is_refused(local_aws: LocalAws, expression: str) -> None:
    with pytest.raises(ClientError, match="Parameter ScheduleExpression is not valid"):
        boto3.client("events").put_rule(Name="wrong", ScheduleExpression=expression)
