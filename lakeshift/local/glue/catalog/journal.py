"""The catalog on the disk: an append-only file of changes to a tree of JSON documents.

A line is one change as a whole, a JSON list of ``[path, document]`` pairs; a document of None removes the path and
all below it. A line is on the disk before the change is answered, at a cost of what changed and not of what the catalog
holds. A line that a kill cut short was never acknowledged and is dropped. When most of the file is history, it is
rewritten: what lives is written beside it, synced and renamed.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson

from lakeshift.errors import LakeshiftError

__all__ = ["Change", "Journal", "Node", "Place"]

Place = tuple[str, ...]
Change = tuple[Place, Any]  # the document there now; None where there is none any more

_SLACK: Final = 16 * 1024 * 1024  # bytes of a file that is never worth a rewrite
_PER_LINE: Final = 1000  # changes on a line of a rewritten file


@dataclass(slots=True)
class Node:
    """A document, where there is one at this place, and what lies below it in order of creation."""

    document: Any = None
    below: dict[str, Node] = field(default_factory=dict)

    def apply(self, place: Place, document: Any) -> None:
        """Put ``document`` at ``place`` or, where it is None, remove what is there."""
        name, *rest = place
        if document is None:
            below = self.below.get(name)
            if below is not None and rest:
                below.apply(tuple(rest), None)
            if below is not None and (not rest or (below.document is None and not below.below)):
                del self.below[name]
            return
        below = self.below.setdefault(name, Node())
        if rest:
            below.apply(tuple(rest), document)
        else:
            below.document = document

    def walk(self, place: Place = ()) -> Iterator[Change]:
        """Every document with its place, a parent before its children."""
        if self.document is not None:
            yield place, self.document
        for name, node in self.below.items():
            yield from node.walk((*place, name))


class Journal:
    """One file; the caller sees to it that one thread at a time writes, and reads before it writes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._written = self._history = 0  # changes in the file, and those of them that no longer matter
        path.parent.mkdir(parents=True, exist_ok=True)
        self._stream = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self._end = os.fstat(self._stream).st_size

    def read(self) -> Node:
        """The tree as the lines left it; a last line that is not whole is cut off.

        Raises LakeshiftError where another line is damaged.
        """
        tree, end, written = Node(), 0, 0
        with self.path.open("rb") as stream:
            for number, line in enumerate(stream, 1):
                if not line.endswith(b"\n"):
                    break  # cut short by a kill: it was never acknowledged
                for place, document in self._changes(line, number):
                    tree.apply(tuple(place), document)
                    written += 1
                end += len(line)
        if end < self._end:
            os.ftruncate(self._stream, end)
            self._end = end
        self._written, self._history = written, written - sum(1 for _ in tree.walk())
        return tree

    def append(self, changes: Sequence[Change], history: int = 0) -> None:
        """Write one line and sync it; raises OSError (a full disk) with the file as it was.

        ``history`` is how many earlier documents do not matter any more because of these.
        """
        line = _line(changes)
        written = 0
        try:
            while written < len(line):
                written += os.write(self._stream, line[written:])
            os.fsync(self._stream)
        except OSError:
            os.ftruncate(self._stream, self._end)
            raise
        self._end += len(line)
        self._written += len(changes)
        self._history += history
        if self._end > _SLACK and 2 * self._history > self._written:
            self.rewrite()

    def rewrite(self) -> None:
        """Leave out what no longer lives; old or new after a kill, never torn."""
        draft = self.path.with_suffix(".part")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
            batch: list[Change] = []
            for change in self.read().walk():
                batch.append(change)
                if len(batch) == _PER_LINE:
                    stream.write(_line(batch))
                    batch = []
            if batch:
                stream.write(_line(batch))
            stream.flush()
            os.fsync(stream.fileno())
            self._end = stream.tell()
        self._written, self._history = self._written - self._history, 0
        draft.replace(self.path)
        folder = os.open(self.path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
        os.close(self._stream)
        self._stream = os.open(self.path, os.O_RDWR | os.O_APPEND)

    def close(self) -> None:
        """Nothing is written after that."""
        os.close(self._stream)

    def _changes(self, line: bytes, number: int) -> list[tuple[list[str], Any]]:
        try:
            changes: list[tuple[list[str], Any]] = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise LakeshiftError(
                f"Line {number} of the catalog's journal {self.path} cannot be read ({error}). "
                "Move it away to start without a catalog, or run `make clean` to start afresh."
            ) from error
        return changes


def _line(changes: Iterable[Change]) -> bytes:
    return orjson.dumps(list(changes), default=_plain) + b"\n"


def _plain(value: Any) -> Any:
    """What a request in process may hold beside JSON: mappings that are no dict."""
    return dict(value)
