"""The template of a stage: cfn-lint finds nothing in it, and what only AWS knows stays a function."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cfnlint import api
from cfnlint.config import ManualArgs

from lakeshift.definitions import TYPES
from lakeshift.deploy.exporting import export_template
from lakeshift.paths import REPOSITORY
from tests.local.deploy.stage import EVERY_TYPE, PARAMETERS

ROLE = "arn:aws:iam::${AWS::AccountId}:role/tiny-role"
STATES = '"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}'
STAGES = sorted(path.stem for path in (REPOSITORY / "environments").glob("*.yaml"))


def findings(template: dict[str, Any]) -> list[str]:
    """What cfn-lint says of a template, for the region it is for, warnings too."""
    manual = ManualArgs(regions=["us-east-1"])
    found = api.lint(json.dumps(template), config=manual)
    return [f"{one.rule.id} {one.message} {'/'.join(map(str, one.path or []))}" for one in found]


@pytest.mark.parametrize("stage", STAGES)
def test_cfn_lint_finds_nothing_in_a_stage(stage: str) -> None:
    assert findings(export_template(stage, REPOSITORY)) == []


@pytest.fixture(scope="module")
def every(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    root = tmp_path_factory.mktemp("every")
    for path, text in {
        "environments/local.yaml": PARAMETERS,
        "infra/all.yaml": EVERY_TYPE,
        "common/__init__.py": "",
        "jobs/tiny.py": "",
        "pipelines/tiny.asl.json": '{"Comment": "${Word} ${QueueUrl}", ' + STATES,
    }.items():
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text(text)
    return export_template("local", Path(root))


def test_cfn_lint_finds_nothing_in_a_template_of_every_type(every: dict[str, Any]) -> None:
    assert {one["Type"] for one in every["Resources"].values()} == set(TYPES)
    assert findings(every) == []


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [
        pytest.param("Ops", "BucketName", "tiny-ops", id="a-parameter-is-filled-in"),
        pytest.param(
            "Crawler", "Role", {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/tiny-role"}, id="an-account-stays"
        ),
        pytest.param("Table", "CatalogId", {"Ref": "AWS::AccountId"}, id="the-account-alone"),
        pytest.param("Transfer", "SourceLocationArn", {"Ref": "Share"}, id="what-only-aws-knows"),
        pytest.param(
            "Version",
            "StateMachineRevisionId",
            {"Fn::GetAtt": ["Machine", "StateMachineRevisionId"]},
            id="an-attribute",
        ),
        pytest.param(
            "Machine",
            "DefinitionString",
            {"Fn::Sub": '{"Comment": "one ${Queue}", ' + STATES},
            id="a-text-that-holds-one",
        ),
    ],
)
def test_values(every: dict[str, Any], name: str, path: str, value: Any) -> None:
    assert every["Resources"][name]["Properties"][path] == value


def test_what_holds_data_is_retained(every: dict[str, Any]) -> None:
    resources = every["Resources"]
    assert resources["Ops"]["DeletionPolicy"] == resources["Ops"]["UpdateReplacePolicy"] == "Retain"
    assert "DeletionPolicy" not in resources["Job"]
