from __future__ import annotations

from dataclasses import replace

import pytest

from lakeshift.cost.report import load_prices
from lakeshift.cost.sizing import WORKERS, Assumptions, Stage, simulate, stages_of, text

G1X = WORKERS["G.1X"]
EVEN = Assumptions(row_bytes=1000.0, efficiency=1.0, start_seconds=0, step_seconds=0, day=(0.5, 0.5))
CLEAN, JOIN = Stage("clean", 40.0), Stage("join", 20.0)


@pytest.mark.parametrize("most", [30.0, 240.0])
def test_core_seconds_are_conserved(most: float) -> None:
    """10^9 rows of 40 us are 40,000 core seconds = 10,000 s of a worker, whatever the number of workers."""
    given = replace(EVEN, most_minutes=most)
    runs = simulate(1.0, [CLEAN], given, G1X, scaling=False)
    assert sum(run.seconds * (run.workers - 1) for run in runs) == pytest.approx(10_000)
    assert all(run.seconds <= most * 60 for run in runs)


def test_stages_share_the_time_by_their_cost_and_so_need_alike_workers() -> None:
    runs = simulate(1.0, [CLEAN, JOIN], EVEN, G1X, scaling=False)
    clean, join = (next(run for run in runs if run.stage == name) for name in ("clean", "join"))
    assert clean.workers == join.workers
    assert clean.seconds == pytest.approx(2 * join.seconds)


def test_a_stage_that_replaces_dates_reads_the_day_so_far_with_each_run() -> None:
    runs = simulate(1.0, [replace(CLEAN, whole_day=True)], EVEN, G1X, scaling=True)
    assert [run.rows for run in runs] == pytest.approx([5e8, 1e9])


@pytest.mark.parametrize("runs", [24, 6, 4, 1])
def test_fewer_runs_have_the_same_day_among_them(runs: int) -> None:
    day = Assumptions(row_bytes=1.0).with_runs(runs).day
    assert len(day) == runs
    assert sum(day) == pytest.approx(1.0)


def test_twice_the_data_costs_at_most_twice() -> None:
    given = Assumptions(row_bytes=400.0)
    one, two = (sum(run.dpu_hours for run in simulate(size, [CLEAN], given, G1X, scaling=True)) for size in (5.0, 10.0))
    assert one < two <= 2 * one * 1.01


def test_auto_scaling_costs_no_more_than_the_busiest_hour_s_workers_all_day() -> None:
    given = Assumptions(row_bytes=400.0)
    scaled, fixed = (
        sum(run.dpu_hours for run in simulate(10.0, [CLEAN, JOIN], given, G1X, scaling=scaling))
        for scaling in (True, False)
    )
    assert scaled < fixed


def test_a_short_run_is_billed_for_a_minute() -> None:
    (run,) = simulate(1e-6, [CLEAN], Assumptions(row_bytes=1000.0, day=(1.0,)), G1X, scaling=True)
    assert run.workers == 2
    assert run.dpu_hours == pytest.approx(2 / 60)


def test_workers_end_at_the_quota_and_time_does_not() -> None:
    given = Assumptions(row_bytes=400.0, most_workers=10)
    runs = simulate(10.0, [CLEAN], given, G1X, scaling=True)
    assert max(run.workers for run in runs) == 10
    assert max(run.seconds for run in runs) > given.minutes * 60
    assert "the most workers: it takes longer" in text(10.0, [CLEAN], given, G1X, load_prices(), [24])


def test_a_stage_costs_what_its_largest_run_did() -> None:
    curve = [
        {"stage": "clean", "rows": 10, "cpu_us": 90.0},
        {"stage": "clean", "rows": 1000, "cpu_us": 40.0},
        {"stage": "clean", "rows": 100, "cpu_us": 60.0},
    ]
    assert stages_of(curve) == [CLEAN]
