"""The rules of common/casting.py and common/formats.py in DuckDB's SQL, for common/duckdb_tasks.py.

Where the two readers of JSON differ: DuckDB takes a comma before a closing bracket, keeps the first of two equal names
in an object, and tells a number as it understands it (``1e3`` is the text ``1000.0``); Spark refuses the first, keeps
the last, and tells what was written. The rest is the same, and a test compares them value by value.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from common.casting import KIND_NAMES, Field
from common.cleaning import NULL_WORDS
from common.formats import MALFORMED

__all__ = ["typed_lines"]

_DATE: Final = r"\d{4}-\d{2}-\d{2}"
# Hours to 23: DuckDB takes 24:00:00 for the next day. Offsets to 18 hours, as Spark has them.
_OFFSET: Final = r"(Z|[+-](0\d|1[0-7]):?[0-5]\d|[+-]18:?00)?"
_PATTERNS: Final = {
    "int": r"[+-]?\d+(\.0*)?",
    "double": r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?",
    "timestamp": rf"{_DATE}[T ]([01]\d|2[0-3]):\d{{2}}(:\d{{2}}(\.\d+)?)?{_OFFSET}",
    "date": _DATE,
}
_TYPES: Final = {"int": "INTEGER", "double": "DOUBLE", "timestamp": "TIMESTAMPTZ", "date": "DATE"}


def typed_lines(fields: Sequence[Field], lines: str = "lines") -> str:
    """A SELECT of ``record``, ``source_file``, the typed fields and ``reason``, from a table of the first two.

    Every field is read as text, whatever its values look like: an inferred schema takes the type of the first rows and
    loses those of another. Blank lines are no records.
    """
    wanted = ", ".join(f'"{field.name}": "VARCHAR"' for field in fields)
    typed = ", ".join(f"{_typed(field)} AS {_named(field)}" for field in fields)
    missing = [
        f"WHEN {_named(field)} IS NULL AND {_empty(field)} THEN 'missing:{field.name}'"
        for field in fields
        if field.required
    ]
    bad = [
        f"WHEN {_named(field)} IS NULL AND NOT {_empty(field)} THEN 'bad_{KIND_NAMES[field.kind]}:{field.name}'"
        for field in fields
        if field.kind in _TYPES
    ]
    return f"""
        SELECT * EXCLUDE (raw),
          CASE WHEN raw IS NULL THEN '{MALFORMED}' {" ".join([*missing, *bad])} END AS reason
        FROM (SELECT record, source_file, raw, {typed}
          FROM (SELECT record, source_file,
              CASE WHEN starts_with(ltrim(record, ' '), '{{') AND json_valid(record)
              THEN from_json(record, '{{{wanted}}}') END AS raw
            FROM {lines} WHERE trim(record, ' ') <> ''))"""  # noqa: S608 - names of fields and constants


def _named(field: Field) -> str:
    return f'"{field.name}"'


def _text(field: Field) -> str:
    return f"trim(raw.{_named(field)}, ' ')"


def _empty(field: Field) -> str:
    """Whether there is no value; asked only of the few rows whose typed value is null."""
    # A pattern, not IN: of more than five values DuckDB makes a join, and all columns of all rows go through memory.
    words = "|".join(re.escape(word) for word in NULL_WORDS)
    return f"coalesce(regexp_full_match({_text(field)}, '(?i)({words})'), true)"


def _typed(field: Field) -> str:
    text = _text(field)
    if field.kind not in _TYPES:
        return f"CASE WHEN NOT {_empty(field)} THEN {f'upper({text})' if field.kind == 'code' else text} END"
    whole, kind = f"split_part({text}, '.', 1)" if field.kind == "int" else text, _TYPES[field.kind]
    told = f"WHEN regexp_full_match({text}, '{_PATTERNS[field.kind]}') THEN try_cast({whole} AS {kind}) END"
    if field.kind != "int":
        return f"CASE {told}"
    # Nearly all are spelled as the number itself is: a cast there and back costs a third of the pattern.
    number = f"try_cast(raw.{_named(field)} AS INTEGER)"
    return f"CASE WHEN {number}::VARCHAR = raw.{_named(field)} THEN {number} {told}"
