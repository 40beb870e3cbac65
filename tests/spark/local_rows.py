"""Rows of a test as a local relation of Spark's: planned and often computed without a job or a Python process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import types as T  # noqa: N812

from lakeshift.glue_runtime.engine.local_rows import arrow_table, local_frame

__all__ = ["local_rows"]

# What Arrow and Spark take alike from Python: of a time without a zone they do not think the same.
_ALIKE: Final = (T.StringType, T.IntegerType, T.LongType, T.DoubleType, T.BooleanType, T.DateType)


def local_rows(session: SparkSession, plain: Callable[..., DataFrame]) -> Callable[..., DataFrame]:
    """``createDataFrame`` for ``session``; what this is not made for, and what is wrong, goes to the ``plain`` one."""

    def create(data: Any, schema: Any = None, *more: Any, **named: Any) -> DataFrame:
        if not isinstance(data, list) or not data or not isinstance(schema, str | T.StructType) or more or named:
            return plain(data, schema, *more, **named)
        fields = _struct(schema)
        if fields is None or not all(type(row) is tuple and len(row) == len(fields) for row in data):
            return plain(data, schema)
        try:
            table = arrow_table(data, fields)
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            return plain(data, schema)
        return local_frame(session, table, fields)

    return create


def _struct(schema: str | T.StructType) -> T.StructType | None:
    parsed = T._parse_datatype_string(schema) if isinstance(schema, str) else schema
    simple = isinstance(parsed, T.StructType) and all(isinstance(one.dataType, _ALIKE) for one in parsed)
    return parsed if simple and all(one.nullable for one in parsed) else None
