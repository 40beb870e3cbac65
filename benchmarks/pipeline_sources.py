"""The sources of the claims about the whole pipeline: days of generated flights, and what they are joined with."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Final

from benchmarks.data.flights import Truth, write_flights
from benchmarks.data.others import write_reference, write_weather
from lakeshift.sample.files import SourceFolders
from lakeshift.sample.files import Truth as Sent

__all__ = ["later_day", "write_sources"]

_LATER: Final = "later"
_FIRST_HOUR: Final = "T05:00"  # of a day at the airports, in UTC: readings come as the flights of their hours do


def write_sources(folders: SourceFolders, rows: int, days: int) -> Truth:
    """Fill the sources with ``rows`` lines of ``days`` days; a day more of the same size waits beside them."""
    made = folders.root / "made"
    truth = write_flights(made, rows * (days + 1) // days, days=days + 1)
    readings = write_weather(made, days=days + 1)
    write_reference(made)
    for folder in (folders.outbox, folders.spool.parent, folders.share, folders.root / _LATER):
        folder.mkdir(parents=True)
    for day in sorted(made.glob("flights/*/*/*")):
        _together(day, folders.outbox / ("-".join(day.parts[-3:]) + ".jsonl"))
    lines = [line for path in sorted(made.glob("weather/*/*/*/*")) for line in path.read_bytes().splitlines(True)]
    midnight = f"{max(path.stem for path in folders.outbox.iterdir())}{_FIRST_HOUR}"
    for target, there in ((folders.spool, True), (_readings(folders), False)):
        target.write_bytes(b"".join(line for line in lines if (json.loads(line)["time_hour"] < midnight) == there))
    _together(made / "airlines", folders.share / "airlines.csv")
    _together(made / "planes", folders.root / "planes.csv")
    _together(made / "airports", folders.root / "airports.json")
    shutil.rmtree(made)
    later_day(folders, there=False)
    Sent(sent={"flights": truth.lines, "weather": readings, "airlines": 16}).write(folders)
    return truth


def later_day(folders: SourceFolders, *, there: bool) -> None:
    """Let the last day's flights and readings be among the others, or wait beside them."""
    waiting, readings = folders.root / _LATER, _readings(folders).read_bytes()
    spool = folders.spool.read_bytes()
    if there:
        for file in waiting.glob("*.jsonl"):
            file.rename(folders.outbox / file.name)
        folders.spool.write_bytes(spool + readings)
    elif not any(waiting.glob("*.jsonl")):
        last = max(folders.outbox.iterdir())
        last.rename(waiting / last.name)
        folders.spool.write_bytes(spool.removesuffix(readings))


def _readings(folders: SourceFolders) -> Path:
    return folders.root / _LATER / "readings"


def _together(folder: Path, target: Path) -> None:
    with target.open("wb") as joined:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            joined.write(path.read_bytes())
