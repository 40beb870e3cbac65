"""SUPER's paths and unnesting, and clauses of SELECT the engine has otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lakeshift.redshift import RedshiftError, Session, Warehouse

ORDERS = '[{"id":1,"lines":[{"p":5,"q":2},{"p":6,"q":1}],"who":"Ann"},{"id":2,"lines":[],"who":"Bob"}]'


@pytest.fixture(scope="module")
def opened(shared: Warehouse) -> Iterator[Session]:
    session = shared.session("super", "tester")
    session.execute("CREATE TABLE c (k int, o super); CREATE TABLE v (s super); CREATE TABLE plain (n int)")
    session.execute(f"INSERT INTO c VALUES (1, JSON_PARSE('{ORDERS}')), (2, NULL)")
    session.execute("INSERT INTO v VALUES (1), ('a'), (-2.5), (ARRAY(1)), (NULL), ('B')")
    session.execute("CREATE TABLE part (name varchar(9), price int, made varchar(9))")
    session.execute("INSERT INTO part VALUES ('p', 10, 'x'), ('p', 20, 'y'), ('q', 40, 'x')")
    session.execute("CREATE TABLE counts (quality varchar(9), red int, green int)")
    session.execute("INSERT INTO counts VALUES ('high', 15, 20), ('low', NULL, 30)")
    session.execute("CREATE TABLE staff (id int, name varchar(9), boss int)")
    session.execute("INSERT INTO staff VALUES (1, 'a', NULL), (2, 'b', 1), (3, 'c', 2), (4, 'd', 1)")
    yield session
    session.close()


QUERIES: list[tuple[str, str, list[tuple[Any, ...]]]] = [
    ("a path", "SELECT c.o[0].lines[1].p FROM c ORDER BY k", [("6",), (None,)]),
    ("a path without the table", "SELECT o[1].who FROM c WHERE k = 1", [('"Bob"',)]),
    ("a path that leads nowhere", "SELECT o[9].who, o.who, o[0].zzz FROM c WHERE k = 1", [(None, None, None)]),
    ("an index from the data", "SELECT o[k].who FROM c WHERE k = 1", [('"Bob"',)]),
    ("unnesting", "SELECT k, x.id FROM c, c.o x ORDER BY 2", [(1, "1"), (1, "2")]),
    ("unnesting twice", "SELECT x.id, l.p FROM c, c.o AS x, x.lines AS l ORDER BY 2", [("1", "5"), ("1", "6")]),
    ("unnesting with its index", "SELECT i, x.who FROM c, c.o AS x AT i ORDER BY i", [(0, '"Ann"'), (1, '"Bob"')]),
    (
        "unnesting by a left join",
        ("SELECT k, x.id FROM c LEFT JOIN c.o AS x ON true ORDER BY 1, 2"),
        [(1, "1"), (1, "2"), (2, None)],
    ),
    ("unnesting of an element", "SELECT l.q FROM c, c.o[0].lines AS l ORDER BY 1", [("1",), ("2",)]),
    (
        "unpivot of an object",
        ("SELECT a, JSON_TYPEOF(x) FROM c, UNPIVOT c.o[1] AS x AT a ORDER BY a"),
        [("id", "number"), ("lines", "array"), ("who", "string")],
    ),
    ("a comparison with text", "SELECT x.id FROM c, c.o x WHERE x.who = 'Bob'", [("2",)]),
    ("a comparison of another kind is no match", "SELECT x.id FROM c, c.o x WHERE x.id = '1'", []),
    ("a comparison with a number", "SELECT x.who FROM c, c.o x WHERE x.id >= 2", [('"Bob"',)]),
    ("IN", "SELECT x.id FROM c, c.o x WHERE x.who IN ('Ann', 'Zoe')", [("1",)]),
    ("a cast", "SELECT x.id::int + 1, x.who::varchar FROM c, c.o x ORDER BY 1", [(2, "Ann"), (3, "Bob")]),
    (
        "order of values",
        "SELECT s FROM v WHERE s IS NOT NULL ORDER BY s",
        [("-2.5",), ("1",), ('"a"',), ('"B"',), ("[1]",)],
    ),
    ("aggregates over elements", "SELECT SUM(l.p::int) FROM c, c.o x, x.lines l", [(11,)]),
    (
        "PIVOT",
        "SELECT * FROM (SELECT name, price FROM part) PIVOT (SUM(price) FOR name IN ('p', 'q' AS quux))",
        [(30, 40)],
    ),
    (
        "PIVOT with groups",
        "SELECT * FROM part PIVOT (COUNT(*) AS n FOR name IN ('p', 'z')) ORDER BY 1, 2",
        [(10, "x", 1, 0), (20, "y", 1, 0), (40, "x", 0, 0)],
    ),
    (
        "UNPIVOT",
        ("SELECT * FROM counts UNPIVOT (n FOR color IN (red, green AS g)) ORDER BY 1, 2"),
        [("high", "g", 20), ("high", "red", 15), ("low", "g", 30)],
    ),
    ("UNPIVOT with NULLs", "SELECT COUNT(*) FROM counts UNPIVOT INCLUDE NULLS (n FOR color IN (red, green))", [(4,)]),
    (
        "CONNECT BY",
        ("SELECT id, level FROM staff START WITH name = 'b' CONNECT BY PRIOR id = boss ORDER BY 1"),
        [(2, 1), (3, 2)],
    ),
    (
        "WITH RECURSIVE",
        ("WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 3) SELECT n FROM t ORDER BY n"),
        [(1,), (2,), (3,)],
    ),
    (
        "an outer join by (+)",
        ("SELECT a.id, b.id FROM staff a, staff b WHERE a.id = b.boss(+) ORDER BY 1, 2"),
        [(1, 2), (1, 4), (2, 3), (3, None), (4, None)],
    ),
    (
        "QUALIFY",
        ("SELECT name FROM part QUALIFY ROW_NUMBER() OVER (PARTITION BY name ORDER BY price DESC) = 1 ORDER BY 1"),
        [("p",), ("q",)],
    ),
    (
        "GROUPING SETS",
        ("SELECT name, made, SUM(price) FROM part GROUP BY GROUPING SETS (name, made) ORDER BY 1, 2"),
        [("p", None, 30), ("q", None, 40), (None, "x", 50), (None, "y", 20)],
    ),
    ("CUBE", "SELECT COUNT(*) FROM (SELECT name FROM part GROUP BY CUBE (name, made)) AS q", [(8,)]),
    ("EXCLUDE", "SELECT * EXCLUDE (price) FROM part WHERE price = 40", [("q", "x")]),
    ("blanks at the end", "SELECT 'a' = 'a  ', 'a'::char(3) = 'a', ' a' = 'a'", [(True, True, False)]),
    ("texts joined by +", "SELECT name + '-' + made FROM part WHERE price = 10", [("p-x",)]),
    ("SIMILAR TO", "SELECT 'abc' SIMILAR TO '_(b|d)%', 'a%c' SIMILAR TO 'a\\\\%c'", [(True, True)]),
    ("POSIX", "SELECT 'abc' ~ '^a[[:alpha:]]', 'ABC' ~* 'b', 'x' !~ 'y'", [(True, True, True)]),
    ("approximate functions", "SELECT APPROXIMATE COUNT(DISTINCT name) FROM part", [(2,)]),
]


@pytest.mark.parametrize(("sql", "expected"), [case[1:] for case in QUERIES], ids=[case[0] for case in QUERIES])
def test_answer(opened: Session, sql: str, expected: list[tuple[Any, ...]]) -> None:
    assert opened.execute(sql).rows == expected


def test_names_keep_their_case_where_the_session_says_so(opened: Session) -> None:
    query = """SELECT d."A"."B" FROM (SELECT JSON_PARSE('{"A":{"B":1}}') AS d) AS t"""
    assert opened.execute(query).rows == [(None,)]
    opened.execute("SET enable_case_sensitive_identifier TO true")
    assert opened.execute(query).rows == [("1",)]
    opened.execute("RESET enable_case_sensitive_identifier")
    opened.execute("SET enable_case_sensitive_super_attribute TO on")
    assert opened.execute(query.replace('"A"."B"', "A.B")).rows == [("1",)]
    opened.execute("RESET enable_case_sensitive_super_attribute")


RAISED = [
    ("a path into a number", "SELECT n.x FROM plain", "42804"),
    ("an index of a number", "SELECT n[0] FROM plain", "42804"),
    ("a circle of CONNECT BY", "SELECT id FROM staff START WITH id = 1 CONNECT BY PRIOR id = id", "54001"),
    (
        "(+) beside JOIN",
        ("SELECT 1 FROM staff a JOIN staff b ON a.id = b.id, part p WHERE a.name = p.name(+)"),
        "0A000",
    ),
    ("an unknown column of UNPIVOT", "SELECT * FROM counts UNPIVOT (n FOR c IN (blue))", "42703"),
]


@pytest.mark.parametrize(("sql", "state"), [case[1:] for case in RAISED], ids=[case[0] for case in RAISED])
def test_raised(opened: Session, sql: str, state: str) -> None:
    with pytest.raises(RedshiftError) as caught:
        opened.execute(sql)
    assert caught.value.sqlstate == state


def test_explain_names_its_steps_as_redshift_does(opened: Session) -> None:
    result = opened.execute(
        "EXPLAIN SELECT name, SUM(price) FROM part WHERE made = 'x' GROUP BY name ORDER BY 2 LIMIT 1"
    )
    text = "\n".join(line for (line,) in result.rows)
    assert text.startswith("XN Limit")
    assert "->  XN HashAggregate" in text
    assert "->  XN Seq Scan on part" in text
    assert "cost" not in text
    assert "costs" in result.notices[0]


def test_a_column_by_schema_and_table_is_no_path(opened: Session) -> None:
    opened.execute("CREATE TABLE gone (n int); INSERT INTO gone VALUES (1); INSERT INTO plain VALUES (1), (2)")
    opened.execute("DELETE FROM public.plain USING public.gone WHERE public.plain.n = public.gone.n")
    assert opened.execute("SELECT public.plain.n FROM public.plain").rows == [(2,)]
    opened.execute("DELETE FROM plain")


def test_show_lists_schemas_tables_and_columns(opened: Session) -> None:
    assert ("super", "public") in [row[:2] for row in opened.execute("SHOW SCHEMAS FROM DATABASE super").rows]
    tables = opened.execute("SHOW TABLES FROM SCHEMA public LIKE 'pa%'")
    assert [row[2] for row in tables.rows] == ["part"]
    columns = opened.execute("SHOW COLUMNS FROM TABLE public.part")
    assert [row[3:5] for row in columns.rows] == [("name", 1), ("price", 2), ("made", 3)]
    assert opened.execute("SHOW TABLES FROM SCHEMA \"x' OR '1'='1\"").rows == []
