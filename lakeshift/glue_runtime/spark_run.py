"""A Glue Spark job's surroundings: the JVM, the binding under `awsglue`, and what a failed run can say of Spark."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.glue_runtime.brought import customer_variables
from lakeshift.glue_runtime.description import RunDescription
from lakeshift.glue_runtime.event_log import event_log_conf, keep_event_log
from lakeshift.glue_runtime.gateway import start_gateway
from lakeshift.glue_runtime.job_metrics import measured, publish
from lakeshift.glue_runtime.python_modules import fetch
from lakeshift.glue_runtime.spark_settings import (
    EXTENSIONS,
    archives,
    beside_catalog,
    catalog_conf,
    given_conf,
    heap_megabytes,
    java_options,
    job_jars,
    local_cores,
    session_conf,
    storage,
)

__all__ = ["SparkRun", "attach_spark", "keep_catalog", "properties_text", "start_spark"]

_log = logging.getLogger(__name__)
_FORMATS = "https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-datalake-native-frameworks.html"


class SparkRun:
    """The Spark of one run; ``end`` ends it with its JVM, where that is the run's own: a warm worker does so."""

    def __init__(self, run: RunDescription, end: Callable[[], None] = lambda: None) -> None:
        self._run, self._end = run, end

    def last_action(self) -> str | None:
        """Return the name of the last Spark job, such as ``save``, where there was one."""
        from pyspark import SparkContext

        context: Any = SparkContext._active_spark_context
        with contextlib.suppress(Exception):
            jobs = context._jsc.sc().statusStore().jobsList(None)
            return str(jobs.head().name()).split(" at ", maxsplit=1)[0] if jobs.nonEmpty() else None
        return None

    def stop(self) -> None:
        """Publish the run's metrics, where they are asked for, and end what is the run's own."""
        from pyspark import SparkContext

        # The connections end with the JVM; py4j would log each as an error.
        logging.getLogger("py4j").setLevel(logging.CRITICAL)
        if SparkContext._active_spark_context is not None:
            self._measure(SparkContext._active_spark_context)
        self._end()

    def _measure(self, context: Any) -> None:
        if "--enable-metrics" in self._run.arguments:  # any value, false too
            _whatever_comes("No metrics were published", lambda: publish(self._run, measured(context)))


def _stop_context() -> None:
    from pyspark import SparkContext

    context: Any = SparkContext._active_spark_context
    if context is not None:
        # Its thread looks twice a second whether it is to end, and stop() would wait for that; the process ends.
        context._accumulatorServer = None
        with contextlib.suppress(Exception):
            context.stop()
            context._jvm.org.apache.hadoop.fs.FileSystem.closeAll()


def _whatever_comes(failure: str, work: Callable[[], None]) -> None:
    """What is told about a run never changes how it ended; the error is in its log."""
    try:
        work()
    except Exception as error:
        _log.error("%s: %s: %s", failure, type(error).__name__, error)


def _formats(run: RunDescription) -> list[str]:
    return [name.strip().lower() for name in run.argument("datalake-formats").split(",") if name.strip()]


def _look_at_arguments(run: RunDescription) -> None:
    unknown = [name for name in _formats(run) if name != "iceberg"]
    if unknown:
        raise NotSupportedLocallyError(f"--datalake-formats {unknown[0]}", "Use iceberg, or Parquet tables.", _FORMATS)


def _conf(run: RunDescription, s3: Mapping[str, str], scratch: Path) -> dict[str, str]:
    given = given_conf(run.argument("conf"))
    catalog = run.enabled("enable-glue-datacatalog")
    executors = customer_variables(run.argument("customer-executor-env-vars"))
    return {
        **session_conf(local_cores(run.worker_type, run.number_of_workers)),
        **s3,
        "spark.app.name": run.job_name,
        "spark.submit.deployMode": "client",
        "spark.local.dir": str(scratch),
        "spark.sql.warehouse.dir": str(scratch / "warehouse"),
        **{f"spark.executorEnv.{name}": value for name, value in executors.items()},
        **event_log_conf(run, scratch),
        **given,
        **(catalog_conf(os.environ, given.get(EXTENSIONS, "")) if catalog else {}),
    }


def keep_catalog(conf: Any) -> None:
    """Let a script that sets its own extensions on ``conf`` (the class SparkConf), as Iceberg's, keep the catalog's.

    Without it the script's tables and databases would be Spark's own, in memory, and gone after the run.
    """
    plain = conf.set

    def kept(self: Any, key: str, value: str) -> Any:
        return plain(self, key, beside_catalog(value) if key == EXTENSIONS else value)

    conf.set = kept


def _install(run: RunDescription) -> None:
    """Put the binding under `awsglue`; with the Data Catalog, Hive support is there already and is asked for in vain.

    Spark would begin a Hive metastore of the run's own.
    """
    from pyspark import SparkConf
    from pyspark.sql import SparkSession

    from lakeshift.glue_runtime.binding.install import install

    install()
    if run.enabled("enable-glue-datacatalog"):
        builder: Any = SparkSession.Builder
        builder.enableHiveSupport = lambda given: given
        keep_catalog(SparkConf)


def _scratch(run: RunDescription) -> Path:
    scratch = run.folder / "spark"
    scratch.mkdir(parents=True, exist_ok=True)
    return scratch


def start_spark(run: RunDescription) -> SparkRun:
    """Start a JVM for this run alone, with its settings, and put the binding in its place."""
    _look_at_arguments(run)
    s3, jars = storage(run.state_folder)
    extra = [str(fetch(a.strip(), run.folder / "jars")) for a in run.argument("extra-jars").split(",") if a.strip()]
    scratch = _scratch(run)
    heap = heap_megabytes(run.worker_type, run.number_of_workers)
    options = [*java_options(heap), f"-Dderby.system.home={scratch}", f"-Djava.io.tmpdir={scratch}"]
    formats = _formats(run)
    # Other jars make a class path of their own, which is not worth an archive.
    kept = None if extra or run.jars or formats else archives()
    seen = [*extra, *run.jars, *job_jars(jars, formats)]
    gateway = start_gateway(_conf(run, s3, scratch), options, seen, kept)
    # The imports of pyspark take as long as the JVM takes to start; do both at once.
    import lakeshift.glue_runtime.binding.install  # noqa: F401

    gateway.connect()
    _install(run)

    def end() -> None:
        _stop_context()
        if run.enabled("enable-spark-ui"):
            _whatever_comes("The event log was not kept", lambda: keep_event_log(run, scratch))
        gateway.close()

    return SparkRun(run, end)


def attach_spark(run: RunDescription, port: int, secret: str) -> SparkRun:
    """Take a warm worker's JVM for this run: its settings become what a new SparkConf begins with there."""
    from pyspark import SparkContext

    _look_at_arguments(run)
    os.environ["PYSPARK_GATEWAY_PORT"], os.environ["PYSPARK_GATEWAY_SECRET"] = str(port), secret
    SparkContext._ensure_initialized()
    scratch = _scratch(run)
    conf = _conf(run, storage(run.state_folder)[0], scratch)
    # The JVM's environment is the worker's; Python functions need the run's modules.
    conf["spark.executorEnv.PYTHONPATH"] = os.environ.get("PYTHONPATH", "")
    view: Any = SparkContext._jvm
    view.lakeshift.worker.SparkWorker.settings(properties_text(conf))
    _install(run)
    return SparkRun(run)


def properties_text(conf: Mapping[str, str]) -> str:
    """Return the text of a Java properties file: every character that could mean something is escaped."""
    return "\n".join(f"{_escaped(key)}={_escaped(value)}" for key, value in conf.items())


def _escaped(text: str) -> str:
    units = text.encode("utf-16-be")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))
