"""The two sides of a claim about the transform stages, over one set of raw files."""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.data.flights import Truth, write_flights
from benchmarks.data.others import write_reference, write_weather
from benchmarks.job_runs import JobRuns, job_runs
from benchmarks.stages.tables import TABLES, Answer, answer

__all__ = ["Sides", "sides"]

_HERE: Final = Path(__file__).resolve().parent


@dataclass
class Sides:
    """Each call runs all stages once and returns rows and checksum of every table.

    The jobs' functions read and write ``s3://``, as jobs do on the local AWS; the other scripts are given the folders.

    ``cpu_seconds`` are the processors' by side, the JVM's included: steadier than the clock where others work too.
    """

    runs: JobRuns
    raw: Path
    truth: Truth
    tables: tuple[str, ...]
    cpu_seconds: dict[str, list[float]] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def warm(self) -> Answer:
        """The jobs' functions on a warm worker."""
        return self._once("warm", lambda out: self.runs.warm(_HERE / "ours.py", self._urls(out)), self.truth)

    def cold(self) -> Answer:
        """The same in a process of its own."""
        return self._once("cold", lambda out: self.runs.cold(_HERE / "ours.py", self._urls(out)), self.truth)

    def naive(self) -> Answer:
        """The plain PySpark script."""
        return self._once(
            "naive", lambda out: self.runs.plain(_HERE / "naive.py", str(self.raw), str(out), *self.tables), None
        )

    def duckdb(self) -> Answer:
        """The stage of the flights with DuckDB inside the tasks, in a process of its own."""
        script = _HERE / "duckdb_flights.py"
        raw = str(self.raw)
        return self._once(
            "duckdb",
            lambda out: self.runs.cold(script, {"raw": raw, "out": str(out), "told": str(out)}),
            self.truth,
        )

    def _urls(self, out: Path) -> dict[str, str]:
        raw, tables = (f"s3://{folder.relative_to(self.runs.buckets)}" for folder in (self.raw, out))
        return {"raw": raw, "out": tables, "told": str(out)}

    def _once(self, side: str, run: Callable[[Path], None], truth: Truth | None) -> Answer:
        out = self.raw.with_name(f"out{next(self._numbers)}")
        out.mkdir()
        run(out)
        told = json.loads((out / "told.json").read_text())
        self.cpu_seconds.setdefault(side, []).append(sum(cpu for _, cpu in told["seconds"].values()))
        if truth is not None:
            accounted = {"rows_in": truth.lines, "duplicates": truth.duplicates, **truth.rejected}
            assert told["audit"] == accounted, f"{told['audit']} is not what was written: {accounted}"
        found = answer(out, self.tables)
        shutil.rmtree(out)
        return found


@contextmanager
def sides(rows: int, only: str | None = None, days: int = 7) -> Iterator[Sides]:
    """Both sides over so many lines of flight events of so many days, and what they join; or ``only`` one stage."""
    with job_runs() as runs:
        raw = runs.buckets / "lake" / "raw"
        truth = write_flights(raw, rows, days=days)
        write_weather(raw, days=days)
        write_reference(raw)
        yield Sides(runs, raw, truth, (only,) if only else tuple(TABLES))
