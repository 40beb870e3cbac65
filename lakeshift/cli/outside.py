"""Start and stop the sample's outside world as a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import Final

from lakeshift.errors import LakeshiftError
from lakeshift.paths import StateFolder
from lakeshift.sample import world

__all__ = ["start", "stop"]

_PATIENCE: Final = 90.0  # seconds; initdb on a busy machine


def start(state: StateFolder) -> world.World:
    """The world of this state folder, started where it does not run; returns once it answers."""
    running = world.read(state.sources)
    if running is not None:
        return running
    state.create()
    log = state.sources / "world.log"
    with log.open("ab") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", "lakeshift.sample.world", str(state.sources)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and child.poll() is None:
        running = world.read(state.sources)
        if running is not None and running.process_id == child.pid:
            child.returncode = 0  # it outlives this command: no warning that it still runs
            return running
        time.sleep(0.05)
    raise LakeshiftError(f"The sample's sources did not start; their log is {log}.")


def stop(state: StateFolder) -> None:
    """Stop the world where it runs, and wait until it is gone."""
    running = world.read(state.sources)
    if running is None:
        return
    os.kill(running.process_id, signal.SIGTERM)
    deadline = time.monotonic() + _PATIENCE
    while world.read(state.sources) is not None and time.monotonic() < deadline:
        time.sleep(0.05)
