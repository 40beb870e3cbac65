"""Reading JSON records through the JVM companion, which knows choices, absent keys and malformed records."""

from __future__ import annotations

import json
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql import types as t

from lakeshift.errors import LakeshiftError
from lakeshift.glue_runtime.engine.frame import ERROR_SCHEMA, ErrorBatch, GlueFrame

__all__ = ["read_json"]


def _companion(spark: SparkSession) -> Any:
    jvm: Any = spark._jvm
    found = jvm.lakeshift.glue.JsonRecords
    if "JavaPackage" in type(found).__name__:
        raise LakeshiftError(
            "The class lakeshift.glue.JsonRecords is not on Spark's class path."
            " Start the session with the jars of lakeshift.jvm (see lakeshift.glue_runtime.spark_settings)."
        )
    return found


def read_json(lines: DataFrame, *, lower_names: bool = False, file_column: str = "", name: str = "") -> GlueFrame:
    """Return the records in ``lines`` (one string column) as Glue's JSON reader sees them.

    Records are a stream: they may span lines; a malformed one swallows the rest of the line where it broke and becomes
    an error record. ``file_column`` names a column to add with the file of each record.
    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-format-json-home.html
    """
    spark = lines.sparkSession
    companion = _companion(spark)
    found = json.loads(companion.infer(lines._jdf, lower_names))
    jdf = companion.read(spark._jsparkSession, lines._jdf, found["schema"], lower_names, file_column)
    data = DataFrame(jdf, spark)
    errors: tuple[ErrorBatch, ...] = ()
    if found["malformed"]:
        bad = DataFrame(companion.malformed(spark._jsparkSession, lines._jdf, lower_names), spark)
        none = F.lit(None).cast(t.StringType())
        given = {**{c: F.col(c) for c in bad.columns}, "site": none, "info": none, "stackTrace": none}
        rows = bad.select(*[given[field.name].alias(field.name) for field in ERROR_SCHEMA.fields])
        errors = (ErrorBatch(rows, int(found["malformed"])),)
    absent = frozenset(tuple(path) for path in found["absent"])
    return GlueFrame(data, name, absent, errors, stage_errors=len(errors))
