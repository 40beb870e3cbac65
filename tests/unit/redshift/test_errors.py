"""Redshift's words for the engine's errors; the engine itself makes each of them here."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from lakeshift.redshift.errors import RedshiftError, from_engine, raised_in_sql, syntax_error


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect()
    connection.execute("CREATE TABLE t (a INTEGER NOT NULL, b VARCHAR, c SMALLINT)")
    connection.execute("CREATE TABLE u (a INTEGER)")
    yield connection
    connection.close()


MADE = [
    ("null in NOT NULL", "INSERT INTO t VALUES (NULL, '', 1)", "Cannot insert a NULL value into column a", "23502"),
    ("no such column", "SELECT z FROM t", 'column "z" does not exist', "42703"),
    ("no such column to write", "INSERT INTO t (z) VALUES (1)", 'column "z" does not exist', "42703"),
    ("no such alias", "SELECT z.a FROM t", 'missing FROM-clause entry for table "z"', "42P01"),
    ("an ambiguous column", "SELECT a FROM t, u", 'column reference "a" is ambiguous', "42702"),
    (
        "an ungrouped column",
        "SELECT b, COUNT(*) FROM t",
        'column "b" must appear in the GROUP BY clause or be used in an aggregate function',
        "42803",
    ),
    ("an aggregate in WHERE", "SELECT 1 FROM t WHERE SUM(a) > 1", "aggregates not allowed in WHERE clause", "42803"),
    ("no integer", "SELECT 'abc'::INTEGER", 'invalid input syntax for integer: "abc"', "22P02"),
    ("no number", "SELECT 'abc'::DOUBLE", 'invalid input syntax for type numeric: "abc"', "22P02"),
    ("no date", "SELECT 'abc'::DATE", 'invalid input syntax for type date: "abc"', "22007"),
    ("too large for 2 bytes", "SELECT 40000::SMALLINT", "Value out of range for 2 bytes.", "22003"),
    ("too large for 4 bytes", "SELECT 2147483647::INTEGER + 1::INTEGER", "Value out of range for 4 bytes.", "22003"),
    (
        "too large for 8 bytes",
        "SELECT 9223372036854775807::BIGINT + 1::BIGINT",
        "Value out of range for 8 bytes.",
        "22003",
    ),
    ("too large for a decimal", "SELECT 1000::DECIMAL(3,1)", "Numeric data overflow", "22003"),
    (
        "no such function",
        "SELECT upper(1, 2)",
        "function upper(INTEGER_LITERAL, INTEGER_LITERAL) does not exist",
        "42883",
    ),
    ("our own", f"SELECT error('{raised_in_sql('22001', 'too long')}')", "too long", "22001"),
    ("our own with a line break", f"SELECT error('{raised_in_sql('22001', 'a' + chr(10) + 'b')}')", "a\nb", "22001"),
]


@pytest.mark.parametrize(("sql", "text", "state"), [case[1:] for case in MADE], ids=[case[0] for case in MADE])
def test_engine_error(engine: duckdb.DuckDBPyConnection, sql: str, text: str, state: str) -> None:
    with pytest.raises(duckdb.Error) as caught:
        engine.execute(sql).fetchall()
    found = from_engine(caught.value)
    assert (found.message, found.sqlstate) == (text, state)


TOLD = [
    ("division by zero", "Invalid Input Error: Division by zero!", "Division by zero", "22012"),
    (
        "two matches",
        "ON CONFLICT DO UPDATE can not affect the same target row twice",
        "Found multiple matches to update the same tuple.",
        "21000",
    ),
    (
        "two rows of a subquery",
        "More than one row returned by a subquery used as an expression",
        "single-row subquery returns more than one row",
        "21000",
    ),
    ("a conflict", "TransactionContext Error: Conflict on update!", "1023", "XX000"),
    ("anything else keeps its first line", "Odd Error: first\nsecond", "Odd Error: first", "58000"),
]


@pytest.mark.parametrize(("engine_text", "text", "state"), [case[1:] for case in TOLD], ids=[case[0] for case in TOLD])
def test_engine_text(engine_text: str, text: str, state: str) -> None:
    found = from_engine(duckdb.Error(engine_text))
    assert (found.message, found.sqlstate) == (text, state)


def test_a_conflict_tells_its_detail() -> None:
    assert str(from_engine(duckdb.Error("Transaction conflict"))) == (
        "1023\n  Detail: Serializable isolation violation on table in Redshift"
    )


def test_detail_and_hint_are_below_the_message() -> None:
    assert str(RedshiftError("m", "XX000", "d", "h")) == "m\n  Detail: d\n  Hint: h"


def test_syntax_error() -> None:
    assert str(syntax_error("x")) == 'syntax error at or near "x"'
    assert str(syntax_error(None)) == "syntax error at end of input"
