"""Workers, hours and cost on AWS of a day of data, from what a row costs here. Pure: figures in, runs and text out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import Any, Final

from lakeshift.cost.report import Prices

__all__ = ["DAY", "WORKERS", "Assumptions", "Stage", "StageRun", "Worker", "simulate", "stages_of", "text"]

_LEAST_WORK: Final = 180.0  # seconds for which it is worth to bring workers
_LEAST_RUN: Final = 60.0  # seconds billed of any job run, https://aws.amazon.com/glue/pricing/


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker type (https://docs.aws.amazon.com/glue/latest/dg/worker-types.html)."""

    name: str
    vcpus: int
    gigabytes: int
    dpus: float


WORKERS: Final[Mapping[str, Worker]] = {
    worker.name: worker
    for worker in (
        Worker("G.1X", 4, 16, 1),
        Worker("G.2X", 8, 32, 2),
        Worker("G.4X", 16, 64, 4),
        Worker("G.8X", 32, 128, 8),
    )
}

_WHOLE_DAY: Final = ("flights_enriched", "daily_aggregates")
DAY: Final = (
    0.015, 0.010, 0.008, 0.008, 0.012, 0.022, 0.038, 0.050, 0.058, 0.060, 0.060, 0.060,
    0.060, 0.062, 0.064, 0.066, 0.066, 0.064, 0.060, 0.052, 0.042, 0.030, 0.020, 0.013,
)  # fmt: skip
"""The share of a day's data that arrives in each hour: little at night, most in the afternoon."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage and what a row costs it: processor microseconds of one core.

    A stage that replaces whole dates reads with each run all rows of the ``whole_day`` so far, not only the new ones.
    """

    name: str
    core_us: float
    whole_day: bool = False


@dataclass(frozen=True, slots=True)
class Assumptions:
    """All that is assumed and not measured; each is printed with the result.

    Attributes:
        row_bytes: bytes of a raw row.
        core: how fast a vCPU of Glue is, in cores of the machine that was measured.
        efficiency: the share of the workers' cores that does useful work: skew, tails of stages, waiting for S3.
        start_seconds: from StartJobRun to the first task, billed as the rest is.
        step_seconds: what auto scaling needs to bring the workers wanted; one beside the driver works meanwhile.
        share: of the time between two runs of the pipeline, how much the stages of one may take together;
            ``most_minutes`` at most.
        most_workers: NumberOfWorkers with auto scaling, and the quota of the account.
        day: the share of the data that arrives before each run of the day; runs are equally far from each other.
    """

    row_bytes: float
    core: float = 1.0
    efficiency: float = 0.6
    start_seconds: float = 30.0
    step_seconds: float = 60.0
    share: float = 0.75
    most_minutes: float = 240.0
    most_workers: int = 300
    day: Sequence[float] = field(default=DAY)

    @property
    def minutes(self) -> float:
        """For the stages of one run of the pipeline."""
        return min(self.most_minutes, self.share * 24 * 60 / len(self.day))

    def with_runs(self, runs: int) -> Assumptions:
        """The same day with fewer runs, which its hours are divided among."""
        hours = len(self.day) // runs
        return replace(self, day=tuple(sum(self.day[start : start + hours]) for start in range(0, runs * hours, hours)))


@dataclass(frozen=True, slots=True)
class StageRun:
    """A run of a stage: which of the day, workers with the driver, seconds, and DPU-hours billed."""

    number: int
    stage: str
    rows: float
    workers: int
    seconds: float
    dpu_hours: float


def stages_of(curve: Iterable[Mapping[str, Any]]) -> list[Stage]:
    """Each stage's cost by its largest run of the growth curve (``stage``, ``rows``, ``cpu_us``)."""
    largest: dict[str, Mapping[str, Any]] = {}
    for point in curve:
        if point["rows"] >= largest.get(point["stage"], point)["rows"]:
            largest[point["stage"]] = point
    return [Stage(name, float(point["cpu_us"]), name in _WHOLE_DAY) for name, point in largest.items()]


def simulate(
    terabytes: float, stages: Sequence[Stage], given: Assumptions, worker: Worker, *, scaling: bool
) -> list[StageRun]:
    """Every stage of every pipeline run of a day of ``terabytes`` (10^12 bytes) of raw data.

    With ``scaling`` a run takes the workers that its rows need, after a start with one beside the driver; else all
    runs of a stage have the number that the largest needs.
    """
    new = [terabytes * 1e12 * share / given.row_bytes for share in given.day]
    rows = {stage: list(accumulate(new)) if stage.whole_day else new for stage in stages}
    runs = []
    for number in range(len(new)):
        for stage, counts in rows.items():
            sized_for = {one: of[number] if scaling else max(of) for one, of in rows.items()}
            executors = _executors(sized_for, stage, given, worker)
            runs.append(_run(number, counts[number], stage, executors, given, worker, scaling=scaling))
    return runs


def _core_seconds(rows: float, stage: Stage, given: Assumptions) -> float:
    return rows * stage.core_us / 1e6 / given.core / given.efficiency


def _executors(rows: Mapping[Stage, float], stage: Stage, given: Assumptions, worker: Worker) -> int:
    """Workers without the driver, so that the stages of a run end within the minutes given: each gets its share."""
    work = {one: _core_seconds(count, one, given) for one, count in rows.items()}
    fixed = given.start_seconds + given.step_seconds
    seconds = max(_LEAST_WORK, given.minutes * 60 * work[stage] / sum(work.values()) - fixed)
    return max(1, min(math.ceil(work[stage] / seconds / worker.vcpus), given.most_workers - 1))


def _run(
    number: int, rows: float, stage: Stage, executors: int, given: Assumptions, worker: Worker, *, scaling: bool
) -> StageRun:
    work = _core_seconds(rows, stage, given)
    slow = min(given.step_seconds, work / worker.vcpus) if scaling and executors > 1 else 0.0
    fast = (work - slow * worker.vcpus) / (executors * worker.vcpus)
    few, all_of_them = 2, executors + 1
    seconds = given.start_seconds + slow + fast
    held = (given.start_seconds + slow) * (few if scaling else all_of_them) + fast * all_of_them
    held += max(0.0, _LEAST_RUN - seconds) * (few if scaling else all_of_them)
    return StageRun(number, stage.name, rows, all_of_them, seconds, held * worker.dpus / 3600)


def text(
    terabytes: float, stages: Sequence[Stage], given: Assumptions, worker: Worker, prices: Prices, runs: Sequence[int]
) -> str:
    """The report: the day by how many ``runs`` of the pipeline it has, the largest run, and what was assumed."""
    out = [
        f"A day of {terabytes:g} TB: {terabytes * 1e12 / given.row_bytes:,.0f} rows of {given.row_bytes:,.0f} bytes; "
        f"{worker.name} workers ({worker.vcpus} vCPUs, {worker.gigabytes} GB, {worker.dpus:g} DPU).",
        "",
        f"{'runs a day':<24} {'minutes':>8} {'workers':>12} {'DPU-hours':>10} {'USD':>10} {'USD (flex)':>11}",
    ]
    for number in runs:
        day = given.with_runs(number)
        for name, scaling in (("auto scaling", True), ("fixed workers", False)):
            found = simulate(terabytes, stages, day, worker, scaling=scaling)
            out.append(f"{f'{number}, {name}':<24} {_day(found, prices)}")
    for number in runs:
        out += [
            "",
            *_largest(simulate(terabytes, stages, given.with_runs(number), worker, scaling=True), given, number),
        ]
    return "\n".join([*out, "", *_assumed(given, prices)])


def _day(found: Sequence[StageRun], prices: Prices) -> str:
    hours = sum(run.dpu_hours for run in found)
    usd = [hours * prices.usd[price] for price in ("glue.standard", "glue.flex")]
    minutes = (
        max(sum(run.seconds for run in found if run.number == number) for number in {r.number for r in found}) / 60
    )
    workers = f"{min(run.workers for run in found)} to {max(run.workers for run in found)}"
    return f"{minutes:>8.0f} {workers:>12} {hours:>10,.1f} {usd[0]:>10,.2f} {usd[1]:>11,.2f}"


def _largest(found: Sequence[StageRun], given: Assumptions, runs: int) -> list[str]:
    """The stages of the run that takes most DPU-hours."""
    cost = {number: sum(run.dpu_hours for run in found if run.number == number) for number in range(runs)}
    largest = max(cost, key=lambda number: cost[number])
    head = f"Of {runs} runs a day the largest, number {largest + 1}:"
    lines = [
        f"  {run.stage:<20} {run.rows:>16,.0f} rows {run.workers:>4} workers {run.seconds / 60:>6.1f} minutes"
        f" {run.dpu_hours:>8.1f} DPU-hours"
        + " (the most workers: it takes longer)"
        * (run.workers >= given.most_workers)
        for run in found
        if run.number == largest
    ]
    return [head, *lines]


def _assumed(given: Assumptions, prices: Prices) -> list[str]:
    return [
        "Assumed, not measured:",
        f"  a vCPU does {given.core:g} of the work of a core of the measured machine;",
        f"  {given.efficiency:.0%} of the workers' time is work: the rest is skew, tails of stages and waiting for S3;",
        f"  a run starts in {given.start_seconds:g} s; auto scaling brings its workers in {given.step_seconds:g} s;",
        f"  a run may take {given.share:.0%} of the time to the next, {given.most_minutes:g} minutes at most;",
        f"  a run has at most {given.most_workers} workers; most data arrives in the afternoon;",
        "  flights_enriched and daily_aggregates replace whole dates, so each run reads the whole day so far;",
        "  a row costs at 10^9 rows what it cost at the largest size measured here;",
        f"  list prices of us-east-1 as of {prices.as_of}; a run is billed by the second, 60 at least.",
        "Not counted: Redshift, S3 requests and storage, crawlers, data transfer.",
    ]
