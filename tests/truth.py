"""What must become of a line of the flights source, told without the jobs."""

from __future__ import annotations

import json
from typing import Final

__all__ = ["flight_id"]

_WHOLE: Final = ("sched_dep_time", "dep_time", "dep_delay", "sched_arr_time", "arr_time", "arr_delay")


def flight_id(line: bytes) -> str:
    """The id of a good event in the warehouse, empty for one that belongs into quarantine."""
    try:
        event = json.loads(line)
    except ValueError:
        return ""
    try:
        for column in _WHOLE:
            int(event[column] or 0)
        good = event["flight"] is not None and event["time_hour"][:2] == "20" and event["time_hour"][5:7] <= "12"
    except (KeyError, ValueError):
        return ""
    return f"{event['carrier']}-{event['flight']}-{event['origin']}-{event['time_hour']}" if good else ""
