"""The sources that are files: the application's outbox, the stations' spool, the on-premises share."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path

from lakeshift.sample.dataset import rows
from lakeshift.sample.flights import FlightEvents, year_of_events
from lakeshift.sample.later import next_batch
from lakeshift.sample.weather import year_of_readings

__all__ = ["SourceFolders", "Truth", "send_next_batch", "write_first_year"]


@dataclass(frozen=True, slots=True)
class SourceFolders:
    """Folders of the sources that are files, below ``root``."""

    root: Path

    @property
    def outbox(self) -> Path:
        """Flight events, one ``yyyy-mm-dd.jsonl`` a day of sending."""
        return self.root / "outbox"

    @property
    def outbox_read(self) -> Path:
        """What the uploader keeps of the files of the outbox that it has read."""
        return self.root / "outbox.read.json"

    @property
    def spool(self) -> Path:
        """Weather readings, one JSON document a line."""
        return self.root / "spool" / "readings.jsonl"

    @property
    def share(self) -> Path:
        """The share that DataSync reads."""
        return self.root / "share"

    @property
    def truth(self) -> Path:
        """What was sent, as ``Truth`` in JSON."""
        return self.root / "truth.json"


@dataclass(slots=True)
class Truth:
    """Records sent by source, the good ones among them, and the dirt by reason."""

    sent: dict[str, int] = field(default_factory=dict)
    good: dict[str, int] = field(default_factory=dict)
    dirt: dict[str, dict[str, int]] = field(default_factory=dict)

    @classmethod
    def read(cls, folders: SourceFolders) -> Truth:
        """The truth that was written with the sources; FileNotFoundError before the first year is."""
        return cls(**json.loads(folders.truth.read_text()))

    def write(self, folders: SourceFolders) -> None:
        """Write whole or not at all."""
        _write(folders.truth, json.dumps(asdict(self), indent=2).encode())


def write_first_year(folders: SourceFolders) -> Truth:
    """Fill the folders with the year's data, once; a second call returns the truth of the first."""
    if folders.truth.exists():
        return Truth.read(folders)
    flights, weather = year_of_events(), year_of_readings()
    _write_days(folders.outbox, flights)
    _write(folders.spool, b"\n".join(weather.lines) + b"\n")
    airlines = list(rows("airlines"))
    _write(folders.share / "airlines.csv", "\n".join(["carrier,name", *map(_csv_line, airlines), ""]).encode())
    truth = Truth(
        sent={"flights": flights.records, "weather": len(weather.lines), "airlines": len(airlines)},
        good={"flights": flights.good, "weather": weather.good, "airlines": len(airlines)},
        dirt={"flights": dict(flights.dirt), "weather": dict(weather.dirt), "airlines": {}},
    )
    truth.write(folders)
    return truth


def send_next_batch(folders: SourceFolders) -> tuple[date, int]:
    """Put the next day's file into the outbox; returns its day and records."""
    batch = next_batch()
    _write_days(folders.outbox, batch)
    truth = Truth.read(folders)
    truth.sent = dict(Counter(truth.sent) + Counter({"flights": batch.records}))
    truth.good = dict(Counter(truth.good) + Counter({"flights": batch.good}))
    truth.write(folders)
    return next(iter(batch.lines)), batch.records


def _csv_line(row: dict[str, str]) -> str:
    return ",".join(f'"{value}"' if "," in value else value for value in row.values())


def _write_days(outbox: Path, events: FlightEvents) -> None:
    for day, lines in events.lines.items():
        _write(outbox / f"{day}.jsonl", b"\n".join(lines) + b"\n")


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_bytes(content)
    part.replace(path)
