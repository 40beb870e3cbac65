from __future__ import annotations

import pytest

from common.arguments import MissingArgumentError, stage_arguments

GIVEN = ["script.py", "--JOB_NAME", "flights_clean", "--JOB_RUN_ID", "jr_1", "--lake", "lakeshift-local"]


def test_arguments_as_glue_passes_them() -> None:
    found = stage_arguments(
        [*GIVEN, "--pipeline_run_id", "run-1", "--other", "x", "--url", "u"], "flights_clean", "url"
    )
    assert (found.job_name, found.job_run_id, found.pipeline_run_id) == ("flights_clean", "jr_1", "run-1")
    assert (found.raw, found.clean) == ("s3://lakeshift-local-raw", "s3://lakeshift-local-clean")
    assert (found.marts, found.ops) == ("s3://lakeshift-local-marts", "s3://lakeshift-local-ops")
    assert found["url"] == "u"


def test_job_init_is_given_what_bookmarks_need() -> None:
    resolved = stage_arguments([*GIVEN, "--job-bookmark-option", "job-bookmark-enable"], "s").resolved
    assert (resolved["job_bookmark_option"], resolved["JOB_RUN_ID"]) == ("job-bookmark-enable", "jr_1")


RUNS = [
    pytest.param(GIVEN, "manual-jr_1", id="not_given"),
    pytest.param([*GIVEN, "--pipeline_run_id", "manual"], "manual-jr_1", id="manual"),
    pytest.param([*GIVEN, "--pipeline_run_id=run-2"], "run-2", id="with_an_equals_sign"),
    pytest.param(["s.py", "--lake", "l"], "manual", id="python_shell_by_hand"),
    pytest.param([*GIVEN, "--WORKFLOW_NAME", "w", "--WORKFLOW_RUN_ID", "wr_1"], "wr_1", id="of_a_glue_workflow"),
    pytest.param([*GIVEN, "--pipeline_run_id", "manual", "--WORKFLOW_RUN_ID", "wr_1"], "wr_1", id="with_the_default"),
    pytest.param([*GIVEN, "--pipeline_run_id", "r", "--WORKFLOW_RUN_ID", "wr_1"], "r", id="given_is_given"),
]


@pytest.mark.parametrize(("argv", "expected"), RUNS)
def test_whose_pipeline_run_it_is(argv: list[str], expected: str) -> None:
    assert stage_arguments(argv, "stage").pipeline_run_id == expected


def test_python_shell_without_run_id_is_known_by_stage_and_pipeline_run() -> None:
    found = stage_arguments(["s.py", "--lake", "l", "--pipeline_run_id", "run-1"], "ingest_check")
    assert (found.job_run_id, found.job_name) == ("ingest_check-run-1", "ingest_check")


@pytest.mark.parametrize(("names", "missing"), [((), "lake"), (("url",), "url")])
def test_a_missing_argument_is_named_with_its_stage(names: tuple[str, ...], missing: str) -> None:
    with pytest.raises(MissingArgumentError, match=f"Stage s: .*--{missing}"):
        stage_arguments(["s.py"], "s", *names)


def test_an_undeclared_argument_is_named() -> None:
    with pytest.raises(MissingArgumentError, match="has no argument --nothing"):
        stage_arguments(GIVEN, "s")["nothing"]
