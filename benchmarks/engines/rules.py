"""What the scripts of the data frame libraries share: the fields, and what counts as no value."""

from __future__ import annotations

from typing import Final

NULL_WORDS: Final = ["", "NA", "N/A", "NAN", "NULL", "NONE"]
TIMES: Final = ["event_time", "time_hour"]
CODES: Final = ["carrier", "origin", "dest", "tailnum"]
WHOLE: Final = [
    "flight", "year", "month", "day", "sched_dep_time", "dep_time", "dep_delay", "sched_arr_time", "arr_time",
    "arr_delay", "air_time", "distance", "hour", "minute",
]  # fmt: skip
NAMES: Final = [*TIMES, *CODES, *WHOLE, "operated_by"]
REQUIRED: Final = ["event_time", "carrier", "flight", "origin", "dest", "time_hour", "year", "month", "day"]
COLUMNS: Final = [
    "flight_id", "event_time", "carrier", "flight", "tailnum", "origin", "dest", "sched_dep_time", "dep_time",
    "dep_delay", "sched_arr_time", "arr_time", "arr_delay", "air_time", "distance", "hour", "minute", "time_hour",
    "cancelled", "operated_by", "flight_date", "region",
]  # fmt: skip
TIME_PATTERN: Final = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d+)?(Z|\+00:00)?$"
WHOLE_PATTERN: Final = r"^[+-]?\d+(\.0*)?$"
