"""Texts to dates and times: a literal is read here and now, anything else by the engine, leniently.

https://docs.aws.amazon.com/redshift/latest/dg/r_Datetime_types.html
"""

from __future__ import annotations

from datetime import UTC
from typing import Any, Final

from sqlglot import expressions as exp

from lakeshift.redshift.errors import RedshiftError, from_text
from lakeshift.redshift.scalars.moments import parse_interval, parse_moment, parse_time
from lakeshift.redshift.typing_rules import kind_of

__all__ = ["at_zone", "interval_sql", "text_as"]

_ENGINE: Final = {"date": "DATE", "timestamp": "TIMESTAMP", "instant": "TIMESTAMPTZ", "time": "TIME"}


def text_as(sql: str, target: str, node: Any = None) -> str:
    """``sql``, a text, as ``target``: date, timestamp, instant (with time zone) or time. Raises 22007 for a literal."""
    if node is not None and isinstance(node, exp.Literal) and node.is_string:
        try:
            return _literal(str(node.this), target)
        except ValueError as error:
            raise from_text(str(error)) from None
    engine = _ENGINE[target]
    if target == "instant":
        return f"coalesce(TRY_CAST({sql} AS {engine}), ls_text_instant(CAST({sql} AS VARCHAR)) AT TIME ZONE 'UTC')"
    return f"coalesce(TRY_CAST({sql} AS {engine}), ls_text_{target}(CAST({sql} AS VARCHAR)))"


def _literal(text: str, target: str) -> str:
    if target == "time":
        return f"TIME '{parse_time(text).isoformat()}'"
    if target == "date":
        return f"DATE '{parse_moment(text, 'date').date().isoformat()}'"
    moment = parse_moment(text)
    if target == "timestamp":
        return f"TIMESTAMP '{moment.replace(tzinfo=None).isoformat(sep=' ')}'"
    moment = moment.astimezone(UTC) if moment.tzinfo is not None else moment
    return f"TIMESTAMPTZ '{moment.replace(tzinfo=None).isoformat(sep=' ')}+00'"


def interval_sql(node: Any) -> str:
    """An interval literal as the engine's."""
    units = [str(unit.this) for unit in (node.args.get("unit").expressions if node.args.get("unit") else [])]
    try:
        months, micros = parse_interval(str(node.this.this), *units)
    except ValueError as error:
        raise from_text(str(error)) from None
    days, rest = divmod(abs(micros), 86_400_000_000)
    sign = "-" if micros < 0 else ""
    return f"(to_months({months}) + to_days({sign}{days}) + to_microseconds({sign}{rest}))"


def at_zone(node: Any, sql: str, zone: str) -> str:
    """``AT TIME ZONE``: the wall clock of an instant, or the instant of a wall clock."""
    kind = kind_of(node)
    if kind is not None and kind.name == "timestamp with time zone":
        return f"ls_to_zone(({sql}) AT TIME ZONE 'UTC', {zone})"
    if (kind is not None and kind.name.startswith("time ")) or (kind is not None and kind.name.startswith("interval")):
        raise RedshiftError("AT TIME ZONE needs a timestamp", "42883")
    text = (
        text_as(sql, "timestamp", node)
        if node.is_string or (kind is not None and kind.is_text)
        else f"CAST({sql} AS TIMESTAMP)"
    )
    return f"(ls_from_zone({text}, {zone}) AT TIME ZONE 'UTC')"
