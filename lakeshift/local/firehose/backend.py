"""The Firehose backend: streams that buffer, partition and deliver; what would not act is refused at creation."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar, Final

from moto.core.exceptions import JsonRESTError
from moto.firehose import models, urls
from moto.firehose.exceptions import InvalidArgumentException, ResourceNotFoundException

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.local.firehose.destination import Destination, DestinationError, read
from lakeshift.local.firehose.streams import Buffers, Stream

__all__ = ["LocalFirehoseBackend"]

_PAGE: Final = "https://docs.aws.amazon.com/firehose/latest/dev/create-destination.html"
_RECORDS: Final = 500
_RECORD: Final = 1000 * 1024
_REQUEST: Final = 4 * 1024 * 1024


class LocalFirehoseBackend(models.FirehoseBackend):
    """moto's streams, delivered as AWS does."""

    buffers: ClassVar[Buffers]

    @property
    def _url_module(self) -> Any:
        return urls  # moto derives it from __module__, which is ours

    def create_delivery_stream(self, *arguments: Any) -> str:
        """Create a stream with an S3 destination; raises InvalidArgumentException for one that would not deliver."""
        kind, source, plain, extended = arguments[2], arguments[3], arguments[5], arguments[6]
        if source or kind not in (None, "DirectPut"):
            raise _refused(f"A stream of type {kind}", "Put records into the stream directly.")
        if not (plain or extended):
            raise _refused("A destination other than S3", "Deliver to S3 and load from there.")
        _destination(extended or plain)
        return str(super().create_delivery_stream(*arguments))

    def update_destination(self, *arguments: Any) -> None:
        """Change the destination for what is delivered from now on; raises InvalidArgumentException."""
        name, change = arguments[0], arguments[4] or arguments[3]
        self.buffers.flush(name)
        _destination({**_configuration(self._stream(name)), **(change or {})})
        super().update_destination(*arguments)

    def delete_delivery_stream(self, delivery_stream_name: str) -> None:
        """Delete the stream and, as on AWS, what it has not delivered yet."""
        super().delete_delivery_stream(delivery_stream_name)
        self.buffers.forget(delivery_stream_name)

    def put_record(self, delivery_stream_name: str, record: dict[str, bytes]) -> dict[str, Any]:
        """https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecord.html."""
        answer = self.put_record_batch(delivery_stream_name, [record])
        return {"RecordId": answer["RequestResponses"][0]["RecordId"], "Encrypted": False}

    def put_record_batch(self, delivery_stream_name: str, records: list[dict[str, bytes]]) -> dict[str, Any]:
        """https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html."""
        stream = self.stream(delivery_stream_name)
        if stream is None:
            raise _not_found(delivery_stream_name, self.account_id)
        data = [bytes(record["Data"]) for record in records]
        _check_limits(data)
        self.buffers.append(stream, data)
        answers = [{"RecordId": uuid.uuid4().hex} for _ in data]
        return {"FailedPutCount": 0, "Encrypted": False, "RequestResponses": answers}

    def stream(self, name: str) -> Stream | None:
        """What a delivery needs to know, or None where the stream is gone."""
        found = self.delivery_streams.get(name)
        return Stream(name, found.version_id, _destination(_configuration(found))) if found is not None else None

    def _stream(self, name: str) -> Any:
        if name not in self.delivery_streams:
            raise _not_found(name, self.account_id)
        return self.delivery_streams[name]


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
