"""The command line: verbs are there, errors are told once with their exit code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lakeshift.cli.main import EX_UNAVAILABLE, main


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("LAKESHIFT_HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    "arguments",
    [["sql", "-q", "select 1"], ["logs", "jr_1"], ["aws", "s3", "ls"]],
    ids=["sql", "logs", "aws"],
)
def test_a_verb_that_needs_the_local_aws_says_how_to_start_it(arguments, capsys) -> None:
    assert main(arguments) == EX_UNAVAILABLE
    assert capsys.readouterr().err == "lakeshift: The local AWS is not running. Start it with `make up`.\n"


def test_status_of_a_stopped_local_aws_is_1(capsys) -> None:
    assert main(["status"]) == 1
    assert "not running" in capsys.readouterr().out


def test_next_day_before_the_first_run_says_what_to_do(capsys) -> None:
    assert main(["next-day"]) == EX_UNAVAILABLE
    assert "Run the pipeline once with `make run`" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["sql"], ["sql", "-q", "select 1", "-f", "x.sql"]], ids=["neither", "both"])
def test_sql_wants_a_query_or_a_file(arguments, capsys) -> None:
    assert main(arguments) == EX_UNAVAILABLE
    assert "Give one of the two" in capsys.readouterr().err


@pytest.mark.parametrize(
    "planted", [["precious.txt"], [".git", "s3"]], ids=["a folder of something else", "a git checkout"]
)
def test_clean_deletes_nothing_in_a_folder_that_is_no_state_folder(planted, home: Path, capsys) -> None:
    for name in planted:
        (home / name).mkdir()
    assert main(["clean"]) == EX_UNAVAILABLE
    assert "nothing was deleted" in capsys.readouterr().err
    assert {entry.name for entry in home.iterdir()} >= set(planted)


def test_clean_empties_a_state_folder_and_keeps_the_jars(home: Path) -> None:
    for name in ("s3", "services", "jars"):
        (home / name).mkdir()
    assert main(["clean"]) == 0
    assert [entry.name for entry in home.iterdir()] == ["jars"]


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys\nfrom lakeshift.cli.main import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "print(sorted({'boto3', 'moto', 'pyspark', 'duckdb', 'pandas', 'sqlglot'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
