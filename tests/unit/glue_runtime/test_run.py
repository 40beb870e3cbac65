"""A run's description, arguments, settings and outcome."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.glue_runtime.description import RunDescription, script_arguments
from lakeshift.glue_runtime.outcome import describe_failure, write_outcome
from lakeshift.glue_runtime.spark_settings import given_conf, heap_megabytes, local_cores
from lakeshift.versions import DEFAULT_GLUE, glue_version


def described(tmp_path: Path, **changes: Any) -> RunDescription:
    document = {
        "job_name": "j",
        "job_run_id": "jr_1",
        "command": "glueetl",
        "script": str(tmp_path / "s.py"),
        "arguments": {"--lake": "x", "--enable-metrics": "true", "--enable-auto-scaling": "false"},
        **changes,
    }
    (tmp_path / "run.json").write_text(json.dumps(document))
    return RunDescription.read(tmp_path)


def test_argv_is_what_glue_passes(tmp_path: Path) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-glue-arguments.html"""
    argv = script_arguments(described(tmp_path))
    assert argv[0] == str(tmp_path / "s.py")
    pairs = dict(zip(argv[1::2], argv[2::2], strict=True))
    assert pairs["--lake"] == "x"
    assert (pairs["--JOB_NAME"], pairs["--JOB_RUN_ID"], pairs["--JOB_ID"]) == ("j", "jr_1", "j_1")
    assert pairs["--job-bookmark-option"] == "job-bookmark-disable"


def test_given_bookmark_option_wins(tmp_path: Path) -> None:
    argv = script_arguments(described(tmp_path, arguments={"--job-bookmark-option": "job-bookmark-enable"}))
    assert argv.count("--job-bookmark-option") == 1
    assert "job-bookmark-enable" in argv


def test_switches_are_on_unless_false(tmp_path: Path) -> None:
    run = described(tmp_path)
    assert run.enabled("enable-metrics")
    assert not run.enabled("enable-auto-scaling")
    assert not run.enabled("enable-spark-ui")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", {}), ("a=1", {"a": "1"}), ("a=1 --conf b=x=y --conf c=2", {"a": "1", "b": "x=y", "c": "2"})],
)
def test_conf_argument(text: str, expected: dict[str, str]) -> None:
    assert given_conf(text) == expected


@pytest.mark.parametrize(
    ("worker", "number", "machine", "heap"),
    [("G.1X", 2, 64_000, 4_096), ("G.1X", 2, 8_000, 2_000), ("G.025X", 1, 64_000, 4_096), ("G.1X", 1, 2_000, 1_024)],
)
def test_heap_fits_worker_and_machine(worker: str, number: int, machine: int, heap: int) -> None:
    assert heap_megabytes(worker, number, machine) == heap


@pytest.mark.parametrize(
    ("worker", "number", "machine", "cores"),
    [("G.1X", 2, 64, 8), ("G.1X", 2, 2, 2), ("G.025X", 1, 16, 2), ("R.2X", 1, 64, 8), ("unknown", 0, 64, 4)],
)
def test_tasks_take_the_cores_of_the_workers_or_the_machines(
    worker: str, number: int, machine: int, cores: int
) -> None:
    assert local_cores(worker, number, machine) == cores


def _raise(script: Path, source: str) -> BaseException:
    script.write_text(source)
    try:
        exec(compile(source, str(script), "exec"), {})  # noqa: S102
    except BaseException as error:
        return error
    raise AssertionError("nothing raised")


@pytest.mark.parametrize(
    ("source", "action", "message"),
    [
        pytest.param("\nraise ValueError('no')", None, "ValueError: no (s.py, line 2)", id="line"),
        pytest.param(
            "raise KeyError('k')", "count", "KeyError: 'k' (s.py, line 1; last Spark action: count)", id="action"
        ),
        pytest.param(
            "def f():\n  return 1/0\n\nf()", None, "ZeroDivisionError: division by zero (s.py, line 2)", id="innermost"
        ),
    ],
)
def test_error_message(tmp_path: Path, source: str, action: str | None, message: str) -> None:
    script = tmp_path / "s.py"
    assert describe_failure(_raise(script, source), script, action) == message


def test_outcome_is_whole_or_not_there(tmp_path: Path) -> None:
    write_outcome(tmp_path, "FAILED", "why", "trace")
    assert json.loads((tmp_path / "outcome.json").read_text()) == {
        "state": "FAILED",
        "error_message": "why",
        "traceback": "trace",
    }
    assert [p.name for p in tmp_path.iterdir()] == ["outcome.json"]


def test_versions_that_do_not_run_here_are_refused() -> None:
    assert glue_version(DEFAULT_GLUE).spark == "3.5.6"
    with pytest.raises(NotSupportedLocallyError, match=r"GlueVersion 4\.0"):
        glue_version("4.0")
