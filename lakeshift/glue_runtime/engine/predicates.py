"""Filter where the function only touches plain columns: these alone cross over to Python, the rows stay with Spark."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from pyspark.sql import Column
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql import types as t
from pyspark.sql.pandas.functions import pandas_udf

from lakeshift.glue_runtime.engine.arrow_decode import ABSENT
from lakeshift.glue_runtime.engine.frame import GlueFrame
from lakeshift.glue_runtime.engine.paths import column_name
from lakeshift.glue_runtime.engine.rewrite import mark_of
from lakeshift.glue_runtime.engine.touched import Touched

__all__ = ["column_predicate"]

_DROPPED, _KEPT, _NULL, _ABSENT = 0, 1, 1, 2
_INTEGERS: Final = (t.ByteType, t.ShortType, t.IntegerType, t.LongType)


@dataclass(frozen=True)
class _Input:
    """How one column crosses: never null (pandas has no null integer), with its presence beside it."""

    name: str
    value: Column
    present: Column
    decode: Callable[[Any], list[Any]]


def _listed(series: Any) -> list[Any]:
    return list(series.to_numpy().tolist())


def _days(series: Any) -> list[Any]:
    return list(series.to_numpy().astype("datetime64[D]").tolist())


def _instants(series: Any) -> list[Any]:
    return list(series.to_numpy().astype("datetime64[us]").tolist())


def _crossing(column: Column, data_type: t.DataType) -> tuple[Column, Callable[[Any], list[Any]]] | None:
    if isinstance(data_type, _INTEGERS):
        return F.coalesce(column.cast("long"), F.lit(0)), _listed
    if isinstance(data_type, t.DoubleType | t.FloatType):
        return F.coalesce(column.cast("double"), F.lit(0.0)), _listed
    if isinstance(data_type, t.BooleanType):
        return F.coalesce(column, F.lit(False)), _listed
    if isinstance(data_type, t.StringType):
        return F.coalesce(column, F.lit("")), _listed
    if isinstance(data_type, t.DateType):
        return F.coalesce(F.unix_date(column).cast("long"), F.lit(0)), _days
    if isinstance(data_type, t.TimestampType):
        return F.coalesce(F.unix_micros(column), F.lit(0)), _instants
    return None


def _inputs(frame: GlueFrame, touched: Touched) -> list[_Input] | None:
    found = []
    for field in frame.schema.fields:
        if field.name not in touched.fields:
            continue
        column = F.col(column_name(field.name))
        crossing = _crossing(column, field.dataType)
        if crossing is None:
            return None
        optional, mark = mark_of(frame.schema, frame.absent, (field.name,))
        missing = F.lit(_ABSENT if optional else _NULL)
        explicit = missing if mark is None else F.when(mark.isNotNull(), F.lit(_NULL)).otherwise(missing)
        present = F.when(column.isNotNull(), F.lit(0)).otherwise(explicit).cast("byte")
        found.append(_Input(field.name, crossing[0], present, crossing[1]))
    return found


def column_predicate(frame: GlueFrame, call: Callable[[dict[str, Any]], Any], touched: Touched | None) -> Column | None:
    """Return the column that is true for the records to keep; None where the function needs more than plain columns.

    ``call`` is the library's wrapper, see `lakeshift.glue_runtime.engine.row_functions`.
    """
    inputs = _inputs(frame, touched) if touched is not None else None
    if inputs is None:
        return None
    names = [one.name for one in inputs]
    decoders = [one.decode for one in inputs]

    def judge(*series: pd.Series) -> pd.Series:
        columns = [
            _with_missing(decode(series[2 * i]), series[2 * i + 1].to_numpy()) for i, decode in enumerate(decoders)
        ]
        rows = zip(*columns, strict=True) if columns else [()] * len(series[0])
        answers = []
        for row in rows:
            record = {n: v for n, v in zip(names, row, strict=True) if v is not ABSENT}
            envelope: dict[str, Any] = {"record": record}
            answers.append(_KEPT if call(envelope) and "isError" not in envelope else _DROPPED)
        return pd.Series(answers, dtype="int8")

    # Not deterministic as far as Spark knows: it must not run the function on records that a step before dropped.
    function: Any = pandas_udf(judge, t.ByteType()).asNondeterministic()  # type: ignore[call-overload]
    given = [column for one in inputs for column in (one.value, one.present)] or [F.lit(0)]
    kept: Column = function(*given) == F.lit(_KEPT)
    return kept


def _with_missing(values: list[Any], present: Any) -> list[Any]:
    for index in np.flatnonzero(present):
        values[index] = None if present[index] == _NULL else ABSENT
    return values
