"""The commands for a stage on AWS, whose endpoint is the local AWS by AWS_ENDPOINT_URL; and that stage deployed."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import boto3
import pytest

from lakeshift.cli import deploying
from lakeshift.cli.main import EX_UNAVAILABLE, main
from lakeshift.deploy import AwsSession, apply, plan, remove
from lakeshift.deploy.report import plan_text
from lakeshift.local.server import LocalAws
from lakeshift.paths import REPOSITORY

FOLDERS = ("infra", "crawlers", "jobs", "pipelines", "ingest", "sql", "common", "environments")


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, local_aws: LocalAws) -> None:
    """Credentials and endpoint as the environment of a CI job gives them."""
    monkeypatch.setenv("LAKESHIFT_HOME", str(tmp_path))
    monkeypatch.setenv("AWS_ENDPOINT_URL", local_aws.endpoint)
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    logs = boto3.client("logs")  # what job runs of other tests have left: no deployment made these
    for group in logs.describe_log_groups(logGroupNamePrefix="/aws-glue/")["logGroups"]:
        logs.delete_log_group(logGroupName=group["logGroupName"])
    monkeypatch.setattr(
        deploying, "check_imports", lambda *_: None
    )  # of the package: tests/unit/deploy/test_package.py


def test_a_plan_says_by_its_exit_code_that_there_is_something_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "plan.json"
    assert main(["plan", "--env", "dev", "--out", str(file)]) == 2
    text = capsys.readouterr().out
    assert "+ RawBucket (AWS::S3::Bucket)\n" in text
    assert text.splitlines()[-1].startswith(f"{text.count('(AWS::')} to create, 0 to update, 0 unchanged;")
    written = json.loads(file.read_text())
    assert (written["stage"], written["changes"], written["counts"]["update"]) == ("dev", True, 0)
    assert main(["plan", "--env", "dev", "--json"]) == 2
    assert json.loads(capsys.readouterr().out) == written


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        pytest.param(["deploy", "--env", "dev"], 'Add the line `Account: "000000000000"`', id="no-account-named"),
        pytest.param(["deploy", "--env", "nowhere"], "There is no stage nowhere", id="no-such-stage"),
        pytest.param(["deploy", "--env", "dev", "--plan", "none.json"], "none.json is no plan", id="no-such-plan"),
        pytest.param(["drift", "--env", "dev"], "never deployed: make deploy ENV=dev", id="drift-of-nothing"),
        pytest.param(["destroy", "--env", "prod"], "Nothing was deleted: .* CONFIRM=prod", id="destroy-unconfirmed"),
        pytest.param(["destroy", "--env", "prod", "--confirm", "dev"], "CONFIRM=prod", id="destroy-of-another"),
        pytest.param(["unlock", "--env", "dev", "--lock", "x"], "There is no lock", id="no-lock"),
        pytest.param(["rollback", "--env", "dev", "--to", "x"], "no deployment x", id="no-deployment"),
        pytest.param(["adopt", "--env", "dev", "--name", "RawBucket"], "Add the line", id="adopt-into-an-unnamed"),
    ],
)
def test_refused(arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == EX_UNAVAILABLE
    error = capsys.readouterr().err
    assert re.search(told, error), error


def test_an_exported_template_is_written(tmp_path: Path) -> None:
    file = tmp_path / "template.json"
    assert main(["export-cfn", "--env", "prod", "--out", str(file)]) == 0
    assert json.loads(file.read_text())["Resources"]["RawBucket"]["Type"] == "AWS::S3::Bucket"


def test_the_repositorys_stage_is_deployed_by_the_code_that_deploys_to_aws(tmp_path: Path) -> None:
    for folder in FOLDERS:
        shutil.copytree(REPOSITORY / folder, tmp_path / folder)
    file = tmp_path / "environments/dev.yaml"
    file.write_text('Account: "000000000000"\n' + file.read_text())
    session = AwsSession("dev")
    apply(plan("dev", session, {}, tmp_path), session)
    after = plan("dev", session, {}, tmp_path)
    assert not after.changes, plan_text(after, unchanged=False)
    removed = remove("dev", session, {}, tmp_path, data=["yes"])
    assert (removed.kept, removed.foreign) == ((), ())
    assert {step.action for step in plan("dev", session, {}, tmp_path).steps} == {"create"}
