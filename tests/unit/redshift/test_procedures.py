"""Stored procedures, functions, cursors, prepared statements and materialized views."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from lakeshift.redshift import RedshiftError, Session, Warehouse

_NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def opened(shared: Warehouse) -> Iterator[Session]:
    session = shared.session("procedures", "tester")
    session.execute("CREATE TABLE log (n int, t varchar(50)); CREATE TABLE src (a int, b varchar(10))")
    session.execute("INSERT INTO src VALUES (1, 'x'), (2, 'y'), (3, NULL)")
    yield session
    session.close()


@pytest.fixture(autouse=True)
def emptied(opened: Session) -> Iterator[None]:
    if opened.transaction_status != "I":
        opened.execute("ROLLBACK")
    opened.execute("DELETE FROM log")
    yield
    if opened.transaction_status != "I":
        opened.execute("ROLLBACK")


def _run(session: Session, body: str, *, mode: str = "") -> None:
    name = f"p{next(_NUMBERS)}"
    session.execute(f"CREATE PROCEDURE {name}() {mode} AS $$ {body} $$ LANGUAGE plpgsql")
    session.execute(f"CALL {name}()")


def _log(session: Session) -> list[tuple[Any, ...]]:
    return session.execute("SELECT n, t FROM log ORDER BY 1, 2").rows


BODIES: list[tuple[str, str, list[tuple[Any, ...]]]] = [
    ("an assignment", "DECLARE v int := 2; BEGIN v := v * 3; INSERT INTO log VALUES (v, 'a'); END;", [(6, "a")]),
    (
        "IF",
        "DECLARE v int := 5; BEGIN IF v > 9 THEN v := 1; ELSIF v > 4 THEN v := 2; ELSE v := 3; END IF; "
        "INSERT INTO log VALUES (v, 'if'); END",
        [(2, "if")],
    ),
    (
        "CASE with a subject",
        "DECLARE v int := 2; BEGIN CASE v WHEN 1, 2 THEN INSERT INTO log VALUES (1, 'low'); "
        "ELSE INSERT INTO log VALUES (2, 'high'); END CASE; END",
        [(1, "low")],
    ),
    (
        "LOOP, EXIT WHEN",
        "DECLARE i int := 0; BEGIN LOOP i := i + 1; EXIT WHEN i > 2; INSERT INTO log VALUES (i, NULL); END LOOP; END",
        [(1, None), (2, None)],
    ),
    (
        "WHILE",
        "DECLARE i int := 0; BEGIN WHILE i < 2 LOOP i := i + 1; INSERT INTO log VALUES (i, 'w'); END LOOP; END",
        [(1, "w"), (2, "w")],
    ),
    (
        "FOR over a range",
        "BEGIN FOR i IN 1..5 BY 2 LOOP INSERT INTO log VALUES (i, NULL); END LOOP; END",
        [(1, None), (3, None), (5, None)],
    ),
    (
        "FOR backwards",
        "BEGIN FOR i IN REVERSE 2..1 LOOP INSERT INTO log VALUES (i, NULL); END LOOP; END",
        [(1, None), (2, None)],
    ),
    (
        "CONTINUE and labels",
        "BEGIN <<outer>> FOR i IN 1..3 LOOP FOR j IN 1..3 LOOP CONTINUE outer WHEN j = 2; "
        "INSERT INTO log VALUES (i * 10 + j, NULL); END LOOP; END LOOP; END",
        [(11, None), (21, None), (31, None)],
    ),
    (
        "FOR over a query",
        (
            "DECLARE r record; BEGIN FOR r IN SELECT a, b FROM "
            "src ORDER BY a LOOP INSERT INTO "
            "log VALUES (r.a, r.b); END LOOP; END"
        ),
        [(1, "x"), (2, "y"), (3, None)],
    ),
    (
        "FOR over a dynamic query",
        "DECLARE r record; BEGIN FOR r IN EXECUTE 'SELECT a FROM src WHERE a < ' || 2 LOOP "
        "INSERT INTO log VALUES (r.a, NULL); END LOOP; END",
        [(1, None)],
    ),
    (
        "SELECT INTO",
        "DECLARE v int; BEGIN SELECT INTO v max(a) FROM src; INSERT INTO log VALUES (v, NULL); END",
        [(3, None)],
    ),
    (
        "SELECT INTO a record",
        "DECLARE r record; BEGIN SELECT a, b INTO r FROM src WHERE a = 1; INSERT INTO log VALUES (r.a, r.b); END",
        [(1, "x")],
    ),
    (
        "FOUND",
        (
            "DECLARE v int; BEGIN SELECT INTO v a FROM src WHERE "
            "a = 99; IF NOT FOUND THEN INSERT "
            "INTO log VALUES (0, 'none'); "
            "END IF; END"
        ),
        [(0, "none")],
    ),
    (
        "ROW_COUNT",
        "DECLARE n int; BEGIN INSERT INTO log SELECT a, b FROM src; GET DIAGNOSTICS n = ROW_COUNT; "
        "DELETE FROM log; INSERT INTO log VALUES (n, 'rows'); END",
        [(3, "rows")],
    ),
    (
        "EXECUTE INTO",
        "DECLARE n int; BEGIN EXECUTE 'SELECT count(*) FROM src' INTO n; INSERT INTO log VALUES (n, NULL); END",
        [(3, None)],
    ),
    (
        "a cursor with an argument",
        "DECLARE c CURSOR (least int) FOR SELECT a FROM src WHERE a >= least ORDER BY a; v int; BEGIN OPEN c(2); "
        "LOOP FETCH c INTO v; EXIT WHEN NOT FOUND; INSERT INTO log VALUES (v, 'c'); END LOOP; CLOSE c; END",
        [(2, "c"), (3, "c")],
    ),
    (
        "RETURN ends it",
        "BEGIN INSERT INTO log VALUES (1, NULL); RETURN; INSERT INTO log VALUES (2, NULL); END",
        [(1, None)],
    ),
    ("a type of a column", "DECLARE v src.a%TYPE := 7; BEGIN INSERT INTO log VALUES (v, NULL); END", [(7, None)]),
    (
        "values are never code",
        "DECLARE v varchar(50) := 'x''); DELETE FROM src; --'; BEGIN INSERT INTO log VALUES (1, v); END",
        [(1, "x'); DELETE FROM src; --")],
    ),
    (
        "a COMMIT keeps what came before a ROLLBACK",
        "BEGIN INSERT INTO log VALUES (1, NULL); COMMIT; INSERT INTO log VALUES (2, NULL); ROLLBACK; END",
        [(1, None)],
    ),
    (
        "a variable named as a column of the list",
        "DECLARE n int := 4; BEGIN INSERT INTO log (n, t) VALUES (n, 'v'); END",
        [(4, "v")],
    ),
    (
        "a CASE expression in IF",
        "BEGIN IF CASE WHEN 1 = 1 THEN true ELSE false END THEN INSERT INTO log VALUES (1, NULL); END IF; END",
        [(1, None)],
    ),
]


@pytest.mark.parametrize(("body", "expected"), [case[1:] for case in BODIES], ids=[case[0] for case in BODIES])
def test_body(opened: Session, body: str, expected: list[tuple[Any, ...]]) -> None:
    _run(opened, body)
    assert _log(opened) == expected
    assert opened.execute("SELECT COUNT(*) FROM src").rows == [(3,)]


def test_out_arguments_are_a_row_and_nested_calls_hand_them_on(opened: Session) -> None:
    opened.execute(
        "CREATE PROCEDURE twice(INOUT a int, b int, OUT c "
        "int) AS $$ BEGIN a := a * 2; c := a "
        "+ b; END $$ LANGUAGE plpgsql"
    )
    result = opened.execute("CALL twice(3, 10)")
    assert [column.name for column in result.columns] == ["a", "c"]
    assert result.rows == [(6, 16)]
    opened.execute(
        "CREATE PROCEDURE quad(INOUT a int) AS $$ DECLARE "
        "c int; BEGIN CALL one(a); CALL "
        "one(a); END $$ LANGUAGE plpgsql"
    )
    opened.execute("CREATE PROCEDURE one(INOUT z int) AS $$ BEGIN z := z * 2; END $$ LANGUAGE plpgsql")
    assert opened.execute("CALL quad(3)").rows == [(12,)]


def test_raise_tells_the_client_and_exception_fails(opened: Session) -> None:
    opened.execute("CREATE PROCEDURE tell(v int) AS $$ BEGIN RAISE INFO 'v is % (100%%)', v; END $$ LANGUAGE plpgsql")
    assert opened.execute("CALL tell(7)").notices == ("INFO:  v is 7 (100%)",)
    with pytest.raises(RedshiftError, match="no 5") as caught:
        _run(opened, "BEGIN INSERT INTO log VALUES (1, NULL); RAISE EXCEPTION 'no %', 5; END")
    assert caught.value.sqlstate == "P0001"
    assert _log(opened) == []


HANDLED = (
    "BEGIN INSERT INTO log VALUES (1, 'before'); EXECUTE "
    "'select invalid'; EXCEPTION WHEN "
    "OTHERS THEN INSERT INTO log VALUES (2, SQLSTATE); END"
)


def test_an_atomic_procedure_undoes_runs_the_handler_and_fails_all_the_same(opened: Session) -> None:
    with pytest.raises(RedshiftError, match='column "invalid" does not exist'):
        _run(opened, HANDLED)
    assert _log(opened) == [(2, "42703")]


def test_a_nonatomic_procedure_keeps_each_statement_and_goes_on(opened: Session) -> None:
    _run(opened, HANDLED, mode="NONATOMIC")
    assert _log(opened) == [(1, "before"), (2, "42703")]


REFUSED = [
    (
        "a syntax error is found at once",
        ("CREATE PROCEDURE e1() AS $$ BEGIN IF x THEN; END $$ LANGUAGE plpgsql"),
        "42601",
    ),
    ("a procedure that is not there", "CALL nosuch(1)", "42883"),
    ("a procedure without a body", "CREATE PROCEDURE e2() LANGUAGE plpgsql", "42P13"),
    ("a Python function", "CREATE FUNCTION e3() RETURNS int STABLE AS $$ return 1 $$ LANGUAGE plpythonu", "0A000"),
    (
        "a function with a FROM",
        ("CREATE FUNCTION e4() RETURNS int STABLE AS $$ SELECT a FROM src $$ LANGUAGE sql"),
        "42P13",
    ),
    (
        "a function named as a built-in one",
        ("CREATE FUNCTION upper(int) RETURNS int STABLE AS $$ SELECT $1 $$ LANGUAGE sql"),
        "42723",
    ),
    ("a cursor outside of a transaction", "DECLARE c CURSOR FOR SELECT 1", "25P01"),
    ("an unknown cursor", "FETCH 1 FROM nosuch", "34000"),
    ("a scrolling fetch", "FETCH BACKWARD 1 FROM c", "0A000"),
    ("an unknown prepared statement", "EXECUTE nosuch", "26000"),
    ("DML on a materialized view", "INSERT INTO mvr VALUES (1)", "42809"),
    ("a refresh of a table", "REFRESH MATERIALIZED VIEW src", "42809"),
]


@pytest.mark.parametrize(("sql", "state"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_refused(opened: Session, sql: str, state: str) -> None:
    if "mvr" in sql:
        opened.execute("CREATE MATERIALIZED VIEW mvr AS SELECT 1 AS a")
    with pytest.raises(RedshiftError) as caught:
        opened.execute(sql)
    assert caught.value.sqlstate == state


def test_commit_inside_of_a_clients_transaction_is_refused(opened: Session) -> None:
    opened.execute("CREATE PROCEDURE committing() AS $$ BEGIN COMMIT; END $$ LANGUAGE plpgsql")
    opened.execute("BEGIN")
    with pytest.raises(RedshiftError, match="invalid transaction termination"):
        opened.execute("CALL committing()")


def test_a_sql_function_is_written_out_with_its_types(opened: Session) -> None:
    opened.execute(
        "CREATE FUNCTION bigger (float, float) RETURNS float "
        "STABLE AS $$ SELECT CASE WHEN $1 "
        "> $2 THEN $1 ELSE $2 END $$ LANGUAGE sql"
    )
    opened.execute(
        "CREATE FUNCTION biggest (float, float, float) "
        "RETURNS int STABLE AS $$ SELECT "
        "bigger(bigger($1, $2), $3) $$ LANGUAGE sql"
    )
    assert opened.execute("SELECT bigger(a, 2), public.biggest(a, 1, 2) FROM src ORDER BY a").rows == [
        (2.0, 2),
        (2.0, 2),
        (3.0, 3),
    ]
    opened.execute("DROP FUNCTION biggest(float, float, float)")
    with pytest.raises(RedshiftError, match="function biggest"):
        opened.execute("SELECT biggest(1, 2, 3)")


def test_a_cursor_moves_forward_until_the_transaction_ends(opened: Session) -> None:
    opened.execute("BEGIN")
    opened.execute("DECLARE c CURSOR FOR SELECT a FROM src ORDER BY a")
    assert opened.execute("FETCH NEXT FROM c").rows == [(1,)]
    assert opened.execute("FETCH FORWARD ALL FROM c").rows == [(2,), (3,)]
    assert opened.execute("FETCH c").rows == []
    opened.execute("COMMIT")
    with pytest.raises(RedshiftError, match='cursor "c" does not exist'):
        opened.execute("FETCH c")


def test_a_prepared_statement_takes_its_arguments_as_values(opened: Session) -> None:
    opened.execute("PREPARE find (varchar(20)) AS SELECT COUNT(*) FROM src WHERE b = $1")
    assert opened.execute("EXECUTE find('x')").rows == [(1,)]
    assert opened.execute("EXECUTE find('x'' OR 1 = 1 --')").rows == [(0,)]
    with pytest.raises(RedshiftError, match="wrong number of parameters"):
        opened.execute("EXECUTE find")
    opened.execute("DEALLOCATE find")


def test_a_materialized_view_is_as_old_as_its_refresh(opened: Session) -> None:
    opened.execute(
        "CREATE MATERIALIZED VIEW mv AUTO REFRESH YES DISTSTYLE ALL AS SELECT n, COUNT(*) AS c FROM log GROUP BY n"
    )
    opened.execute("INSERT INTO log VALUES (1, NULL), (1, NULL)")
    assert opened.execute("SELECT * FROM mv").rows == []
    notice = opened.execute("REFRESH MATERIALIZED VIEW mv").notices
    assert "recomputed from scratch" in notice[0]
    assert opened.execute("SELECT n, c FROM mv").rows == [(1, 2)]
    with pytest.raises(RedshiftError, match="other objects depend on it"):
        opened.execute("DROP TABLE log")
    opened.execute("DROP MATERIALIZED VIEW mv")


def test_append_moves_the_rows(opened: Session) -> None:
    opened.execute("CREATE TABLE target (n int, t varchar(50)); INSERT INTO log VALUES (1, 'm')")
    opened.execute("ALTER TABLE target APPEND FROM log")
    assert opened.execute("SELECT * FROM target").rows == [(1, "m")]
    assert _log(opened) == []
