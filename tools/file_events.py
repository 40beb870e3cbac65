"""What is opened, written and removed below a folder, as the kernel tells it (inotify; Linux only).

The kernel's queue is short and must be emptied at once, so the watching has a process of its own:
``python tools/file_events.py <folder>`` answers each line of its input with what it has seen since the last one.
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import struct
import subprocess
import sys
import threading
from collections import Counter, deque
from dataclasses import asdict, dataclass, field
from pathlib import Path

__all__ = ["FileEvents", "Seen"]

# <sys/inotify.h>
_CLOSE_WRITE, _CLOSE_NOWRITE = 0x08, 0x10
_MOVED_FROM, _MOVED_TO, _CREATE, _DELETE = 0x40, 0x80, 0x100, 0x200
_IS_FOLDER, _OVERFLOW = 0x40000000, 0x4000
_WATCHED = _CLOSE_WRITE | _CLOSE_NOWRITE | _MOVED_FROM | _MOVED_TO | _CREATE | _DELETE
_HEAD = struct.Struct("iIII")


@dataclass
class Seen:
    """Paths below the root, as the events told them."""

    listed: set[str] = field(default_factory=set)
    read: set[str] = field(default_factory=set)
    written: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)
    overflowed: bool = False  # events were lost


class FileEvents:
    """Watches ``root`` and every folder below it, also those that come later; a context manager."""

    def __init__(self, root: Path) -> None:
        self._command = [sys.executable, str(Path(__file__)), str(root)]

    def __enter__(self) -> FileEvents:
        self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.take()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def take(self) -> Seen:
        """What was seen since the last call."""
        if self._process.stdin is None or self._process.stdout is None:
            raise ValueError("The watching has not begun.")
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        told = json.loads(self._process.stdout.readline())
        overflowed = told.pop("overflowed")
        return Seen(**{name: set(paths) for name, paths in told.items()}, overflowed=overflowed)


class _Watcher:
    """The other process."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._file = self._libc.inotify_init()
        self._folders: dict[int, str] = {}
        self._own: Counter[str] = Counter()
        self._data: deque[bytes] = deque()
        self._seen = Seen()
        self._watch(str(root))

    def run(self) -> None:
        """Answer until the input ends. A thread does nothing but empty the kernel's queue."""
        threading.Thread(target=self._drain, daemon=True).start()
        while True:
            while self._data:
                self._events(self._data.popleft())
            if select.select([sys.stdin], [], [], 0.01)[0]:
                if not sys.stdin.readline():
                    return
                while self._data:
                    self._events(self._data.popleft())
                told = {
                    name: sorted(value) if isinstance(value, set) else value
                    for name, value in asdict(self._seen).items()
                }
                self._seen = Seen()
                sys.stdout.write(json.dumps(told) + "\n")
                sys.stdout.flush()

    def _watch(self, folder: str, new: bool = False) -> None:
        """Watch a folder and those in it; in a ``new`` one, files that are there already were written unseen."""
        number = self._libc.inotify_add_watch(self._file, os.fsencode(folder), _WATCHED)
        if number < 0:
            return  # gone again
        self._folders[number] = folder
        self._own[folder] += 1  # the listing below is seen too
        for entry in os.scandir(folder):
            if entry.is_dir(follow_symlinks=False):
                self._watch(entry.path, new)
            elif new:
                self._seen.written.add(self._below(entry.path))

    def _drain(self) -> None:
        while True:
            self._data.append(os.read(self._file, 1 << 20))

    def _events(self, data: bytes) -> None:
        at = 0
        while at < len(data):
            number, mask, _, length = _HEAD.unpack_from(data, at)
            name = data[at + _HEAD.size : at + _HEAD.size + length].rstrip(b"\0").decode(errors="replace")
            at += _HEAD.size + length
            self._event(number, mask, name)

    def _event(self, number: int, mask: int, name: str) -> None:
        if mask & _OVERFLOW:
            self._seen.overflowed = True
            return
        folder = self._folders.get(number)
        if folder is None:
            return
        path = f"{folder}/{name}" if name else folder
        if mask & _IS_FOLDER:
            self._folder_event(path, mask, told_by_itself=not name)
        else:
            self._file_event(path, mask)

    def _folder_event(self, path: str, mask: int, told_by_itself: bool) -> None:
        if mask & _CLOSE_NOWRITE and told_by_itself:
            if self._own[path]:
                self._own[path] -= 1
            else:
                self._seen.listed.add(self._below(path))
        if mask & (_CREATE | _MOVED_TO):
            try:
                self._watch(path, new=True)
            except FileNotFoundError:
                return  # gone again

    def _file_event(self, path: str, mask: int) -> None:
        key = self._below(path)
        if mask & _CLOSE_NOWRITE:
            self._seen.read.add(key)
        if mask & (_CLOSE_WRITE | _MOVED_TO):
            self._seen.written.add(key)
        if mask & (_DELETE | _MOVED_FROM):
            self._seen.removed.add(key)

    def _below(self, path: str) -> str:
        return os.path.relpath(path, self.root)


if __name__ == "__main__":
    _Watcher(Path(sys.argv[1])).run()
