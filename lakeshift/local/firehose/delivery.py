"""Firehose's ties to the running server: S3, the catalog, Kinesis, CloudWatch, and the route that flushes."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError
from werkzeug.wrappers import Request, Response

from lakeshift.local import clock, routes
from lakeshift.local.context import LocalContext
from lakeshift.local.faults import FAULTS
from lakeshift.local.firehose.conversion import Conversion
from lakeshift.local.firehose.deserialize import Column
from lakeshift.local.firehose.hive_types import SchemaError, parse
from lakeshift.local.firehose.objects import Output, Schema
from lakeshift.local.firehose.source import KinesisSource
from lakeshift.local.firehose.streams import Buffers, Outside, Stream
from lakeshift.local.stepfunctions import clients

__all__ = ["FLUSH", "DeliveryError", "find", "flusher", "kinesis_source", "make_buffers"]

_LOG: Final = logging.getLogger(__name__)
FLUSH: Final = routes.PREFIX + "firehose/"
_COUNTED: Final = ("Records", "ObjectCount", "Success")


class DeliveryError(LookupError):
    """A delivery cannot be made now; ``code`` as Firehose's error log has it."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


def _backend(context: LocalContext) -> Any:
    from moto.firehose.models import firehose_backends

    return firehose_backends[context.account][context.region]


def find(context: LocalContext, name: str) -> Stream | None:
    """The stream of that name as it is configured now."""
    found: Stream | None = _backend(context).stream(name)
    return found


def kinesis_source(context: LocalContext, arn: str) -> KinesisSource:
    """The source of a stream's ``KinesisStreamARN``."""

    def stream(name: str) -> Any:
        from moto.kinesis.models import kinesis_backends

        return kinesis_backends[context.account][context.region].streams.get(name)

    return KinesisSource(arn.rpartition("/")[2], stream)


def make_buffers(context: LocalContext) -> Buffers:
    """Buffers below the state folder that deliver into this server's S3."""

    def sourced() -> Iterable[str]:
        return list(_backend(context).sourced())

    outside = Outside(
        lambda bucket, output: _put(context, bucket, output),
        lambda name: find(context, name),
        sourced,
        lambda conversion: schema(context, conversion),
        _measure,
        lambda stream, error: _tell(context, stream, error),
    )
    return Buffers(context.state.root / "firehose", outside)


def _put(context: LocalContext, bucket: str, output: Output) -> None:
    """Write an object as PutObject does; in process, for a delivery may be hundreds. Raises DeliveryError."""
    from moto.s3.exceptions import S3ClientError
    from moto.s3.models import s3_backends

    fault = FAULTS.of("s3", "PutObject")  # the call passes no HTTP, where faults are injected otherwise
    if fault is not None and fault.kind != "lost":
        raise DeliveryError(f"S3.{fault.code}", fault.text)
    try:
        key = s3_backends[context.account]["aws"].put_object(bucket, output.key, output.body)
    except S3ClientError as error:
        raise DeliveryError(f"S3.{error.code}", f"{error.code}: {error.message} ({bucket})") from error
    encoding = {} if output.encoding is None else {"Content-Encoding": output.encoding}
    key.set_metadata({"Content-Type": "application/octet-stream", **encoding})
    if fault is not None:
        raise DeliveryError(f"S3.{fault.code}", fault.text)


def schema(context: LocalContext, conversion: Conversion) -> Schema:
    """The table's columns; raises DeliveryError where there is no such table or version, SchemaError for a column."""
    name, glue = conversion.table, clients.client("glue", conversion.table.region or context.region, "raw")
    catalog = {} if name.catalog is None else {"CatalogId": name.catalog}
    asked = {"DatabaseName": name.database, **catalog}
    try:
        if name.version == "LATEST":
            table = glue.get_table(Name=name.table, **asked)["Table"]
        else:
            version = glue.get_table_version(TableName=name.table, VersionId=name.version, **asked)
            table = version["TableVersion"]["Table"]
    except ClientError as error:
        raise DeliveryError(
            "DataFormatConversion.EntityNotFound",
            "The specified table/database could not be found. Please ensure that the table/database exists and that "
            "the values provided in the schema configuration are correct, especially with regards to casing. "
            f"{name.database}.{name.table} version {name.version}: {error}",
        ) from error
    columns = table["StorageDescriptor"]["Columns"]
    if not columns:
        raise SchemaError(f"The table {name.database}.{name.table} has no columns.")
    told = {
        "catalogId": name.catalog or context.account,
        "databaseName": name.database,
        "tableName": name.table,
        "region": name.region or context.region,
        "versionId": name.version,
        "roleArn": name.role,
    }
    return Schema([Column(column["Name"], parse(column["Type"])) for column in columns], told)


def _measure(name: str, metrics: dict[str, float]) -> None:
    """https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-metrics.html."""
    from lakeshift.local.cloudwatch.backend import put

    dimensions = [{"Name": "DeliveryStreamName", "Value": name}]
    data = [
        {"MetricName": metric, "Dimensions": dimensions, "Value": value, "Unit": _unit(metric)}
        for metric, value in metrics.items()
    ]
    if data:
        put("AWS/Firehose", data)


def _tell(context: LocalContext, stream: Stream, error: Exception) -> None:
    """https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-logs.html."""
    if stream.destination.log is None:
        return
    group, name = stream.destination.log
    told = {
        "deliveryStreamARN": f"arn:aws:firehose:{context.region}:{context.account}:deliverystream/{stream.name}",
        "destination": f"arn:aws:s3:::{stream.destination.bucket}",
        "deliveryStreamVersionId": int(stream.version),
        "message": str(error),
        "errorCode": getattr(error, "code", type(error).__name__),
    }
    event = {"timestamp": int(clock.now().timestamp() * 1000), "message": json.dumps(told)}
    try:
        logs = clients.client("logs", context.region, "raw")
        logs.put_log_events(logGroupName=group, logStreamName=name, logEvents=[event])
    except (ClientError, BotoCoreError) as failed:
        _LOG.error("Stream %s could not write its error log %s: %s", stream.name, group, failed)


def _unit(metric: str) -> str:
    return "Count" if metric.endswith(_COUNTED) else "Seconds" if metric.endswith("Freshness") else "Bytes"


def flusher(buffers: Buffers, context: LocalContext) -> routes.Handler:
    """Answers ``POST /_lakeshift/firehose/<stream>/flush`` with how many records and objects were delivered."""

    def flush(request: Request) -> Response:
        name, _, verb = request.path.removeprefix(FLUSH).rpartition("/")
        if verb != "flush" or find(context, name) is None:
            return routes.json_response({"message": f"No stream to flush at {request.path}."}, 404)
        try:
            done = buffers.flush(name)
        except (OSError, LookupError, SchemaError, ClientError, BotoCoreError) as error:
            said = f"Stream {name} keeps its records and will try again; they were not delivered: {error}"
            return routes.json_response({"message": said}, 502)
        return routes.json_response({"stream": name, "records": done.records, "objects": done.objects})

    return flush
