"""What a run prints, against golden files; UPDATE_GOLDEN=1 writes them anew."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lakeshift.cli import report

_GOLDEN = Path(__file__).parent / "golden"
_CLEAN = {
    "stage": "flights_clean", "rows_in": 337_816, "rows_out": 336_776, "duplicates": 500, "seconds": 31.25,
    "rejected": {"malformed_json": 240, "bad_integer:dep_delay": 300, "missing:flight": 0},
}  # fmt: skip
_IDLE = {"stage": "weather_clean", "rows_in": 0, "rows_out": 0, "duplicates": 0, "rejected": {}, "seconds": 4.0}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("stages", "\n".join([report.header(), report.stage_line(_CLEAN), report.stage_line(_IDLE)])),
        ("total_of_a_run_that_moved_rows", report.total_line([_CLEAN, _IDLE], 61.04)),
        ("total_of_a_run_with_nothing_new", report.total_line([_IDLE], 5.5)),
        (
            "failure_of_a_job",
            report.failure_text("flights_clean", "States.TaskFailed", "KeyError: 'x'\njob.py:3", "jr_1", "run-1"),
        ),
        (
            "failure_without_a_job",
            report.failure_text("Crawl", "Glue.EntityNotFoundException", "Crawler not found", None),
        ),
    ],
    ids=["stages", "moved", "nothing new", "failed job", "failed state"],
)
def test_the_text_is_the_golden_one(name: str, text: str) -> None:
    path = _GOLDEN / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text + "\n", encoding="utf-8")
    assert text + "\n" == path.read_text(encoding="utf-8")


def test_rows_moved_are_the_rows_written() -> None:
    assert (report.moved([_CLEAN, _IDLE]), report.moved([_IDLE])) == (336_776, 0)
