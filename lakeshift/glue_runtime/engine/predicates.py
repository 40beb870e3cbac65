"""Filter where the function only touches plain columns: these alone cross over to Python, the rows stay with Spark."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from pyspark.sql import Column
from pyspark.sql import types as t
from pyspark.sql.pandas.functions import pandas_udf

from lakeshift.glue_runtime.engine.crossing import crossing_of
from lakeshift.glue_runtime.engine.frame import GlueFrame
from lakeshift.glue_runtime.engine.script_function import RowFunction
from lakeshift.glue_runtime.engine.worker_memory import settle

__all__ = ["column_predicate"]


def column_predicate(frame: GlueFrame, function: RowFunction) -> Column | None:
    """Return the column that is true for the records to keep; None where the function needs more than plain columns."""
    touched, plain, make = function.touched, function.plain, function.record
    found = crossing_of(frame, touched.fields) if touched is not None and plain is not None else None
    if found is None or plain is None:
        return None
    crossing, given = found
    script: Any = plain

    def kept(record: Any) -> bool:
        """What the library's wrapper answers; a record of which an error is made is not among the good ones."""
        try:
            answer = script(record)
        except Exception:
            return False
        return bool(answer)

    def judge(*series: pd.Series) -> pd.Series:
        settle()
        records = crossing.records(series, make)
        return pd.Series(np.fromiter(map(kept, records), dtype=np.bool_, count=len(series[0])))

    # Not deterministic as far as Spark knows: it must not run the function on records that a step before dropped.
    function_of: Any = pandas_udf(judge, t.BooleanType()).asNondeterministic()  # type: ignore[call-overload]
    column: Column = function_of(*given)
    return column
