"""Cursors and prepared statements of a session.

https://docs.aws.amazon.com/redshift/latest/dg/declare.html
https://docs.aws.amazon.com/redshift/latest/dg/r_PREPARE.html
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.result import Result, ResultColumn
from lakeshift.redshift.statements import Prepared
from lakeshift.redshift.tokens import tokenize

__all__ = ["Cursors", "PreparedStatements"]


@dataclass(slots=True)
class _Open:
    columns: tuple[ResultColumn, ...]
    rows: list[tuple[Any, ...]]
    at: int = 0


class Cursors:
    """Open cursors: their rows are held, as the leader node holds them, until the transaction ends."""

    def __init__(self) -> None:
        self._open: dict[str, _Open] = {}

    def open(self, name: str, result: Result) -> None:
        """Open one over a result; raises 42P03 where the name is taken."""
        if name in self._open:
            raise RedshiftError(f'cursor "{name}" already exists', "42P03")
        self._open[name] = _Open(result.columns, result.rows)

    def fetch(self, name: str, count: int | None) -> Result:
        """The next ``count`` rows, None for all that are left; raises 34000."""
        found = self._need(name)
        end = len(found.rows) if count is None else found.at + max(count, 0)
        rows = found.rows[found.at : end]
        found.at += len(rows)
        return Result("FETCH", found.columns, rows, len(rows))

    def columns(self, name: str) -> tuple[ResultColumn, ...]:
        """Columns of its rows; raises 34000."""
        return self._need(name).columns

    def close(self, name: str) -> None:
        """Close one, or with an empty name all."""
        if not name:
            self._open.clear()
            return
        self._need(name)
        del self._open[name]

    def _need(self, name: str) -> _Open:
        if name not in self._open:
            raise RedshiftError(f'cursor "{name}" does not exist', "34000")
        return self._open[name]


class PreparedStatements:
    """PREPARE keeps a statement; EXECUTE is the statement with its arguments in it."""

    def __init__(self) -> None:
        self._kept: dict[str, Prepared] = {}

    def prepare(self, statement: Prepared) -> None:
        """Keep one; raises 42P05 where the name is taken."""
        if statement.name in self._kept:
            raise RedshiftError(f'prepared statement "{statement.name}" already exists', "42P05")
        self._kept[statement.name] = statement

    def deallocate(self, name: str) -> None:
        """Forget one, or with an empty name all."""
        if name:
            self._need(name)
            del self._kept[name]
        else:
            self._kept.clear()

    def bound(self, statement: Prepared) -> str:
        """The kept statement's SQL with the arguments as cast expressions."""
        kept = self._need(statement.name)
        if len(statement.arguments) != len(kept.types):
            raise RedshiftError(
                f'wrong number of parameters for prepared statement "{statement.name}"', "42601",
                f"Expected {len(kept.types)} parameters but got {len(statement.arguments)}.",
            )  # fmt: skip
        values = [f"CAST(({text}) AS {kind})" for text, kind in zip(statement.arguments, kept.types, strict=True)]
        tokens = tokenize(kept.sql)
        out, position = "", 0
        for mark, number in pairwise(tokens):
            if mark.text != "$" or number.kind != "number" or mark.end != number.start:
                continue
            index = int(number.text) - 1
            if not 0 <= index < len(values):
                raise RedshiftError(f"there is no parameter ${number.text}", "42P02")
            out += kept.sql[position : mark.start] + values[index]
            position = number.end
        return out + kept.sql[position:]

    def _need(self, name: str) -> Prepared:
        if name not in self._kept:
            raise RedshiftError(f'prepared statement "{name}" does not exist', "26000")
        return self._kept[name]
