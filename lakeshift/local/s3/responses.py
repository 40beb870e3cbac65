"""moto's S3 responses, with what they lack."""

from __future__ import annotations

import base64
import re
from typing import Any, ClassVar, Final
from urllib.parse import unquote, urlparse

import flask
from moto.core.responses import ActionResult
from moto.iam.access_control import PermissionResult
from moto.s3 import responses
from moto.s3.exceptions import NoSuchLifecycleConfiguration, PreconditionFailed, S3ClientError

from lakeshift.local.s3 import crc, preconditions
from lakeshift.local.s3.gate import asked_of, check_policy, check_signed_url
from lakeshift.local.s3.lifecycle_rules import to_api
from lakeshift.local.s3.objects import streamed
from lakeshift.local.s3.policy import ALLOW, DENY, decide

__all__ = ["LocalS3Response"]

_CHECKSUM: Final = re.compile(r"x-amz-checksum-(crc32c|crc32|crc64nvme|sha1|sha256)", re.IGNORECASE)
_MOST_DELETED: Final = 1_000


class LocalS3Response(responses.S3Response):
    """Streams objects from their files, and does what moto leaves out."""

    restore: ClassVar[Any]  # of the running server: (key, days, tier, type) → whether a copy was there

    # -- who may ---------------------------------------------------------------------------------------------------

    def _authenticate_and_authorize_s3_action(
        self, bucket_name: str | None = None, key_name: str | None = None
    ) -> None:
        """As moto's, and first: a pre-signed URL must be valid still, and the bucket's policy must not deny."""
        super()._authenticate_and_authorize_s3_action(bucket_name=bucket_name, key_name=key_name)
        check_signed_url(flask.request.query_string.decode())
        action = str(self.data.get("Action") or "")
        if not bucket_name or not action or _deletes_many():
            return  # of many deleted at once each is asked for by itself
        try:
            bucket = self.backend.get_bucket(bucket_name)
        except S3ClientError:
            return  # told by the operation
        check_policy(bucket, _asked(action, bucket_name, key_name))

    # -- reading ---------------------------------------------------------------------------------------------------

    def get_object(self) -> Any:
        """As moto's, but the body is read from the file as it is sent, and a range reads only that range."""
        with streamed():
            return super().get_object()

    def head_object(self, bucket_name: str, query: dict[str, Any], key_name: str, headers: Any) -> Any:
        """As moto's, with the checksum's type and a composite one's suffix."""
        status, answered, body = super().head_object(bucket_name, query, key_name, headers)
        if headers.get("x-amz-checksum-mode") == "ENABLED" and status == 200:
            version = (query.get("versionId") or [None])[0]
            key = self.backend.get_object(bucket_name, key_name, version_id=version)
            if key is not None and key.checksum_value:
                name, value, kind = told_checksum(key)
                answered |= {f"x-amz-checksum-{name.lower()}": value, "x-amz-checksum-type": kind}
        return status, answered, body

    def _handle_range_header(self, request: Any, response_headers: dict[str, Any], response_content: Any) -> Any:
        """As moto's; with If-Range of another version the whole object is sent."""
        condition = request.headers.get("If-Range")
        if condition is not None and not preconditions.is_same(condition, response_headers):
            return 200, response_headers, response_content
        return super()._handle_range_header(request, response_headers, response_content)

    def get_object_attributes(self) -> Any:
        """As moto's, with the number of parts and the composite checksum's suffix."""
        status, headers, body = super().get_object_attributes()
        key, _ = self._get_key(validate_storage_class=False)
        wanted = str(self.headers.get("x-amz-object-attributes", ""))
        count = (key.etag.strip('"').partition("-")[2]) if status == 200 else ""
        if "ObjectParts" in wanted and count:
            parts = f"<ObjectParts><PartsCount>{count}</PartsCount></ObjectParts>"
            body = _inserted(body, parts)
        return status, headers, body

    # -- writing ---------------------------------------------------------------------------------------------------

    def _get_checksum(self, response_headers: dict[str, Any]) -> tuple[str, str | None]:
        """As moto's; what the client sent is compared. Raises BadDigest."""
        algorithm, value = super()._get_checksum(response_headers)
        sent = [(found.group(1).upper(), given) for name, given in self.headers.items()
                if (found := _CHECKSUM.fullmatch(name))]  # fmt: skip
        if not sent and algorithm and value:
            sent = [(algorithm.upper(), value)]
        for name, given in sent:
            if name in crc.ALGORITHMS and given != base64.b64encode(crc.checksum(self.body or b"", name)).decode():
                raise S3ClientError("BadDigest", f"The {name} you specified did not match the calculated checksum.")
            algorithm, value = algorithm or name, value or given
            response_headers[f"x-amz-checksum-{name.lower()}"] = given
        return algorithm, value

    def copy_object(self) -> Any:
        """As moto's, once the conditions on the source hold."""
        self._check_copy_source()
        return super().copy_object()

    def upload_part_copy(self) -> Any:
        """As moto's, once the conditions on the source hold."""
        self._check_copy_source()
        return super().upload_part_copy()

    def _check_copy_source(self) -> None:
        source = urlparse(str(self.headers.get("x-amz-copy-source")))
        bucket, _, name = unquote(source.path).lstrip("/").partition("/")
        version = source.query.removeprefix("versionId=") or None
        key = self.backend.get_object(bucket, name, version_id=version)
        failed = None if key is None else preconditions.failed_of_copy(self.headers, key.etag, key.last_modified)
        if failed is not None:
            raise PreconditionFailed(failed_condition=failed)

    def _key_response_post(
        self, request: Any, body: bytes, bucket_name: str, query: dict[str, Any], key_name: str
    ) -> Any:
        """As moto's; a restore takes its tier's time, and a completed upload tells its checksum."""
        if "restore" in query:
            return self._restore(body, bucket_name, query, key_name)
        status, headers, answer = super()._key_response_post(request, body, bucket_name, query, key_name)
        if query.get("uploadId") and status == 200:
            key = self.backend.get_object(bucket_name, key_name)
            if key is not None and key.checksum_value:
                name, value, kind = told_checksum(key)
                element = f"Checksum{name}"
                told = f"<{element}>{value}</{element}><ChecksumType>{kind}</ChecksumType>"
                answer = _inserted(answer, told)
        return status, headers, answer

    def _restore(self, body: bytes, bucket_name: str, query: dict[str, Any], key_name: str) -> Any:
        self._set_action("KEY", "POST", query)
        self._authenticate_and_authorize_s3_action(bucket_name=bucket_name, key_name=key_name)
        key, _ = self._get_key(validate_storage_class=False)
        asked = responses.xmltodict.parse(body).get("RestoreRequest") or {}
        tier = (asked.get("GlacierJobParameters") or {}).get("Tier") or asked.get("Tier") or "Standard"
        return (200 if self.restore(key, asked.get("Days"), tier, asked.get("Type")) else 202), {}, ""

    def delete_object(self) -> Any:
        """As moto's; ``If-Match: *`` asks only that there is an object."""
        if self.headers.get("If-Match") == "*":
            found = self.backend.get_object(self.bucket_name, self.parse_key_name())
            if found is None:
                raise PreconditionFailed("If-Match")
            self.headers["If-Match"] = found.etag
        return super().delete_object()

    def _bucket_response_delete_keys(self, bucket_name: str, authenticated: bool = True) -> Any:
        """As moto's, at most 1,000 keys, and with Quiet errors alone are told."""
        asked = responses.xmltodict.parse(self.body, strip_whitespace=False)["Delete"]
        named = asked.get("Object", [])
        named = named if isinstance(named, list) else [named]
        if len(named) > _MOST_DELETED:
            text = "The XML you provided was not well-formed or did not validate against our published schema"
            raise S3ClientError("MalformedXML", text)
        if any(set(one) & {"ETag", "LastModifiedTime", "Size"} for one in named):
            raise S3ClientError(
                "NotImplemented",
                "DeleteObjects with ETag, LastModifiedTime or Size is not done locally: use DeleteObject.",
            )
        status, headers, body = super()._bucket_response_delete_keys(bucket_name, authenticated)
        if str(asked.get("Quiet")).strip().lower() == "true":
            body = re.sub(r"<Deleted>.*?</Deleted>", "", _text(body), flags=re.DOTALL)
            headers["content-length"] = str(len(body.encode()))
        return status, headers, body

    # -- a bucket's settings ---------------------------------------------------------------------------------------

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
        text = _text(body)
        if "</" not in text:  # an element without content closes itself
            text = text.rstrip().removesuffix("/>").rstrip() + "></NotificationConfiguration>"
        text = _inserted(text, "<EventBridgeConfiguration></EventBridgeConfiguration>")
        headers["content-length"] = str(len(text.encode()))
        return status, headers, text


def told_checksum(key: Any) -> tuple[str, str, str]:
    """Algorithm, value with a composite one's suffix, and type of an object's checksum."""
    kind = key.checksum_type or "FULL_OBJECT"
    value = f"{key.checksum_value}-{key.checksum_parts}" if kind == "COMPOSITE" else str(key.checksum_value)
    return key.checksum_algorithm or "CRC64NVME", value, kind


def permission_of(bucket: Any, action: str, resource: str) -> Any:
    """What moto asks before an operation: a refusal among many deletes, and what is open to everybody."""
    if bucket.policy is None:
        return PermissionResult.NEUTRAL
    key = resource.partition("/")[2]
    decided = decide(bucket.policy, _asked(action.removeprefix("s3:"), bucket.name, key))
    if decided == DENY and _deletes_many():
        return PermissionResult.DENIED
    return PermissionResult.PERMITTED if decided == ALLOW else PermissionResult.NEUTRAL


def _asked(action: str, bucket: str, key: str | None) -> Any:
    request = flask.request
    headers = dict(request.headers)
    return asked_of(action, bucket, key, headers, request.query_string.decode(), request.remote_addr or "127.0.0.1")


def _deletes_many() -> bool:
    return flask.request.method == "POST" and "delete" in flask.request.args


def _text(body: Any) -> str:
    return body.decode() if isinstance(body, bytes) else str(body)


def _inserted(body: Any, element: str) -> str:
    """``element`` as the last child of the document."""
    text = _text(body)
    end = text.rindex("</")
    return text[:end] + element + text[end:]
