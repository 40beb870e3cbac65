"""A job's processes: started in a session of their own, ended all together."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

__all__ = ["JobProcess", "end_leftovers", "members"]

_GUARDIAN: Final = Path(__file__).with_name("guardian.py")
_POLL: Final = 0.02
_DYING: Final = 5.0  # seconds a killed process may take to disappear: a large heap takes some


class JobProcess:
    """The command under its guardian; standard output and error go to files that outlive the server."""

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
        stdout: Path,
        stderr: Path,
        descriptors: Sequence[int] = (),
    ) -> None:
        """Start it, with ``descriptors`` of this process left open; raises OSError where that is impossible."""
        with stdout.open("ab") as out, stderr.open("ab") as err:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(_GUARDIAN), *command],
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=err,
                env=dict(environment),
                cwd=folder,
                start_new_session=True,
                pass_fds=descriptors,
            )

    @property
    def session(self) -> int:
        """Id of the guardian, of its process group and of its session."""
        return self._process.pid

    def wait(self) -> int:
        """Block until the command has ended and nothing of its session is left; returns its exit status."""
        status = self._process.wait()
        _end(self.session, grace=0.0)
        if self._process.stdin is not None:
            self._process.stdin.close()
        return 128 - status if status < 0 else status

    def end(self, grace: float) -> None:
        """Ask every process of the session to end; force those still there after ``grace`` seconds."""
        _end(self.session, grace)


def members(session: int) -> list[int]:
    """Ids of the processes of a session, children in process groups of their own included (Linux)."""
    return list(_members(session))


def end_leftovers(session: int, folder: Path) -> None:
    """End what a dead server's run left behind, unless the process id belongs to something else by now."""
    command = _command_line(session)
    if command and str(folder) not in command:
        return
    _end(session, grace=1.0)


def _end(session: int, grace: float) -> None:
    if grace > 0:
        _signal(session, signal.SIGTERM)
        _wait_until_gone(session, grace)
    _signal(session, signal.SIGKILL)
    _wait_until_gone(session, _DYING)


def _wait_until_gone(session: int, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while _is_there(session) and time.monotonic() < deadline:
        time.sleep(_POLL)


def _is_there(session: int) -> bool:
    return any(not _is_zombie(process) for process in _members(session)) or (not _has_proc() and _group_exists(session))


def _signal(session: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(session, number)
    for process in _members(session):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(process, number)


def _members(session: int) -> Iterator[int]:
    if not _has_proc():
        return
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                if os.getsid(int(entry.name)) == session:
                    yield int(entry.name)


def _has_proc() -> bool:
    return Path("/proc/self/stat").exists()


def _is_zombie(process: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    return True


def _group_exists(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _command_line(process: int) -> str:
    """The process's command line, empty where it is gone (or a zombie)."""
    if _has_proc():
        with contextlib.suppress(OSError):
            return Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        return ""
    asked = subprocess.run(
        ["/bin/ps", "-o", "command=", "-p", str(process)], capture_output=True, text=True, check=False
    )
    return asked.stdout.strip()
