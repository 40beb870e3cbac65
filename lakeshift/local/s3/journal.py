"""Changes that Spark made to the lake, as the Java file system notes them.

One append-only file a JVM below ``<state>/s3/.journal/``; a line is ``put|delete TAB bucket TAB key TAB inode TAB ms``
(the key percent-encoded, the time since the epoch). All versions in what is read are taken in before the first event is
sent: an event looks at the object, and must not find a version that is still to come. The reader's place is kept
in the ledger after the events were sent, so an event is sent at least once, also for what was written while the server
was down.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from lakeshift.lake import FolderLake
from lakeshift.local.s3.ledger import Ledger

__all__ = ["JOURNAL_FOLDER", "Change", "JournalReader"]

JOURNAL_FOLDER: Final = ".journal"
_INTERVAL: Final = 0.1  # seconds
_KEPT_SECONDS: Final = 60.0  # a journal that was read stays so long after its last line
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Change:
    """An object written or removed; ``inode`` 0 where it is not known, ``millis`` since the epoch."""

    removed: bool
    bucket: str
    key: str
    inode: int = 0
    millis: int = 0


class JournalReader:
    """Follows every journal in a thread of its own: ``take_in`` keeps a version, ``tell`` sends an event."""

    def __init__(
        self, lake: FolderLake, ledger: Ledger, take_in: Callable[[Change], None], tell: Callable[[Change], None]
    ) -> None:
        self._folder = lake.root / JOURNAL_FOLDER
        self._ledger, self._take_in, self._tell = ledger, take_in, tell
        self._reader: int | None = None
        self._stop = threading.Event()
        self._reading = threading.Lock()
        self._thread = threading.Thread(target=self._follow, name="s3-journal", daemon=True)
        self._places: dict[str, int] = {
            str(name): int(str(place)) for name, place in ledger.execute("SELECT name, position FROM journals")
        }

    def start(self) -> JournalReader:
        """Begin; returns self."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Read what is left, and end."""
        self._stop.set()
        self._thread.join(timeout=5)
        self.read()

    def _follow(self) -> None:
        while not self._stop.wait(_INTERVAL):
            self.read()

    def read(self) -> None:
        """Take in every whole line that is there now; waits for a thread that is at it, unless it is this one.

        Whoever calls it holds no lock of a key store: the reader takes those.
        """
        if self._reader == threading.get_ident():
            return
        with self._reading:
            self._reader = threading.get_ident()
            try:
                for file in sorted(self._folder.glob("*.log")):
                    self._read_file(file)
            finally:
                self._reader = None

    def _read_file(self, file: Path) -> None:
        place = self._places.get(file.name, 0)
        status = file.stat()
        if status.st_size <= place:
            if time.time() - status.st_mtime > _KEPT_SECONDS and not _is_alive(file):
                self._forget(file)
            return
        with file.open("rb") as stream:
            stream.seek(place)
            text = stream.read()
        whole = text[: text.rfind(b"\n") + 1]
        changes = [_change(line) for line in whole.decode().splitlines()]
        for step in (self._take_in, self._tell):
            for change in changes:
                try:
                    step(change)
                except Exception:  # one event that cannot be sent must not hold up the others
                    _log.exception("journal: %s", change)
        self._places[file.name] = place + len(whole)
        self._ledger.execute("INSERT OR REPLACE INTO journals VALUES (?,?)", file.name, self._places[file.name])

    def _forget(self, file: Path) -> None:
        file.unlink(missing_ok=True)
        self._places.pop(file.name, None)
        self._ledger.execute("DELETE FROM journals WHERE name=?", file.name)


def _is_alive(file: Path) -> bool:
    """Whether the JVM that writes a journal runs; its process id is the first part of the file's name."""
    pid = file.name.partition("-")[0]
    if not pid.isdigit():
        return True
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _change(line: str) -> Change:
    verb, bucket, key, inode, millis = line.split("\t")
    return Change(verb == "delete", bucket, unquote(key), int(inode), int(millis))
