"""Other engines on the work of the clean stage, flattering or not: DuckDB, Polars, pandas, and the physical floor."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.data.flights import write_flights
from benchmarks.glue_session import glue_context
from benchmarks.harness import Claim, Outcome, machine, report, scale
from benchmarks.processes import peak_memory, processor_seconds
from benchmarks.stages import ours
from benchmarks.stages.tables import answer

CLAIM = Claim(
    name="engines_beside",
    statement="The clean stage of the flights in a warm Spark, beside other engines, each a process of its own",
    target=None,
    peer="DuckDB 2.0.0, two threads, one statement",
)
LINES: Final = 200_000
ROUNDS: Final = 5
ENGINES: Final = ("duckdb", "polars", "pandas", "floor")
_HERE: Final = Path(__file__).resolve().parent
_POLARS: Final = _HERE.parent / ".venv-bench" / "bin" / "python"


@dataclass(frozen=True)
class Run:
    """One run of one engine; processor seconds are of all its processes."""

    engine: str
    wall: float
    cpu: float
    memory_mib: int


def script(engine: str, raw: Path, out: Path, clean: Path) -> Run:
    """Run an engine's script in a Python of its own. Raises CalledProcessError with what it said."""
    file = _HERE / "engines" / (f"{engine}.py" if engine == "floor" else f"{engine}_engine.py")
    python = str(_POLARS) if engine == "polars" else sys.executable
    command = [python, str(file), str(raw), str(out), str(clean)]
    started = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, env=os.environ | {"PYTHONPATH": str(_HERE.parent)}, stderr=said)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise RuntimeError(f"{engine} failed: {said.read().decode()[-1000:]}")
    wall = time.perf_counter() - started
    return Run(engine, wall, used.ru_utime + used.ru_stime, used.ru_maxrss // 1024)


def stage(glue: Any, raw: Path, out: Path) -> Run:
    """The stage, with its quarantine and counts."""
    before, started = processor_seconds(), time.perf_counter()
    with peak_memory() as peak:
        ours.clean_flights(glue, str(raw), str(out))
    return Run("ours", time.perf_counter() - started, processor_seconds() - before, peak.size // 2**20)


def main() -> None:
    """All in turns; the first round is a warm-up."""
    engines = [engine for engine in ENGINES if engine != "polars" or _POLARS.exists()]
    if "polars" not in engines:
        print("Polars is not measured: it has an environment of its own, made by `make bench-engines`.")
    runs: list[Run] = []
    answers = []
    with tempfile.TemporaryDirectory(prefix="engines-") as folder:
        home = Path(folder)
        raw, clean = home / "raw", home / "ours"
        truth = write_flights(raw, scale(LINES))
        with glue_context(home) as glue:
            for number in range(ROUNDS + 1):
                shutil.rmtree(clean, ignore_errors=True)
                found = [stage(glue, raw, clean)]
                for engine in engines:
                    out = home / f"{engine}{number}"
                    found.append(script(engine, raw, out, clean / "flights"))
                    if engine != "floor":
                        answers.append(answer(out, ("flights",)))
                answers.append(answer(clean, ("flights",)))
                runs += found if number else []
    by_engine = {engine: [run for run in runs if run.engine == engine] for engine in ("ours", *engines)}
    rows = [_median(engine, those, scale(LINES)) for engine, those in by_engine.items()]
    for row in rows:
        print("  " + "  ".join(f"{name} {value}" for name, value in row.items()))
    equal = all(one == answers[0] for one in answers) and answers[0]["flights"][0] == truth.clean
    seconds = {engine: [run.cpu for run in those] for engine, those in by_engine.items()}
    facts = {"lines": truth.lines, "engines": rows}
    report(
        Outcome(
            CLAIM, seconds["ours"], seconds["duckdb"], answers[0]["flights"], equal, machine() | facts,
            "processor seconds",
        )
    )  # fmt: skip


def _median(engine: str, runs: list[Run], lines: int) -> dict[str, Any]:
    middle = {
        name: statistics.median(getattr(run, name) for run in runs) for name in asdict(runs[0]) if name != "engine"
    }
    return {
        "engine": engine,
        "wall_seconds": round(middle["wall"], 2),
        "processor_seconds": round(middle["cpu"], 2),
        "processor_us_a_line": round(middle["cpu"] / lines * 1e6, 2),
        "memory_mib": int(middle["memory_mib"]),
    }


if __name__ == "__main__":
    main()
