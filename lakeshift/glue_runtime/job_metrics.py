"""Metrics of a Spark run for CloudWatch (``--enable-metrics``): what Spark counted, and nothing that it did not.

https://docs.aws.amazon.com/glue/latest/dg/monitoring-awsglue-with-cloudwatch-metrics.html
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any, Final

from lakeshift.glue_runtime.description import RunDescription

__all__ = ["measured", "metric_data", "publish"]

_PREFIX: Final = "glue.driver.aggregate."
_MOST_STAGES: Final = 1_000  # as many as Spark remembers
_OF_STAGES: Final = {
    "bytesRead": "inputBytes",
    "recordsRead": "inputRecords",
    "numCompletedTasks": "numCompleteTasks",
    "numFailedTasks": "numFailedTasks",
    "numKilledTasks": "numKilledTasks",
    "shuffleBytesWritten": "shuffleWriteBytes",
    "shuffleLocalBytesRead": "shuffleLocalBytesRead",
}


def measured(context: Any) -> dict[str, int]:
    """Return the counts of a SparkContext that still runs, milliseconds and bytes; stages that Spark forgot are none.

    A run of more stages than Spark remembers has the elapsed time alone.
    """
    scala = context._jsc.sc()
    scala.listenerBus().waitUntilEmpty()
    view = context._jvm
    none = view.java.util.ArrayList()
    doubles = context._gateway.new_array(view.double, 0)
    stages = scala.statusStore().stageList(none, False, False, doubles, none)
    listed = [stages.apply(i) for i in range(stages.size())]
    counts = {"elapsedTime": int(time.time() * 1000) - context.startTime}
    return counts | _totals(listed) if len(listed) < _MOST_STAGES else counts


def _totals(stages: Iterable[Any]) -> dict[str, int]:
    known = list(stages)
    counts = {name: sum(getattr(stage, member)() for stage in known) for name, member in _OF_STAGES.items()}
    return counts | {"numCompletedStages": sum(stage.status().toString() == "COMPLETE" for stage in known)}


def metric_data(counts: Mapping[str, int], job_name: str, run_id: str) -> list[dict[str, Any]]:
    """Return PutMetricData's MetricData: each count of the run, and among those of all runs of the job."""
    return [
        {
            "MetricName": _PREFIX + name,
            "Dimensions": [
                {"Name": "JobName", "Value": job_name},
                {"Name": "JobRunId", "Value": run},
                {"Name": "Type", "Value": "count"},
            ],
            "Value": float(value),
            "Unit": unit,
        }
        for run in (run_id, "ALL")
        for name, value in counts.items()
        for unit in (_unit(name),)
    ]


def _unit(name: str) -> str:
    if name == "elapsedTime":
        return "Milliseconds"
    return "Bytes" if "bytes" in name.lower() else "Count"


def publish(run: RunDescription, counts: Mapping[str, int]) -> None:
    """Put the counts into CloudWatch's namespace Glue."""
    from lakeshift.glue_runtime.engine.objects import client

    data = metric_data(counts, run.job_name, run.job_run_id)
    client("cloudwatch").put_metric_data(Namespace="Glue", MetricData=data)
