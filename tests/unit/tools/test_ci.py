"""The CI files: they call make targets that are there, hold no key, and take actions by their commits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from lakeshift.paths import REPOSITORY

WORKFLOWS = sorted((REPOSITORY / ".github" / "workflows").glob("*.yml"))
ACTIONS = sorted((REPOSITORY / ".github" / "actions").glob("*/action.yml"))
GITLAB = REPOSITORY / ".gitlab-ci.yml"
TARGETS = set(re.findall(r"^([a-z][a-z-]*):(?:[^=]|$)", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))
KNOBS = {"ENV", "PLAN", "PR", "RUNS"}


class _Loader(yaml.SafeLoader):
    """GitLab's !reference is a list."""


_Loader.add_constructor("!reference", lambda loader, node: loader.construct_sequence(node))


def read(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a safe loader


def steps(document: Any) -> Iterator[dict[str, Any]]:
    """Every step of a workflow or of a composite action."""
    for job in document.get("jobs", {"": document.get("runs", {})}).values():
        yield from job.get("steps", [])


def commands() -> Iterator[tuple[str, str]]:
    """Each command line of the CI, with its file."""
    for path in (*WORKFLOWS, *ACTIONS):
        for step in steps(read(path)):
            for line in str(step.get("run", "")).splitlines():
                yield path.name, line
    for name, job in read(GITLAB).items():
        if isinstance(job, dict) and "script" in job:
            for line in job["script"]:
                yield f"{GITLAB.name}:{name}", line


@pytest.mark.parametrize(("file", "line"), list(commands()))
def test_a_command_is_one_make_target_that_is_there(file: str, line: str) -> None:
    made = re.fullmatch(r"make ([a-z-]+)((?: [A-Z]+=\S+)*)", line)
    assert made is not None, f"{file}: {line}"
    assert made[1] in TARGETS
    assert set(re.findall(r"([A-Z]+)=", made[2])) <= KNOBS


@pytest.mark.parametrize("path", [*WORKFLOWS, *ACTIONS], ids=lambda path: path.name)
def test_actions_are_taken_by_their_commit(path: Path) -> None:
    for step in steps(read(path)):
        if "uses" in step and not step["uses"].startswith("./"):
            assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", step["uses"]), step["uses"]
    lines = [line for line in path.read_text().splitlines() if "@" in line and "uses:" in line]
    assert [line for line in lines if not re.search(r"@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line)] == []


def test_each_action_has_one_commit_everywhere() -> None:
    found: dict[str, set[str]] = {}
    for path in (*WORKFLOWS, *ACTIONS):
        for name, commit in re.findall(r"uses: ([\w/-]+)@(.+)", path.read_text()):
            found.setdefault(name, set()).add(commit)
    assert {name: commits for name, commits in found.items() if len(commits) > 1} == {}


@pytest.mark.parametrize("path", [*WORKFLOWS, GITLAB], ids=lambda path: path.name)
def test_no_key_that_lasts(path: Path) -> None:
    assert not re.search(r"secrets\.|AWS_ACCESS_KEY_ID|AWS_SECRET_ACCESS_KEY|AKIA", path.read_text())


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_has_no_right_but_those_its_jobs_name(path: Path) -> None:
    document = read(path)
    assert document["permissions"] == {}
    for name, job in document["jobs"].items():
        assigns = any("configure-aws-credentials" in str(step.get("uses")) for step in job["steps"])
        assert (job["permissions"].get("id-token") == "write") == assigns, name
        assert job["timeout-minutes"], name


def test_prod_is_deployed_by_its_environment_and_a_plan_made_before() -> None:
    jobs = read(REPOSITORY / ".github" / "workflows" / "deploy.yml")["jobs"]
    assert jobs["prod"]["environment"] == "prod"
    assert jobs["prod"]["needs"] == "plan-prod"
    gitlab = read(GITLAB)
    assert gitlab["deploy-prod"]["rules"][0]["when"] == "manual"
    assert gitlab["deploy-prod"]["needs"] == ["plan-prod"]


def test_versions_are_those_of_the_project() -> None:
    (action,) = ACTIONS
    given = {step["uses"].partition("@")[0]: step["with"] for step in steps(read(action)) if "uses" in step}
    assert given["actions/setup-python"]["python-version"] == "3.11"
    assert given["actions/setup-java"]["java-version"] == "17"
    assert read(GITLAB)["default"]["image"].startswith("python:3.11-")
