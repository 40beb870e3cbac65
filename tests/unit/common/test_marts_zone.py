from __future__ import annotations

import pytest

from common.marts_zone import tasks_for

CASES = [
    pytest.param(2, 300_000, 16, id="two_large_dates_hardly_meet_in_one_task"),
    pytest.param(7, 1_000_000, 56, id="a_week"),
    pytest.param(30, 30_000_000, 64, id="a_month_fills_its_tasks"),
    pytest.param(365, 365_000_000, 365, id="never_fewer_tasks_than_large_dates"),
    pytest.param(281, 260_000, None, id="late_events_of_most_small_dates"),
    pytest.param(1, 50_000, None, id="one_small_date"),
]


@pytest.mark.parametrize(("days", "rows", "tasks"), CASES)
def test_large_dates_are_written_by_tasks_of_their_own(days: int, rows: int, tasks: int | None) -> None:
    assert tasks_for(days, rows) == tasks
