"""Connections: kept, filtered, hidden, removed; tested by a real login."""

from __future__ import annotations

import uuid
from typing import Any

import boto3
import pytest

from lakeshift.local.server import LocalAws
from tests.local.catalog.test_partitions import code_of

_URL = "jdbc:postgresql://127.0.0.1:1/none"


@pytest.fixture(scope="module")
def glue(local_aws: LocalAws) -> Any:
    return boto3.client("glue")


def make(glue: Any, kind: str = "JDBC", criteria: list[str] | None = None) -> str:
    name = f"c-{uuid.uuid4().hex[:8]}"
    given = {
        "Name": name,
        "ConnectionType": kind,
        "MatchCriteria": criteria or [],
        "ConnectionProperties": {"JDBC_CONNECTION_URL": _URL, "USERNAME": "u", "PASSWORD": "secret"},
        "PhysicalConnectionRequirements": {"AvailabilityZone": "us-east-1a"},
    }
    assert glue.create_connection(ConnectionInput=given)["CreateConnectionStatus"] == "READY"
    return name


def test_a_connection_is_told_as_it_was_given_with_or_without_its_password(glue: Any) -> None:
    name = make(glue)
    told = glue.get_connection(Name=name)["Connection"]
    assert told["ConnectionProperties"]["PASSWORD"] == "secret"
    assert (told["ConnectionType"], told["Status"]) == ("JDBC", "READY")
    hidden = glue.get_connection(Name=name, HidePassword=True)["Connection"]["ConnectionProperties"]
    assert sorted(hidden) == ["JDBC_CONNECTION_URL", "USERNAME"]
    assert "secret" not in str(glue.get_connections(HidePassword=True)["ConnectionList"])
    changed = {"Name": name, "ConnectionType": "NETWORK", "ConnectionProperties": {}}
    glue.update_connection(Name=name, ConnectionInput=changed)
    after = glue.get_connection(Name=name)["Connection"]
    assert (after["ConnectionType"], after["CreationTime"]) == ("NETWORK", told["CreationTime"])
    code, text = code_of(glue.create_connection, ConnectionInput=changed)
    assert (code, name in text) == ("AlreadyExistsException", True)


def test_connections_are_filtered_paged_and_removed(glue: Any) -> None:
    mark = uuid.uuid4().hex
    names = sorted(make(glue, criteria=[mark]) for _ in range(3))
    make(glue, "NETWORK", [mark])
    wanted = {"ConnectionType": "JDBC", "MatchCriteria": [mark]}
    pages = glue.get_paginator("get_connections").paginate(Filter=wanted, PaginationConfig={"PageSize": 2})
    assert [one["Name"] for page in pages for one in page["ConnectionList"]] == names
    told = glue.batch_delete_connection(ConnectionNameList=[names[0], "nosuch"])
    assert (told["Succeeded"], told["Errors"]["nosuch"]["ErrorCode"]) == ([names[0]], "EntityNotFoundException")
    glue.delete_connection(ConnectionName=names[1])
    assert code_of(glue.get_connection, Name=names[1]) == (
        "EntityNotFoundException",
        f"Connection {names[1]} not found.",
    )


def test_a_test_logs_in_or_says_why_not(glue: Any) -> None:
    name = make(glue)
    code, text = code_of(glue.test_connection, ConnectionName=name)
    assert code == "InvalidInputException"
    assert "127.0.0.1:1 cannot be reached" in text
    given = {"ConnectionType": "MONGODB", "ConnectionProperties": {}}
    assert code_of(glue.test_connection, TestConnectionInput=given)[0] == "OperationNotSupportedException"


def test_a_connection_by_oauth_is_refused(glue: Any) -> None:
    given = {
        "Name": "o",
        "ConnectionType": "SALESFORCE",
        "ConnectionProperties": {},
        "AuthenticationConfiguration": {"AuthenticationType": "OAUTH2"},
    }
    code, text = code_of(glue.create_connection, ConnectionInput=given)
    assert (code, "A connection with authentication OAUTH2" in text) == ("OperationNotSupportedException", True)
