"""DynamoDB: tables scanned in segments and written in batches, and exports.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-connect-dynamodb-home.html
"""

from __future__ import annotations

import base64
import datetime as dt
import time
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from pyspark.errors import IllegalArgumentException
from pyspark.sql import SparkSession

from lakeshift.glue_runtime.engine import ddb_json
from lakeshift.glue_runtime.engine.arrow_decode import records_of
from lakeshift.glue_runtime.engine.catalog import CatalogTable
from lakeshift.glue_runtime.engine.frame import GlueFrame
from lakeshift.glue_runtime.engine.json_reader import read_json
from lakeshift.glue_runtime.engine.objects import client, list_files
from lakeshift.glue_runtime.engine.options import flag, number
from lakeshift.glue_runtime.engine.reading import NO_CONSTANTS, Reading
from lakeshift.glue_runtime.engine.records import frame_of_records

__all__ = ["item_of", "read_dynamodb", "table_name_of", "value_of", "write_dynamodb"]

_BATCH: Final = 25  # items of one BatchWriteItem


def value_of(typed: Mapping[str, Any]) -> Any:
    """Return the plain value of DynamoDB's ``{"N": "1"}``: a number is an int or a float, a set a list."""
    ((kind, value),) = typed.items()
    if kind == "N":
        return _number(value)
    if kind == "M":
        return {name: value_of(inner) for name, inner in value.items()}
    if kind == "L":
        return [value_of(inner) for inner in value]
    if kind == "NS":
        return [_number(inner) for inner in value]
    if kind == "NULL":
        return None
    return list(value) if kind in ("SS", "BS") else value


def _number(text: str) -> int | float:
    found = Decimal(text)
    return int(found) if found == found.to_integral_value() else float(found)


def _json_ready(value: Any) -> Any:
    """A typed value as DynamoDB JSON has it: binary in base 64."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Mapping):
        return {name: _json_ready(inner) for name, inner in value.items()}
    return [_json_ready(inner) for inner in value] if isinstance(value, list) else value


def item_of(value: Any) -> dict[str, Any]:
    """Return a plain value as DynamoDB's typed one."""
    if value is None:
        return {"NULL": True}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, int | float | Decimal):
        return {"N": str(value)}
    if isinstance(value, bytes | bytearray):
        return {"B": bytes(value)}
    if isinstance(value, Mapping):
        return {"M": {name: item_of(inner) for name, inner in value.items()}}
    if isinstance(value, list | tuple):
        return {"L": [item_of(inner) for inner in value]}
    return {"S": value.isoformat() if isinstance(value, dt.date | dt.datetime) else str(value)}


def table_name_of(table: CatalogTable) -> str:
    """Return the DynamoDB table that a table of the catalog stands for: the last part of its location's ARN."""
    return table.location.rsplit("/", 1)[-1] or table.name


def _scan(table: str, segment: int, segments: int) -> Iterator[dict[str, Any]]:
    pages = client("dynamodb").get_paginator("scan")
    for page in pages.paginate(TableName=table, Segment=segment, TotalSegments=segments):
        yield from page["Items"]


def read_dynamodb(spark: SparkSession, options: Mapping[str, Any]) -> GlueFrame:
    """Read a table (``dynamodb.input.tableName``) or an export (``dynamodb.export``: ddb or s3).

    Raises:
        IllegalArgumentException: an option is missing.
        ResourceNotFoundException: no such table (the client's own error).
    """
    if options.get("dynamodb.export"):
        return _read_export(spark, options)
    table = options.get("dynamodb.input.tableName") or options.get("tableName")
    if not table:
        raise IllegalArgumentException("requirement failed: dynamodb.input.tableName must be specified")
    client("dynamodb").describe_table(TableName=table)
    splits = number(options, "dynamodb.splits") or 1
    segments = spark.sparkContext.parallelize(range(splits), splits)
    items = segments.flatMap(lambda segment: _scan(str(table), segment, splits))
    return frame_of_records(spark, items.map(lambda item: {name: value_of(v) for name, v in item.items()}))


def _read_export(spark: SparkSession, options: Mapping[str, Any]) -> GlueFrame:
    simplify = flag(options, "dynamodb.simplifyDDBJson")
    if str(options["dynamodb.export"]) == "s3":
        root = f"s3://{options['dynamodb.s3.bucket']}/{options.get('dynamodb.s3.prefix') or ''}"
        listing = list_files([root], recurse=True, spark=spark)
        files = tuple(file for file in listing.files if "/data/" in file.path and "manifest" not in file.path)
        frame = read_json(spark, Reading(files, "json", {}, {}), NO_CONSTANTS)
        return ddb_json.simplify(frame) if simplify else frame
    table = str(options.get("dynamodb.tableArn") or "").rsplit("/", 1)[-1]
    if not table:
        raise IllegalArgumentException("requirement failed: dynamodb.tableArn must be specified")
    client("dynamodb").describe_table(TableName=table)
    items = spark.sparkContext.parallelize([0], 1).flatMap(lambda _: _scan(table, 0, 1))
    records = items.map(lambda item: {"Item": {name: _json_ready(v) for name, v in item.items()}})
    frame = frame_of_records(spark, records)
    return ddb_json.simplify(frame) if simplify else frame


def write_dynamodb(frame: GlueFrame, options: Mapping[str, Any]) -> None:
    """Put every record as an item of ``dynamodb.output.tableName``; an item with the same key is replaced.

    Raises:
        IllegalArgumentException: no table is named.
        RuntimeError: items that DynamoDB does not take after the retries of ``dynamodb.output.retry`` (10).
    """
    table = options.get("dynamodb.output.tableName") or options.get("tableName")
    if not table:
        raise IllegalArgumentException("requirement failed: dynamodb.output.tableName must be specified")
    client("dynamodb").describe_table(TableName=table)
    retries = number(options, "dynamodb.output.retry") or 10
    frame.assert_thresholds()
    absent = frame.absent

    def put(batches: Iterable[Any]) -> Iterator[Any]:
        for batch in batches:
            columns = {name: batch.column(i) for i, name in enumerate(batch.schema.names)}
            _put(str(table), records_of(columns, batch.num_rows, absent, columns), retries)
            yield from ()

    frame.data.mapInArrow(put, "done boolean").count()


def _put(table: str, records: Iterable[Mapping[str, Any]], retries: int) -> None:
    waiting: list[dict[str, Any]] = []
    for record in records:
        waiting.append({"PutRequest": {"Item": {name: item_of(value) for name, value in record.items()}}})
        if len(waiting) == _BATCH:
            _write(table, waiting, retries)
            waiting = []
    if waiting:
        _write(table, waiting, retries)


def _write(table: str, requests: list[dict[str, Any]], retries: int) -> None:
    for attempt in range(retries + 1):
        answer = client("dynamodb").batch_write_item(RequestItems={table: requests})
        requests = answer.get("UnprocessedItems", {}).get(table, [])
        if not requests:
            return
        time.sleep(min(5.0, 0.05 * 2**attempt))
    raise RuntimeError(f"DynamoDB table {table} did not take {len(requests)} items after {retries} retries")
