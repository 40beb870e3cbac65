"""What is asked of a request before S3 does anything: a pre-signed URL that is still valid, and the bucket's policy.

Everything here comes over loopback, where there is nobody to listen: it counts as sent over TLS, so that the usual
"TLS only" policy lets local requests pass and is still evaluated.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qs

from moto.s3.exceptions import S3ClientError

from lakeshift.local import clock
from lakeshift.local.context import ACCOUNT, REGION
from lakeshift.local.s3.policy import DENY, Asked, decide

__all__ = ["AccessDenied", "asked_by_service", "asked_of", "check_policy", "check_signed_url"]

_LONGEST: Final = 604_800  # seconds
_SKEW: Final = 900  # seconds
_SECOND: Final = 0.999999
_HEADERS: Final = (
    *("x-amz-acl", "x-amz-server-side-encryption", "x-amz-storage-class", "x-amz-content-sha256"),
    *("x-amz-metadata-directive", "x-amz-copy-source", "x-amz-server-side-encryption-aws-kms-key-id"),
    *("x-amz-grant-full-control", "x-amz-grant-read", "x-amz-object-ownership"),
)
_RENAMED: Final = {
    "HeadBucket": "ListBucket",
    "GetLifecycleConfiguration": "GetLifecycleConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "HeadObject": "GetObject",
    "SelectObject": "GetObject",
}


class AccessDenied(S3ClientError):  # noqa: N818 - S3's name
    """403 with the reason."""

    code = 403

    def __init__(self, message: str = "Access Denied") -> None:
        super().__init__("AccessDenied", message)


class QueryParameters(S3ClientError):  # noqa: N818
    """400: the URL itself is wrong."""

    code = 400

    def __init__(self, message: str) -> None:
        super().__init__("AuthorizationQueryParametersError", message)


def check_signed_url(query_string: str) -> None:
    """Raise AccessDenied for a pre-signed URL whose time is over (or has not come), by the one clock.

    https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
    """
    query = parse_qs(query_string)
    now = clock.now().timestamp()
    if "X-Amz-Signature" in query:
        text, seconds = query.get("X-Amz-Date", [""])[0], query.get("X-Amz-Expires", [""])[0]
        if not seconds.isdigit():
            raise QueryParameters("X-Amz-Expires should be a number")
        if int(seconds) > _LONGEST:
            raise QueryParameters(f"X-Amz-Expires must be less than a week (in seconds) that is {_LONGEST}")
        signed = datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        # Who signed it knew real time only, in whole seconds: it may have been after a move in that second.
        begins = clock.at(signed.timestamp() + _SECOND).timestamp()
        if begins > now + _SKEW:
            raise AccessDenied("Request is not valid yet")
        _refuse_late(now, begins + int(seconds))
    elif "Signature" in query and "Expires" in query:
        _refuse_late(now, clock.at(float(query["Expires"][0])).timestamp())


def _refuse_late(now: float, end: float) -> None:
    if now > end:
        raise AccessDenied("Request has expired")


def asked_of(
    action: str, bucket: str, key: str | None, headers: Mapping[str, Any], query_string: str, address: str
) -> Asked:
    """The request as a policy sees it."""
    query = parse_qs(query_string, keep_blank_values=True)
    signed = "Authorization" in headers or "Signature=" in query_string
    principal = f"arn:aws:iam::{ACCOUNT}:root" if signed else None
    now = clock.now()
    context = {
        "aws:securetransport": "true",
        "s3:tlsversion": "1.3",
        "aws:sourceip": address,
        "aws:viaawsservice": "false",
        "aws:requestedregion": REGION,
        "aws:resourceaccount": ACCOUNT,
        "s3:resourceaccount": ACCOUNT,
        "aws:currenttime": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "aws:epochtime": str(int(now.timestamp())),
        "s3:signatureversion": "AWS4-HMAC-SHA256",
        "s3:authtype": "REST-QUERY-STRING" if "X-Amz-Signature" in query else "REST-HEADER",
    }
    if principal:
        context |= {"aws:principalarn": principal, "aws:principalaccount": ACCOUNT, "aws:principaltype": "Account"}
    lower = {name.lower(): str(value) for name, value in headers.items()}
    context |= {f"s3:{name}": lower[name] for name in _HEADERS if name in lower}
    told = {"user-agent": "aws:useragent", "referer": "aws:referer"}
    context |= {key: lower[name] for name, key in told.items() if name in lower}
    for name in ("prefix", "delimiter", "max-keys", "versionId"):
        if name in query:
            context[f"s3:{name.lower()}"] = query[name][0]
    resource = f"arn:aws:s3:::{bucket}" + (f"/{key}" if key else "")
    return Asked(f"s3:{_RENAMED.get(action, action)}", resource, principal, ACCOUNT, context)


def asked_by_service(action: str, resource: str) -> Asked:
    """What a service of this account asks from this machine, as a policy sees it."""
    bucket, _, key = resource.removeprefix("arn:aws:s3:::").partition("/")
    return asked_of(action.removeprefix("s3:"), bucket, key, {"Authorization": "-"}, "", "127.0.0.1")


def check_policy(bucket: Any, asked: Asked) -> None:
    """Raise AccessDenied where the bucket's policy denies the request."""
    if bucket.policy is not None and decide(bucket.policy, asked) == DENY:
        raise AccessDenied(
            f"User: {asked.principal or 'Anonymous'} is not authorized to perform: {asked.action} on resource: "
            f'"{asked.resource}" with an explicit deny in a resource-based policy'
        )
