"""The Firehose backend: streams that buffer, partition and deliver; what would not act is refused at creation."""

from __future__ import annotations

import gzip
import json
import logging
import uuid
from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Final

from moto.core.exceptions import JsonRESTError
from moto.firehose import models, urls
from moto.firehose.exceptions import (
    ConcurrentModificationException,
    InvalidArgumentException,
    ResourceInUseException,
    ResourceNotFoundException,
)

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.local import clock
from lakeshift.local.firehose.destination import Destination, DestinationError, read
from lakeshift.local.firehose.source import Source, SourceError
from lakeshift.local.firehose.streams import Buffers, Stream

__all__ = ["LocalFirehoseBackend"]

_LOG: Final = logging.getLogger(__name__)
_PAGE: Final = "https://docs.aws.amazon.com/firehose/latest/dev/create-destination.html"
_RECORDS: Final = 500
_RECORD: Final = 1000 * 1024
_REQUEST: Final = 4 * 1024 * 1024
_KINESIS: Final = "KinesisStreamAsSource"
_OTHERS: Final = ("Redshift", "Elasticsearch", "Splunk", "HttpEndpoint", "Snowflake", "Iceberg")


class LocalFirehoseBackend(models.FirehoseBackend):
    """moto's streams, delivered as AWS does."""

    buffers: ClassVar[Buffers]
    source_of: ClassVar[Callable[[str], Source]]  # the source of a Kinesis stream's ARN

    @property
    def _url_module(self) -> Any:
        return urls  # moto derives it from __module__, which is ours

    def create_delivery_stream(self, *arguments: Any) -> str:
        """Create a stream with an S3 destination; raises InvalidArgumentException for one that would not deliver."""
        name, kind, source, encryption, plain, extended = arguments[1:7]
        for given, other in zip(arguments[7:13], _OTHERS, strict=True):
            if given:
                raise _refused(f"The destination {other}", "Deliver to S3 and load from there.")
        if kind not in (None, "DirectPut", _KINESIS):
            raise _refused(f"A stream of type {kind}", f"Use DirectPut or {_KINESIS}.")
        if not (plain or extended):
            raise InvalidArgumentException("Exactly one destination configuration is supported for a Firehose")
        _destination(extended or plain)
        if kind != _KINESIS:
            arn = str(super().create_delivery_stream(*arguments))
            self.delivery_streams[name].delivery_stream_encryption_configuration = _enabled(encryption)
            return arn
        return self._create_sourced(arguments, name, source, encryption)

    def _create_sourced(self, arguments: tuple[Any, ...], name: str, source: Any, encryption: Any) -> str:
        if not source:
            raise InvalidArgumentException(f"KinesisSourceStreamConfig is required for {_KINESIS} stream type")
        if encryption:
            raise InvalidArgumentException(
                f"Server-side encryption is not supported for {_KINESIS} delivery stream type"
            )
        if name in self.delivery_streams:
            raise ResourceInUseException(f"Firehose {name} under accountId {self.account_id} already exists")
        try:
            self.buffers.begin(name, type(self).source_of(source["KinesisStreamARN"]))
        except SourceError as error:
            stream = source["KinesisStreamARN"].rpartition("/")[2]
            text = f"Stream {stream} under account {self.account_id} not found."
            raise ResourceNotFoundException(text) from error
        arn = str(super().create_delivery_stream(*arguments))
        self.delivery_streams[name].source = {**source, "DeliveryStartTimestamp": clock.now()}
        return arn

    def update_destination(self, *arguments: Any) -> None:
        """Change the destination for what is delivered from now on; raises InvalidArgumentException."""
        name, version, change = arguments[0], arguments[1], arguments[4] or arguments[3]
        found = self._stream(name)
        if found.version_id != version:
            raise ConcurrentModificationException(
                f"Cannot update firehose: {name} since the current version id: {found.version_id} and specified "
                f"version id: {version} do not match"
            )
        _destination({**_configuration(found), **(change or {})})
        try:
            self.buffers.flush(name)
        except Exception as error:  # what is buffered is delivered to the new destination then
            _LOG.warning("Stream %s was not flushed before its destination changed: %s", name, error)
        super().update_destination(*arguments)

    def delete_delivery_stream(self, delivery_stream_name: str) -> None:
        """Delete the stream and, as on AWS, what it has not delivered yet."""
        super().delete_delivery_stream(delivery_stream_name)
        self.buffers.forget(delivery_stream_name)

    def start_delivery_stream_encryption(self, stream_name: str, encryption_config: dict[str, Any] | None) -> None:
        """https://docs.aws.amazon.com/firehose/latest/APIReference/API_StartDeliveryStreamEncryption.html."""
        self._encryptable(stream_name).delivery_stream_encryption_configuration = _enabled(
            encryption_config or {"KeyType": "AWS_OWNED_CMK"}
        )

    def stop_delivery_stream_encryption(self, stream_name: str) -> None:
        """https://docs.aws.amazon.com/firehose/latest/APIReference/API_StopDeliveryStreamEncryption.html."""
        self._encryptable(stream_name).delivery_stream_encryption_configuration = {"Status": "DISABLED"}

    def put_record(self, delivery_stream_name: str, record: dict[str, bytes]) -> dict[str, Any]:
        """https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecord.html."""
        answer = self.put_record_batch(delivery_stream_name, [record])
        return {"RecordId": answer["RequestResponses"][0]["RecordId"], "Encrypted": answer["Encrypted"]}

    def put_record_batch(self, delivery_stream_name: str, records: list[dict[str, bytes]]) -> dict[str, Any]:
        """https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html."""
        stream = self.stream(delivery_stream_name)
        if stream is None:
            raise _not_found(delivery_stream_name, self.account_id)
        if stream.source is not None:
            raise InvalidArgumentException(f"This operation is not permitted on {_KINESIS} delivery stream type.")
        if stream.destination.steps.decompress:
            raise JsonRESTError(
                "InvalidSourceException",
                f"Put to Firehose failed for AccountId: {self.account_id}, FirehoseName: {delivery_stream_name} "
                "because the request is not originating from allowed source types.",
            )
        data = [bytes(record["Data"]) for record in records]
        _check_limits(data)
        self.buffers.append(stream, data)
        answers = [{"RecordId": uuid.uuid4().hex} for _ in data]
        encryption = self.delivery_streams[delivery_stream_name].delivery_stream_encryption_configuration or {}
        encrypted = encryption.get("Status") == "ENABLED"
        return {"FailedPutCount": 0, "Encrypted": encrypted, "RequestResponses": answers}

    def send_log_event(
        self,
        delivery_stream_arn: str,
        filter_name: str,
        log_group_name: str,
        log_stream_name: str,
        log_events: list[dict[str, Any]],
    ) -> None:
        """Take what a subscription filter of CloudWatch Logs sends, in its gzip form."""
        stream = self.stream(delivery_stream_arn.rpartition("/")[2])
        if stream is None:
            return
        document = {
            "messageType": "DATA_MESSAGE",
            "owner": self.account_id,
            "logGroup": log_group_name,
            "logStream": log_stream_name,
            "subscriptionFilters": [filter_name],
            "logEvents": log_events,
        }
        self.buffers.append(stream, [gzip.compress(json.dumps(document, separators=(",", ":")).encode(), mtime=0)])

    def stream(self, name: str) -> Stream | None:
        """What a delivery needs to know, or None where the stream is gone."""
        found = self.delivery_streams.get(name)
        if found is None:
            return None
        source = type(self).source_of(found.source["KinesisStreamARN"]) if found.source else None
        return Stream(name, found.version_id, _destination(_configuration(found)), source)

    def sourced(self) -> Iterator[str]:
        """Names of the streams that read a Kinesis stream."""
        return (name for name, stream in list(self.delivery_streams.items()) if stream.source)

    def _stream(self, name: str) -> Any:
        if name not in self.delivery_streams:
            raise _not_found(name, self.account_id)
        return self.delivery_streams[name]

    def _encryptable(self, name: str) -> Any:
        found = self._stream(name)
        if found.source:
            raise InvalidArgumentException(f"This operation is not permitted on {_KINESIS} delivery stream type.")
        return found


def _enabled(given: dict[str, Any] | None) -> dict[str, Any] | None:
    return {**given, "Status": "ENABLED"} if given else None


def _configuration(stream: Any) -> dict[str, Any]:
    destination = stream.destinations[0]
    return dict(destination.get("ExtendedS3") or destination["S3"])


def _destination(configuration: dict[str, Any]) -> Destination:
    try:
        return read(configuration)
    except (DestinationError, NotSupportedLocallyError) as error:
        raise InvalidArgumentException(str(error)) from error


def _check_limits(data: list[bytes]) -> None:
    """Record and request limits of https://docs.aws.amazon.com/firehose/latest/dev/limits.html."""
    if not 1 <= len(data) <= _RECORDS:
        raise JsonRESTError(
            "ValidationException",
            f"1 validation error detected: Value at 'records' failed to satisfy constraint: "
            f"Member must have length between 1 and {_RECORDS}",
        )
    if any(len(record) > _RECORD for record in data):
        raise JsonRESTError(
            "ValidationException",
            "1 validation error detected: Value at 'record.data' failed to satisfy constraint: "
            f"Member must have length less than or equal to {_RECORD}",
        )
    if sum(map(len, data)) > _REQUEST:
        raise InvalidArgumentException("Records size exceeds 4 MB limit")


def _refused(feature: str, instead: str) -> InvalidArgumentException:
    return InvalidArgumentException(str(NotSupportedLocallyError(feature, instead, _PAGE)))


def _not_found(name: str, account: str) -> ResourceNotFoundException:
    return ResourceNotFoundException(f"Firehose {name} under account {account} not found.")
