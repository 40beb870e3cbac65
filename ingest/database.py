"""A table of a database as a source: incremental by a key that grows, through any DB-API driver.

A run reads up to the largest key there was when it began, so that its window stays the same when it is stopped and goes
on. A row must not get a key below one that was read: take an identity column, or a time with its identity behind it.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from functools import partial
from typing import Any, Final, Literal

from ingest.batch import Page
from ingest.retry import Retry
from ingest.rows import to_line

__all__ = ["IncrementalKeyError", "TableSource", "to_json"]

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*(\.[A-Za-z_][A-Za-z0-9_$]*)?")
_MARKS: Final = {"format": "%s", "pyformat": "%s", "qmark": "?"}
_READ: Final[dict[str, Callable[[str], Any]]] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "decimal": Decimal,
}


class IncrementalKeyError(RuntimeError):
    """The key does not serve; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class TableSource:
    """``key`` columns in order, together growing and never null; ``connect`` opens a DB-API connection.

    ``broken`` are the driver's errors of a lost connection: the page is read again over another one.
    """

    name: str
    connect: Callable[[], Any]
    table: str
    key: Sequence[str]
    columns: Sequence[str] = ()
    size: int = 10_000
    paramstyle: Literal["format", "pyformat", "qmark"] = "format"
    broken: tuple[type[Exception], ...] = ()
    retry: Retry = field(default_factory=Retry)
    resumes: bool = True

    def pages(self, position: Any) -> Iterator[Page]:
        """Rows after the position, by the key. Raises IncrementalKeyError, ValueError for a name that is none."""
        place = position or {"after": None, "until": None}
        with closing(_Session(self)) as session:
            until = _read(place["until"]) or session.ask(self._newest)
            after = _read(place["after"])
            while until is not None and after != until:
                names, rows = session.ask(partial(self._page, after=after, until=until))
                if not rows:
                    break
                at = [names.index(column.lower()) for column in self.key]
                after = [rows[-1][index] for index in at]
                ended = len(rows) < self.size or after == until
                kept = {"after": _write(after), "until": None if ended else _write(until)}
                yield Page([_line(names, row) for row in rows], kept, ended)
                if ended:
                    return

    def _newest(self, connection: Any) -> list[Any] | None:
        """The largest key now, None for an empty table."""
        self._refuse_null_keys(connection)
        down = ", ".join(f"{_quoted(column)} desc" for column in self.key)
        statement = f"select {self._keys()} from {_quoted(self.table)} order by {down} limit 1"  # noqa: S608 - quoted
        found = _all(connection, statement)[1]
        return list(found[0]) if found else None

    def _refuse_null_keys(self, connection: Any) -> None:
        empty = " or ".join(f"{_quoted(column)} is null" for column in self.key)
        statement = f"select count(*) from {_quoted(self.table)} where {empty}"  # noqa: S608 - quoted
        (count,) = _all(connection, statement)[1][0]
        if count:
            raise IncrementalKeyError(
                f"{count} rows of {self.table} have no {', '.join(self.key)}: they would never be loaded. "
                "Choose a key that is never null."
            )

    def _page(self, connection: Any, after: list[Any] | None, until: list[Any]) -> tuple[list[str], list[Any]]:
        mark = "(" + ", ".join([_MARKS[self.paramstyle]] * len(self.key)) + ")"
        chosen = ", ".join(map(_quoted, self.columns)) or "*"
        within = f"({self._keys()}) <= {mark}" + (f" and ({self._keys()}) > {mark}" if after is not None else "")
        order = f"order by {self._keys()} limit {self.size:d}"
        statement = f"select {chosen} from {_quoted(self.table)} where {within} {order}"  # noqa: S608 - names are quoted
        return _all(connection, statement, [*until, *(after or [])])

    def _keys(self) -> str:
        return ", ".join(map(_quoted, self.key))


class _Session:
    """A connection that is opened when it is needed, and opened again where it was lost."""

    def __init__(self, source: TableSource) -> None:
        self._source = source
        self._connection: Any = None

    def ask(self, question: Callable[[Any], Any]) -> Any:
        def once() -> Any:
            if self._connection is None:
                self._connection = self._source.connect()
            return question(self._connection)

        return self._source.retry.run(f"Reading {self._source.table}", once, self._verdict)

    def _verdict(self, error: Exception) -> float | None:
        if not isinstance(error, (*self._source.broken, OSError)):
            return None
        with suppress(Exception):  # it is lost anyway
            self.close()
        return 0.0

    def close(self) -> None:
        held, self._connection = self._connection, None
        if held is not None:
            held.close()


def _all(connection: Any, statement: str, parameters: Sequence[Any] = ()) -> tuple[list[str], list[Any]]:
    with closing(connection.cursor()) as cursor:
        cursor.execute(statement, tuple(parameters)) if parameters else cursor.execute(statement)
        return [column[0].lower() for column in cursor.description], list(cursor.fetchall())


def _quoted(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a table or a column.")
    return ".".join(f'"{part}"' for part in name.split("."))


def _line(names: list[str], row: Sequence[Any]) -> bytes:
    return to_line({name: to_json(value) for name, value in zip(names, row, strict=True)})


def to_json(value: Any) -> Any:
    """A database's value as JSON holds it without loss: times in ISO 8601, numbers with their digits as text."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return base64.b64encode(bytes(value)).decode()
    if isinstance(value, list | tuple):
        return [to_json(one) for one in value]
    if isinstance(value, dict):
        return {str(name): to_json(one) for name, one in value.items()}
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _write(key: list[Any] | None) -> list[Any] | None:
    return None if key is None else [_typed(value) for value in key]


def _typed(value: Any) -> Any:
    kind = type(value).__name__.lower()
    return {kind: to_json(value)} if kind in _READ else value


def _read(key: list[Any] | None) -> list[Any] | None:
    if key is None:
        return None
    return [_READ[next(iter(one))](next(iter(one.values()))) if isinstance(one, dict) else one for one in key]
