"""Seconds and memory a row of every stage as the rows grow: 10^5 and 10^6; with ``SCALE=10``, 10^6 and 10^7.

A stage whose time a row grows would not end on a large day, whatever the workers. Both sizes run in one warm Spark,
whose JVM has the same heap for both; a stage reads what the stage before it wrote.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.data.flights import Truth, write_flights
from benchmarks.data.others import write_reference, write_weather
from benchmarks.glue_session import glue_context
from benchmarks.harness import Claim, Outcome, machine, report, scale
from benchmarks.processes import peak_memory, processor_seconds
from benchmarks.stages import ours
from benchmarks.stages.tables import answer

CLAIM = Claim(
    name="growth",
    statement="Processor time a row of the stages of the pipeline, for ten times the rows",
    target=1.2,
    peer="the same stages, the same Spark, a tenth of the rows",
    limits={"slowest_growing_stage": 1.2, "peak_gib": 2.0},
)
SMALL: Final = 100_000
WARM: Final = 20_000
HEAP: Final = 1_280  # megabytes of the JVM's heap; what else it holds, and Python, make the rest of 2 GiB


@dataclass(frozen=True)
class Point:
    """A run of a stage: microseconds a row of wall-clock and of processors, and the most memory of all processes."""

    stage: str
    rows: int
    wall_us: float
    cpu_us: float
    memory_mib: int


def stages(glue: Any, raw: str, out: str, told: dict[str, Any]) -> Iterator[tuple[str, Callable[[], object]]]:
    """What a pipeline run does with flights, in its order; ``told`` is given the first one's audit."""
    yield "flights_clean", lambda: told.update(ours.clean_flights(glue, raw, out))
    yield "flights_enriched", lambda: ours.enrich(glue, ours.lookups(glue, raw), out)
    yield "daily_aggregates", lambda: ours.daily(glue, out)


def run(glue: Any, home: Path, rows: int) -> tuple[list[Point], bool]:
    """All stages over ``rows`` new lines of a week; whether every line is accounted for and every table agrees."""
    raw, out = home / "raw", home / "out"
    truth = write_flights(raw, rows)
    write_weather(raw)
    write_reference(raw)
    ours.clean_weather(glue, str(raw), str(out))
    told: dict[str, Any] = {}
    points = []
    for name, work in stages(glue, str(raw), str(out), told):
        before, started = processor_seconds(), time.perf_counter()
        with peak_memory() as peak:
            work()
        wall, cpu = time.perf_counter() - started, processor_seconds() - before
        points.append(Point(name, rows, round(wall / rows * 1e6, 2), round(cpu / rows * 1e6, 2), peak.size // 2**20))
        glue.spark_session.catalog.clearCache()
    right = _right(truth, told, out)
    shutil.rmtree(raw)
    shutil.rmtree(out)
    return points, right


def _right(truth: Truth, told: dict[str, Any], out: Path) -> bool:
    accounted = {"rows_in": truth.lines, "duplicates": truth.duplicates, **truth.rejected}
    rows = {name: found[0] for name, found in answer(out, ("flights", "enriched")).items()}
    # A flight that was corrected is in the clean zone in both versions where the newer one came with a later run.
    return told == accounted and rows["flights"] == rows["enriched"] == truth.clean


def main() -> None:
    """Measure it; the curve is printed and in the result."""
    small = scale(SMALL)
    with tempfile.TemporaryDirectory(prefix="growth-") as folder:
        home = Path(folder)
        with glue_context(home, heap=HEAP) as glue:
            for _ in range(2):
                run(glue, home, WARM)
            found = [run(glue, home, rows) for rows in (small, 10 * small)]
        size = _row_bytes(home)
    (before, first), (after, second) = found
    ratios = {b.stage: round(a.cpu_us / b.cpu_us, 3) for b, a in zip(before, after, strict=True)}
    for point in (*before, *after):
        print(
            f"  {point.stage:<18} {point.rows:>11,} rows {point.wall_us:>8.2f} us a row"
            f" {point.cpu_us:>8.2f} of processors {point.memory_mib:>6,} MiB"
        )
    ours_us, peer_us = (sum(point.cpu_us for point in points) for points in (after, before))
    facts = {
        "slowest_growing_stage": max(ratios.values()),
        "peak_gib": round(max(point.memory_mib for point in after) / 1024, 2),
        "heap_mib": HEAP,
        "row_bytes": size,
        "curve": [asdict(point) for point in (*before, *after)],
    }
    right = first and second
    report(Outcome(CLAIM, [ours_us], [peer_us], 10 * small, right, machine() | facts, "processor seconds"))


def _row_bytes(home: Path) -> float:
    rows = 10_000
    write_flights(home / "sized", rows)
    return round(sum(file.stat().st_size for file in (home / "sized").rglob("*.json")) / rows, 1)


if __name__ == "__main__":
    main()
