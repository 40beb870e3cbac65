"""Spark's classes, loaded and checked once a machine: the JVM's class-data archive.

Loading classes is most of what a short Spark job costs in a new JVM. The first run leaves an archive of them, which the
JVM maps into memory from then on; it ignores one that does not fit its class path.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["ClassData", "class_data"]

_QUIET = ("-Xshare:auto", "-Xlog:cds=off", "-Xlog:cds+dynamic=off", "-Xlog:class+path=off")


@dataclass(frozen=True)
class ClassData:
    """The archive for one class path; ``draft`` is where this run leaves one when there is none yet."""

    archive: Path
    draft: Path

    def options(self, *, make: bool = True) -> list[str]:
        """Return the JVM's options: use the archive, or ``make`` it when the JVM ends where there is none yet."""
        if self.archive.exists():
            return [f"-XX:SharedArchiveFile={self.archive}", *_QUIET]
        if not make:
            return []
        self.draft.parent.mkdir(parents=True, exist_ok=True)
        return [f"-XX:ArchiveClassesAtExit={self.draft}", *_QUIET]

    def keep(self) -> None:
        """After the JVM has ended: put what it left in its place, in one step."""
        if self.draft.exists():
            self.draft.replace(self.archive)


def class_data(folder: Path, java: str, class_path: Sequence[str]) -> ClassData:
    """Return the archive in ``folder`` for ``java`` with ``class_path``; of ``folder/*`` the folder itself counts."""
    digest = hashlib.sha256(os.path.realpath(java).encode())
    for entry in class_path:
        path = Path(entry.removesuffix("*"))
        facts = path.stat() if path.exists() else None
        digest.update(f"{entry}\0{facts.st_mtime_ns if facts else 0}\0{facts.st_size if facts else 0}\n".encode())
    name = f"spark-{digest.hexdigest()[:16]}"
    return ClassData(folder / f"{name}.jsa", folder / f"{name}.{uuid.uuid4().hex[:8]}.draft")
