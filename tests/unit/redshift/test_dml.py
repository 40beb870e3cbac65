"""INSERT, UPDATE, DELETE and MERGE: what they write, in which column, and the count they answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lakeshift.redshift import Session

Rows = Callable[[str], list[tuple[Any, ...]]]

# Each on t (k int, v varchar(5) DEFAULT 'dflt') holding (1, 'one'), (2, 'two'); s (k int, v varchar(9)) holding
# (2, 'zwei'), (3, 'drei').
WRITES: list[tuple[str, str, str, int, list[tuple[Any, ...]]]] = [
    ("rows", "INSERT INTO t VALUES (3, 'x'), (4, NULL)", "INSERT", 2, [(1, "one"), (2, "two"), (3, "x"), (4, None)]),
    ("fewer values", "INSERT INTO t VALUES (3)", "INSERT", 1, [(1, "one"), (2, "two"), (3, "dflt")]),
    (
        "columns in another order",
        "INSERT INTO t (v, k) VALUES ('x', 3)",
        "INSERT",
        1,
        [(1, "one"), (2, "two"), (3, "x")],
    ),
    ("DEFAULT", "INSERT INTO t VALUES (3, DEFAULT)", "INSERT", 1, [(1, "one"), (2, "two"), (3, "dflt")]),
    ("DEFAULT VALUES", "INSERT INTO t DEFAULT VALUES", "INSERT", 1, [(1, "one"), (2, "two"), (None, "dflt")]),
    (
        "a query",
        "INSERT INTO t SELECT k + 10, v FROM s",
        "INSERT",
        2,
        [(1, "one"), (2, "two"), (12, "zwei"), (13, "drei")],
    ),
    ("a query in brackets", "INSERT INTO t (SELECT 3, 'x')", "INSERT", 1, [(1, "one"), (2, "two"), (3, "x")]),
    ("a narrower query", "INSERT INTO t SELECT 3", "INSERT", 1, [(1, "one"), (2, "two"), (3, "dflt")]),
    ("a star", "INSERT INTO t SELECT * FROM s WHERE k = 3", "INSERT", 1, [(1, "one"), (2, "two"), (3, "drei")]),
    (
        "a narrower star",
        "INSERT INTO t SELECT * FROM (SELECT 3 AS k)",
        "INSERT",
        1,
        [(1, "one"), (2, "two"), (3, "dflt")],
    ),
    (
        "a common table expression",
        "INSERT INTO t WITH q AS (SELECT 3 AS k, 'x' AS v) SELECT * FROM q",
        "INSERT",
        1,
        [(1, "one"), (2, "two"), (3, "x")],
    ),
    (
        "a union",
        "INSERT INTO t SELECT 3, 'x' UNION ALL SELECT 4, 'y'",
        "INSERT",
        2,
        [(1, "one"), (2, "two"), (3, "x"), (4, "y")],
    ),
    (
        "expressions in VALUES",
        "INSERT INTO t VALUES (7/2, UPPER('x'))",
        "INSERT",
        1,
        [(1, "one"), (2, "two"), (3, "X")],
    ),
    ("no rows", "INSERT INTO t SELECT * FROM s WHERE k > 99", "INSERT", 0, [(1, "one"), (2, "two")]),
    ("UPDATE of all", "UPDATE t SET v = 'x'", "UPDATE", 2, [(1, "x"), (2, "x")]),
    ("UPDATE of some", "UPDATE t SET v = v || k WHERE k = 2", "UPDATE", 1, [(1, "one"), (2, "two2")]),
    ("UPDATE by an alias", "UPDATE t AS x SET v = 'x' WHERE x.k = 1", "UPDATE", 1, [(1, "x"), (2, "two")]),
    (
        "UPDATE from another table",
        "UPDATE t SET v = s.v FROM s WHERE t.k = s.k",
        "UPDATE",
        1,
        [(1, "one"), (2, "zwei")],
    ),
    (
        "UPDATE by a subquery",
        "UPDATE t SET v = (SELECT MIN(v) FROM s) WHERE k = 1",
        "UPDATE",
        1,
        [(1, "drei"), (2, "two")],
    ),
    ("UPDATE to the default", "UPDATE t SET v = DEFAULT WHERE k = 1", "UPDATE", 1, [(1, "dflt"), (2, "two")]),
    ("UPDATE of none", "UPDATE t SET v = 'x' WHERE k = 99", "UPDATE", 0, [(1, "one"), (2, "two")]),
    ("DELETE of some", "DELETE FROM t WHERE k = 1", "DELETE", 1, [(2, "two")]),
    ("DELETE without FROM", "DELETE t WHERE k = 1", "DELETE", 1, [(2, "two")]),
    ("DELETE of all", "DELETE FROM t", "DELETE", 2, []),
    ("DELETE using another table", "DELETE FROM t USING s WHERE t.k = s.k", "DELETE", 1, [(1, "one")]),
    ("DELETE by a subquery", "DELETE FROM t WHERE k IN (SELECT k FROM s)", "DELETE", 1, [(1, "one")]),
    (
        "MERGE updates and inserts",
        "MERGE INTO t USING s ON t.k = s.k WHEN MATCHED THEN UPDATE SET v = s.v "
        "WHEN NOT MATCHED THEN INSERT VALUES (s.k, s.v)",
        "MERGE",
        2,
        [(1, "one"), (2, "zwei"), (3, "drei")],
    ),
    (
        "MERGE deletes and inserts",
        "MERGE INTO t USING s ON t.k = s.k WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (k) VALUES (s.k)",
        "MERGE",
        2,
        [(1, "one"), (3, "dflt")],
    ),
    (
        "MERGE of an alias",
        "MERGE INTO t USING s AS new ON t.k = new.k WHEN MATCHED THEN UPDATE SET v = new.v "
        "WHEN NOT MATCHED THEN INSERT (v, k) VALUES (new.v, new.k)",
        "MERGE",
        2,
        [(1, "one"), (2, "zwei"), (3, "drei")],
    ),
    (
        "MERGE to the default by position",
        "MERGE INTO t USING s ON t.k = s.k WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (s.k, DEFAULT)",
        "MERGE",
        2,
        [(1, "one"), (3, "dflt")],
    ),
    (
        "MERGE to the default",
        "MERGE INTO t USING s ON t.k = s.k WHEN MATCHED THEN UPDATE SET v = DEFAULT "
        "WHEN NOT MATCHED THEN INSERT (k, v) VALUES (s.k, DEFAULT)",
        "MERGE",
        2,
        [(1, "one"), (2, "dflt"), (3, "dflt")],
    ),
]


@pytest.mark.parametrize(
    ("sql", "tag", "count", "after"), [case[1:] for case in WRITES], ids=[case[0] for case in WRITES]
)
def test_write(session: Session, rows: Rows, sql: str, tag: str, count: int, after: list[tuple[Any, ...]]) -> None:
    session.execute("CREATE TABLE t (k int, v varchar(5) DEFAULT 'dflt'); CREATE TABLE s (k int, v varchar(9))")
    session.execute("INSERT INTO t VALUES (1, 'one'), (2, 'two'); INSERT INTO s VALUES (2, 'zwei'), (3, 'drei')")
    result = session.execute(sql)
    assert (result.tag, result.row_count) == (tag, count)
    assert rows("SELECT k, v FROM t ORDER BY k") == after


ROLLED_BACK = [
    ("rows", "DELETE FROM t"),
    ("a table", "DROP TABLE t"),
    ("a column", "ALTER TABLE t ADD COLUMN z int"),
    ("a name", "ALTER TABLE t RENAME TO u"),
    ("a length", "ALTER TABLE t ALTER COLUMN v TYPE varchar(99)"),
    ("a view", "CREATE VIEW w AS SELECT k FROM t"),
    ("a schema", "CREATE SCHEMA extra; CREATE TABLE extra.x (a int)"),
    ("a new table with a serial number", "CREATE TABLE x (i int IDENTITY(1,1))"),
]


@pytest.mark.parametrize("sql", [case[1] for case in ROLLED_BACK], ids=[case[0] for case in ROLLED_BACK])
def test_rollback_undoes(session: Session, rows: Rows, sql: str) -> None:
    session.execute("CREATE TABLE t (k int, v varchar(5)); INSERT INTO t VALUES (1, 'one')")
    catalog = "SELECT * FROM svv_columns ORDER BY table_schema, table_name, ordinal_position"
    before = (rows(catalog), rows("SELECT * FROM svv_all_schemas ORDER BY 2"))
    session.execute(f"BEGIN; {sql}")
    session.execute("ROLLBACK")
    assert (rows(catalog), rows("SELECT * FROM svv_all_schemas ORDER BY 2")) == before
    assert rows("SELECT * FROM t") == [(1, "one")]
