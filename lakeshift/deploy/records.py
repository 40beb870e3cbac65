"""Where records of deployments lie: in the bucket of the code, the last one and all before it."""

from __future__ import annotations

import getpass
import json
import os
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from botocore.exceptions import ClientError

from lakeshift.deploy.project import Project
from lakeshift.deploy.record import Entry, Record
from lakeshift.deploy.session import AwsSession, error_code
from lakeshift.errors import LakeshiftError

__all__ = ["FOLDER", "Records", "now", "started", "whoever"]

FOLDER: Final = "deployments"
_CURRENT: Final = f"{FOLDER}/current.json"
_HISTORY: Final = f"{FOLDER}/history/"
_ABSENT: Final = ("NoSuchKey", "NoSuchBucket", "NotFound", "404")


def started(project: Project, last: Record | None, intended: Mapping[str, Entry]) -> Record:
    """The record of a deployment that begins, after ``last``."""
    return Record(
        number=1 if last is None else last.number + 1,
        stage=project.stage,
        stack=project.name,
        account=project.parameters["AccountId"],
        region=project.parameters["Region"],
        sha=project.code.sha,
        commit=project.commit,
        at=now(),
        by=whoever(),
        status="applying",
        parameters=project.parameters,
        artefacts=tuple(one.path for one in project.code.artefacts),
        entries={} if last is None else last.entries,
        intended=intended,
        attributes={} if last is None else last.attributes,
    )


def now() -> str:
    """This moment, ISO-8601 in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def whoever() -> str:
    """``user@machine``."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a user id without a name, in a container
        user = str(os.getuid())
    return f"{user}@{platform.node()}"


class Records:
    """The records of one stack in ``bucket``."""

    def __init__(self, aws: AwsSession, bucket: str) -> None:
        self._aws = aws
        self.bucket = bucket

    def bucket_is_there(self) -> bool:
        """Whether the bucket is there. Raises LakeshiftError where somebody else has it, or it may not be seen."""
        try:
            return self._aws.find("s3", "head_bucket", _ABSENT, Bucket=self.bucket) is not None
        except ClientError as error:
            if error_code(error) not in ("403", "AccessDenied", "301"):
                raise
            raise LakeshiftError(
                f"The bucket {self.bucket} may not be seen with these credentials: somebody else has it (bucket names "
                "are the world's; choose another Lake in environments/), it is of another region, or s3:ListBucket is "
                "missing. Nothing was done."
            ) from error

    def current(self) -> Record | None:
        """The last deployment, also one that was cut off; None where there is none."""
        found = self._aws.find("s3", "get_object", _ABSENT, Bucket=self.bucket, Key=_CURRENT)
        return None if found is None else self._read(found, _CURRENT)

    def write(self, record: Record) -> None:
        """Make ``record`` the last one; one that is done is kept in the history as well."""
        text = json.dumps(record.to_json(), indent=1).encode()
        if record.status != "applying":
            self._put(f"{_HISTORY}{record.number:06d}-{record.sha}.json", text)
        self._put(_CURRENT, text)

    def _put(self, key: str, text: bytes) -> None:
        self._aws.call("s3", "put_object", Bucket=self.bucket, Key=key, Body=text, ContentType="application/json")

    def history(self) -> list[tuple[int, str]]:
        """Number and sha of every deployment, the oldest first."""
        if not self.bucket_is_there():
            return []
        listed = self._aws.pages("s3", "list_objects_v2", "Contents", Bucket=self.bucket, Prefix=_HISTORY)
        names = (one["Key"].removeprefix(_HISTORY).removesuffix(".json").partition("-") for one in listed)
        return sorted((int(number), sha) for number, _, sha in names)

    def find(self, which: str) -> Record:
        """The newest deployment of a sha, or the one of a number. Raises LakeshiftError that names those there are."""
        history = self.history()
        for number, sha in reversed(history):
            if which in (sha, str(number)):
                key = f"{_HISTORY}{number:06d}-{sha}.json"
                found = self._read(self._aws.call("s3", "get_object", Bucket=self.bucket, Key=key), key)
                if found.status == "applied":
                    return found
        told = ", ".join(f"{number} ({sha})" for number, sha in history[-10:]) or "none"
        raise LakeshiftError(f"There is no deployment {which}. The last ones are {told}.")

    def _read(self, found: dict[str, Any], key: str) -> Record:
        try:
            return Record.from_json(json.loads(found["Body"].read()))
        except (ValueError, KeyError, TypeError) as error:
            raise LakeshiftError(
                f"s3://{self.bucket}/{key} is no record of a deployment ({error}). It is versioned: put its last good "
                "version back, or take the object away and adopt what is there."
            ) from error
