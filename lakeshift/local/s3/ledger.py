"""What the S3 API knows of an object beyond its bytes: versions, metadata, tags, checksums.

The folder is the truth for what exists and which bytes it has. A row speaks of one version of one object and holds
only while the file is still the one it was written for (its stamp: inode, size, mtime); a file written by Spark or a
person simply has no row. SQLite, so that what was answered survives a killed server.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from lakeshift.lake import ObjectInfo
from lakeshift.local.sqlite_file import open_file

__all__ = ["Ledger", "ObjectTags", "Row", "Stamp"]

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS versions (
    bucket TEXT, key TEXT, seq INTEGER PRIMARY KEY AUTOINCREMENT, version_id TEXT, marker INTEGER,
    inode INTEGER, size INTEGER, mtime_ns INTEGER, etag TEXT, facts BLOB);
CREATE INDEX IF NOT EXISTS by_key ON versions (bucket, key, seq);
CREATE TABLE IF NOT EXISTS digests (inode INTEGER PRIMARY KEY, size INTEGER, mtime_ns INTEGER, md5 TEXT);
CREATE TABLE IF NOT EXISTS tags (arn TEXT PRIMARY KEY, tags TEXT);
CREATE TABLE IF NOT EXISTS journals (name TEXT PRIMARY KEY, position INTEGER);
"""
_COLUMNS: Final = "seq, key, version_id, marker, inode, size, mtime_ns, etag, facts"
_INSERT: Final = (
    "INSERT INTO versions (bucket, key, version_id, marker, inode, size, mtime_ns, etag, facts) "
    "VALUES (?,?,?,?,?,?,?,?,?)"
)
_CHUNK: Final = 4 * 1024 * 1024


class Stamp(NamedTuple):
    """Tells whether a file's bytes are still the same; ``mtime_ns`` since the epoch, ``size`` in bytes."""

    inode: int
    size: int
    mtime_ns: int

    @staticmethod
    def of(info: ObjectInfo) -> Stamp:
        """The stamp of a listed object."""
        return Stamp(info.inode, info.size, info.mtime_ns)


@dataclass(frozen=True, slots=True)
class Row:
    """One version of one object; ``facts`` is the pickle of what moto keeps of it."""

    seq: int
    key: str
    version_id: str
    marker: bool
    stamp: Stamp
    etag: str | None
    facts: bytes


class Ledger:
    """One SQLite file, shared by all threads of the server."""

    def __init__(self, file: Path) -> None:
        self._database = open_file(file, _TABLES)
        self._lock = threading.Lock()
        self._digests: dict[Stamp, str] = {}

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._database.close()

    def execute(self, statement: str, *parameters: object) -> list[tuple[object, ...]]:
        """All rows of one statement."""
        with self._lock:
            return self._database.execute(statement, parameters).fetchall()

    def rows(self, bucket: str, key: str) -> list[Row]:
        """Versions of one key, oldest first."""
        found = self.execute(f"SELECT {_COLUMNS} FROM versions WHERE bucket=? AND key=? ORDER BY seq", bucket, key)  # noqa: S608
        return [_row(columns) for columns in found]

    def newest(self, bucket: str, first: str, last: str) -> dict[str, Row]:
        """The newest row of each key from ``first`` to ``last``, both included."""
        statement = f"SELECT {_COLUMNS} FROM versions WHERE bucket=? AND key BETWEEN ? AND ? ORDER BY seq"  # noqa: S608
        return {row.key: row for row in map(_row, self.execute(statement, bucket, first, last))}

    def keys(self, bucket: str) -> set[str]:
        """Every key with a row, whether or not its file is there."""
        return {str(key) for (key,) in self.execute("SELECT DISTINCT key FROM versions WHERE bucket=?", bucket)}

    def add(self, bucket: str, row: Row) -> int:
        """Append a version and return its sequence number (``row.seq`` is not used)."""
        with self._lock:
            cursor = self._database.execute(
                _INSERT,
                (bucket, row.key, row.version_id, int(row.marker), *row.stamp, row.etag, row.facts),
            )
            return int(cursor.lastrowid or 0)

    def all_rows(self, bucket: str) -> list[Row]:
        """Every version of every key, by key and oldest first."""
        found = self.execute(f"SELECT {_COLUMNS} FROM versions WHERE bucket=? ORDER BY key, seq", bucket)  # noqa: S608
        return [_row(columns) for columns in found]

    def change_all(self, bucket: str, updated: list[tuple[bytes, int]], added: list[Row]) -> None:
        """Replace what is known of versions (facts, sequence number) and append others, all at once."""
        with self._lock:
            self._database.execute("BEGIN")
            self._database.executemany("UPDATE versions SET facts=? WHERE seq=?", updated)
            self._database.executemany(
                "DELETE FROM versions WHERE bucket=? AND key=?", [(bucket, row.key) for row in added]
            )
            self._database.executemany(
                _INSERT,
                [(bucket, r.key, r.version_id, int(r.marker), *r.stamp, r.etag, r.facts) for r in added],
            )
            self._database.execute("COMMIT")

    def update(self, seq: int, facts: bytes) -> None:
        """Replace what is known of a version."""
        self.execute("UPDATE versions SET facts=? WHERE seq=?", facts, seq)

    def move_last(self, seq: int) -> None:
        """Make a version the newest of all."""
        self.execute("UPDATE versions SET seq=(SELECT max(seq) + 1 FROM versions) WHERE seq=?", seq)

    def remove(self, seq: int) -> None:
        """Forget a version."""
        self.execute("DELETE FROM versions WHERE seq=?", seq)

    def forget(self, bucket: str, key: str | None = None) -> None:
        """Forget every version of a key, or of the whole bucket."""
        if key is None:
            self.execute("DELETE FROM versions WHERE bucket=?", bucket)
        else:
            self.execute("DELETE FROM versions WHERE bucket=? AND key=?", bucket, key)

    def md5(self, path: Path, stamp: Stamp) -> str:
        """The file's MD5 in hexadecimal: an object's ETag. Read once, then remembered for as long as it is the same."""
        known = self._digests.get(stamp)
        if known is None:
            found = self.execute("SELECT md5 FROM digests WHERE inode=? AND size=? AND mtime_ns=?", *stamp)
            known = str(found[0][0]) if found else self._digest(path, stamp)
            self._digests[stamp] = known
        return known

    def _digest(self, path: Path, stamp: Stamp) -> str:
        digest = hashlib.md5(usedforsecurity=False)
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
        self.execute("INSERT OR REPLACE INTO digests VALUES (?,?,?,?)", *stamp, digest.hexdigest())
        return digest.hexdigest()


class ObjectTags(MutableMapping[str, dict[str, str | None]]):
    """ARN → tags as moto's tagging service keeps them, but durable, and empty for most objects."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def __getitem__(self, arn: str) -> dict[str, str | None]:
        found = self._ledger.execute("SELECT tags FROM tags WHERE arn=?", arn)
        return _SavedTags(self, arn, json.loads(str(found[0][0])) if found else {})

    def __setitem__(self, arn: str, tags: dict[str, str | None]) -> None:
        if tags or arn in self:  # moto sets an empty dict for every object it puts
            self._ledger.execute("INSERT OR REPLACE INTO tags VALUES (?,?)", arn, json.dumps(tags))

    def __delitem__(self, arn: str) -> None:
        self._ledger.execute("DELETE FROM tags WHERE arn=?", arn)

    def __contains__(self, arn: object) -> bool:
        return bool(self._ledger.execute("SELECT 1 FROM tags WHERE arn=?", arn))

    def __iter__(self) -> Iterator[str]:
        return (str(arn) for (arn,) in self._ledger.execute("SELECT arn FROM tags"))

    def __len__(self) -> int:
        return int(str(self._ledger.execute("SELECT count(*) FROM tags")[0][0]))


class _SavedTags(dict[str, str | None]):
    """moto changes the tags of a resource in place; each change is written through."""

    def __init__(self, store: ObjectTags, arn: str, tags: dict[str, str | None]) -> None:
        super().__init__(tags)
        self._store, self._arn = store, arn

    def __setitem__(self, key: str, value: str | None) -> None:
        super().__setitem__(key, value)
        self._store[self._arn] = dict(self)

    def __delitem__(self, key: str) -> None:
        super().__delitem__(key)
        self._store[self._arn] = dict(self)


def _row(columns: tuple[object, ...]) -> Row:
    seq, key, version_id, marker, inode, size, mtime_ns, etag, facts = columns
    assert isinstance(seq, int) and isinstance(inode, int) and isinstance(size, int) and isinstance(mtime_ns, int)  # noqa: PT018, S101
    assert isinstance(facts, bytes)  # noqa: S101
    stamp = Stamp(inode, size, mtime_ns)
    return Row(seq, str(key), str(version_id), bool(marker), stamp, None if etag is None else str(etag), facts)
