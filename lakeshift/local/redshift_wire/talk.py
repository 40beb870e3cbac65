"""One client's conversation: simple and extended queries, portals, errors and the transaction's state.

https://www.postgresql.org/docs/current/protocol-flow.html
"""

from __future__ import annotations

import logging
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from lakeshift.errors import LakeshiftError
from lakeshift.local.redshift_wire.codec import Closed, Column, Stream, error_fields, message, row_description, text
from lakeshift.local.redshift_wire.columns import has_binary
from lakeshift.local.redshift_wire.messages import Body
from lakeshift.local.redshift_wire.oids import column_facts, null_literal, parameter_literal
from lakeshift.local.redshift_wire.rows import data_rows
from lakeshift.redshift import RedshiftError, Result, ResultColumn, Session, split_statements
from lakeshift.redshift.binding import bind_positional, positions

__all__ = ["Talk"]

_TEXT: Final = 1043
_log = logging.getLogger(__name__)
_COUNTED: Final = frozenset({"UPDATE", "DELETE", "FETCH", "COPY", "UNLOAD", "MERGE"})


@dataclass(slots=True)
class _Prepared:
    sql: str
    oids: list[int]
    columns: tuple[ResultColumn, ...] | None = None


@dataclass(slots=True)
class _Portal:
    sql: str
    formats: list[int]
    result: Result | None = None
    sent: int = 0
    columns: tuple[ResultColumn, ...] = field(default=())


class Talk:
    """Answers a client until it goes; the session is not closed here."""

    def __init__(self, stream: Stream, session: Session, key: int) -> None:
        self._stream = stream
        self._session = session
        self._session.bulk = True
        self._session.on_terminate = stream.hang_up
        self._key = key
        self._prepared: dict[str, _Prepared] = {}
        self._portals: dict[str, _Portal] = {}
        self._skip = False  # an extended message failed: nothing counts until Sync
        self._answers: dict[bytes, Callable[[Body], None]] = {
            b"Q": self._query,
            b"P": self._parse,
            b"B": self._bind,
            b"D": self._describe,
            b"E": self._execute,
            b"C": self._close,
            b"S": self._sync,
            b"H": lambda _: self._stream.flush(),
            b"F": self._function_call,
        }

    def run(self) -> None:
        """Talk until the client ends or is gone."""
        self._stream.write(message(b"K", struct.pack("!II", self._session.pid, self._key)))
        self._ready()
        while True:
            kind, body = self._stream.read()
            if kind == b"X":
                return
            answer = self._answers.get(kind)
            if answer is None:
                if kind in (b"d", b"c", b"f"):  # rest of a COPY that was refused
                    continue
                self._fail(RedshiftError(f"invalid frontend message type {kind[0]}", "08P01"))
                raise Closed
            if self._skip and kind not in (b"S", b"Q"):
                continue
            self._answer(kind, answer, body)

    def _answer(self, kind: bytes, answer: Callable[[Body], None], body: bytes) -> None:
        try:
            answer(Body(body))
        except Closed:
            raise
        except Exception as error:  # the client is told, whatever it is
            if not isinstance(error, LakeshiftError):
                _log.exception("a statement failed")
                error = RedshiftError(f"internal error: {type(error).__name__}: {error}", "XX000")
            self._session.fail()
            self._fail(error)
            if kind == b"Q":
                self._ready()
            else:
                self._skip = True

    def _ready(self) -> None:
        self._stream.write(message(b"Z", self._session.transaction_status.encode()))
        self._stream.flush()

    def _fail(self, error: LakeshiftError) -> None:
        if isinstance(error, RedshiftError):
            fields = error_fields("ERROR", error.sqlstate, error.message, error.detail, error.hint)
        else:
            fields = error_fields("ERROR", "0A000", str(error))
        self._stream.write(message(b"E", fields))

    # Simple queries.

    def _query(self, body: Body) -> None:
        self._skip = False
        sql = body.text()
        if not split_statements(sql):
            self._stream.write(message(b"I"))
        for result in self._session.results(sql):
            self._notices(result)
            if result.has_result_set:
                formats = [0] * len(result.columns)
                self._stream.write(row_description(_columns(result.columns, formats)))
                self._rows(result, formats, 0, _size(result))
            self._stream.write(message(b"C", text(_tag(result))))
        self._portals.clear()
        self._ready()

    def _notices(self, result: Result) -> None:
        for notice in result.notices:
            self._stream.write(message(b"N", error_fields("INFO", "00000", notice)))

    def _rows(self, result: Result, formats: list[int], start: int, stop: int) -> None:
        for batch in data_rows(result, formats, start, stop):
            self._stream.write(batch)

    # Extended queries.

    def _parse(self, body: Body) -> None:
        name, sql = body.text(), body.text()
        oids = body.numbers(4)
        statements = split_statements(sql)
        if len(statements) > 1:
            raise RedshiftError("cannot insert multiple commands into a prepared statement", "42601")
        if name and name in self._prepared:
            raise RedshiftError(f'prepared statement "{name}" already exists', "42P05")
        used = positions(sql)
        oids += [0] * (used - len(oids))
        self._prepared[name] = _Prepared(statements[0] if statements else "", oids)
        self._stream.write(message(b"1"))

    def _statement(self, name: str) -> _Prepared:
        if name not in self._prepared:
            raise RedshiftError(f'prepared statement "{name}" does not exist', "26000")
        return self._prepared[name]

    def _portal(self, name: str) -> _Portal:
        if name not in self._portals:
            raise RedshiftError(f'portal "{name}" does not exist', "34000")
        return self._portals[name]

    def _bind(self, body: Body) -> None:
        portal, name = body.text(), body.text()
        statement = self._statement(name)
        formats = body.numbers(2)
        values = body.values()
        if len(values) != len(statement.oids):
            raise RedshiftError(
                f"bind message supplies {len(values)} parameters, but prepared statement "
                f'"{name}" requires {len(statement.oids)}',
                "08P01",
            )
        forms = _spread(formats, len(values))
        literals = [
            parameter_literal(oid, value, bool(form))
            for oid, value, form in zip(statement.oids, values, forms, strict=True)
        ]
        self._portals[portal] = _Portal(bind_positional(statement.sql, literals), body.numbers(2))
        self._stream.write(message(b"2"))

    def _describe(self, body: Body) -> None:
        kind, name = body.kind(), body.text()
        if kind == b"S":
            statement = self._statement(name)
            oids = [oid or _TEXT for oid in statement.oids]
            self._stream.write(message(b"t", struct.pack(f"!H{len(oids)}I", len(oids), *oids)))
            try:
                columns = self._columns_of(statement)
            except LakeshiftError:
                self._prepared.pop(name, None)  # PostgreSQL refuses such a statement when it is parsed
                raise
            self._shape(columns, [])
            return
        portal = self._portal(name)
        if portal.result is None and portal.sql:
            portal.columns = self._session.describe(portal.sql)
        self._shape(portal.columns, portal.formats)

    def _columns_of(self, statement: _Prepared) -> tuple[ResultColumn, ...]:
        if not statement.sql:
            return ()
        unknown = bind_positional(statement.sql, [null_literal(oid) for oid in statement.oids])
        return self._session.describe(unknown)

    def _shape(self, columns: tuple[ResultColumn, ...], formats: list[int]) -> None:
        if not columns:
            self._stream.write(message(b"n"))
            return
        self._stream.write(row_description(_columns(columns, _formats(columns, formats))))

    def _execute(self, body: Body) -> None:
        portal = self._portal(body.text())
        most = body.number(4)
        if not portal.sql:
            self._stream.write(message(b"I"))
            return
        if portal.result is None:
            portal.result = self._session.execute(portal.sql)
            self._notices(portal.result)
        result = portal.result
        if not result.has_result_set:
            self._stream.write(message(b"C", text(_tag(result))))
            return
        size = _size(result)
        stop = size if most == 0 else min(size, portal.sent + most)
        self._rows(result, _formats(result.columns, portal.formats), portal.sent, stop)
        portal.sent = stop
        done = stop == size and not (most and stop - portal.sent == most)
        self._stream.write(message(b"C", text(_tag(result))) if done else message(b"s"))

    def _close(self, body: Body) -> None:
        kind, name = body.kind(), body.text()
        (self._prepared if kind == b"S" else self._portals).pop(name, None)
        self._stream.write(message(b"3"))

    def _sync(self, _: Body) -> None:
        self._skip = False
        if self._session.transaction_status == "I":
            self._portals.clear()
        self._ready()

    def _function_call(self, _: Body) -> None:
        raise RedshiftError("function call protocol is not supported", "0A000")


def _size(result: Result) -> int:
    return result.table.num_rows if result.table is not None else len(result.rows)


def _spread(formats: list[int], count: int) -> list[int]:
    """One format for all, one for each, or text."""
    return formats if len(formats) == count else (formats or [0]) * count


def _formats(columns: tuple[ResultColumn, ...], asked: list[int]) -> list[int]:
    spread = _spread(asked, len(columns))
    for column, form in zip(columns, spread, strict=True):
        if form and not has_binary(column.type):
            raise RedshiftError(f"no binary output function available for type {column.type.wire}", "42883")
    return spread


def _columns(columns: tuple[ResultColumn, ...], formats: list[int]) -> list[Column]:
    return [
        Column(column.name, *column_facts(column.type), form) for column, form in zip(columns, formats, strict=True)
    ]


def _tag(result: Result) -> str:
    if result.tag == "INSERT":
        return f"INSERT 0 {result.row_count}"
    return f"{result.tag} {result.row_count}" if result.tag in _COUNTED and result.row_count >= 0 else result.tag
