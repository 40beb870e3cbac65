"""What a client sees of a fault that the local AWS was asked for."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

from lakeshift.local.server import LocalAws

ONCE = Config(retries={"total_max_attempts": 1})


def ask(aws: LocalAws, method: str, body: Any = None) -> Any:
    request = urllib.request.Request(f"{aws.endpoint}/_lakeshift/faults", json.dumps(body).encode(), method=method)
    with urllib.request.urlopen(request) as response:
        return json.load(response)


@pytest.fixture
def asked(local_aws: LocalAws) -> Iterator[LocalAws]:
    yield local_aws
    ask(local_aws, "DELETE")


def test_an_error_is_answered_instead_of_doing(asked: LocalAws) -> None:
    s3 = boto3.client("s3", config=ONCE)
    s3.create_bucket(Bucket="faults-error")
    ask(asked, "PUT", {"seed": 1, "faults": [{"service": "s3", "code": "SlowDown"}]})
    with pytest.raises(ClientError, match="SlowDown") as told:
        s3.put_object(Bucket="faults-error", Key="a", Body=b"1")
    assert told.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
    assert ask(asked, "DELETE") == {"s3:error": 1}
    assert "Contents" not in s3.list_objects_v2(Bucket="faults-error")


def test_a_lost_reply_is_of_a_call_that_was_done(asked: LocalAws) -> None:
    glue = boto3.client("glue", config=ONCE)
    fault = {"service": "glue", "kind": "lost", "status": 500, "code": "InternalServiceException"}
    ask(asked, "PUT", {"faults": [fault]})
    with pytest.raises(ClientError, match="InternalServiceException"):
        glue.create_database(DatabaseInput={"Name": "faults_lost"})
    ask(asked, "DELETE")
    assert glue.get_database(Name="faults_lost")["Database"]["Name"] == "faults_lost"


def test_a_reset_cuts_the_connection(asked: LocalAws) -> None:
    ask(asked, "PUT", {"faults": [{"service": "sns", "kind": "reset"}]})
    with pytest.raises(ConnectionClosedError):
        boto3.client("sns", config=ONCE).list_topics()


def test_a_retrying_client_gets_through(asked: LocalAws) -> None:
    s3 = boto3.client("s3", config=Config(retries={"total_max_attempts": 10, "mode": "legacy"}))
    ask(asked, "PUT", {"seed": 4, "faults": [{"service": "s3", "share": 0.3, "code": "SlowDown"}]})
    s3.create_bucket(Bucket="faults-retry")
    s3.put_object(Bucket="faults-retry", Key="a", Body=b"1")
    assert s3.get_object(Bucket="faults-retry", Key="a")["Body"].read() == b"1"


@pytest.mark.parametrize(
    "body", [{}, {"faults": [{"kind": "error"}]}, {"faults": [{"service": "s3", "share": 2}]}], ids=json.dumps
)
def test_what_is_no_fault_is_refused(asked: LocalAws, body: dict[str, Any]) -> None:
    with pytest.raises(urllib.error.HTTPError, match="400"):
        ask(asked, "PUT", body)
