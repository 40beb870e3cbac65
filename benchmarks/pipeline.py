"""The whole pipeline against one PySpark script without services: in full, with nothing new, with one new day.

A pair is: everything forgotten, a full run over seven days (sources to warehouse, on a server that is up and workers
that are warm), a run after an eighth day of the same size came, a run with nothing new, and the script over the seven
days in a process of its own. So the new day is a seventh of what the full run read, and the lake already holds seven.
Two such pairs without the script go before, since a run that finds a lake does other things than the first.
The tables that the pipeline leaves in the lake and in the warehouse must equal the script's, for seven and eight days.

So many rows, because a run of a few is all start and planning; it takes longer than other claims for that reason.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks import table_digests
from benchmarks.harness import Claim, Outcome, machine, report, scale
from benchmarks.job_runs import plain_environment
from benchmarks.lakes import LAKE, Lake, lake
from benchmarks.pipeline_sources import later_day, write_sources
from lakeshift.paths import REPOSITORY

_ROWS: Final = 1_000_000  # of seven days; the sample's whole year has 338,000
_PAIRS: Final = 5
_WARM_UP: Final = 2
_SCRIPT: Final = (str(Path(__file__).with_name("hand_written.py")),)
_WARM: Final = ("-m", "benchmarks.hand_written_warm")
FULL = "a full run over seven days"
CLAIMS: Final = {
    "full": Claim(
        "pipeline.full",
        "The whole pipeline on a warm local AWS, from the sources to the warehouse's tables, takes at most half as long"
        " again as one hand-written PySpark script that makes the same tables with no services",
        1.5,
        "one PySpark script, default settings, a new process",
    ),
    "nothing_new": Claim("pipeline.nothing_new", "The pipeline where nothing is new", 0.05, FULL),
    "one_day": Claim("pipeline.one_day", "The pipeline after one new day, beside seven that it holds", 0.2, FULL),
}
CLAIM = CLAIMS["full"]


def timed(work: Callable[[], object]) -> float:
    """Seconds of the work."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def one_run(made: Lake) -> None:
    """What ``make run`` does once the server is up: send what is new, run the state machine."""
    made.ingest()
    made.run()


def begin(made: Lake) -> None:
    """Forget all runs, and have seven days in the sources."""
    made.forget()
    later_day(made.folders, there=False)


def script(made: Lake, target: Path, way: Sequence[str] = _SCRIPT) -> dict[str, Any]:
    """Run the script in a Python of its own; what it printed last, where that is JSON."""
    shutil.rmtree(target, ignore_errors=True)
    command = [sys.executable, *way, str(made.folders.root), str(target)]
    done = subprocess.run(command, env=plain_environment(), capture_output=True, text=True, check=False, cwd=REPOSITORY)
    if done.returncode:
        raise RuntimeError(f"{way[-1]} exited {done.returncode}: {done.stderr[-3000:]}")
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1]) if done.stdout.strip() else {}
    return told


def pipeline_tables(made: Lake) -> dict[str, tuple[int, int]]:
    """Digests of what the pipeline left in the warehouse and in the lake."""
    found = {
        table: table_digests.of_warehouse(made.clients, there, schema)
        for table, (there, schema) in table_digests.WAREHOUSE.items()
    }
    for table, (place, schema) in table_digests.FILES.items():
        zone, folder = place.split("/")
        found[f"lake {table}"] = table_digests.of_files(made.state.buckets / f"{LAKE}-{zone}" / folder, schema)
    return found


def script_tables(target: Path) -> dict[str, tuple[int, int]]:
    """The same of what the script wrote."""
    found = {
        table: table_digests.of_files(target / table, schema) for table, (_, schema) in table_digests.WAREHOUSE.items()
    }
    for table, (_, schema) in table_digests.FILES.items():
        found[f"lake {table}"] = table_digests.of_files(target / table, schema)
    return found


def differences(ours: dict[str, Any], theirs: dict[str, Any], beside: Collection[str] = ()) -> list[str]:
    """The tables that are not equal, told; those ``beside`` are not compared."""
    compared = [name for name in ours if name not in beside]
    return [f"{name}: {ours[name]} and not {theirs[name]}" for name in compared if ours[name] != theirs[name]]


def main() -> int:
    """Measure all three; 1 where a claim does not hold."""
    rows = scale(_ROWS)
    seconds: dict[str, list[float]] = {name: [] for name in (*CLAIMS, "script")}
    wrong: list[str] = []
    with lake() as made:
        target = made.folders.root / "script"
        truth = write_sources(made.folders, rows, days=7)
        for _ in range(_WARM_UP):
            begin(made)
            one_run(made)
            later_day(made.folders, there=True)
            one_run(made)
        for _ in range(_PAIRS):
            begin(made)
            seconds["full"].append(timed(lambda: one_run(made)))
            ours = pipeline_tables(made)
            seconds["script"].append(timed(lambda: script(made, target)))
            wrong += differences(ours, script_tables(target))
            later_day(made.folders, there=True)
            seconds["one_day"].append(timed(lambda: one_run(made)))
            seconds["nothing_new"].append(timed(lambda: one_run(made)))
            ours = pipeline_tables(made)
        warm = script(made, target, _WARM)  # over all eight days, twice, in one session
        # The clean zone keeps both versions of a flight that a later run corrected; the script has read all at once.
        wrong += differences(ours, script_tables(target), beside=["lake flights"])
    for line in wrong:
        sys.stdout.write(f"  {line}\n")
    facts = machine() | {"rows": rows, "lines": truth.lines, "script_warm_seconds": warm.get("seconds")}
    answer = {name: digest[0] for name, digest in ours.items()}
    outcomes = [
        Outcome(CLAIMS[name], seconds[name], seconds[peer], answer, not wrong, facts)
        for name, peer in (("full", "script"), ("nothing_new", "full"), ("one_day", "full"))
    ]
    for outcome in outcomes:
        report(outcome)
    return int(not all(outcome.holds for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
