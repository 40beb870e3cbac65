"""The columns of a result, from what the engine and the rewriter know of them."""

from __future__ import annotations

from lakeshift.redshift.result import ResultColumn
from lakeshift.redshift.rewriting import Rewritten
from lakeshift.redshift.types import SqlType, from_engine_type

__all__ = ["engine_columns", "result_columns"]


def result_columns(described: list[tuple[str, str]], rewritten: Rewritten) -> tuple[ResultColumn, ...]:
    """The columns of a rewritten query, from what the engine calls them."""
    known = rewritten.known([name for name, _ in described])
    return tuple(
        ResultColumn(name, _exact(from_engine_type(engine), ours))
        for (name, engine), ours in zip(described, known, strict=True)
    )


def engine_columns(described: list[tuple[str, str]]) -> tuple[ResultColumn, ...]:
    """The columns of a query of the engine's own."""
    return tuple(ResultColumn(name, from_engine_type(engine)) for name, engine in described)


def _exact(engine: SqlType, ours: SqlType | None) -> SqlType:
    """Our type where it only says more than the engine's."""
    if ours is not None and (ours.name == engine.name or (ours.is_text and engine.is_text)):
        return ours
    if ours is not None and ours.name == "bigint" and engine.name == "numeric":
        return ours
    whole = ("smallint", "integer", "bigint")
    if ours is not None and ours.name in whole and engine.name in whole:
        # The engine counts characters in a bigint, and gives a sign as a smallint.
        return ours
    return engine
