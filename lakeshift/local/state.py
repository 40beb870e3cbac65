"""Snapshots of what moto keeps in memory, one file a service, so that a restart or a kill loses nothing.

A snapshot is a line of JSON (what wrote it) and a pickle (docs/adr/0004-state.md says why). It is written to a file
beside it, synced and renamed: before the reply where the last one took little time, else shortly after.
"""

from __future__ import annotations

import json
import logging
import os
import pickle
import threading
import time
from pathlib import Path
from typing import Any, Final

import moto
from moto.core.base_backend import BackendDict

from lakeshift.errors import LakeshiftError
from lakeshift.local.pickling import Home, dumps, find_homes, loads

__all__ = ["changed", "changed_all", "close_folder", "open_folder", "register", "requested"]

_log = logging.getLogger(__name__)

_SUFFIX: Final = ".snapshot"
_FORMAT: Final = 1
_CHEAP_SECONDS: Final = 0.02  # a snapshot that took no longer is written before the reply
_DELAY_SECONDS: Final = 0.25
_TRIES: Final = 8

# The name a service signs its requests with, where moto's package has another.
_ALIASES: Final = {
    "states": "stepfunctions",
    "monitoring": "cloudwatch",
    "redshift-data": "redshiftdata",
    "lambda": "awslambda",
    "eventbridge": "events",
    "redshift-serverless": "redshiftserverless",
}
# What a request to a service may change in others, in process.
_REACHES: Final = {
    "s3": ("sqs", "sns", "events"),
    "sns": ("sqs",),
    "events": ("sqs", "sns", "logs"),
    "stepfunctions": ("logs",),
    "logs": ("cloudwatch",),
}

_registered: dict[str, list[Home]] = {}
_current: _Snapshots | None = None


def register(service: str, backend_dict: BackendDict[Any], module: str, name: str) -> None:
    """Have a BackendDict outside moto, found as ``module.name``, kept with ``service``'s snapshot."""
    home = Home(module, name, backend_dict)
    _registered[service] = [*(one for one in _registered.get(service, []) if one.name != name), home]


def open_folder(folder: Path) -> None:
    """Restore every snapshot in ``folder`` and keep it up to date from now on.

    Raises LakeshiftError when a snapshot is another user's, of another moto, or damaged.
    """
    global _current  # noqa: PLW0603 - one server a process: moto's backends are global too
    snapshots = _Snapshots(folder)
    snapshots.restore()
    _current = snapshots


def close_folder() -> None:
    """Write what is not yet written; nothing is kept after that."""
    global _current  # noqa: PLW0603
    if _current is not None:
        _current.close()
        _current = None


def changed(service: str) -> None:
    """Say that ``service`` changed outside a request, so that its snapshot is written soon."""
    if _current is not None:
        _current.later(_name(service))


def requested(service: str) -> None:
    """A request may have changed ``service``: write its snapshot now where that is cheap, else soon."""
    if _current is not None:
        name = _name(service)
        _current.now_or_later(name)
        for other in _REACHES.get(name, ()):
            _current.later(other)


def changed_all() -> None:
    """Everything may have changed (a reset): write all snapshots now."""
    if _current is not None:
        _current.save_all()


def _name(service: str) -> str:
    return _ALIASES.get(service, service)


class _Snapshots:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seconds: dict[str, float] = {}
        self._due: dict[str, float] = {}
        self._written: dict[str, bytes] = {}
        self._saving = threading.RLock()
        self._wake = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._follow, name="snapshots", daemon=True)
        self._thread.start()

    def now_or_later(self, service: str) -> None:
        if self._seconds.get(service, 0.0) <= _CHEAP_SECONDS:
            self.save(service)
        else:
            self.later(service)

    def later(self, service: str) -> None:
        delay = max(_DELAY_SECONDS, 5 * self._seconds.get(service, 0.0))
        with self._wake:
            self._due.setdefault(service, time.monotonic() + delay)
            self._wake.notify()

    def _follow(self) -> None:
        while True:
            with self._wake:
                if self._closed:
                    return
                now = time.monotonic()
                due = [service for service, when in self._due.items() if when <= now]
                for service in due:
                    del self._due[service]
                if not due:
                    nearest = min(self._due.values(), default=now + 60) - now
                    self._wake.wait(max(0.01, nearest))
            for service in due:
                self.save(service)

    def close(self) -> None:
        with self._wake:
            self._closed = True
            self._wake.notify()
        self._thread.join()
        self.save_all()

    def save_all(self) -> None:
        for service in {*find_homes(), *_registered, *self._files()}:
            self.save(service)

    def save(self, service: str) -> None:
        """Write one service's snapshot; a failure is logged, for the request itself was done."""
        with self._saving:
            started = time.thread_time()  # what it costs, whatever else the machine is busy with
            try:
                document = self._document(service)
                if document is not None and self._written.get(service) != document:
                    self._write(service, document)
                    self._written[service] = document
            except Exception:
                _log.exception("The snapshot of %s could not be written: its state will not survive a restart", service)
            self._seconds[service] = time.thread_time() - started

    def _document(self, service: str) -> bytes | None:
        homes = [*find_homes().get(service, []), *_registered.get(service, [])]
        if not homes:
            return None
        for attempt in range(_TRIES):
            try:
                return dumps(homes)
            except RuntimeError as error:  # a dict changed while it was read, by another request's thread
                if "changed size" not in str(error) or attempt == _TRIES - 1:
                    raise
                time.sleep(0.005 * (attempt + 1))
        return None

    def _write(self, service: str, document: bytes) -> None:
        header = json.dumps({"format": _FORMAT, "moto": moto.__version__, "service": service}).encode()
        part = self._folder / f".{service}.part"
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
            stream.write(header + b"\n" + document)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(self._folder / f"{service}{_SUFFIX}")

    def _files(self) -> dict[str, Path]:
        return {file.name.removesuffix(_SUFFIX): file for file in self._folder.glob(f"*{_SUFFIX}")}

    def restore(self) -> None:
        for service, file in sorted(self._files().items()):
            try:
                document = _checked(file)
                loads(document)
            except (pickle.UnpicklingError, EOFError, AttributeError, ImportError, ValueError, KeyError) as error:
                raise LakeshiftError(
                    f"The snapshot {file} cannot be read ({type(error).__name__}: {error}). "
                    "Move it away to start without it, or run `make clean` to start afresh."
                ) from error
            self._written[service] = document


def _checked(file: Path) -> bytes:
    """The pickle in ``file``, once it is known to be this user's and of this moto: loading a pickle runs code."""
    status = file.stat()
    if status.st_uid != os.getuid() or status.st_mode & 0o022:
        raise LakeshiftError(f"The snapshot {file} is not this user's alone, so it is not loaded. Move it away.")
    header, _, document = file.read_bytes().partition(b"\n")
    facts = json.loads(header)
    if facts.get("moto") != moto.__version__ or facts.get("format") != _FORMAT:
        raise LakeshiftError(
            f"The snapshot {file} was written with moto {facts.get('moto')} (format {facts.get('format')}); this is "
            f"{moto.__version__} (format {_FORMAT}). Run that version, or `make clean` to start afresh."
        )
    return document
