"""Which flights a stage makes anew: all of a date that its table does not hold, and single ones of a date that it does.

A day's late events concern a few flights of the day before. Their rows are made anew; the others of that date, whose
input nobody changed, are taken over as they are held.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from common.keeping import kept
from common.partitions import rows_by_date

__all__ = ["Touched", "late_dates", "touched"]

# Flights whose keys, some 10 MB, are sent to each task; of more, all rows of their dates are moved.
_FEW: Final = 200_000
_KEY: Final = "flight_id"
_DATE: Final = "flight_date"


@dataclass(frozen=True, slots=True)
class Touched:
    """The dates ``whole``, and of the dates ``late`` those of ``flights`` (``flight_id``, unique; None without such).

    Frames that are asked for have ``flight_id`` and ``flight_date``.
    """

    whole: tuple[date, ...]
    late: tuple[date, ...] = ()
    flights: DataFrame | None = None

    @property
    def days(self) -> list[date]:
        """All dates, in order."""
        return sorted({*self.whole, *self.late})

    def as_whole(self) -> Touched:
        """The same dates, all of them as a whole."""
        return Touched(tuple(self.days))

    def of(self, frame: DataFrame) -> DataFrame:
        """The rows of flights that are made anew."""
        rows = frame.where(F.col(_DATE).isin(list(self.whole)))
        if self.flights is None:
            return rows
        late = frame.where(F.col(_DATE).isin(list(self.late)))
        return rows.unionByName(late.join(F.broadcast(self.flights), on=_KEY, how="left_semi"))

    def others(self, frame: DataFrame | None) -> DataFrame | None:
        """The other rows of the dates ``late``; None without such dates."""
        if self.flights is None or frame is None:
            return None
        late = frame.where(F.col(_DATE).isin(list(self.late)))
        return late.join(F.broadcast(self.flights), on=_KEY, how="left_anti")


def late_dates(rows: Mapping[date, int], held: Collection[date]) -> tuple[tuple[date, ...], bool]:
    """The dates of ``rows`` (how many of each) that are ``held``, and whether their rows are few."""
    late = tuple(day for day in rows if day in held)
    return late, sum(rows[day] for day in late) <= _FEW


def touched(flights: DataFrame, held: Collection[date]) -> Touched:
    """What ``flights`` (``flight_id``, ``flight_date``; also repeated) touch of a table that holds the dates ``held``.

    Runs a job. Of many late flights all dates are made as a whole.
    """
    rows = rows_by_date(flights, _DATE)
    late, few = late_dates(rows, held)
    if not late or not few:
        return Touched(tuple(rows))
    ids = flights.where(F.col(_DATE).isin(list(late))).select(_KEY).distinct()
    return Touched(tuple(day for day in rows if day not in held), late, kept(ids))
