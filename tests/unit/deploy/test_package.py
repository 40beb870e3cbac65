"""The package is tested before it ships, and names of files that do not ship are told with the line that names them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lakeshift.definitions import DefinitionError, load
from lakeshift.deploy.artefacts import Code, collect
from lakeshift.deploy.checks import problems_of
from lakeshift.deploy.package import check_compiles, check_imports
from lakeshift.deploy.project import Project
from lakeshift.errors import LakeshiftError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for path, text in {
        "common/__init__.py": "",
        "common/rows.py": "from common.fields import NAME\n",
        "common/fields.py": "NAME = 1\n",
        "jobs/clean.py": "import nowhere_to_be_found\n",
    }.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


def code(root: Path) -> Code:
    return collect(root, "b", "1.0")


def test_what_compiles_and_imports_passes(root: Path) -> None:
    check_compiles(code(root))
    check_imports(code(root), root)


@pytest.mark.parametrize("path", ["jobs/clean.py", "common/rows.py"])
def test_what_is_no_python_is_told_with_file_and_line(root: Path, path: str) -> None:
    (root / path).write_text("x = 1\ndef (:\n")
    with pytest.raises(DefinitionError, match=rf"{path}:2: no Python"):
        check_compiles(code(root))


def test_a_module_that_needs_what_the_wheel_has_not_is_told(root: Path) -> None:
    (root / "common/rows.py").write_text("import jobs.clean\n")
    with pytest.raises(LakeshiftError, match=r"common\.rows cannot be imported(?s:.*)No module named 'jobs'"):
        check_imports(code(root), root)


def stage(root: Path, text: str) -> Project:
    made = code(root)
    parameters = {"AccountId": "000000000000", "Region": "us-east-1", "Lake": "lake", **made.parameters()}
    return Project("local", root, parameters, load({"jobs/x.yaml": text}, parameters), made)


JOB = """\
Resources:
  Job:
    Type: AWS::Glue::Job
    Properties:
      Name: clean
      Role: r
      Command: {Name: glueetl, ScriptLocation: !Sub "${CodePrefix}/jobs/SCRIPT.py"}
      DefaultArguments: {"--additional-python-modules": !Sub "boto3,WHEEL"}
"""


@pytest.mark.parametrize(
    ("script", "wheel", "told"),
    [
        pytest.param("clean", "${CommonWheel}", None, id="what-is-there"),
        pytest.param("clear", "${CommonWheel}", "no file jobs/clear.py; jobs/ has jobs/clean.py.", id="script"),
        pytest.param("clean", "${CodePrefix}/wheels/x.whl", "no file wheels/x.whl; wheels/ has", id="wheel"),
    ],
)
def test_files_that_a_job_names_are_there(root: Path, script: str, wheel: str, told: str | None) -> None:
    found = problems_of(stage(root, JOB.replace("SCRIPT", script).replace("WHEEL", wheel)))
    assert [str(one) for one in found if told is None or f"jobs/x.yaml:2: Job: there is {told}" not in str(one)] == []
    assert len(found) == (0 if told is None else 1)


TRIGGER: dict[str, Any] = {
    "Name": "t",
    "Type": "SCHEDULED",
    "Schedule": "cron(0 8 * * ? *)",
    "Actions": [{"JobName": "a"}],
}
WATCHING = {"Conditions": [{"JobName": "a", "State": "SUCCEEDED", "LogicalOperator": "EQUALS"}]}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        pytest.param({}, None, id="right"),
        pytest.param({"Schedule": None}, "SCHEDULED needs Schedule", id="no-schedule"),
        pytest.param({"Type": "ON_DEMAND"}, "belongs to triggers of the type SCHEDULED", id="schedule-of-no-use"),
        pytest.param({"Type": "CONDITIONAL", "Schedule": None}, "CONDITIONAL needs Predicate", id="no-predicate"),
        pytest.param({"Type": "EVENT", "Schedule": None}, "it needs WorkflowName", id="no-workflow"),
        pytest.param(
            {"Type": "CONDITIONAL", "Schedule": None, "Predicate": WATCHING},
            "a is both what it waits for and what it starts",
            id="starts-itself",
        ),
    ],
)
def test_triggers(root: Path, change: dict[str, Any], told: str | None) -> None:
    properties = {key: value for key, value in {**TRIGGER, **change}.items() if value is not None}
    document = {"Resources": {"It": {"Type": "AWS::Glue::Trigger", "Properties": properties}}}
    found = problems_of(stage(root, json.dumps(document)))
    assert found == [] if told is None else [told in one.message for one in found] == [True]
