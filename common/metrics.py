"""What a stage did as CloudWatch metrics, namespace ``Lakeshift``, so that alarms and the dashboard see rows."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from common.audit import Audit

__all__ = ["NAMESPACE", "publish", "stage_metrics"]

NAMESPACE = "Lakeshift"


def stage_metrics(audit: Audit, dpus: float | None = None) -> list[dict[str, Any]]:
    """MetricData of a stage: its rows, files, bytes, seconds and further measures, each by the dimension Stage.

    ``dpus`` are those the run holds: with them DPU-seconds are told. Datapoints carry no time: CloudWatch's own counts.
    """
    values: dict[str, tuple[float, str]] = {
        "RowsIn": (audit.rows_in, "Count"),
        "RowsOut": (audit.rows_out, "Count"),
        "RowsRejected": (sum(audit.rejected.values()), "Count"),
        "RowsDuplicate": (audit.duplicates, "Count"),
        "FilesWritten": (audit.files, "Count"),
        "BytesWritten": (audit.bytes, "Bytes"),
        "Seconds": (round(audit.seconds, 3), "Seconds"),
    }
    if dpus is not None:
        values["DPUSeconds"] = (round(audit.seconds * dpus, 3), "Seconds")
    values.update(audit.measures)
    dimensions = [{"Name": "Stage", "Value": audit.stage}]
    return [
        {"MetricName": name, "Dimensions": dimensions, "Value": float(value), "Unit": unit}
        for name, (value, unit) in values.items()
    ]


def publish(clients: Mapping[str, Any], audit: Audit, job_name: str) -> None:
    """Put the stage's metrics; ``clients`` are those of ``cloudwatch`` and ``glue``.

    A failure is printed and does not fail the run: the rows are committed by their audit, not by their metrics.
    """
    try:
        data = stage_metrics(audit, _dpus(clients["glue"], job_name, audit.job_run_id))
        clients["cloudwatch"].put_metric_data(Namespace=NAMESPACE, MetricData=data)
    except Exception as error:
        sys.stderr.write(f"The metrics of stage {audit.stage} could not be put: {error}\n")


def _dpus(glue: Any, job_name: str, job_run_id: str) -> float | None:
    """The capacity of the run; None where Glue does not tell."""
    try:
        run = glue.get_job_run(JobName=job_name, RunId=job_run_id)["JobRun"]
    except Exception as error:
        sys.stderr.write(f"The capacity of {job_run_id} is not known: {error}\n")
        return None
    capacity = run.get("MaxCapacity")
    return None if capacity is None else float(capacity)
