"""What reading a file told, kept so that a file which has not changed since need not be read again.

A file is taken for unchanged where the file system tells the same of it as then: inode, size, and the times at which
its content and its entry were last changed. No program can set the last of these, so a copy that keeps its times, a
file moved over another, or other content of the same size is read again. Two changes within one tick of a file
system's clock look like one: nothing is noted of a file that was changed in the last seconds before it was read.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

__all__ = ["Content", "ReadFiles"]

_SETTLED: Final = 3.0  # seconds; the coarsest clock of a file system in use, FAT's, has a tick of two


@dataclass(frozen=True, slots=True)
class Content:
    """The SHA-256 of a file's bytes in hexadecimal digits, how many bytes they are, and their ends of line."""

    sha256: str
    bytes: int
    lines: int


@dataclass(frozen=True, slots=True)
class _Identity:
    inode: int
    size: int
    modified: int  # nanoseconds since 1970, as is `changed`
    changed: int

    @classmethod
    def of(cls, told: os.stat_result) -> _Identity:
        return cls(told.st_ino, told.st_size, told.st_mtime_ns, told.st_ctime_ns)


class ReadFiles:
    """What ``record``, a JSON file, holds of files; nothing without one, or where it cannot be understood.

    ``now`` are seconds since 1970.
    """

    def __init__(self, record: Path | None, now: Callable[[], float] = time.time) -> None:
        self._record, self._clock = record, now
        self._before = _held(record)
        self._now: dict[str, tuple[_Identity, Content]] = {}

    def known(self, path: Path) -> Content | None:
        """What the file holds, if it has not changed since that was noted."""
        name = str(path.absolute())
        if name not in self._before or self._before[name][0] != _Identity.of(path.stat()):
            return None
        self._now[name] = self._before[name]
        return self._before[name][1]

    def read(self, path: Path) -> tuple[bytes, Content]:
        """The file's bytes and what they tell, which is noted where the file was left alone meanwhile."""
        began = self._clock()
        with path.open("rb") as file:
            before = _Identity.of(os.fstat(file.fileno()))
            content = file.read()
            after = _Identity.of(os.fstat(file.fileno()))
        told = Content(hashlib.sha256(content).hexdigest(), len(content), content.count(b"\n"))
        if before == after and after.changed / 1e9 + _SETTLED < began:
            self._now[str(path.absolute())] = (after, told)
        return content, told

    def keep(self) -> None:
        """Write what is known of the files that were asked for or read; of others it is forgotten."""
        if self._record is None or self._now == self._before:
            return
        document = {name: {"file": asdict(file), "content": asdict(told)} for name, (file, told) in self._now.items()}
        beside = self._record.with_name(f"{self._record.name}.{os.getpid()}")
        beside.write_text(json.dumps(document, indent=1))
        beside.replace(self._record)


def _held(record: Path | None) -> dict[str, tuple[_Identity, Content]]:
    """What the record holds; one that is damaged or of another version only costs that files are read again."""
    if record is None or not record.exists():
        return {}
    try:
        entries = json.loads(record.read_bytes())
        return {name: (_Identity(**entry["file"]), Content(**entry["content"])) for name, entry in entries.items()}
    except (AttributeError, KeyError, TypeError, ValueError):
        return {}
