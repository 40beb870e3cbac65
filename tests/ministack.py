"""MiniStack, a second emulator of AWS, as a process of its own on a free port of 127.0.0.1.

It lives in .venv-ministack (`make .venv-ministack/ready`, which `make test` does), for it fixes another botocore.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

__all__ = ["PYTHON", "ministack"]

PYTHON = Path(__file__).resolve().parents[1] / ".venv-ministack" / "bin" / "python"
_WAIT = 60.0  # seconds until it answers


@contextlib.contextmanager
def ministack(folder: Path, **environment: str) -> Iterator[str]:
    """The endpoint of a new, empty MiniStack that keeps its files in ``folder``; ``environment`` as ``AUTH="true"``.

    The test is skipped where .venv-ministack is not made.
    """
    if not PYTHON.exists():
        pytest.skip("MiniStack is not installed: make .venv-ministack/ready")
    port = _free_port()
    given = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "LOG_LEVEL": "WARNING",
        **environment,
    }
    with (folder / "ministack.log").open("wb") as log:
        command = [str(PYTHON), "-m", "ministack"]
        process = subprocess.Popen(command, env=given, cwd=folder, stdout=log, stderr=subprocess.STDOUT)
        try:
            endpoint = f"http://127.0.0.1:{port}"
            _wait(process, endpoint, folder / "ministack.log")
            yield endpoint
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], endpoint: str, log: Path) -> None:
    end = time.monotonic() + _WAIT
    while True:
        try:
            with urllib.request.urlopen(f"{endpoint}/_ministack/ready", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError):
            if process.poll() is not None or time.monotonic() > end:
                pytest.fail(f"MiniStack did not start:\n{log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.05)
