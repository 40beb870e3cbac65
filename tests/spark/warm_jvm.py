"""A JVM that outlives a test session, so that the next one finds Spark compiled: ``python -m tests.spark.warm_jvm``.

Its keeper listens on a socket of a folder and serves one session at a time, as a warm worker serves job runs: who
connects is told port and secret of a py4j gateway, and what is left when the connection closes, however that comes, is
ended. It ends itself after ten idle minutes. Another set of jars has another folder and so another JVM.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from lakeshift.glue_runtime.gateway import java_process
from lakeshift.glue_runtime.spark_settings import archives, job_jars, storage
from lakeshift.glue_runtime.worker_jvm import WorkerJvm
from lakeshift.paths import REPOSITORY

__all__ = ["warm_jvm"]

_HEAP: Final = 1_024  # MiB
_IDLE_SECONDS: Final = 600.0
_PATIENCE: Final = 60.0


def _folder() -> Path:
    _, _, classes = java_process("none", (), job_jars(storage(None)[1]), archives())
    name = classes.archive.stem if classes else "spark"
    return Path(tempfile.gettempdir()) / f"lakeshift-tests-{os.getuid()}" / name


@contextmanager
def warm_jvm() -> Iterator[tuple[int, str]]:
    """Port and secret of a gateway of one's own, on the JVM that is up or on one that is started and stays.

    It waits while another session has it. Raises TimeoutError where no JVM comes up; its folder has a log.
    """
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    connection = _connected(folder / "socket") or _started(folder)
    with connection, connection.makefile("r") as answers:
        port, secret = answers.readline().split()
        yield int(port), secret


def _connected(address: Path) -> socket.socket | None:
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(str(address))
    except OSError:
        connection.close()
        return None
    return connection


def _started(folder: Path) -> socket.socket:
    with (folder / "log").open("ab") as log:
        command = [sys.executable, "-m", "tests.spark.warm_jvm", str(folder)]
        subprocess.Popen(
            command, cwd=REPOSITORY, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    deadline = time.monotonic() + _PATIENCE
    while (connection := _connected(folder / "socket")) is None:
        if time.monotonic() > deadline:
            raise TimeoutError(f"No JVM came up within {_PATIENCE:g} s; see {folder / 'log'}.")
        time.sleep(0.05)
    return connection


def serve(folder: Path) -> None:
    """Keep the JVM for one session after the other, until none has come for a while."""
    address = folder / "socket"
    with socket.socket(socket.AF_UNIX) as listening:
        address.unlink(missing_ok=True)  # of a keeper that was killed
        listening.bind(str(address))
        listening.listen()
        listening.settimeout(_IDLE_SECONDS)
        jvm = WorkerJvm(folder, _HEAP, folder, lasting=False)
        try:
            while True:
                connection, _ = listening.accept()
                with connection:
                    port, secret = jvm.begin(folder / "stdout", folder / "stderr")
                    connection.sendall(f"{port} {secret}\n".encode())
                    connection.recv(1)  # nothing comes: the session is over
                jvm.end()
        except TimeoutError:
            address.unlink(missing_ok=True)
        finally:
            jvm.close()


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
