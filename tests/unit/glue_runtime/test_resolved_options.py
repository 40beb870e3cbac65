"""getResolvedOptions is the library's own, over the arguments that the launcher gives a script.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-get-resolved-options.html
"""

from __future__ import annotations

from pathlib import Path

import pytest
from awsglue.utils import GlueArgumentError, getResolvedOptions

from lakeshift.glue_runtime.description import script_arguments
from tests.unit.glue_runtime.test_run import described


def resolved(tmp_path: Path, arguments: dict[str, str], options: list[str]) -> dict[str, str]:
    found: dict[str, str] = getResolvedOptions(script_arguments(described(tmp_path, arguments=arguments)), options)
    return found


@pytest.mark.parametrize(
    ("arguments", "options", "key", "value"),
    [
        pytest.param({}, ["JOB_NAME"], "JOB_NAME", "j", id="job-name"),
        pytest.param({}, [], "JOB_RUN_ID", "jr_1", id="run-id-unasked"),
        pytest.param({}, [], "JOB_ID", "j_1", id="job-id-unasked"),
        pytest.param({}, [], "job_bookmark_option", "job-bookmark-disable", id="bookmarks-are-off-by-default"),
        pytest.param({"--TempDir": "s3://t/"}, [], "RedshiftTempDir", "s3://t/", id="temp-dir-is-redshifts-too"),
        pytest.param({"--lake": "x", "--other": "y"}, ["lake"], "lake", "x", id="unknown-arguments-are-ignored"),
        pytest.param({"--my_day": "1"}, ["my_day"], "my_day", "1", id="underscore"),
        pytest.param({"--lake_n": "x"}, ["lake_name"], "lake_name", "x", id="a-prefix-matches"),
        pytest.param({"--text": "a b"}, ["text"], "text", "a b", id="blank-in-a-value"),
    ],
)
def test_what_a_script_resolves(
    tmp_path: Path, arguments: dict[str, str], options: list[str], key: str, value: str
) -> None:
    assert resolved(tmp_path, arguments, options)[key] == value


@pytest.mark.parametrize(
    "reserved", ["job-bookmark-option", "continuation-option", "job-bookmark-from", "encryption-type"]
)
def test_a_reserved_name_is_an_error(tmp_path: Path, reserved: str) -> None:
    with pytest.raises(Exception, match=r"reserved arguments|conflicting option"):
        resolved(tmp_path, {}, [reserved])


def test_an_argument_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(GlueArgumentError, match="the following arguments are required: --lake"):
        resolved(tmp_path, {}, ["lake"])
