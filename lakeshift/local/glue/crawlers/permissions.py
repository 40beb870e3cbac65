"""What the policies of buckets forbid the crawler.

Roles are not evaluated locally, so only a Deny counts, and it counts for the crawler as for everyone else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from moto.s3.models import s3_backends

from lakeshift.errors import LakeshiftError
from lakeshift.lake import FolderLake, ObjectInfo
from lakeshift.local.s3.gate import asked_by_service
from lakeshift.local.s3.policy import DENY, decide

__all__ = ["GuardedLake", "may_read"]


class GuardedLake(FolderLake):
    """A lake whose buckets may refuse to be listed."""

    def __init__(self, lake: FolderLake, account: str) -> None:
        super().__init__(lake.root)
        self._account = account

    def list(self, bucket: str, prefix: str = "", start_after: str = "") -> Iterator[ObjectInfo]:
        """As the lake's; raises LakeshiftError, in S3's words, where the bucket's policy denies it."""
        policy = _policy(self._account, bucket)
        if policy is not None and _denied(policy, "s3:ListBucket", f"arn:aws:s3:::{bucket}"):
            raise LakeshiftError(
                f"Access Denied (Service: Amazon S3; Status Code: 403; Error Code: AccessDenied; Bucket: {bucket}). "
                "The bucket's policy denies s3:ListBucket."
            )
        return super().list(bucket, prefix, start_after)

    def __reduce__(self) -> tuple[Any, ...]:
        return FolderLake, (self.root,)  # other processes read by path


def may_read(account: str) -> Callable[[ObjectInfo], bool]:
    """Whether an object may be read; a bucket's policy is read once."""
    policies: dict[str, Any] = {}

    def allowed(info: ObjectInfo) -> bool:
        if info.bucket not in policies:
            policies[info.bucket] = _policy(account, info.bucket)
        policy = policies[info.bucket]
        return policy is None or not _denied(policy, "s3:GetObject", f"arn:aws:s3:::{info.bucket}/{info.key}")

    return allowed


def _policy(account: str, name: str) -> Any:
    bucket = s3_backends[account]["aws"].buckets.get(name)
    if bucket is None or bucket.policy is None:
        return None
    return bucket.policy.decode()


def _denied(policy: Any, action: str, resource: str) -> bool:
    return decide(policy, asked_by_service(action, resource)) == DENY
