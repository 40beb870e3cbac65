"""Rows of a test as a local relation of Spark's: planned and often computed without a job or a Python process.

``createDataFrame`` of a list makes an RDD that Python processes write again each time it is read; through Arrow Spark
takes few rows into the plan itself.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from typing import Any, Final

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import types as T  # noqa: N812
from pyspark.sql.pandas.types import to_arrow_type

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
        types = [to_arrow_type(field.dataType) for field in fields]
        try:
            columns = [pa.array(column, kind) for column, kind in zip(zip(*data, strict=True), types, strict=True)]
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            return plain(data, schema)
        return _frame(session, pa.table(columns, fields.names), fields)

    return create


def _struct(schema: str | T.StructType) -> T.StructType | None:
    parsed = T._parse_datatype_string(schema) if isinstance(schema, str) else schema
    simple = isinstance(parsed, T.StructType) and all(isinstance(one.dataType, _ALIKE) for one in parsed)
    return parsed if simple and all(one.nullable for one in parsed) else None


def _frame(session: SparkSession, table: pa.Table, fields: T.StructType) -> DataFrame:
    view: Any = session._jvm
    with tempfile.NamedTemporaryFile() as file:
        with pa.ipc.new_stream(file, table.schema) as stream:
            stream.write_table(table)
        file.flush()
        batches = view.PythonSQLUtils.readArrowStreamFromFile(file.name)
    return DataFrame(view.PythonSQLUtils.toDataFrame(batches, fields.json(), session._jsparkSession), session)
