"""A Kinesis stream as a streaming DataFrame, its records decoded by their classification.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-connect-kinesis-home.html
"""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Mapping
from typing import Any, Final

from pyspark.errors import IllegalArgumentException
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql import types as t

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.glue_runtime.engine.objects import client
from lakeshift.glue_runtime.engine.options import flag
from lakeshift.glue_runtime.engine.type_text import parse_type

__all__ = ["ingestion_time_columns", "read_kinesis"]

_PAGE: Final = "https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-connect-kinesis-home.html"
_FORMAT: Final = "lakeshift.kinesis.KinesisSource"
_PASSED: Final = ("maxFetchRecordsPerShard", "maxRecordPerRead", "numRetries")
_SAMPLE: Final = 100
_RAW: Final = "data"
_GRAINS: Final = {"year": "yyyy", "month": "MM", "day": "dd", "hour": "HH", "minute": "mm"}


def _position(given: str) -> str:
    """Return the source's words for startingPosition; ``latest`` is the time now, fixed once."""
    word = given.strip()
    if word.lower() in ("earliest", "trim_horizon"):
        return "T:"
    if word.lower() == "latest":
        return f"A:{int(time.time() * 1000)}"
    try:
        moment = dt.datetime.fromisoformat(word)
    except ValueError:
        raise IllegalArgumentException(
            f"Invalid startingPosition {given}: use latest, trim_horizon, earliest or a time, 2023-04-04T08:00:00Z"
        ) from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return f"A:{int(moment.timestamp() * 1000)}"


def _stream(options: Mapping[str, Any]) -> str:
    arn = str(options.get("streamARN") or "")
    name = str(options.get("streamName") or arn.rpartition("/")[2])
    if not name:
        raise IllegalArgumentException("requirement failed: streamARN or streamName must be specified")
    client("kinesis").describe_stream_summary(StreamName=name)  # its own error where there is none
    return name


def _sample(stream: str) -> list[str]:
    """The oldest records, as text."""
    api = client("kinesis")
    found: list[str] = []
    for shard in api.list_shards(StreamName=stream)["Shards"]:
        iterator = api.get_shard_iterator(
            StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        page = api.get_records(ShardIterator=iterator, Limit=_SAMPLE)
        found += [record["Data"].decode("utf-8", "replace") for record in page["Records"]]
    return found


def _schema(
    spark: SparkSession, stream: str, options: Mapping[str, Any], columns: Mapping[str, str]
) -> t.StructType | None:
    """The records' schema: the catalog's, the one in ``schema`` (`` `a` INT, ... ``), or inferred from the oldest."""
    if columns:
        return t.StructType([t.StructField(name, parse_type(kind)) for name, kind in columns.items()])
    if options.get("schema"):
        return t._parse_datatype_string(str(options["schema"]))  # type: ignore[return-value]
    if not flag(options, "inferSchema"):
        return None
    texts = _sample(stream)
    if not texts:
        raise IllegalArgumentException(
            f"inferSchema finds no record in stream {stream}: give a schema, or start when there are records"
        )
    return spark.read.json(spark.sparkContext.parallelize(texts)).schema


def read_kinesis(
    spark: SparkSession, options: Mapping[str, Any], columns: Mapping[str, str] | None = None
) -> DataFrame:
    """Return the stream's records as a streaming DataFrame; without a schema as they are (``data`` is binary).

    Raises:
        IllegalArgumentException: an option is missing or wrong.
        NotSupportedLocallyError: a classification other than json and csv; enhanced fan-out.
        ResourceNotFoundException: no such stream (the client's own error).
    """
    if options.get("fanoutConsumerARN"):
        raise NotSupportedLocallyError("fanoutConsumerARN", "Leave it out: records are polled.", _PAGE)
    stream = _stream(options)
    given = {name: str(options[name]) for name in _PASSED if options.get(name)}
    endpoint = str(options.get("endpointUrl") or os.environ.get("AWS_ENDPOINT_URL") or "")
    if "amazonaws.com" in endpoint or not endpoint:
        endpoint = str(client("kinesis").meta.endpoint_url)
    reader = spark.readStream.format(_FORMAT).options(
        **given,
        endpointUrl=endpoint,
        region=str(client("kinesis").meta.region_name),
        streamName=stream,
        startingPosition=_position(str(options.get("startingPosition") or "latest")),
    )
    raw = reader.load()
    schema = _schema(spark, stream, options, columns or {})
    return raw if schema is None else _decoded(raw, schema, options)


def _decoded(raw: DataFrame, schema: t.StructType, options: Mapping[str, Any]) -> DataFrame:
    kind = str(options.get("classification") or "json").lower()
    text = F.col(_RAW).cast("string")
    if kind == "json":
        value: Column = F.from_json(text, schema)
    elif kind == "csv":
        sep = str(options.get("delimiter") or ",")
        value = F.from_csv(
            text, ", ".join(f"`{f.name}` {f.dataType.simpleString()}" for f in schema.fields), {"sep": sep}
        )
    else:
        raise NotSupportedLocallyError(f"Streaming classification {kind}", "Use json or csv.", _PAGE)
    extra = (
        [F.col("approximateArrivalTimestamp").alias("__src_timestamp")] if flag(options, "addRecordTimestamp") else []
    )
    return raw.select(value.alias("record"), *extra).select("record.*", *[c for c in ("__src_timestamp",) if extra])


def ingestion_time_columns(data: DataFrame, granularity: str) -> DataFrame:
    """Append ingest_year, ingest_month... down to ``granularity`` (day, hour, minute), of the time now, as text.

    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-glue-context.html
    """
    if granularity not in ("day", "hour", "minute"):
        raise IllegalArgumentException(f"Invalid time granularity {granularity}: use day, hour or minute")
    names = list(_GRAINS)
    for name in names[: names.index(granularity) + 1]:
        data = data.withColumn(f"ingest_{name}", F.date_format(F.current_timestamp(), _GRAINS[name]))
    return data
