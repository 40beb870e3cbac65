"""One deployment of a stack at a time: an object that S3 makes only where there is none.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
"""

from __future__ import annotations

import json
import os
import platform
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from botocore.exceptions import ClientError

from lakeshift.deploy.records import FOLDER, whoever
from lakeshift.deploy.session import AwsSession, error_code
from lakeshift.errors import LakeshiftError

__all__ = ["Lock", "break_lock", "held"]

_KEY: Final = f"{FOLDER}/lock.json"
_ABSENT: Final = ("NoSuchKey", "NoSuchBucket", "404")
_HELD: Final = ("PreconditionFailed", "ConditionalRequestConflict")


class Lock:
    """A context manager: taken on entry, given back on exit. Raises LakeshiftError where somebody else has it.

    The lock of a process of this machine that is gone is taken over, and ``told`` says so; any other has to be broken
    by its id.
    """

    def __init__(self, aws: AwsSession, bucket: str, what: str, told: Callable[[str], None] = lambda _: None) -> None:
        self._aws = aws
        self._bucket = bucket
        self._told = told
        self._what = what
        self._mine = {
            "id": uuid.uuid4().hex[:12],
            "owner": whoever(),
            "process": os.getpid(),
            "since": datetime.now(UTC).isoformat(timespec="seconds"),
            "what": what,
            "started": _started(os.getpid()),
        }

    @property
    def id(self) -> str:
        """What it is broken by."""
        return str(self._mine["id"])

    def __enter__(self) -> Lock:
        if self._put():
            return self
        other = held(self._aws, self._bucket)
        if other is not None and _is_dead(other):
            self._told(f"the lock of {other['what']} (process {other['process']}, which is gone) is taken over")
            break_lock(self._aws, self._bucket, str(other["id"]))
        if (other is None or _is_dead(other)) and self._put():
            return self
        raise LakeshiftError(_refusal(other, self._what))

    def _put(self) -> bool:
        body = json.dumps(self._mine).encode()
        try:
            self._aws.call("s3", "put_object", Bucket=self._bucket, Key=_KEY, Body=body, IfNoneMatch="*")
        except ClientError as error:
            if error_code(error) in _HELD:
                return False
            raise
        return True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        found = held(self._aws, self._bucket)  # gone with its bucket, or broken by somebody
        if found is not None and found["id"] == self._mine["id"]:
            self._aws.call("s3", "delete_object", Bucket=self._bucket, Key=_KEY)


def break_lock(aws: AwsSession, bucket: str, which: str) -> None:
    """Take away the lock with the id ``which``. Raises LakeshiftError where another one, or none, is there."""
    found = held(aws, bucket)
    if found is None:
        raise LakeshiftError("There is no lock: nothing to break.")
    if found["id"] != which:
        raise LakeshiftError(f"The lock is {found['id']} now, not {which}: {_facts(found)}. Nothing was done.")
    aws.call("s3", "delete_object", Bucket=bucket, Key=_KEY)


def held(aws: AwsSession, bucket: str) -> dict[str, Any] | None:
    """Who holds the lock: its id, owner, process, since when and what for; None where nobody does."""
    found = aws.find("s3", "get_object", _ABSENT, Bucket=bucket, Key=_KEY)
    return None if found is None else json.loads(found["Body"].read())


def _is_dead(other: Mapping[str, Any]) -> bool:
    """Whether its process was one of this machine and is gone; another one may have its number by now."""
    if str(other["owner"]).rpartition("@")[2] != platform.node():
        return False
    return bool(_started(int(other["process"])) != other["started"])


def _started(process: int) -> str | None:
    """When a process of this machine was started, in the kernel's ticks; None where it is gone or cannot be known."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return None
        except OSError:
            pass
        return "unknown"


def _facts(other: Mapping[str, Any]) -> str:
    return f"{other['owner']} holds it since {other['since']} for {other['what']}"


def _refusal(other: Mapping[str, Any] | None, what: str) -> str:
    if other is None:
        return f"{what}: another deployment took and gave back the lock at this moment. Try again."
    return (
        f"{what}: another deployment runs. {_facts(other)} (process {other['process']}). Wait for it; or, where you "
        f"know that it is dead, break its lock: make unlock ENV=<stage> LOCK={other['id']}"
    )
