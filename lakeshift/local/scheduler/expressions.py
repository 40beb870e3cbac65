"""Schedule expressions of EventBridge Scheduler, in a time zone: at, rate and cron. Pure.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lakeshift.schedule import next_time, parse_cron, parse_rate

__all__ = ["Recurrence", "parse"]

_AT: Final = re.compile(r"at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)")


@dataclass(frozen=True, slots=True)
class Recurrence:
    """When a schedule is due: ``expression`` as local time in ``zone``, from ``start`` to ``end``."""

    expression: str
    zone: ZoneInfo
    start: datetime | None = None
    end: datetime | None = None

    @property
    def is_once(self) -> bool:
        """Whether it is of one time only; start and end are ignored then."""
        return self.expression.startswith("at(")

    def after(self, moment: datetime, since: datetime) -> datetime | None:
        """The first time after ``moment``; a rate counts from its start, or from ``since``. None: there is none."""
        if self.is_once:
            once = self._once()
            return once if once > moment else None
        if self.start is not None and moment < self.start:
            moment = self.start - timedelta(microseconds=1)
        found = self._rate(moment, since) if self.expression.startswith("rate") else self._cron(moment)
        return None if found is None or (self.end is not None and found > self.end) else found

    def _once(self) -> datetime:
        return _moment(self.expression).replace(tzinfo=self.zone).astimezone(UTC)

    def _rate(self, moment: datetime, since: datetime) -> datetime | None:
        if self.start is not None:
            return self.start if moment < self.start else next_time(self.expression, moment, self.start)
        return next_time(self.expression, moment, since)

    def _cron(self, moment: datetime) -> datetime | None:
        """A local time that the clocks skip is left out, one that they show twice is due once, the first time."""
        cron = parse_cron(self.expression)
        wall: datetime | None = moment.astimezone(self.zone).replace(tzinfo=UTC)  # local time, as if it were UTC
        while wall is not None:
            wall = cron.after(wall)
            if wall is None:
                return None
            found = wall.replace(tzinfo=self.zone).astimezone(UTC)
            exists = found.astimezone(self.zone).replace(tzinfo=UTC, fold=0) == wall
            if exists and found > moment:
                return found
        return None


def parse(
    expression: str, zone: str | None = None, start: datetime | None = None, end: datetime | None = None
) -> Recurrence:
    """The recurrence of an expression; raises ValueError with AWS's text."""
    try:
        found = Recurrence(expression, ZoneInfo(zone or "UTC"), start, end)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"Invalid Schedule Expression Timezone {zone}.") from None
    try:
        if found.is_once:
            _moment(expression)
        elif expression.startswith("rate"):
            parse_rate(expression)
        else:
            parse_cron(expression)
    except ValueError:
        raise ValueError(f"Invalid Schedule Expression {expression}.") from None
    return found


def _moment(expression: str) -> datetime:
    """Of ``at(...)``, without a time zone."""
    found = _AT.fullmatch(expression)
    if found is None:
        raise ValueError(expression)
    return datetime.fromisoformat(found[1])
