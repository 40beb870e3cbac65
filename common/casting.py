"""Casting with a reason for every row that fails: a bad value is named, never turned into null in silence.

All of it is generated code (``try_cast`` and string tests), no Python function runs per row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812

from common import cleaning

__all__ = ["KIND_NAMES", "REASON", "Field", "cast_fields"]

Kind = Literal["string", "code", "int", "double", "timestamp", "date"]
REASON: Final = "reason"

KIND_NAMES: Final[dict[Kind, str]] = {
    "string": "string", "code": "string", "int": "integer",
    "double": "double", "timestamp": "timestamp", "date": "date",
}  # fmt: skip
# Spark's cast also takes '2013' or '12:30' for a timestamp; a record means a day and a time or is wrong.
_TIMESTAMP: Final = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$"
_DATE: Final = r"^\d{4}-\d{2}-\d{2}$"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record: its name, what it is, and whether a record without it is of no use."""

    name: str
    kind: Kind
    required: bool = False


def cast_fields(frame: DataFrame, raw: str, fields: Sequence[Field]) -> DataFrame:
    """Replace ``raw``, a struct of texts, by one typed column a field, and fill ``reason``.

    ``reason`` (string) stays as it is where it is already set; else it becomes the first of ``missing:<field>`` for a
    required field without a value and ``bad_<type>:<field>`` for a value that is not of its type (``integer``,
    ``double``, ``timestamp``, ``date``); null for a good row. Other columns are kept.
    """
    texts = {field.name: _text(F.col(f"{raw}.{field.name}"), field.kind) for field in fields}
    sources = frame.select("*", *(value.alias(_source(name)) for name, value in texts.items()))
    typed = {field.name: _typed(field) for field in fields}
    missing = [
        F.when(F.col(_source(field.name)).isNull(), F.lit(f"missing:{field.name}"))
        for field in fields
        if field.required
    ]
    bad = [
        F.when(
            F.col(_source(field.name)).isNotNull() & value.isNull(), F.lit(f"bad_{KIND_NAMES[field.kind]}:{field.name}")
        )
        for field, value in zip(fields, typed.values(), strict=True)
        if field.kind not in ("string", "code")
    ]
    kept = [column for column in frame.columns if column not in (raw, REASON)]
    return sources.select(
        *kept,
        *(value.alias(name) for name, value in typed.items()),
        F.coalesce(F.col(REASON), *missing, *bad).alias(REASON),
    )


def _source(name: str) -> str:
    return f"_text_{name}"


def _text(value: Column, kind: Kind) -> Column:
    return cleaning.code(value) if kind == "code" else cleaning.text(value)


def _typed(field: Field) -> Column:
    name = _source(field.name)
    value = F.col(name)
    if field.kind in ("string", "code"):
        return value
    if field.kind == "timestamp":
        # Without the Z, for which Spark compiles two regular expressions a value; the session's time zone is UTC. A
        # time without seconds keeps it: Spark takes none with a zone.
        bare = f"if(length(`{name}`) > {len('2013-01-01T10:00Z')}, rtrim('Z', `{name}`), `{name}`)"
        return F.when(value.rlike(_TIMESTAMP), F.expr(f"try_cast({bare} as timestamp)"))
    cast = F.expr(f"try_cast(`{name}` as {field.kind})")
    if field.kind == "int":
        # '12.0' is the integer 12; '12.7' is none.
        whole = F.expr(f"try_cast(substring_index(`{name}`, '.', 1) as int)")
        return F.when(~value.contains("."), cast).when(value.rlike(r"^[+-]?\d+\.0*$"), whole)
    if field.kind == "double":
        # The cast also takes Java's '12d' and 'Infinity'.
        return F.when(value.rlike(r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"), cast)
    return F.when(value.rlike(_DATE), cast)
