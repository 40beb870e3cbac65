"""Where records of deployments lie: in the bucket of the code, the last one and all before it."""

from __future__ import annotations

import json
from typing import Any, Final

from lakeshift.deploy.record import Record
from lakeshift.deploy.session import AwsSession
from lakeshift.errors import LakeshiftError

__all__ = ["FOLDER", "Records"]

FOLDER: Final = "deployments"
_CURRENT: Final = f"{FOLDER}/current.json"
_HISTORY: Final = f"{FOLDER}/history/"
_ABSENT: Final = ("NoSuchKey", "NoSuchBucket", "404")


class Records:
    """The records of one stack in ``bucket``."""

    def __init__(self, aws: AwsSession, bucket: str) -> None:
        self._aws = aws
        self.bucket = bucket

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
        listed = self._aws.pages("s3", "list_objects_v2", "Contents", Bucket=self.bucket, Prefix=_HISTORY)
        names = (one["Key"].removeprefix(_HISTORY).removesuffix(".json").partition("-") for one in listed)
        return sorted((int(number), sha) for number, _, sha in names)

    def find(self, which: str) -> Record:
        """The newest deployment of a sha, or the one of a number. Raises LakeshiftError that names those there are."""
        history = self.history()
        found = [one for one in history if which in (one[1], str(one[0]))]
        if not found:
            told = ", ".join(f"{number} ({sha})" for number, sha in history[-10:]) or "none"
            raise LakeshiftError(f"There is no deployment {which}. The last ones are {told}.")
        key = f"{_HISTORY}{found[-1][0]:06d}-{found[-1][1]}.json"
        return self._read(self._aws.call("s3", "get_object", Bucket=self.bucket, Key=key), key)

    def _read(self, found: dict[str, Any], key: str) -> Record:
        try:
            return Record.from_json(json.loads(found["Body"].read()))
        except (ValueError, KeyError, TypeError) as error:
            raise LakeshiftError(
                f"s3://{self.bucket}/{key} is no record of a deployment ({error}). It is versioned: put its last good "
                "version back, or take the object away and adopt what is there."
            ) from error
