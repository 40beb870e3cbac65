"""Deliveries survive a kill, are tried again by their policy, and end in a letter that says why."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from lakeshift.local import clock
from lakeshift.local.events import letters
from lakeshift.local.events.outbox import Delivery, Outbox
from lakeshift.local.events.worker import Worker
from tests.waiting import until

RULE = "arn:aws:events:us-east-1:000000000000:rule/r"
SCHEDULE = "arn:aws:scheduler:us-east-1:000000000000:schedule/default/s"


def delivery(**more: Any) -> Delivery:
    target = {"Arn": "arn:aws:sqs:us-east-1:000000000000:q", **more.pop("target", {})}
    now = clock.now().timestamp()
    event = {"id": "e", "time": "2026-01-01T00:00:00Z", "input": "{}"}
    return Delivery(**{"origin": RULE, "target": target, "event": event, "created": now, "due": now, **more})


def failure(code: str, status: int) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "m"}, "ResponseMetadata": {"HTTPStatusCode": status}}, "Op")


class Post:
    """Takes deliveries and letters; fails as often as it is told."""

    def __init__(self, *failures: Exception) -> None:
        self.failures, self.sent, self.letters = list(failures), [], []

    def send(self, one: Delivery) -> None:
        self.sent.append(one)
        if self.failures:
            raise self.failures.pop(0)

    def letter(self, queue: str, body: str, attributes: dict[str, str]) -> None:
        self.letters.append((queue, body, attributes))


def worker(post: Post, outbox: Outbox) -> Worker:
    made = Worker(outbox, post.send, post.letter)
    made.begin()
    return made


@pytest.mark.parametrize(
    ("reason", "retried"),
    [
        (failure("StateMachineDoesNotExist", 400), False),
        (failure("AccessDeniedException", 403), False),
        (failure("ThrottlingException", 400), True),
        (failure("SlowDown", 503), True),
        (failure("InternalError", 500), True),
        (EndpointConnectionError(endpoint_url="http://x"), True),
        (KeyError("x"), False),
    ],
    ids=lambda value: str(value)[:40],
)
def test_only_what_another_try_may_mend_is_tried_again(reason: Exception, retried: bool) -> None:
    assert letters.is_retried(reason) is retried


@pytest.mark.parametrize(
    ("attempts", "policy", "age", "condition"),
    [
        (0, {}, 0, None),
        (185, {}, 0, "MaximumRetryAttempts"),
        (0, {"MaximumRetryAttempts": 0}, 0, "MaximumRetryAttempts"),
        (1, {"MaximumRetryAttempts": 2}, 0, None),
        (1, {"MaximumEventAgeInSeconds": 60}, 61, "MaximumEventAgeInSeconds"),
        (1, {}, 86_401, "MaximumEventAgeInSeconds"),
    ],
)
def test_a_policy_ends_the_tries(attempts: int, policy: dict[str, int], age: float, condition: str | None) -> None:
    one = delivery(attempts=attempts, target={"RetryPolicy": policy})
    assert letters.exhausted(one, one.created + age) == condition


def test_a_failing_target_is_tried_again_when_the_clock_says_so_and_no_more_often() -> None:
    post, outbox = Post(failure("SlowDown", 503), failure("SlowDown", 503)), Outbox()
    outbox.put([delivery()])
    made = worker(post, outbox)
    until(lambda: len(post.sent) == 1 and made.is_idle())
    clock.advance(2)
    until(lambda: len(post.sent) == 2 and made.is_idle())
    clock.advance(4)
    until(lambda: outbox.waiting() == 0)
    assert [one.attempts for one in post.sent] == [0, 1, 2]
    assert post.letters == []
    made.close()


def test_a_waiting_retry_keeps_no_other_delivery_waiting() -> None:
    post, outbox = Post(failure("SlowDown", 503)), Outbox()
    outbox.put([delivery(), delivery(event={"id": "second"})])
    made = worker(post, outbox)
    until(lambda: len(post.sent) == 2)
    assert outbox.waiting() == 1
    made.close()


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        (RULE, {"RULE_ARN": RULE}),
        (
            SCHEDULE,
            {
                "SCHEDULE_ARN": SCHEDULE,
                "SCHEDULED_TIME": "2026-01-01T00:00:00Z",
                "EXECUTION_ID": "e",
                "IS_PAYLOAD_TRUNCATED": "false",
            },
        ),
    ],
    ids=["rule", "schedule"],
)
def test_a_letter_says_what_was_sent_where_and_why_it_failed(origin: str, expected: dict[str, str]) -> None:
    queue = "arn:aws:sqs:us-east-1:000000000000:dead"
    more = {"RetryPolicy": {"MaximumRetryAttempts": 0}, "DeadLetterConfig": {"Arn": queue}}
    post, outbox = Post(failure("SlowDown", 503)), Outbox()
    outbox.put([delivery(origin=origin, target=more)])
    made = worker(post, outbox)
    until(lambda: outbox.waiting() == 0)
    where, _, attributes = post.letters[0]
    assert where == queue
    assert attributes == {
        "TARGET_ARN": "arn:aws:sqs:us-east-1:000000000000:q",
        "ERROR_CODE": "THROTTLING",
        "ERROR_MESSAGE": "An error occurred (SlowDown) when calling the Op operation: m",
        "RETRY_ATTEMPTS": "0",
        "EXHAUSTED_RETRY_CONDITION": "MaximumRetryAttempts",
        **expected,
    }
    made.close()


def test_an_event_without_a_place_for_dead_letters_is_counted_as_lost() -> None:
    post, outbox = Post(failure("QueueDoesNotExist", 400)), Outbox()
    outbox.put([delivery()])
    made = worker(post, outbox)
    until(lambda: made.given_up == 1)
    assert len(post.sent) == 1
    made.close()


def test_what_was_not_delivered_when_the_process_died_is_delivered_after(tmp_path: Path) -> None:
    file = tmp_path / "deliveries.sqlite"
    Outbox(file).put([delivery(event={"id": "kept"})])  # and then nothing: the process is killed
    post, outbox = Post(), Outbox(file)
    made = worker(post, outbox)
    until(lambda: outbox.waiting() == 0)
    assert [one.event["id"] for one in post.sent] == ["kept"]
    made.close()


def test_a_firing_and_what_it_sends_are_kept_together_or_not_at_all(tmp_path: Path) -> None:
    outbox, moment = Outbox(tmp_path / "deliveries.sqlite"), datetime(2026, 1, 1, tzinfo=UTC)
    with pytest.raises(TypeError):
        outbox.fire("k", moment, [delivery(), delivery(event={"id": object()})])
    assert (outbox.fired(), outbox.waiting()) == ({}, 0)
    outbox.fire("k", moment, [delivery()])
    assert (outbox.fired(), outbox.waiting()) == ({"k": moment}, 1)
