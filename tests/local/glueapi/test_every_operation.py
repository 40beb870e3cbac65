"""Every operation of the Glue API answers, fails as AWS does, or is refused by name: no page of HTML, no crash."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from moto.core.utils import get_service_model

from lakeshift.local.glue.refusals import REFUSED
from lakeshift.local.server import LocalAws
from tests.local.glueapi.samples import request

_MODEL = get_service_model("glue")
_REFUSED = "OperationNotSupportedException"
# What is neither there nor meant to be; a new version of the SDK's model adds to it, and a new operation takes from it.
_LIST = Path(__file__).parent / "refused_operations.txt"


@pytest.fixture(scope="module")
def glue(local_aws: LocalAws) -> Any:
    return boto3.client("glue", config=Config(parameter_validation=False, retries={"max_attempts": 0}))


def error_of(glue: Any, operation: str, given: dict[str, Any]) -> tuple[str, str, int]:
    try:
        glue._make_api_call(operation, given)
    except ClientError as error:
        told = error.response
        return told["Error"]["Code"], told["Error"]["Message"], told["ResponseMetadata"]["HTTPStatusCode"]
    return "", "", 200


@pytest.mark.parametrize("given", ["least", "wrong types"])
def test_every_operation_answers_or_refuses(glue: Any, given: str) -> None:
    wrong = []
    refused = set()
    for operation in _MODEL.operation_names:
        shape = _MODEL.operation_model(operation).input_shape
        asked = request(shape) if given == "least" else {}
        if given == "wrong types" and shape is not None:
            asked = {
                name: {"x": [1]} if member.type_name != "structure" else "x" for name, member in shape.members.items()
            }
        code, text, status = error_of(glue, operation, asked) if given != "wrong types" else raw(glue, operation, asked)
        if code == _REFUSED:
            refused.add(operation)
            if not text.startswith(f"glue:{operation} is not supported locally. ") or "https://docs." not in text:
                wrong.append((operation, text))
        elif (
            status >= 500
            or (code and not code[0].isupper())
            or (given == "wrong types" and shape is not None and shape.members and code != "SerializationException")
        ):
            wrong.append((operation, f"{status} {code} {text}"))
    assert wrong == []
    assert refused <= set(_LIST.read_text().split())


def raw(glue: Any, operation: str, document: Any) -> tuple[str, str, int]:
    """As an SDK would never send it."""
    headers = {
        "X-Amz-Target": f"AWSGlue.{operation}",
        "Content-Type": "application/x-amz-json-1.1",
        "Authorization": "AWS4-HMAC-SHA256 Credential=a/20200101/us-east-1/glue/aws4_request",
    }
    sent = urllib.request.Request(glue.meta.endpoint_url, json.dumps(document).encode(), headers)
    try:
        with urllib.request.urlopen(sent) as answer:
            return "", "", answer.status
    except urllib.error.HTTPError as error:
        told = json.load(error)
        return told["__type"].rpartition("#")[2], told.get("message") or told.get("Message", ""), error.code


def test_every_refusal_with_advice_is_of_an_operation() -> None:
    assert set(REFUSED) <= set(_MODEL.operation_names)


@pytest.mark.parametrize(
    ("operation", "given", "code", "text"),
    [
        pytest.param(
            "CreateDatabase",
            {"DatabaseInput": {"Name": ""}},
            "ValidationException",
            "1 validation error detected: Value '' at 'databaseInput.name' failed to satisfy constraint: "
            "Member must have length greater than or equal to 1",
            id="too-short",
        ),
        pytest.param(
            "CreateDatabase",
            {"DatabaseInput": {"Name": "a\nb"}},
            "ValidationException",
            "Member must satisfy regular expression pattern: ",
            id="pattern",
        ),
        pytest.param(
            "GetPartitions",
            {"DatabaseName": "d", "TableName": "t", "MaxResults": 1001},
            "ValidationException",
            "Value 1001 at 'maxResults' failed to satisfy constraint: "
            "Member must have value less than or equal to 1000",
            id="too-many",
        ),
        pytest.param(
            "CreateTable",
            {"DatabaseName": "d", "TableInput": {"Name": "t", "PartitionKeys": [{"Name": "x", "Comment": "y" * 256}]}},
            "ValidationException",
            "at 'tableInput.partitionKeys.1.member.comment' failed to satisfy constraint: "
            "Member must have length less than or equal to 255",
            id="deep-inside",
        ),
        pytest.param(
            "CreateTable",
            {},
            "ValidationException",
            "Value null at 'databaseName' failed to satisfy constraint: Member must not be null",
            id="missing",
        ),
        pytest.param(
            "GetDatabases",
            {"ResourceShareType": "x"},
            "ValidationException",
            "Member must satisfy enum value set: [FOREIGN, ALL, FEDERATED]",
            id="enum",
        ),
        pytest.param(
            "GetDatabases",
            {"CatalogId": "123456789012"},
            "EntityNotFoundException",
            "Catalog 123456789012 not found.",
            id="another-account",
        ),
        pytest.param(
            "GetTables",
            {"CatalogId": "s3tablescatalog/b", "DatabaseName": "d"},
            _REFUSED,
            "The catalog 's3tablescatalog/b' is not supported locally.",
            id="another-catalog",
        ),
        pytest.param(
            "CreateDatabase",
            {"DatabaseInput": {"Name": "l", "TargetDatabase": {"DatabaseName": "d"}}},
            _REFUSED,
            "TargetDatabase in glue:CreateDatabase is not supported locally.",
            id="resource-link",
        ),
        pytest.param(
            "GetTable",
            {"DatabaseName": "d", "Name": "t", "QueryAsOfTime": 1},
            _REFUSED,
            "QueryAsOfTime in glue:GetTable is not supported locally.",
            id="time-travel",
        ),
    ],
)
def test_the_rules_of_the_model_are_kept(
    glue: Any, operation: str, given: dict[str, Any], code: str, text: str
) -> None:
    found = error_of(glue, operation, given)
    assert (found[0], found[2]) == (code, 400)
    assert text in found[1]
