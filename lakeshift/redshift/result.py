"""What a statement answers, and how a person reads it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from lakeshift.redshift.tables import text_table
from lakeshift.redshift.types import SqlType

__all__ = ["Result", "ResultColumn", "as_table"]


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """Name and Redshift type of a result's column."""

    name: str
    type: SqlType


@dataclass(frozen=True, slots=True)
class Result:
    """``row_count`` rows returned or touched, -1 where that means nothing; ``tag`` such as ``INSERT``.

    ``places`` of a CALL: which of its arguments each column answers.
    """

    tag: str
    columns: tuple[ResultColumn, ...] = ()
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    row_count: int = -1
    query_id: int = 0
    notices: tuple[str, ...] = ()
    table: pa.Table | None = None  # the rows, where the session was asked for them in bulk; ``rows`` is empty then
    places: tuple[int, ...] = ()

    @property
    def has_result_set(self) -> bool:
        """Whether there are rows to fetch, be it none of them."""
        return bool(self.columns)


def as_table(result: Result) -> str:
    """The result as psql prints one, or the command's tag and its count."""
    if result.has_result_set:
        return text_table([column.name for column in result.columns], result.rows)
    return result.tag if result.row_count < 0 else f"{result.tag} {result.row_count}"
