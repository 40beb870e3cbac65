"""A session of the engine for benchmarks, as the launcher starts one, over a folder of its own."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def glue_context(folder: Path, heap: int = 2048, lasting: bool = False) -> Iterator[Any]:
    """Give a GlueContext; its JVM has ``heap`` megabytes and ends with it. A ``lasting`` one is as a warm worker's."""
    from lakeshift.glue_runtime.gateway import start_gateway
    from lakeshift.glue_runtime.spark_settings import java_options, session_conf, storage

    os.environ["PYSPARK_PYTHON"] = sys.executable
    conf, jars = storage(folder / "state")
    gateway = start_gateway(
        {**session_conf(2), **conf, "spark.local.dir": str(folder), "spark.ui.showConsoleProgress": "false"},
        java_options(heap, lasting=lasting),
        jars,
    )
    gateway.connect()
    from lakeshift.glue_runtime.binding.install import install

    install()
    from awsglue.context import GlueContext
    from pyspark import SparkContext

    context = SparkContext.getOrCreate()
    context.setLogLevel("ERROR")
    try:
        yield GlueContext(context)
    finally:
        logging.disable(logging.CRITICAL)  # the connections end with the JVM; py4j would log each, some as root
        context.stop()
        gateway.close()


def wide_table(spark: Any, path: str, rows: int) -> None:
    """Write ``rows`` records of 28 columns as Parquet: numbers, text, dates, a struct."""
    columns = [f"cast(id * {i} % 1000003 as int) i{i}" for i in range(1, 11)]
    columns += [f"concat('text-', cast(id * {i} % 9973 as string)) s{i}" for i in range(1, 11)]
    columns += ["id * 3000000000 l1", "cast(id / 7 as double) d1", "cast(id / 11 as double) d2", "id % 2 = 0 b1"]
    columns += ["date_add(date'2013-01-01', cast(id % 365 as int)) day", "timestamp_seconds(1356998400 + id) at"]
    columns += ["named_struct('lat', cast(id % 90 as double), 'lon', cast(id % 180 as double)) place"]
    spark.range(0, rows, 1, 2).selectExpr("id", *columns).write.parquet(path)
