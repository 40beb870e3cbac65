"""Flights, from a raw line to a clean event, in DuckDB's SQL: what common/flights.py does with Spark's expressions."""

from __future__ import annotations

from typing import Final

from common.duckdb_casting import typed_lines
from common.duckdb_tasks import Work
from common.flights import CLEAN_COLUMNS, FIELDS, PARTITION_KEYS

__all__ = ["FLIGHTS"]

_DAY: Final = "try(make_date(year, month, day))"
_EVENTS: Final = f"""
    SELECT * REPLACE (CASE WHEN reason IS NOT NULL THEN reason
        WHEN flight_date IS NULL THEN 'bad_date:flight_date'
        WHEN abs(datediff('day', time_hour::TIMESTAMP::DATE, flight_date)) > 1 THEN 'inconsistent:flight_date'
        END AS reason)
    FROM (SELECT *, {_DAY} AS flight_date, origin AS region, dep_time IS NULL AS cancelled,
        concat_ws('-', carrier, flight, origin, strftime(time_hour::TIMESTAMP, '%Y-%m-%dT%H:%M:%SZ')) AS flight_id
      FROM ({typed_lines(FIELDS)}))"""  # noqa: S608 - constants

FLIGHTS: Final = Work(
    rows=_EVENTS, columns=CLEAN_COLUMNS, key="flight_id", version="event_time", partitions=PARTITION_KEYS
)
