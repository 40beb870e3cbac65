"""The table of public scripts is whole, and what is done to a script before it runs is told."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

TOOLS = Path(__file__).resolve().parents[3] / "tools"
CASES: list[dict[str, Any]] = yaml.safe_load((TOOLS / "public_scripts.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def tool() -> Any:
    """The tool's module; its folder is on the path as where it is run."""
    sys.path.insert(0, str(TOOLS))
    try:
        yield importlib.import_module("public_scripts")
    finally:
        sys.path.remove(str(TOOLS))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_every_case_says_what_must_come_out(case: dict[str, Any], tool: Any) -> None:
    assert case.keys() & {"gives", "prints", "fails"}
    assert set(case.get("fails", {"with": 1, "why": 1})) == {"with", "why"}
    assert len(Path(case["script"]).parts) > 2, "owner, repository, path"
    steps = [name for step in case.get("needs", ()) for name in step]
    assert [name for name in steps if not callable(getattr(tool.Place, name, None))] == []


def test_names_of_jobs_differ() -> None:
    names = [case["name"] for case in CASES]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("case", "text", "script", "kind"),
    [
        pytest.param({"script": "o/r/a.py"}, "x = 1", "x = 1", "unmodified", id="as-it-is"),
        pytest.param(
            {"script": "o/r/a.py", "fill": {"<HOST>": "{postgres}"}},
            "u = '<HOST>'",
            "u = 'here:1'",
            "placeholders filled in",
            id="placeholder",
        ),
        pytest.param(
            {"script": "o/r/a.ipynb"},
            '{"cells": [{"cell_type": "code", "source": ["%glue_version 3.0\\n"]},'
            ' {"cell_type": "markdown", "source": ["# Title"]},'
            ' {"cell_type": "code", "source": ["%%configure\\n", "{}"]},'
            ' {"cell_type": "code", "source": ["%%sql\\n", "SELECT 1"]}, {"cell_type": "code", "source": ["x = 1"]}]}',
            "spark.sql('SELECT 1').show()\n\nx = 1\n",
            "notebook",
            id="notebook",
        ),
    ],
)
def test_what_is_done_to_a_script(tool: Any, case: dict[str, Any], text: str, script: str, kind: str) -> None:
    assert tool.source_of(case, text, {"postgres": "here:1"}) == (script, kind)


def test_a_placeholder_that_is_not_there_is_an_error(tool: Any) -> None:
    with pytest.raises(ValueError, match="holds no <HOST>"):
        tool.source_of({"script": "o/r/a.py", "fill": {"<HOST>": "x"}}, "u = 1", {})


@pytest.mark.parametrize(
    ("case", "state", "error", "wrong"),
    [
        pytest.param({"prints": ["7"]}, "SUCCEEDED", "", False, id="printed"),
        pytest.param({"prints": ["8"]}, "SUCCEEDED", "", True, id="not-printed"),
        pytest.param({"prints": ["7"]}, "FAILED", "boom", True, id="failed"),
        pytest.param({"fails": {"with": "bo+m", "why": "-"}}, "FAILED", "a boom", False, id="failed-as-told"),
        pytest.param({"fails": {"with": "bo+m", "why": "-"}}, "FAILED", "other", True, id="failed-otherwise"),
        pytest.param({"fails": {"with": "bo+m", "why": "-"}}, "SUCCEEDED", "", True, id="did-not-fail"),
    ],
)
def test_outcomes_are_held_against_the_table(
    tool: Any, case: dict[str, Any], state: str, error: str, wrong: bool
) -> None:
    assert bool(tool.faults(case, tool.Outcome(state, error, "7\n"), None)) is wrong


def test_without_the_scripts_it_says_where_to_get_them(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(TOOLS / "public_scripts.py"), str(tmp_path)],
        cwd=TOOLS.parent,
        env={"PYTHONPATH": str(TOOLS.parent), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "git clone https://github.com/aws-samples/aws-glue-samples" in done.stdout
