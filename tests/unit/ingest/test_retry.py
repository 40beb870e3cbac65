"""What is tried again, how long it waits, and when it gives up."""

from __future__ import annotations

import http.client

import pytest
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

from ingest.retry import GaveUpError, Retry, aws_verdict
from ingest.store import ConflictError, Store
from tests.unit.ingest.fake_s3 import FakeS3, service_error

AGAIN = {
    "503 SlowDown": service_error("SlowDown", 503),
    "throttling": service_error("ThrottlingException"),
    "an internal error": service_error("InternalError", 500),
    "any 5xx": service_error("Strange", 502),
    "a condition in conflict": service_error("ConditionalRequestConflict", 409),
    "a time-out": ReadTimeoutError(endpoint_url="http://x"),
    "no connection": EndpointConnectionError(endpoint_url="http://x"),
    "a broken line": ConnectionResetError(),
    "a body cut off": http.client.IncompleteRead(b""),
}
NEVER = {
    "no permission": service_error("AccessDenied", 403),
    "a failed condition": service_error("PreconditionFailed", 412),
    "no bucket": service_error("NoSuchBucket", 404),
    "a mistake": ValueError(),
}


@pytest.mark.parametrize("error", AGAIN.values(), ids=AGAIN)
def test_is_worth_another_try(error: Exception) -> None:
    assert aws_verdict(error) is not None


@pytest.mark.parametrize("error", NEVER.values(), ids=NEVER)
def test_is_not_worth_another_try(error: Exception) -> None:
    assert aws_verdict(error) is None


def _failing(times: int, error: Exception) -> FakeS3:
    s3 = FakeS3()
    s3.before = lambda call: error if call <= times else None
    return s3


def test_pauses_double_up_to_the_longest_with_half_of_them_by_chance() -> None:
    paused: list[float] = []
    retry = Retry(attempts=5, first=1.0, longest=3.0, pause=paused.append, chance=lambda: 0.0)
    assert Store(_failing(4, service_error("SlowDown", 503)), retry).put_new("b", "k", b"", {}, "text/plain")
    assert paused == [0.5, 1.0, 1.5, 1.5]


def test_the_last_failure_is_told() -> None:
    retry = Retry(attempts=3, pause=lambda _: None)
    with pytest.raises(GaveUpError, match=r"Putting s3://b/k failed 3 times, at last with ClientError.*SlowDown"):
        Store(_failing(9, service_error("SlowDown", 503)), retry).put_new("b", "k", b"", {}, "text/plain")


def test_who_asks_to_wait_too_long_is_not_waited_for() -> None:
    paused: list[float] = []
    retry = Retry(pause=paused.append)

    def step() -> None:
        raise OSError

    with pytest.raises(GaveUpError):
        retry.run("It", step, lambda _: 3600.0)
    assert paused == []


def test_a_replacement_whose_answer_was_lost_is_known_as_ones_own() -> None:
    s3 = FakeS3()
    store = Store(s3, Retry(pause=lambda _: None))
    first = store.replace("b", "k", {"n": 1}, None)
    s3.after = lambda call: ConnectionResetError() if call == 2 else None
    assert store.replace("b", "k", {"n": 2}, first) != first


def test_a_replacement_of_what_somebody_else_changed_is_refused() -> None:
    store = Store(FakeS3(), Retry(pause=lambda _: None))
    first = store.replace("b", "k", {"n": 1}, None)
    store.replace("b", "k", {"n": 2}, first)
    with pytest.raises(ConflictError, match="changed by another run"):
        store.replace("b", "k", {"n": 3}, first)
