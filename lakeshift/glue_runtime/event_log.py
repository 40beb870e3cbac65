"""Spark's event log of a run, for a history server: ``--enable-spark-ui`` with ``--spark-event-logs-path``.

https://docs.aws.amazon.com/glue/latest/dg/monitor-spark-ui-jobs.html
"""

from __future__ import annotations

from pathlib import Path

from lakeshift.errors import LakeshiftError
from lakeshift.glue_runtime.description import RunDescription

__all__ = ["event_log_conf", "keep_event_log"]

_FOLDER = "event-log"


def event_log_conf(run: RunDescription, scratch: Path) -> dict[str, str]:
    """Return the settings that write the log into ``scratch``; none where the run does not ask for it.

    Raises:
        LakeshiftError: the run asks for it and names no place in S3.
    """
    if not run.enabled("enable-spark-ui"):
        return {}
    if not run.argument("spark-event-logs-path").startswith(("s3://", "s3a://")):
        raise LakeshiftError("--enable-spark-ui needs --spark-event-logs-path s3://bucket/prefix/.")
    (scratch / _FOLDER).mkdir(exist_ok=True)
    return {"spark.eventLog.enabled": "true", "spark.eventLog.dir": (scratch / _FOLDER).as_uri()}


def keep_event_log(run: RunDescription, scratch: Path) -> None:
    """After the context has stopped: put the log, named for the application, where the run wants it."""
    from lakeshift.glue_runtime.engine.objects import client

    bucket, _, prefix = run.argument("spark-event-logs-path").partition("://")[2].partition("/")
    prefix = f"{prefix.rstrip('/')}/" if prefix else ""
    for log in (scratch / _FOLDER).glob("*"):
        client("s3").upload_file(str(log), bucket, prefix + log.name)
