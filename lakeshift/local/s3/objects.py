"""moto's object whose bytes are a plain file."""

from __future__ import annotations

import copy
import functools
import hashlib
import io
import pickle
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from moto.s3 import models
from moto.utilities.utils import LowercaseDict

from lakeshift.lake import ObjectInfo
from lakeshift.lake.names import ARCHIVED_SUFFIX
from lakeshift.local import clock
from lakeshift.local.s3.ledger import Ledger, Row, Stamp

__all__ = [
    "ARCHIVED_CLASSES",
    "FileBody",
    "FileKey",
    "delete_marker",
    "facts_of",
    "marker_facts",
    "marker_moment",
    "restore_header",
    "streamed",
]

ARCHIVED_CLASSES: Final = frozenset({"GLACIER", "DEEP_ARCHIVE"})  # not read before they are restored

_FACTS: Final = frozenset(
    {"acl", "website_redirect_location", "_storage_class", "_metadata", "_expiry", "_status", "_restore"}
    | {"encryption", "kms_key_id", "bucket_key_enabled", "lock_mode", "lock_legal_status", "lock_until"}
    | {"checksum_algorithm", "checksum_value", "checksum_type", "checksum_parts"}
)
_CHUNK: Final = 1024 * 1024
_streaming = threading.local()


class FileBody:
    """A file's bytes as a response body: a range reads only the range, the whole is streamed."""

    def __init__(self, path: Path, size: int) -> None:
        self._path, self._size = path, size

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, part: slice) -> bytes:
        start, stop, _ = part.indices(self._size)
        with self._path.open("rb") as stream:
            stream.seek(start)
            return stream.read(max(0, stop - start))

    def __iter__(self) -> Iterator[bytes]:
        with self._path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                yield chunk


@contextmanager
def streamed() -> Iterator[None]:
    """Within, ``FileKey.value`` is a FileBody instead of bytes (in this thread)."""
    _streaming.on = True
    try:
        yield
    finally:
        _streaming.on = False


class FileKey(models.FakeKey):
    """moto's FakeKey. In flight it holds its bytes; once placed, a file does, and each change of a fact is saved."""

    _etag: str | None

    def __new__(cls, *_: Any, **__: Any) -> FileKey:
        """Make one that moto does not track: its own keeps every instance for ever."""
        return object.__new__(cls)

    def __init__(self, *arguments: Any, **named: Any) -> None:
        self.__dict__["_save"] = None
        self.__dict__["_file"] = None
        super().__init__(*arguments, **named)

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name in _FACTS:
            self.save()

    @property
    def value(self) -> Any:
        """The bytes, or within ``streamed()`` a FileBody."""
        if self._file is None:
            return self._data
        if getattr(_streaming, "on", False):
            return FileBody(self._file, self.contentsize)
        return self._file.read_bytes()

    @value.setter
    def value(self, data: bytes | str) -> None:
        """Set in flight; a placed object is replaced, never changed."""
        self._data = data.encode() if isinstance(data, str) else bytes(data)
        self.contentsize = len(self._data)
        self._value_buffer = io.BytesIO()  # moto's temporary file is not needed

    @property
    def etag(self) -> str:
        """The ETag in its quotes: MD5 unless the object came in parts."""
        if self._etag is None:
            digest = self.__dict__.get("_digest")
            self._etag = digest() if digest else hashlib.md5(self._data, usedforsecurity=False).hexdigest()
        return f'"{self._etag}"'

    @property
    def response_dict(self) -> dict[str, Any]:
        """As moto's headers, with x-amz-restore told by the one clock."""
        headers: dict[str, Any] = super().response_dict
        headers.pop("x-amz-restore", None)
        told = restore_header(self.__dict__.get("_restore"), clock.now().timestamp())
        return headers | ({"x-amz-restore": told} if told else {})

    def set_metadata(self, metadata: Any, replace: bool = False) -> None:
        """As moto's, saved."""
        super().set_metadata(metadata, replace)
        self.save()

    def save(self) -> None:
        """Write the facts to the ledger, once the object is placed."""
        save: Callable[[bytes], None] | None = self.__dict__.get("_save")
        if save is not None:
            save(self.facts())

    def facts(self) -> bytes:
        """What moto keeps of the object beyond its bytes."""
        return pickle.dumps({name: self.__dict__[name] for name in _FACTS if name in self.__dict__})

    def place(self, file: Path, stamp: Stamp, ledger: Ledger, seq: int | None) -> None:
        """From now on the bytes are those of ``file``; ``seq`` is the row to save changes to, if there is one."""
        self.__dict__.update(
            _file=file,
            _data=b"",
            contentsize=stamp.size,
            stamp=stamp,
            seq=seq,
            last_modified=datetime.fromtimestamp(stamp.mtime_ns / 1e9, UTC).replace(tzinfo=None),
            _digest=lambda: ledger.md5(file, stamp),
            _save=None if seq is None else lambda facts: ledger.update(seq, facts),
        )

    @property
    def archived(self) -> bool:
        """Whether the bytes are set aside, as of an object in a Glacier class."""
        return self._file is not None and self._file.name.endswith(ARCHIVED_SUFFIX)

    @property
    def file(self) -> str:
        """Where the bytes of a placed object lie."""
        return str(self._file)

    @property
    def has_copy(self) -> bool:
        """Whether a restored copy is to be there now."""
        return "false" in (restore_header(self.__dict__.get("_restore"), clock.now().timestamp()) or "")

    @property
    def placed(self) -> bool:
        """Whether a file holds the bytes."""
        return self._file is not None

    @classmethod
    def of(cls, bucket: Any, info: ObjectInfo, row: Row | None, ledger: Ledger, file: Path) -> FileKey:
        """The object as the folder and, where it still holds, the ledger's row tell it."""
        key = object.__new__(cls)
        key.__dict__.update(
            _template(bucket.account_id, bucket.partition),
            name=info.key,
            bucket_name=bucket.name,
            _metadata=LowercaseDict({"Content-Type": "binary/octet-stream"}),
            _etag=row.etag if row else None,
            _is_versioned=bucket.versioning_status is not None,
            _version_id=row.version_id if row else "null",
        )
        if row is not None and row.facts:
            key.__dict__.update(facts_of(row))
        key.place(file, Stamp.of(info), ledger, row.seq if row else None)
        return key

    def dispose(self, garbage: bool = False) -> None:  # noqa: ARG002 - moto's signature
        """Nothing to close: no file is held open."""
        self.__dict__["disposed"] = True

    def __del__(self) -> None:
        """Nothing to do."""

    def __deepcopy__(self, memo: dict[int, Any]) -> FileKey:
        twin = copy.copy(self)
        twin.__dict__["_save"] = None
        return twin

    def __copy__(self) -> FileKey:
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        return twin

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name not in ("_save", "_digest", "lock")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _save=None, lock=threading.Lock())


@functools.cache
def _template(account: str, partition: str) -> dict[str, Any]:
    """What moto's constructor sets, made once: a listing makes thousands of objects."""
    made = FileKey(name="", value=b"", account_id=account, region_name=partition)
    return {name: value for name, value in made.__dict__.items() if name != "_metadata"}


def restore_header(restore: tuple[float, float] | None, now: float) -> str | None:
    """``x-amz-restore`` of a version restored from ``restore[0]`` to ``restore[1]`` (seconds since the epoch)."""
    if restore is None or now >= restore[1]:
        return None
    if now < restore[0]:
        return 'ongoing-request="true"'
    return f'ongoing-request="false", expiry-date="{datetime.fromtimestamp(restore[1], UTC):%a, %d %b %Y %H:%M:%S GMT}"'


def facts_of(row: Row) -> dict[str, Any]:
    """What the ledger keeps of a version beyond its bytes."""
    if not row.facts or row.marker:
        return {}
    found: dict[str, Any] = pickle.loads(row.facts)  # noqa: S301 - our own private file
    return found


def marker_facts(marker: models.FakeDeleteMarker) -> bytes:
    """What the ledger keeps of a delete marker."""
    return pickle.dumps(marker.last_modified)


def marker_moment(row: Row) -> datetime:
    """When a delete marker was made, in UTC without saying so."""
    made: datetime = pickle.loads(row.facts)  # noqa: S301 - our own private file
    return made


def delete_marker(row: Row, key: Any) -> models.FakeDeleteMarker:
    """A delete marker of moto's from its row; ``key`` is the version it hides."""
    marker = object.__new__(models.FakeDeleteMarker)
    marker.key, marker.name, marker._version_id = key, row.key, row.version_id
    marker.placed = True
    marker.last_modified = marker_moment(row)
    return marker
