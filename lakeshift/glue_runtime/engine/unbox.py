"""Unbox: a text column becomes the record that is written in it."""

from __future__ import annotations

import json
from typing import Any

from pyspark.sql import Row

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.glue_runtime.engine.frame import GlueFrame
from lakeshift.glue_runtime.engine.paths import split_path
from lakeshift.glue_runtime.engine.records import frame_of_envelopes, record_converter

__all__ = ["unbox"]

_PAGE = "https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-Unbox.html"


def unbox(frame: GlueFrame, path_text: str, kind: str, options: str, site: tuple[str, str]) -> GlueFrame:
    """Parse the JSON text at ``path_text``; where it does not parse the whole record becomes an error record.

    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-Unbox.html
    """
    if kind != "json" or any(json.loads(options or "{}").values()):
        raise NotSupportedLocallyError(f"Unbox of {kind} with options {options}", "Use format json, no options.", _PAGE)
    path = split_path(path_text)
    convert = record_converter(frame.schema, frame.absent)

    def parse(row: Row) -> dict[str, Any]:
        record = convert(row)
        holder = record
        for name in path[:-1]:
            holder = (holder or {}).get(name)
        text = holder.get(path[-1]) if isinstance(holder, dict) else None
        if not isinstance(text, str | bytes | bytearray):
            return {"record": record}
        try:
            holder[path[-1]] = json.loads(text)
        except ValueError as error:
            return {"record": record, "isError": True, "errorMessage": f"unbox failed {error}"}
        return {"record": record}

    return frame_of_envelopes(frame, frame.data.rdd.map(parse), *site)
