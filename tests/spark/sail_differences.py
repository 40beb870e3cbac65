"""Tests that Sail does not pass, each with what it does otherwise than Spark."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["DIFFERENCES", "NOT_THERE", "reason"]

NOT_THERE: Final[Mapping[str, str]] = {  # test files that are not even read there
    "test_duckdb_casting.py": "DuckDB inside Spark's tasks: Sail's environment has no DuckDB",
}

_NO_RDD: Final = "counts partitions by df.rdd, which Spark Connect has not"
_MODE: Final = "writes with mode errorifexists, which Spark Connect's client refuses; its word is error"
_NO_METRICS: Final = "has no observed metrics"
DIFFERENCES: Final[Mapping[str, str]] = {
    "test_counting.py::test_rows_are_counted_on_the_way_into_a_cache": _NO_METRICS,
    "test_counting.py::test_a_count_that_is_not_what_is_accounted_for_is_looked_at_again": _NO_METRICS,
    "test_formats.py::test_a_file_holds_about_a_million_rows": _NO_RDD,
    "test_formats.py::test_a_large_folder_is_not_the_work_of_one_task[a-large-folder]": "writes both parts as one file",
    "test_formats.py::test_json_lines_become_files_of_columns": _MODE,
    "test_formats.py::test_writing_twice_by_mistake_is_refused": _MODE,
    "test_keeping.py::test_they_are_computed_once": "counts by an accumulator, which Spark Connect has not",
    "test_partitions.py::test_only_touched_partitions_are_replaced": "overwrites the table, not only its partitions",
    "test_flights.py::test_an_empty_source_has_no_lines": "reads no schema where createDataFrame has no rows",
    "test_flights.py::test_a_line_is_a_good_event_or_has_its_reason": "make_date raises where Spark answers null",
}


def reason(test: str) -> str | None:
    """Why the test (its node id) cannot pass on Sail; None where it can."""
    return next((why for name, why in DIFFERENCES.items() if name in test), None)
