"""Every operation of the services beside Glue answers, fails as AWS does, or says by name that it is not there."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from lakeshift.local.server import LocalAws
from tests.local.glueapi.samples import request

_SERVICES = [
    "s3",
    "stepfunctions",
    "events",
    "firehose",
    "datasync",
    "sns",
    "sqs",
    "logs",
    "redshift-data",
    "redshift",
    "iam",
    "secretsmanager",
    "cloudwatch",
]
_CONFIG = Config(
    parameter_validation=False,
    retries={"max_attempts": 0},
    inject_host_prefix=False,
    s3={"addressing_style": "path"},
    read_timeout=20,
)


def error_of(client: Any, operation: str, asked: dict[str, Any]) -> tuple[int, str, str]:
    try:
        client._make_api_call(operation, asked)
    except ClientError as error:
        told = error.response
        return told["ResponseMetadata"]["HTTPStatusCode"], told["Error"]["Code"], told["Error"].get("Message", "")
    return 200, "", ""


@pytest.mark.parametrize("service", _SERVICES)
def test_every_operation_answers_or_says_that_it_is_not_there(local_aws: LocalAws, service: str) -> None:
    client = boto3.client(service, config=_CONFIG)
    wrong = []
    for operation in client.meta.service_model.operation_names:
        status, code, text = error_of(
            client, operation, request(client.meta.service_model.operation_model(operation).input_shape)
        )
        named = "The local AWS does not implement " if status == 501 else "The local AWS failed at "
        if status >= 500 and (code not in ("NotImplemented", "InternalFailure") or not text.startswith(named)):
            wrong.append((operation, status, code, text[:200]))
    assert wrong == []
