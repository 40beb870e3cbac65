"""The outside world as a process: the operational database and the airports API, until it is told to stop.

``python -m lakeshift.sample.world <sources folder>`` writes ``world.json`` with its addresses once all of it answers.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path

__all__ = ["World", "main", "read"]


@dataclass(frozen=True, slots=True)
class World:
    """Where the sources that are servers answer, and the process that holds them."""

    process_id: int
    jdbc_url: str
    airports_url: str


def _file(sources: Path) -> Path:
    return sources / "world.json"


def read(sources: Path) -> World | None:
    """The running world, or None where there is none."""
    try:
        world = World(**json.loads(_file(sources).read_text()))
        os.kill(world.process_id, 0)
    except (FileNotFoundError, ProcessLookupError):
        return None
    command = Path(f"/proc/{world.process_id}/cmdline")
    ours = not command.exists() or str(sources).encode() in command.read_bytes()
    return world if ours else None


def main(arguments: list[str]) -> int:
    """Start everything, say where, wait for SIGTERM or SIGINT, stop everything."""
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
    from lakeshift.sample.airports_api import AirportsApi, documents
    from lakeshift.sample.database import OperationalDatabase

    sources = Path(arguments[0])
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    api = AirportsApi(documents()).start()
    database = OperationalDatabase(sources / "postgres").start()
    facts = _file(sources)
    part = facts.with_suffix(".part")
    part.write_text(json.dumps(asdict(World(os.getpid(), database.jdbc_url, api.url))))
    part.replace(facts)
    stop.wait()
    facts.unlink(missing_ok=True)
    database.stop(missing_ok=True)
    api.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
