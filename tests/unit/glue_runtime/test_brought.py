"""Environment variables, extra files and metrics that a run's arguments ask for: the pure part."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakeshift.errors import LakeshiftError
from lakeshift.glue_runtime.brought import bring, customer_variables
from lakeshift.glue_runtime.event_log import event_log_conf
from lakeshift.glue_runtime.job_metrics import metric_data
from tests.unit.glue_runtime.test_run import described


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", {}, id="none"),
        pytest.param("CUSTOMER_A=1", {"CUSTOMER_A": "1"}, id="one"),
        pytest.param(
            'CUSTOMER_KEY1=VAL1,CUSTOMER_KEY2="val2,val2 val2"',
            {"CUSTOMER_KEY1": "VAL1", "CUSTOMER_KEY2": "val2,val2 val2"},
            id="the-pages-example",
        ),
        pytest.param("CUSTOMER_A=x=y, CUSTOMER_B=", {"CUSTOMER_A": "x=y", "CUSTOMER_B": ""}, id="equals-and-empty"),
    ],
)
def test_customer_variables(text: str, expected: dict[str, str]) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-glue-arguments.html"""
    assert customer_variables(text) == expected


@pytest.mark.parametrize("text", ["PATH=/x", "CUSTOMER_A", "CUSTOMER_A=1,HOME=x"])
def test_a_variable_that_is_not_the_customers_is_refused(text: str) -> None:
    with pytest.raises(LakeshiftError, match="CUSTOMER_NAME=value"):
        customer_variables(text)


def test_extra_files_come_into_the_working_directory_and_replace_nothing(tmp_path: Path) -> None:
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / "rules.txt").write_text("x")
    run = described(tmp_path, arguments={"--extra-files": str(tmp_path / "given" / "rules.txt")})
    bring(run, tmp_path)
    assert (tmp_path / "rules.txt").read_text() == "x"
    with pytest.raises(LakeshiftError, match="the run's folder has not yet"):
        bring(run, tmp_path)


def test_an_event_log_needs_a_place(tmp_path: Path) -> None:
    with pytest.raises(LakeshiftError, match="--spark-event-logs-path"):
        event_log_conf(described(tmp_path, arguments={"--enable-spark-ui": "true"}), tmp_path)
    assert event_log_conf(described(tmp_path, arguments={}), tmp_path) == {}


def test_metrics_have_the_dimensions_and_names_of_the_page() -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/monitoring-awsglue-with-cloudwatch-metrics.html"""
    data = metric_data({"recordsRead": 3, "elapsedTime": 9, "bytesRead": 7}, "j", "jr_1")
    assert [(d["MetricName"], d["Value"], d["Unit"]) for d in data[:3]] == [
        ("glue.driver.aggregate.recordsRead", 3.0, "Count"),
        ("glue.driver.aggregate.elapsedTime", 9.0, "Milliseconds"),
        ("glue.driver.aggregate.bytesRead", 7.0, "Bytes"),
    ]
    dimensions = [{d["Name"]: d["Value"] for d in entry["Dimensions"]} for entry in data]
    assert dimensions[0] == {"JobName": "j", "JobRunId": "jr_1", "Type": "count"}
    assert {d["JobRunId"] for d in dimensions} == {"jr_1", "ALL"}
