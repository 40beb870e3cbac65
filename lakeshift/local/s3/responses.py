"""moto's S3 responses, with what they lack."""

from __future__ import annotations

from typing import Any, ClassVar

from moto.core.responses import ActionResult
from moto.s3 import responses
from moto.s3.exceptions import NoSuchLifecycleConfiguration

from lakeshift.local.s3.lifecycle_rules import to_api
from lakeshift.local.s3.objects import streamed

__all__ = ["LocalS3Response"]


class LocalS3Response(responses.S3Response):
    """Streams objects from their files and tells all of a bucket's notification configuration."""

    restore: ClassVar[Any]  # of the running server

    def get_object(self) -> Any:
        """As moto's, but the body is read from the file as it is sent, and a range reads only that range."""
        with streamed():
            return super().get_object()

    def _key_response_post(
        self, request: Any, body: bytes, bucket_name: str, query: dict[str, Any], key_name: str
    ) -> Any:
        """As moto's; a restore takes its tier's time."""
        if "restore" not in query:
            return super()._key_response_post(request, body, bucket_name, query, key_name)
        self._set_action("KEY", "POST", query)
        self._authenticate_and_authorize_s3_action(bucket_name=bucket_name, key_name=key_name)
        key, _ = self._get_key(validate_storage_class=False)
        asked = responses.xmltodict.parse(body).get("RestoreRequest") or {}
        tier = (asked.get("GlacierJobParameters") or {}).get("Tier") or asked.get("Tier") or "Standard"
        return (200 if self.restore(key, asked.get("Days"), tier, asked.get("Type")) else 202), {}, ""

    def get_bucket_lifecycle(self) -> Any:
        """The rules as they were put."""
        self.data["Action"] = "GetBucketLifecycleConfiguration"
        bucket = self.backend.get_bucket(self.bucket_name)
        if not bucket.lifecycle:
            raise NoSuchLifecycleConfiguration(bucket_name=self.bucket_name)
        told = {"Rules": [to_api(rule) for rule in bucket.lifecycle]}
        return self.serialized(ActionResult(told | {"TransitionDefaultMinimumObjectSize": bucket.transition_minimum}))

    def _bucket_response_put(self, request: Any, bucket_name: str, querystring: dict[str, Any]) -> Any:
        """As moto's; the smallest object that is transitioned comes in a header of the lifecycle."""
        answer = super()._bucket_response_put(request, bucket_name, querystring)
        if "lifecycle" in querystring:
            given = self.headers.get("x-amz-transition-default-minimum-object-size")
            self.backend.get_bucket(bucket_name).transition_minimum = given or "all_storage_classes_128K"
        return answer

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
