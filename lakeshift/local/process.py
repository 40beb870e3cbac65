"""The server as a process: start it detached, find it, stop it; never another's process."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime
from typing import Any, Final, TypedDict, cast

from lakeshift.errors import LakeshiftError
from lakeshift.paths import REPOSITORY, StateFolder

__all__ = ["ServerFacts", "StateLock", "down", "facts", "status", "up", "write_facts"]

_START_SECONDS: Final = 30.0
_STOP_SECONDS: Final = 20.0
_POLL_SECONDS: Final = 0.05


class ServerFacts(TypedDict):
    """The running server: process id, endpoint, start (ISO-8601 UTC) and state folder."""

    pid: int
    endpoint: str
    started: str
    state: str


class StateLock:
    """Held by the one server that may use a state folder; the kernel frees it when the process dies."""

    def __init__(self, state: StateFolder) -> None:
        """Raises LakeshiftError when another server holds it."""
        self._file = state.lock.open("a+")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.seek(0)
            holder = self._file.read().strip() or "unknown"
            self._file.close()
            raise LakeshiftError(
                f"A local AWS (process {holder}) already uses {state.root}. Stop it with `make down`."
            ) from None
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()

    def release(self) -> None:
        """Let another server have the folder."""
        self._file.close()


def facts(state: StateFolder, endpoint: str) -> ServerFacts:
    """Facts of the server that runs in this process."""
    started = datetime.now(UTC).isoformat(timespec="milliseconds")
    return ServerFacts(pid=os.getpid(), endpoint=endpoint, started=started, state=str(state.root))


def write_facts(state: StateFolder, found: ServerFacts) -> None:
    """Tell other processes where the server is."""
    part = state.process.with_suffix(".part")
    part.write_text(json.dumps(found))
    part.replace(state.process)


def status(state: StateFolder) -> ServerFacts | None:
    """Facts of the server that runs on ``state`` and answers, or None."""
    found = _written(state)
    if found is None:
        return None
    answer = _health(found["endpoint"])
    return found if answer is not None and answer == found else None


def up(state: StateFolder, port: int = 4566) -> ServerFacts:
    """Start the server detached (``port`` 0 takes a free one) and return its facts once it answers.

    Returns the facts of the one that runs already. Raises LakeshiftError when it does not start: the port is taken,
    another server holds the folder, or a room fails; the message ends with what the server said.
    """
    running = status(state)
    if running is not None:
        return running
    state.create()
    command = [sys.executable, "-m", "lakeshift.local.server", "--port", str(port), "--state", str(state.root)]
    said = state.root / "server.err"
    with said.open("wb") as errors:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            cwd=REPOSITORY,
            start_new_session=True,
        )
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        running = status(state)
        if running is not None:
            child.returncode = child.returncode or 0  # it outlives us: no warning that it still runs
            return running
        if child.poll() is not None:
            raise LakeshiftError(f"The local AWS did not start. {said.read_text().strip()[-2000:]} Log: {state.log}")
        time.sleep(_POLL_SECONDS)
    child.kill()
    child.wait()
    raise LakeshiftError(f"The local AWS did not answer within {_START_SECONDS:.0f} s. See {state.log}")


def down(state: StateFolder) -> bool:
    """Stop the server of ``state``; False where none runs.

    Only a process that holds the folder's lock under the id it wrote, or answers with it, is sent a signal: after a
    crash the id may belong to anybody. Raises LakeshiftError when it does not end.
    """
    found = _written(state)
    if found is None or not (_holds_lock(state) or status(state)):
        state.process.unlink(missing_ok=True)
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(found["pid"], signal.SIGTERM)
    end = time.monotonic() + _STOP_SECONDS
    while _holds_lock(state):
        if time.monotonic() > end:
            raise LakeshiftError(f"The local AWS (process {found['pid']}) does not end. See {state.log}")
        time.sleep(_POLL_SECONDS)
    return True


def _holds_lock(state: StateFolder) -> bool:
    """Whether the process that ``server.json`` names holds the lock."""
    found = _written(state)
    if found is None or not state.lock.exists():
        return False
    with state.lock.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            return file.read().strip() == str(found["pid"])
    return False


def _written(state: StateFolder) -> ServerFacts | None:
    try:
        return cast(ServerFacts, json.loads(state.process.read_text()))
    except (FileNotFoundError, json.JSONDecodeError):
        return None


def _health(endpoint: str) -> dict[str, Any] | None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # never by a proxy
    try:
        with opener.open(f"{endpoint}/_lakeshift/health", timeout=2) as answer:
            return cast("dict[str, Any]", json.load(answer))
    except (OSError, urllib.error.URLError, ValueError):
        return None
