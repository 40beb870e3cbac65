"""The bookmark keys of a table for which the script names none: its primary key, where that has no gaps.

https://docs.aws.amazon.com/glue/latest/dg/programming-etl-connect-bookmarks.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["default_keys"]

Ask = Callable[[str], Any]
"""Runs a query, gives its first row or None."""

_INTEGERS = ("smallint", "integer", "bigint")


def default_keys(dbtable: str, ask: Ask) -> tuple[list[str], str]:
    """Return the keys, and why there are none.

    AWS takes the primary key "provided that it is sequentially increasing or decreasing (with no gaps)"; of a query
    instead of a table, of a key of several columns or of another type than an integer none can be told.
    """
    name = dbtable.strip()
    if not name or name.startswith("("):
        return [], "it is a query"
    # The name is the script's own, and goes in as a text: a table that is not there gives no row.
    quoted = "'" + name.replace("'", "''") + "'"
    found = ask(
        "SELECT string_agg(quote_ident(a.attname), ',') AS name, string_agg(format_type(a.atttypid, NULL), ',') AS kind"  # noqa: S608
        " FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)"
        f" WHERE i.indisprimary AND i.indrelid = to_regclass({quoted})"
    )
    if found is None or found[0] is None:
        return [], "it has no primary key"
    column, kind = found
    if kind not in _INTEGERS:
        return [], f"its primary key ({column}: {kind}) is not one integer"
    facts = ask(f"SELECT count(*) AS rows, min({column}) AS low, max({column}) AS high FROM {name}")  # noqa: S608
    if facts[0] and facts[0] != facts[2] - facts[1] + 1:
        return [], f"its primary key {column} has gaps"
    return [column], ""
