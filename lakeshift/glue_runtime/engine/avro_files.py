"""Avro: with logical types as version 1.8 of the format has them, or without, as 1.7 (Glue's default).

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-format-avro-home.html
"""

from __future__ import annotations

import json
from typing import Any

from pyspark.errors import IllegalArgumentException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql import types as t

from lakeshift.glue_runtime.engine.companion import companion
from lakeshift.glue_runtime.engine.paths import column_name
from lakeshift.glue_runtime.engine.reading import Reading

__all__ = ["as_avro_writes", "avro_reader_options"]

_VERSIONS = ("1.7", "1.8")


def _version(format_options: Any) -> str:
    version = str(format_options.get("version") or "1.7")
    if version not in _VERSIONS:
        raise IllegalArgumentException(f"Unsupported avro version {version}; use one of {', '.join(_VERSIONS)}")
    return version


def _without_logical_types(node: Any) -> Any:
    if isinstance(node, dict):
        return {k: _without_logical_types(v) for k, v in node.items() if k not in ("logicalType", "precision", "scale")}
    return [_without_logical_types(v) for v in node] if isinstance(node, list) else node


def avro_reader_options(spark: SparkSession, reading: Reading) -> dict[str, str]:
    """Return Spark's options: version 1.7 does not know dates, timestamps and decimals, it reads what they are made of.

    The schema is that of the first file.
    """
    if _version(reading.format_options) == "1.8":
        return {}
    schema = companion(spark, "FileListing").avroSchema(spark._jsparkSession, reading.files[0].path)
    return {"avroSchema": json.dumps(_without_logical_types(json.loads(schema)))}


def as_avro_writes(data: DataFrame, format_options: Any) -> DataFrame:
    """Return the rows as version 1.7 writes them: dates, timestamps and decimals as text."""
    if _version(format_options) == "1.8":
        return data
    logical = (t.DateType, t.TimestampType, t.TimestampNTZType, t.DecimalType)
    cells = [
        F.col(column_name(f.name)).cast("string").alias(f.name)
        if isinstance(f.dataType, logical)
        else F.col(column_name(f.name))
        for f in data.schema.fields
    ]
    return data.select(*cells)
