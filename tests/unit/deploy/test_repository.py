"""The repository's own definitions: they load for every stage, and roles are narrow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lakeshift.definitions import Stack, load, load_environment
from lakeshift.paths import REPOSITORY
from lakeshift.permissions.actions import takes_resource

STAGES = sorted(path.stem for path in (REPOSITORY / "environments").glob("*.yaml"))
FOLDERS = ("infra", "crawlers", "jobs", "pipelines", "ingest")


def stack(stage: str) -> Stack:
    path = REPOSITORY / "environments" / f"{stage}.yaml"
    given = {
        "AccountId": "000000000000",
        "CodeBucket": "b",
        "CodeKey": "k",
        "CodePrefix": "s3://b/k",
        "CommonWheel": "w",
    }
    parameters = {**load_environment(path.read_text(), path.name).parameters, **given}
    files = (file for folder in FOLDERS for file in (REPOSITORY / folder).glob("*.yaml"))
    return load({file.relative_to(REPOSITORY).as_posix(): file.read_text() for file in files}, parameters)


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_loads(stage: str) -> None:
    assert {one.type for one in stack(stage)} >= {"AWS::S3::Bucket", "AWS::Glue::Job", "AWS::Redshift::Cluster"}


def test_a_password_is_a_parameter_of_the_local_stage_only() -> None:
    for stage in STAGES:
        text = (REPOSITORY / "environments" / f"{stage}.yaml").read_text()
        assert ("Password" in text) == (stage == "local"), stage


def statements() -> Iterator[tuple[str, dict[str, Any]]]:
    for role in stack("prod").of_type("AWS::IAM::Role"):
        policies: Any = role.properties["Policies"]
        for policy in policies:
            for statement in policy["PolicyDocument"]["Statement"]:
                yield f"{role.logical_id}.{statement['Sid']}", statement


def test_no_role_may_do_all_of_a_service_or_all_things_to_all_resources() -> None:
    for name, statement in statements():
        assert not [action for action in statement["Action"] if "*" in action], name
        if "*" in statement["Resource"]:
            assert not [action for action in statement["Action"] if takes_resource(action)], name


def test_every_role_is_taken_by_one_service_of_the_same_account() -> None:
    for role in stack("prod").of_type("AWS::IAM::Role"):
        trust: Any = role.properties["AssumeRolePolicyDocument"]
        for statement in trust["Statement"]:
            assert list(statement["Principal"]) == ["Service"], role.logical_id
            assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": "000000000000"}}, role.logical_id


def test_every_bucket_is_closed_encrypted_and_takes_tls_only() -> None:
    resources = stack("prod")
    closed = {"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"}
    policies: dict[Any, Any] = {
        one.properties["Bucket"]: one.properties["PolicyDocument"] for one in resources.of_type("AWS::S3::BucketPolicy")
    }
    for bucket in resources.of_type("AWS::S3::Bucket"):
        block: Any = bucket.properties["PublicAccessBlockConfiguration"]
        assert {key for key, on in block.items() if on is True} == closed, bucket.logical_id
        assert "BucketEncryption" in bucket.properties, bucket.logical_id
        (statement,) = policies[bucket.properties["BucketName"]]["Statement"]
        assert statement["Effect"] == "Deny"
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
