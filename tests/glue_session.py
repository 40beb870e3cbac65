"""A Glue session as the launcher starts one, for tests: the unmodified library on our engine."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lakeshift.glue_runtime.gateway import start_gateway
from lakeshift.glue_runtime.spark_settings import java_options, session_conf, storage

INTERPRETED = {
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}
"""No generated code: compiling it costs more than tiny frames ever pay back."""


@contextmanager
def glue_session(state: Path, scratch: Path, extra: Mapping[str, str] | None = None) -> Iterator[Any]:
    """Give a GlueContext whose ``s3://`` is the lake below ``state``; the JVM ends with it."""
    before = dict(os.environ)
    os.environ["PYSPARK_PYTHON"] = sys.executable
    conf, jars = storage(state)
    conf = {
        **session_conf(2),
        **conf,
        "spark.local.dir": str(scratch),
        "spark.sql.warehouse.dir": str(scratch / "warehouse"),
        **(extra or {}),
    }
    gateway = start_gateway(conf, java_options(1024), jars)
    gateway.connect()
    from lakeshift.glue_runtime.binding.install import install

    install()
    from awsglue.context import GlueContext
    from pyspark import SparkContext

    context = SparkContext.getOrCreate()
    context.setLogLevel("ERROR")
    yield GlueContext(context)
    context.stop()
    SparkContext._gateway.shutdown()
    SparkContext._gateway = SparkContext._jvm = None
    gateway.close()
    os.environ.clear()
    os.environ.update(before)
