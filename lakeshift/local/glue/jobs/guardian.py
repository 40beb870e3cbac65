"""Runs one command in a session of its own and ends the whole of it when the server's end of the pipe closes.

Started by path with ``python -I -S guardian.py <command…>``: nothing of the project is imported, so it starts in
milliseconds. Its standard input is a pipe that only the server holds open; however the server dies, the pipe closes
and no process of a job outlives it for long.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from types import FrameType

__all__ = ["main"]

_GRACE = 2.0  # seconds between asking and forcing


def _stay(number: int, frame: FrameType | None) -> None:
    """A handler, not SIG_IGN: it does not carry over to the command."""


def _end_everything() -> None:
    while os.read(0, 4096):  # not sys.stdin: its lock would be held while the interpreter ends
        pass
    os.killpg(0, signal.SIGTERM)
    time.sleep(_GRACE)
    os.killpg(0, signal.SIGKILL)


def main(command: list[str]) -> int:
    """Run ``command``; returns its exit status as a shell does: 128 + n where signal n ended it, 127 for no program."""
    signal.signal(signal.SIGTERM, _stay)
    signal.signal(signal.SIGINT, _stay)
    threading.Thread(target=_end_everything, daemon=True).start()
    try:
        status = subprocess.Popen(command, stdin=subprocess.DEVNULL, close_fds=False).wait()  # a worker's channel
    except OSError as error:
        sys.stderr.write(f"{error.strerror}: {command[0]}\n")
        sys.stderr.flush()
        return 127
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    os._exit(main(sys.argv[1:]))
