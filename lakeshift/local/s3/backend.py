"""moto's S3 backend with buckets that are folders."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from itertools import islice
from typing import Any, ClassVar, Final

from moto.s3 import models, notifications
from moto.s3.exceptions import InvalidBucketName, S3ClientError
from moto.utilities.tagging_service import TaggingService

from lakeshift.lake import FolderLake, ObjectInfo, bucket_name_fault
from lakeshift.local import clock
from lakeshift.local.s3.ledger import Ledger, ObjectTags, Row
from lakeshift.local.s3.lifecycle_rules import LifecycleError, Rule, parse
from lakeshift.local.s3.objects import FileKey
from lakeshift.local.s3.responses import permission_of, told_checksum
from lakeshift.local.s3.store import FolderKeyStore

__all__ = ["LocalBucket", "LocalS3Backend"]

_LONGEST_KEY: Final = 1024  # bytes


class LocalBucket(models.FakeBucket):
    """A bucket whose objects are the files of a folder."""

    lake: ClassVar[FolderLake]
    ledger: ClassVar[Ledger]
    _versioning: str | None = None
    lifecycle: Sequence[dict[str, Any]] = ()  # rules as they were put
    lifecycle_rules: Sequence[Rule] = ()
    transition_minimum: str = "all_storage_classes_128K"

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        (self.lake.root / self.name).mkdir(parents=True, exist_ok=True)
        self.keys = FolderKeyStore(self, self.lake, self.ledger)

    @property
    def versioning_status(self) -> str | None:
        """None, Enabled or Suspended."""
        return self._versioning

    @versioning_status.setter
    def versioning_status(self, status: str | None) -> None:
        self._versioning = status
        keys: Any = self.keys
        if not isinstance(keys, FolderKeyStore):
            return  # being made
        if status == "Enabled":
            keys.enable_versions()
        else:
            keys.versions.enable(on=False)

    def expire(self, key: str) -> None:
        """The current version has expired: a delete marker where versions are kept, else it is gone."""
        if self.versioning_status is None:
            self.keys.pop(key)
        elif self.is_versioned:
            hidden = self.keys.get(key)
            if isinstance(hidden, FileKey):
                self.keys[key] = models.FakeDeleteMarker(key=hidden)
        else:
            self.keys.pop(key)

    def tags_of(self, key: FileKey) -> dict[str, str]:
        """An object's tags."""
        tagger = models.s3_backends[self.account_id][self.partition].tagger
        found: dict[str, str] = tagger.get_tag_dict_for_resource(key.arn)
        return found

    def tags_of_version(self, row: Row, rules: Sequence[Rule]) -> dict[str, str] | None:
        """A version's tags, where a rule asks for them."""
        if not any(rule.tags for rule in rules):
            return None
        found = [one for one in self.keys.getlist(row.key, []) if one.version_id == row.version_id]
        return self.tags_of(found[0]) if found and isinstance(found[0], FileKey) else None

    def get_permission(self, action: str, resource: str) -> Any:
        """What the bucket's policy says of the request that is being answered."""
        return permission_of(self, action, resource)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name not in ("keys", "multiparts")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.multiparts = models.MultipartDict()
        (self.lake.root / self.name).mkdir(parents=True, exist_ok=True)
        self.keys = FolderKeyStore(self, self.lake, self.ledger)
        self.keys.versions.enable(on=self.is_versioned)
        models.s3_backends.bucket_accounts[self.name] = (self.partition, self.account_id)


class LocalS3Backend(models.S3Backend):
    """moto's S3 over a lake of plain files."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.tagger = _Tagger(LocalBucket.ledger)

    def reset(self) -> None:
        """Delete every bucket and object."""
        buckets: dict[str, Any] = self.__dict__["buckets"]
        for bucket in buckets.values():
            bucket.keys.destroy()
            models.s3_backends.bucket_accounts.pop(bucket.name, None)
        buckets.clear()
        super().reset()

    def create_bucket(self, bucket_name: str, region_name: str, bucket_namespace: str | None = None) -> Any:
        """Raises InvalidBucketName by AWS's rules, which also keep every name a safe folder name."""
        if bucket_name_fault(bucket_name):
            raise InvalidBucketName()
        return super().create_bucket(bucket_name, region_name, bucket_namespace)

    def delete_bucket(self, bucket_name: str) -> Any:
        """Remove an empty bucket and its folder; None where it is not empty."""
        deleted = super().delete_bucket(bucket_name)
        if deleted is not None:
            deleted.keys.destroy()
            self.tagger.delete_all_tags_for_resource(deleted.arn)
        return deleted

    def put_bucket_lifecycle(self, bucket_name: str, rules: list[dict[str, Any]]) -> None:
        """Keep rules that were checked; raises MalformedXML, InvalidRequest, InvalidArgument as S3 does."""
        bucket = self.get_bucket(bucket_name)
        try:
            bucket.lifecycle_rules = parse(rules)
        except LifecycleError as error:
            raise S3ClientError(error.code, str(error)) from error
        bucket.lifecycle = rules

    def delete_bucket_lifecycle(self, bucket_name: str) -> None:
        """Forget the rules."""
        bucket = self.get_bucket(bucket_name)
        bucket.lifecycle, bucket.lifecycle_rules = (), ()

    def create_multipart_upload(self, *arguments: Any, **named: Any) -> Any:
        """As moto's, with the time it began."""
        upload = super().create_multipart_upload(*arguments, **named)
        upload.begun = clock.now()
        return upload

    def complete_multipart_upload(self, *arguments: Any, **named: Any) -> Any:
        """As moto's; where the client chose no checksum, S3 chose CRC64NVME."""
        key = super().complete_multipart_upload(*arguments, **named)
        if key is not None and key.checksum_value and not key.checksum_algorithm:
            key.checksum_algorithm = "CRC64NVME"
        return key

    def get_object_attributes(self, key: Any, attributes_to_get: list[str]) -> dict[str, Any]:
        """As moto's, with a composite checksum's suffix."""
        found: dict[str, Any] = super().get_object_attributes(key, attributes_to_get)
        if found["checksum"]:
            name, value, kind = told_checksum(key)
            found["checksum"] = {name: value, "type": kind}
        return found

    def put_object(self, bucket_name: str, key_name: str, *arguments: Any, **named: Any) -> Any:
        """As moto's; raises KeyTooLongError above 1,024 bytes, as AWS does."""
        if len(key_name.encode("utf-8", "surrogatepass")) > _LONGEST_KEY:
            raise S3ClientError("KeyTooLongError", "Your key is too long")
        return super().put_object(bucket_name, key_name, *arguments, **named)

    def list_objects(
        self, bucket: Any, prefix: str | None, delimiter: str | None, marker: str | None, max_keys: int | None
    ) -> tuple[list[FileKey], list[str], bool, str | None]:
        """A page of keys and common prefixes: (keys, prefixes, truncated, next marker)."""
        keys, truncated, last = self._page(bucket, prefix, delimiter, marker or "", max_keys)
        objects = [key for key in keys if isinstance(key, FileKey)]
        prefixes = [key for key in keys if isinstance(key, str)]
        return objects, prefixes, truncated, last if truncated else None

    def list_objects_v2(
        self,
        bucket: Any,
        prefix: str | None,
        delimiter: str | None,
        continuation_token: str | None,
        start_after: str | None,
        max_keys: int,
    ) -> tuple[list[FileKey | str], bool, str | None]:
        """A page in order: (keys and prefixes, truncated, next token). The token holds the last name, so it lasts."""
        after = _from_token(continuation_token) if continuation_token else start_after or ""
        keys, truncated, last = self._page(bucket, prefix, delimiter, after, max_keys)
        return keys, truncated, _to_token(last) if truncated else None

    def _page(
        self, bucket: Any, prefix: str | None, delimiter: str | None, after: str, max_keys: int | None
    ) -> tuple[list[FileKey | str], bool, str]:
        if isinstance(bucket, models.FakeTableStorageBucket):
            raise models.MethodNotAllowed()
        if max_keys == 0:
            return [], False, ""
        if delimiter and after.endswith(delimiter) and after.startswith(prefix or ""):
            after += "\U0010ffff"  # a common prefix was the last: go on behind all it stands for
        entries = LocalBucket.lake.entries(bucket.name, prefix or "", delimiter or "", after)
        found = list(islice(entries, None if max_keys is None else max_keys + 1))
        truncated = max_keys is not None and len(found) > max_keys
        found = found[:max_keys] if truncated else found
        objects = iter(bucket.keys.page([entry for entry in found if isinstance(entry, ObjectInfo)]))
        page: list[FileKey | str] = [next(objects) if isinstance(entry, ObjectInfo) else entry for entry in found]
        last = found[-1] if found else ""
        return page, truncated, last.key if isinstance(last, ObjectInfo) else last

    def _set_delete_marker(self, bucket_name: str, key_name: str) -> Any:
        """As S3: a marker is made even where there is no such key, and its event is sent."""
        bucket = self.get_bucket(bucket_name)
        found = bucket.keys.get(key_name)
        hidden = found or FileKey(key_name, b"", self.account_id, self.region_name, bucket_name=bucket_name)
        marker = models.FakeDeleteMarker(key=hidden)
        bucket.keys[key_name] = marker
        if isinstance(hidden, FileKey):
            created = notifications.S3NotificationEvent.OBJECT_REMOVED_DELETE_MARKER_CREATED_EVENT
            notifications.send_event(self.account_id, created, bucket, hidden)
        return marker

    def delete_object(
        self, bucket_name: str, key_name: str, version_id: str | None = None, bypass: bool = False
    ) -> tuple[bool, dict[str, Any]]:
        """As moto's; it also loses all versions of an object where versioning is suspended, and this does not."""
        bucket = self.get_bucket(bucket_name)
        if version_id is None or bucket.is_versioned or bucket.versioning_status is None:
            done: tuple[bool, dict[str, Any]] = super().delete_object(bucket_name, key_name, version_id, bypass)
            return done
        return bucket.keys.remove_version(key_name, version_id), {"version-id": version_id}

    def __getstate__(self) -> dict[str, Any]:
        own = ("tagger", "_pagination_tokens")  # tags are durable as they are
        return {name: value for name, value in self.__dict__.items() if name not in own}


class _Tagger(TaggingService):
    """moto's tagging service; an object's tags lie beside its other facts."""

    def __init__(self, ledger: Ledger) -> None:
        super().__init__()
        self.tags = ObjectTags(ledger)


def _to_token(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode("utf-8", "surrogatepass")).decode()


def _from_token(token: str) -> str:
    try:
        return base64.urlsafe_b64decode(token.encode()).decode("utf-8", "surrogatepass")
    except (binascii.Error, UnicodeError):
        return token
