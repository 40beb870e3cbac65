"""moto's S3 responses, with what they lack."""

from __future__ import annotations

from typing import Any

from moto.s3 import responses

from lakeshift.local.s3.objects import streamed

__all__ = ["LocalS3Response"]


class LocalS3Response(responses.S3Response):
    """Streams objects from their files and tells all of a bucket's notification configuration."""

    def get_object(self) -> Any:
        """As moto's, but the body is read from the file as it is sent, and a range reads only that range."""
        with streamed():
            return super().get_object()

    def get_bucket_notification(self) -> Any:
        """As moto's, with the EventBridgeConfiguration that moto drops."""
        configuration = self.backend.get_bucket_notification_configuration(self.bucket_name)
        status, headers, body = super().get_bucket_notification()
        if configuration is None or configuration.event_bridge is None:
            return status, headers, body
        text = body.decode() if isinstance(body, bytes) else body
        if "</" not in text:  # an element without content closes itself
            text = text.rstrip().removesuffix("/>").rstrip() + "></NotificationConfiguration>"
        end = text.rindex("</")
        text = f"{text[:end]}<EventBridgeConfiguration></EventBridgeConfiguration>{text[end:]}"
        headers["content-length"] = str(len(text.encode()))
        return status, headers, text
