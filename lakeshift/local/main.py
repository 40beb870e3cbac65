"""``python -m lakeshift.local.server``: the local AWS in the foreground, until it is told to end."""

from __future__ import annotations

import argparse
import gc
import logging
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from lakeshift.errors import LakeshiftError
from lakeshift.local.server import LocalAws
from lakeshift.paths import StateFolder, default_state_folder

__all__ = ["DEFAULT_PORT", "collect_less", "main"]

DEFAULT_PORT: Final = 4566


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; 0 after a clean stop, 1 with the reason on stderr where it cannot start."""
    parser = argparse.ArgumentParser(prog="python -m lakeshift.local.server", description=__doc__)
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="0 takes a free one")
    parser.add_argument("--state", type=Path, default=default_state_folder().root, help="the state folder")
    options = parser.parse_args(arguments)
    state = StateFolder(options.state.absolute()).create()
    logging.basicConfig(
        filename=state.log, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", force=True
    )
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    server = LocalAws(state, options.port)
    try:
        server.start()
    except LakeshiftError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    collect_less()
    sys.stdout.write(f"{server.endpoint}\n")
    sys.stdout.flush()
    stop.wait()
    server.stop()
    return 0


def collect_less() -> None:
    """Keep what the server is made of out of garbage collections, and have fewer of them.

    A listing or a crawl makes many thousands of small objects without cycles; looking through half a million modules'
    objects every few thousand of them cost a crawl a third of its time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
