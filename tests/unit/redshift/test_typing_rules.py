"""Types of expressions, as the tables of "Computations with numeric values" give them."""

from __future__ import annotations

import pytest

from lakeshift.redshift import RedshiftError, Session, Warehouse
from lakeshift.redshift.types import SqlType

# Columns: s smallint, i int, b bigint, d decimal(8,2), e decimal(38,10), f real, g float8, v varchar(5), c char(3),
# t timestamp, z timestamptz, y date.
EXPRESSIONS: list[tuple[str, str, int | None, int | None]] = [
    ("s + s", "smallint", None, None),
    ("s + i", "integer", None, None),
    ("i * b", "bigint", None, None),
    ("i / 2", "integer", None, None),
    ("d + d", "numeric", 9, 2),
    ("d - i", "numeric", 13, 2),
    ("d * d", "numeric", 17, 4),
    ("d / d", "numeric", 17, 9),
    ("d / i", "numeric", 19, 13),
    ("e * e", "numeric", 38, 20),
    ("e / e", "numeric", 38, 4),
    ("f + 1", "double precision", None, None),
    ("d * g", "double precision", None, None),
    ("1.50", "numeric", 3, 2),
    ("1e3", "double precision", None, None),
    ("3000000000", "bigint", None, None),
    ("SUM(s)", "bigint", None, None),
    ("SUM(b)", "numeric", 38, 0),
    ("SUM(d)", "numeric", 38, 2),
    ("SUM(f)", "double precision", None, None),
    ("AVG(s)", "bigint", None, None),
    ("AVG(d)", "numeric", 38, 2),
    ("AVG(g)", "double precision", None, None),
    ("MAX(d)", "numeric", 8, 2),
    ("COUNT(*)", "bigint", None, None),
    ("CASE WHEN i > 1 THEN i ELSE d END", "numeric", 12, 2),
    ("CASE WHEN i > 1 THEN s ELSE b END", "bigint", None, None),
    ("CASE WHEN i > 1 THEN g ELSE d END", "double precision", None, None),
    ("COALESCE(NULL, d)", "numeric", 8, 2),
    ("NVL2(i, d, s)", "numeric", 8, 2),
    ("DECODE(i, 1, s, 2, b)", "bigint", None, None),
    ("DATEDIFF(day, y, t)", "bigint", None, None),
    ("DATEADD(day, 1, y)", "timestamp without time zone", None, None),
    ("DATEADD(day, 1, z)", "timestamp with time zone", None, None),
    ("DATE_TRUNC('day', z)", "timestamp with time zone", None, None),
    ("TRUNC(t)", "date", None, None),
    ("y + 1", "date", None, None),
    ("y - y", "bigint", None, None),
    ("t + INTERVAL '1 day'", "timestamp without time zone", None, None),
    ("i > 1 AND v LIKE 'x%'", "boolean", None, None),
    ("NOT (i = 1)", "boolean", None, None),
    ("(SELECT MAX(d) FROM kinds)", "numeric", 8, 2),
    ("SUM(i) OVER ()", "bigint", None, None),
    ("-d", "numeric", 8, 2),
    ("i::decimal(5,1)", "numeric", 5, 1),
]
TEXTS = [
    ("v", 5),
    ("v || 'ab'", 7),
    ("v || i", 65535),
    ("UPPER(v)", 5),
    ("CASE WHEN i > 1 THEN v ELSE 'longer than five' END", 16),
    ("i::varchar(9)", 9),
    ("TO_CHAR(t, 'YYYY')", 65535),
    ("'é'", 2),
]


@pytest.fixture(scope="module")
def kinds(shared: Warehouse) -> Session:
    session = shared.session("typing_rules", "tester")
    session.execute(
        "CREATE TABLE kinds (s smallint, i int, b bigint, d decimal(8,2), e decimal(38,10), f real, g float8, "
        "v varchar(5), c char(3), t timestamp, z timestamptz, y date)"
    )
    return session


def _type_in_a_table(session: Session, expression: str) -> SqlType:
    """What CREATE TABLE AS makes of the expression: there the types meet the catalog."""
    session.execute(f"CREATE TEMP TABLE made AS SELECT {expression} AS x FROM kinds")
    relation = session.catalog.find(None, "made")
    session.execute("DROP TABLE made")
    assert relation is not None
    return relation.columns[0].type


@pytest.mark.parametrize(
    ("expression", "name", "precision", "scale"), EXPRESSIONS, ids=[case[0] for case in EXPRESSIONS]
)
def test_expression(kinds: Session, expression: str, name: str, precision: int | None, scale: int | None) -> None:
    assert _type_in_a_table(kinds, expression) == SqlType(name, precision=precision, scale=scale)


@pytest.mark.parametrize(("expression", "length"), TEXTS, ids=[case[0] for case in TEXTS])
def test_text(kinds: Session, expression: str, length: int) -> None:
    assert _type_in_a_table(kinds, expression) == SqlType("character varying", length=length)


SOURCES = [
    ("a subquery", "SELECT x FROM (SELECT d AS x FROM kinds) AS q"),
    ("a subquery's star", "SELECT x FROM (SELECT *, d AS x FROM kinds) AS q"),
    ("a common table expression", "WITH q AS (SELECT d AS x FROM kinds) SELECT x FROM q"),
    ("one with its own names", "WITH q (x) AS (SELECT d FROM kinds) SELECT x FROM q"),
    ("a join", "SELECT l.d AS x FROM kinds AS l JOIN kinds AS r ON l.i = r.i"),
    ("a union", "SELECT d AS x FROM kinds UNION ALL SELECT d FROM kinds"),
    ("a correlated subquery", "SELECT (SELECT MAX(o.d + 0) FROM kinds AS q) AS x FROM kinds AS o"),
    ("an alias beside it", "SELECT d AS first, first AS x FROM kinds"),
]


@pytest.mark.parametrize("sql", [case[1] for case in SOURCES], ids=[case[0] for case in SOURCES])
def test_a_type_comes_through(kinds: Session, sql: str) -> None:
    column = next(column for column in kinds.execute(sql).columns if column.name == "x")
    assert (column.type.name, column.type.scale) == ("numeric", 2)


def test_columns_of_one_name_keep_their_own_types(kinds: Session) -> None:
    kinds_of = [column.type for column in kinds.execute("SELECT d * d, d + 1, v || 'a' FROM kinds").columns]
    assert kinds_of == [
        SqlType("numeric", precision=17, scale=4),
        SqlType("numeric", precision=13, scale=2),
        SqlType("character varying", length=6),
    ]


@pytest.mark.parametrize("name", ["uuid", "json", "tinyint", "hugeint", "struct(a int)"])
def test_a_cast_to_a_type_redshift_lacks_is_refused(kinds: Session, name: str) -> None:
    with pytest.raises(RedshiftError, match="does not exist"):
        kinds.execute(f"SELECT CAST(NULL AS {name})")


SHOWN = [
    ("LEN('a')", "int4"),
    ("POSITION('b' IN 'abc')", "int4"),
    ("SIGN(i)", "int4"),
    ("s % 2", "int4"),
    ("COUNT(*)", "int8"),
    ("SUM(i)", "int8"),
    ("AVG(i)", "int8"),
    ("ROW_NUMBER() OVER ()", "int8"),
    ("EXTRACT(year FROM t)", "int4"),
    ("i::smallint", "int2"),
]


@pytest.mark.parametrize(("expression", "wire"), SHOWN, ids=[case[0] for case in SHOWN])
def test_whole_numbers_are_shown_as_redshifts(kinds: Session, expression: str, wire: str) -> None:
    assert kinds.execute(f"SELECT {expression} AS x FROM kinds").columns[0].type.wire == wire
