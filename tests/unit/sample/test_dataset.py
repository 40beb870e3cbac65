"""The sample's data is what its published figures say, before any dirt."""

from __future__ import annotations

from collections import Counter

import pytest

from lakeshift.sample.dataset import rows


@pytest.mark.parametrize(
    ("table", "count"),
    [("flights", 336_776), ("weather", 26_115), ("planes", 3_322), ("airports", 1_458), ("airlines", 16)],
    ids=str,
)
def test_a_table_has_its_published_number_of_rows(table: str, count: int) -> None:
    assert sum(1 for _ in rows(table)) == count


def test_flights_leave_from_three_airports_in_the_published_numbers() -> None:
    assert Counter(row["origin"] for row in rows("flights")) == {"EWR": 120_835, "JFK": 111_279, "LGA": 104_662}
