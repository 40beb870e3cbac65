"""A few rows as a local relation of Spark's, which takes no Python process to read.

``createDataFrame`` of a list makes an RDD whose rows a Python worker writes anew each time they are read, and to start
the first one of a run takes most of a second. Through Arrow Spark takes few rows into the plan itself.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import types as t
from pyspark.sql.pandas.types import to_arrow_type

__all__ = ["arrow_table", "local_frame", "local_rows"]


def local_rows(spark: SparkSession, rows: Sequence[tuple[Any, ...]], schema: t.StructType) -> DataFrame:
    """``rows``, each with a value a field of ``schema``; of a map its pairs. None may be a timestamp.

    Raises pyarrow.ArrowInvalid or pyarrow.ArrowTypeError for a value that is not of its field's type.
    """
    return local_frame(spark, arrow_table(rows, schema), schema)


def arrow_table(rows: Sequence[tuple[Any, ...]], schema: t.StructType) -> pa.Table:
    """The rows by column, in Arrow's types for those of ``schema``."""
    columns: list[tuple[Any, ...]] = list(zip(*rows, strict=True)) or [() for _ in schema]
    arrays = [pa.array(column, to_arrow_type(field.dataType)) for column, field in zip(columns, schema, strict=True)]
    return pa.table(arrays, schema.names)


def local_frame(spark: SparkSession, table: pa.Table, schema: t.StructType) -> DataFrame:
    """The table's rows as a DataFrame of ``schema``."""
    jvm: Any = spark._jvm
    utils = jvm.org.apache.spark.sql.api.python.PythonSQLUtils
    with tempfile.NamedTemporaryFile() as file:
        with pa.ipc.new_stream(file, table.schema) as stream:
            stream.write_table(table)
        file.flush()
        batches = utils.readArrowStreamFromFile(file.name)
    return DataFrame(utils.toDataFrame(batches, schema.json(), spark._jsparkSession), spark)
