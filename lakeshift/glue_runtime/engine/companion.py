"""Our Java classes on Spark's class path."""

from __future__ import annotations

from typing import Any

from pyspark.sql import SparkSession

from lakeshift.errors import LakeshiftError

__all__ = ["companion", "java_list"]


def companion(spark: SparkSession, name: str) -> Any:
    """Return class ``lakeshift.glue.<name>``.

    Raises:
        LakeshiftError: the session was started without our jar.
    """
    found: Any = getattr(spark._jvm.lakeshift.glue, name)  # type: ignore[union-attr]
    if "JavaPackage" in type(found).__name__:
        raise LakeshiftError(
            f"The class lakeshift.glue.{name} is not on Spark's class path."
            " Start the session with the jars of lakeshift.jvm (see lakeshift.glue_runtime.spark_settings)."
        )
    return found


def java_list(spark: SparkSession, values: list[str] | tuple[str, ...]) -> Any:
    """Return a java.util.ArrayList of ``values``."""
    made: Any = spark._jvm.java.util.ArrayList()  # type: ignore[union-attr]
    for value in values:
        made.add(value)
    return made
