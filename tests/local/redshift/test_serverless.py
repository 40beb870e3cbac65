"""Redshift Serverless by boto3: namespaces, workgroups, credentials, usage limits, tags, and the Data API on it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import boto3
import psycopg
import pytest
from botocore.exceptions import ClientError

from lakeshift.local.server import LocalAws


@pytest.fixture(scope="module")
def serverless(local_aws: LocalAws) -> Iterator[Any]:
    client = boto3.client("redshift-serverless")
    client.create_namespace(
        namespaceName="space",
        dbName="dev",
        adminUsername="admin",
        adminUserPassword="Passw0rd",
        tags=[{"key": "a", "value": "b"}],
    )
    client.create_workgroup(workgroupName="group", namespaceName="space", baseCapacity=8)
    yield client
    client.delete_workgroup(workgroupName="group")
    client.delete_namespace(namespaceName="space")


def _run(sql: str, **more: Any) -> dict[str, Any]:
    api = boto3.client("redshift-data")
    identifier = api.execute_statement(WorkgroupName="group", Database="dev", Sql=sql, **more)["Id"]
    end = time.monotonic() + 20
    while (told := api.describe_statement(Id=identifier))["Status"] not in ("FINISHED", "FAILED", "ABORTED"):
        assert time.monotonic() < end
        time.sleep(0.01)
    return dict(told)


def test_namespace_and_workgroup_are_told(serverless: Any) -> None:
    namespace = serverless.get_namespace(namespaceName="space")["namespace"]
    assert (namespace["status"], namespace["dbName"], namespace["adminUsername"]) == ("AVAILABLE", "dev", "admin")
    assert "adminUserPassword" not in str(namespace)
    workgroup = serverless.get_workgroup(workgroupName="group")["workgroup"]
    assert (workgroup["baseCapacity"], workgroup["endpoint"]["address"]) == (8, "127.0.0.1")
    assert [one["workgroupName"] for one in serverless.list_workgroups()["workgroups"]] == ["group"]
    assert [one["namespaceName"] for one in serverless.list_namespaces()["namespaces"]] == ["space"]


def test_data_api_runs_on_a_workgroup(serverless: Any) -> None:
    told = _run("SELECT current_user")
    assert (told["Status"], told["WorkgroupName"]) == ("FINISHED", "group")
    with pytest.raises(ClientError, match=r"ResourceNotFoundException.*endpoint doesn't exist"):
        boto3.client("redshift-data").execute_statement(WorkgroupName="nothing", Database="dev", Sql="SELECT 1")
    with pytest.raises(ClientError, match="DbUser cannot be given"):
        boto3.client("redshift-data").execute_statement(
            WorkgroupName="group", Database="dev", DbUser="x", Sql="SELECT 1"
        )


def test_credentials_and_admin_log_in_on_its_port(serverless: Any) -> None:
    port = serverless.get_workgroup(workgroupName="group")["workgroup"]["endpoint"]["port"]
    facts = {"host": "127.0.0.1", "port": port, "dbname": "dev", "sslmode": "disable"}
    given = serverless.get_credentials(workgroupName="group")
    for user, password in ((given["dbUser"], given["dbPassword"]), ("admin", "Passw0rd")):
        with psycopg.connect(**facts, user=user, password=password) as connection:
            assert connection.execute("SELECT current_user").fetchone() == (user,)


def test_usage_limits_and_tags_are_kept(serverless: Any) -> None:
    arn = serverless.get_workgroup(workgroupName="group")["workgroup"]["workgroupArn"]
    made = serverless.create_usage_limit(resourceArn=arn, usageType="serverless-compute", amount=10)["usageLimit"]
    serverless.update_usage_limit(usageLimitId=made["usageLimitId"], amount=20)
    assert [one["amount"] for one in serverless.list_usage_limits(resourceArn=arn)["usageLimits"]] == [20]
    serverless.delete_usage_limit(usageLimitId=made["usageLimitId"])
    space = serverless.get_namespace(namespaceName="space")["namespace"]["namespaceArn"]
    serverless.tag_resource(resourceArn=space, tags=[{"key": "c", "value": "d"}])
    serverless.untag_resource(resourceArn=space, tagKeys=["a"])
    assert serverless.list_tags_for_resource(resourceArn=space)["tags"] == [{"key": "c", "value": "d"}]


REFUSED: dict[str, tuple[str, dict[str, Any], str]] = {
    "a namespace twice": ("create_namespace", {"namespaceName": "space"}, "ConflictException"),
    "a name with capitals": ("create_namespace", {"namespaceName": "SPACE"}, "ValidationException"),
    "a password that AWS manages": (
        "create_namespace",
        {"namespaceName": "other", "manageAdminPassword": True},
        "manageAdminPassword is not supported locally",
    ),
    "an unknown namespace": ("get_namespace", {"namespaceName": "nothing"}, "ResourceNotFoundException"),
    "a second workgroup of a namespace": (
        "create_workgroup",
        {"workgroupName": "second", "namespaceName": "space"},
        "ConflictException",
    ),
    "a namespace in use": ("delete_namespace", {"namespaceName": "space"}, "ConflictException"),
    "credentials for a minute": (
        "get_credentials",
        {"workgroupName": "group", "durationSeconds": 60},
        "durationSeconds",
    ),
    "snapshots": (
        "create_snapshot",
        {"namespaceName": "space", "snapshotName": "s"},
        "does not implement redshift-serverless",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_is(serverless: Any, name: str) -> None:
    call, given, text = REFUSED[name]
    with pytest.raises(ClientError, match=text):
        getattr(serverless, call)(**given)
