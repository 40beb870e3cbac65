"""The Firehose API over our backend: requests are checked against the API's model first, as AWS does."""

from __future__ import annotations

from typing import Any, Final

from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.firehose.exceptions import InvalidArgumentException
from moto.firehose.responses import FirehoseResponse

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.local.glue.validation import violations

__all__ = ["LocalFirehoseResponse"]

_PAGE: Final = "https://docs.aws.amazon.com/firehose/latest/APIReference/API_CreateDeliveryStream.html"
_REFUSED: Final = (
    "AmazonopensearchserviceDestinationConfiguration",
    "AmazonOpenSearchServerlessDestinationConfiguration",
    "MSKSourceConfiguration",
    "DatabaseSourceConfiguration",
)


class LocalFirehoseResponse(FirehoseResponse):
    """Every operation that differs from moto's."""

    def create_delivery_stream(self) -> ActionResult:
        """https://docs.aws.amazon.com/firehose/latest/APIReference/API_CreateDeliveryStream.html."""
        self._check("CreateDeliveryStream")
        for name in _REFUSED:
            if self._get_param(name):
                refused = NotSupportedLocallyError(name, "Put records or read a Kinesis stream; deliver to S3.", _PAGE)
                raise InvalidArgumentException(str(refused))
        return super().create_delivery_stream()

    def update_destination(self) -> ActionResult:
        """https://docs.aws.amazon.com/firehose/latest/APIReference/API_UpdateDestination.html."""
        self._check("UpdateDestination")
        return super().update_destination()

    def _check(self, operation: str) -> None:
        given: dict[str, Any] = dict(self._get_params())
        said = violations(operation, given, "firehose")
        if said is not None:
            raise JsonRESTError("ValidationException", said)
