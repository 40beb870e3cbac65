"""Records as text: what show prints, and the error records."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import types as t

from lakeshift.glue_runtime.engine.arrow_decode import records_of
from lakeshift.glue_runtime.engine.frame import GlueFrame
from lakeshift.glue_runtime.engine.row_functions import Envelope, frame_of_records, run_envelopes

__all__ = ["errors_frame", "frame_of_records", "json_lines", "local_records"]


def local_records(frame: GlueFrame, limit: int) -> list[dict[str, Any]]:
    """Return the first ``limit`` records as dicts: choices collapsed, absent keys not there."""
    if not frame.data.columns:
        return [{} for _ in range(min(limit, frame.data.count()))]
    batches: Any = frame.data.limit(limit)._collect_as_arrow()
    found: list[dict[str, Any]] = []
    for batch in batches:
        columns = {name: batch.column(i) for i, name in enumerate(batch.schema.names)}
        found += records_of(columns, batch.num_rows, frame.absent, columns)
    return found


def _text(value: Any) -> Any:
    if isinstance(value, bytes | bytearray):
        return bytes(value).decode("utf-8", "replace")
    return str(value)


def json_lines(frame: GlueFrame, limit: int) -> str:
    """Return the first ``limit`` records as ``show`` prints them: one JSON object a line."""
    found = local_records(frame, limit)
    return "\n".join(json.dumps(record, default=_text, ensure_ascii=False) for record in found)


def _error_records(_part: int, envelopes: Iterator[Envelope]) -> Iterable[Envelope]:
    for envelope in envelopes:
        row = envelope["record"]
        record = row.get("record")
        error = {
            "callsite": {"site": row.get("site"), "info": row.get("info")},
            **{name: row.get(name) for name in ("msg", "stackTrace", "input", "bytesread", "source")},
            "dynamicRecord": json.loads(record) if record else None,
        }
        yield {"record": {"error": {key: value for key, value in error.items() if value is not None}}}


def errors_frame(frame: GlueFrame) -> GlueFrame:
    """Return one record per error record: column ``error`` with call site, message, input and what was read of it.

    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-dynamic-frame.html
    """
    rows: DataFrame | None = frame.error_rows()
    if rows is None:
        return GlueFrame(frame.spark.createDataFrame([], t.StructType([])), frame.name)
    made = run_envelopes(GlueFrame(rows, frame.name), _error_records, ("", ""))
    return GlueFrame(made.data, frame.name, made.absent)
