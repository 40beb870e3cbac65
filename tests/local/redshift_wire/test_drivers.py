"""redshift_connector, psycopg, psycopg2 and SQLAlchemy against the local Redshift's port."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import psycopg
import psycopg2
import pytest
import redshift_connector
import sqlalchemy as sa

from tests.local.redshift_wire.conftest import PASSWORD, Wire

_COLUMNS = (
    "a INTEGER, b BIGINT, c SMALLINT, d VARCHAR(40), e CHAR(3), f DECIMAL(12,3), g REAL, h DOUBLE PRECISION, "
    "i BOOLEAN, j DATE, k TIMESTAMP, l TIMESTAMPTZ"
)
_ROW = (
    -7,
    5_000_000_000,
    3,
    'it\'s \\ "ünï"\n',
    "abc",
    Decimal("-12.345"),
    1.5,
    -2.25,
    True,
    dt.date(2013, 1, 2),
    dt.datetime(2013, 1, 2, 3, 4, 5, 678900),
    dt.datetime(2013, 1, 2, 3, 4, 5, tzinfo=dt.UTC),
)


def _psycopg(wire: Wire) -> Any:
    return psycopg.connect(**wire.facts())


def _psycopg2(wire: Wire) -> Any:
    return psycopg2.connect(**wire.facts())


def _redshift(wire: Wire) -> Any:
    return redshift_connector.connect(
        host="127.0.0.1", port=wire.port, database=wire.database, user="awsuser", password=PASSWORD, ssl=False
    )


DRIVERS: dict[str, Callable[[Wire], Any]] = {
    "psycopg": _psycopg,
    "psycopg2": _psycopg2,
    "redshift_connector": _redshift,
}


@pytest.fixture(params=DRIVERS)
def connection(request: pytest.FixtureRequest, wire: Wire) -> Iterator[Any]:
    made = DRIVERS[request.param](wire)
    yield made
    made.close()


def test_every_type_comes_back_as_it_went(connection: Any) -> None:
    cursor = connection.cursor()
    cursor.execute(f"CREATE TABLE t ({_COLUMNS})")
    places = ", ".join(["%s"] * len(_ROW))
    for row in (_ROW, (None,) * len(_ROW)):
        cursor.execute(f"INSERT INTO t VALUES ({places})", row)
    cursor.execute("SELECT * FROM t ORDER BY a")
    found = [tuple(row) for row in cursor.fetchall()]
    assert [column[0] for column in cursor.description] == list("abcdefghijkl")
    assert found == [_ROW, (None,) * len(_ROW)]


def test_parameters_are_values_whatever_they_hold(connection: Any) -> None:
    cursor = connection.cursor()
    for text in ("'; DROP TABLE t; --", "\\", "$1", "%", "', 2) --", "é"):
        cursor.execute("SELECT %s::VARCHAR(40), %s + 1", (text, 41))
        assert list(cursor.fetchone()) == [text, 42]


def test_error_has_its_state_and_the_transaction_goes_on_after_rollback(connection: Any) -> None:
    cursor = connection.cursor()
    with pytest.raises(Exception, match="nothing") as caught:
        cursor.execute("SELECT nothing FROM pg_table_def")
    assert "42703" in str(getattr(caught.value, "sqlstate", getattr(caught.value, "pgcode", caught.value.args)))
    with pytest.raises(Exception, match="current transaction is aborted"):
        cursor.execute("SELECT 1")
    connection.rollback()
    cursor.execute("SELECT 1")
    assert list(cursor.fetchone()) == [1]


def test_commit_and_rollback(connection: Any, wire: Wire) -> None:
    cursor = connection.cursor()
    cursor.execute("CREATE TABLE t (a INTEGER)")
    connection.commit()
    cursor.execute("INSERT INTO t VALUES (1), (2)")
    assert cursor.rowcount == 2
    connection.rollback()
    cursor.execute("INSERT INTO t VALUES (3)")
    connection.commit()
    with wire.connect() as other:
        assert other.execute("SELECT a FROM t").fetchall() == [(3,)]


def test_many_rows(connection: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("CREATE TABLE t AS SELECT 1 AS n")
    for _ in range(15):
        cursor.execute("INSERT INTO t SELECT n + (SELECT max(n) FROM t) FROM t")
    cursor.execute("SELECT n, 'row ' || n FROM t ORDER BY n")
    found = cursor.fetchall()
    assert len(found) == 2**15
    assert list(found[-1]) == [2**15, f"row {2**15}"]


def test_executemany(connection: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("CREATE TABLE t (a INTEGER, b VARCHAR(9))")
    cursor.executemany("INSERT INTO t VALUES (%s, %s)", [(1, "x"), (2, None), (3, "z")])
    cursor.execute("SELECT * FROM t ORDER BY a")
    assert [tuple(row) for row in cursor.fetchall()] == [(1, "x"), (2, None), (3, "z")]


# What only one driver asks for.


def test_binary_results(wire: Wire) -> None:
    with wire.connect() as connection:
        cursor = connection.cursor(binary=True)
        items = "1::SMALLINT, 2, 3::BIGINT, 1.5::REAL, 2.5::FLOAT8, true, 'x'"
        items += ", DATE '2013-01-02', TIMESTAMP '2013-01-02 03:04:05'"
        row = cursor.execute(f"SELECT {items}, NULL::INTEGER").fetchone()
    assert row == (1, 2, 3, 1.5, 2.5, True, "x", dt.date(2013, 1, 2), dt.datetime(2013, 1, 2, 3, 4, 5), None)


def test_fetch_size_of_a_portal(wire: Wire) -> None:
    connection = _redshift(wire)
    cursor = connection.cursor()
    cursor.execute("CREATE TABLE t AS SELECT 1 AS n")
    for _ in range(8):
        cursor.execute("INSERT INTO t SELECT n + (SELECT max(n) FROM t) FROM t")
    cursor.execute("SELECT n FROM t ORDER BY n")
    assert [row[0] for row in cursor.fetchmany(10)] == list(range(1, 11))
    assert len(cursor.fetchall()) == 246
    connection.close()


def test_prepared_statement_is_run_again(wire: Wire) -> None:
    with wire.connect() as connection:
        found = [connection.execute("SELECT %s + 1", (number,), prepare=True).fetchone() for number in (1, 2, 3)]
    assert found == [(2,), (3,), (4,)]


def test_several_statements_in_one_query(wire: Wire) -> None:
    with wire.connect() as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1); SELECT a FROM t; SELECT a + 1 FROM t")
        found = []
        while cursor.nextset() is not None:
            if cursor.description:
                found.append(cursor.fetchall())
    assert found == [[(1,)], [(2,)]]


def test_cursor_with_a_name_gives_its_rows_in_parts(wire: Wire) -> None:
    connection = _psycopg2(wire)
    cursor = connection.cursor("parts")
    cursor.itersize = 2
    cursor.execute("SELECT n, 'row ' || n FROM (SELECT 1 AS n UNION ALL SELECT 2 UNION ALL SELECT 3) AS t ORDER BY n")
    assert cursor.fetchone() == (1, "row 1")
    assert list(cursor) == [(2, "row 2"), (3, "row 3")]
    cursor.close()
    connection.close()


def test_cursor_of_the_server_is_fetched_from(connection: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("DECLARE c CURSOR FOR SELECT 1 AS n UNION ALL SELECT 2 ORDER BY n")
    for expected in ([1], [2]):
        cursor.execute("FETCH NEXT FROM c")
        assert [column[0] for column in cursor.description] == ["n"]
        assert list(cursor.fetchone()) == expected
    cursor.execute("CLOSE c")
    connection.rollback()


def test_procedure_is_called_and_answers(connection: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("CREATE TABLE t AS SELECT 20 AS a UNION ALL SELECT 22")
    cursor.execute(
        "CREATE PROCEDURE total (more IN int, found OUT int) AS $$ BEGIN SELECT INTO found sum(a) + more FROM t; END; "
        "$$ LANGUAGE plpgsql"
    )
    cursor.execute("CALL total(1)")
    assert list(cursor.fetchone()) == [43]


def test_prepared_statement_of_the_server_is_executed(connection: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PREPARE more (int) AS SELECT $1 + 1 AS n")
    cursor.execute("EXECUTE more (41)")
    assert list(cursor.fetchone()) == [42]


def test_running_statement_is_cancelled(wire: Wire) -> None:
    connection = wire.connect()
    connection.execute("CREATE TABLE t AS SELECT 1 AS n")
    for _ in range(11):
        connection.execute("INSERT INTO t SELECT n + 1 FROM t")
    timer = threading.Timer(0.3, connection.cancel_safe)  # the other one holds the interpreter
    timer.start()
    with pytest.raises(psycopg.errors.QueryCanceled, match="cancelled on user's request"):
        connection.execute("SELECT count(*) FROM t a, t b, t c, t d WHERE (a.n * b.n + c.n * d.n) % 7 = 3")
    assert connection.execute("SELECT 1").fetchone() == (1,)
    connection.close()


def test_session_is_terminated_by_another(wire: Wire) -> None:
    victim, other = wire.connect(), wire.connect()
    row = other.execute(f"SELECT pg_terminate_backend({victim.info.backend_pid})").fetchone()
    assert row == (1,)
    with pytest.raises(psycopg.OperationalError):
        victim.execute("SELECT 1")
    other.close()


def test_notices_are_told(wire: Wire) -> None:
    notices: list[str | None] = []
    with wire.connect() as connection:
        connection.add_notice_handler(lambda notice: notices.append(notice.message_primary))
        connection.execute("COMMIT")
    assert notices == ["there is no transaction in progress"]


def test_copy_from_the_client_is_refused_as_redshift_does(wire: Wire) -> None:
    with wire.connect() as connection:
        connection.execute("CREATE TABLE t (a INTEGER)")
        with (
            pytest.raises(psycopg.Error, match="LOAD source is not supported"),
            connection.cursor().copy("COPY t FROM STDIN"),
        ):
            pass
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_server_tells_what_redshift_tells(wire: Wire) -> None:
    with wire.connect() as connection:
        told = {
            name: connection.info.parameter_status(name) for name in ("server_version", "server_encoding", "DateStyle")
        }
        version = connection.execute("SELECT version()").fetchone()
    assert told == {"server_version": "8.0.2", "server_encoding": "UNICODE", "DateStyle": "ISO, MDY"}
    assert version is not None
    assert "PostgreSQL 8.0.2" in version[0]
    assert "Redshift" in version[0]


def test_temporary_table_belongs_to_its_connection(wire: Wire) -> None:
    with wire.connect() as one, wire.connect() as other:
        one.execute("CREATE TEMP TABLE mine (a INTEGER)")
        with pytest.raises(psycopg.errors.UndefinedTable):
            other.execute("SELECT * FROM mine")


# SQLAlchemy.

ENGINES = {
    "psycopg2": ("redshift+psycopg2", {"sslmode": "disable"}),
    "redshift_connector": ("redshift+redshift_connector", {"ssl": False}),
}


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, wire: Wire) -> Iterator[sa.Engine]:
    name, arguments = ENGINES[request.param]
    url = sa.URL.create(name, "awsuser", PASSWORD, "127.0.0.1", wire.port, wire.database)
    made = sa.create_engine(url, connect_args=arguments)
    yield made
    made.dispose()


@pytest.mark.filterwarnings("ignore")
def test_sqlalchemy_creates_fills_and_reflects(engine: sa.Engine) -> None:
    table = sa.Table(
        "flights",
        sa.MetaData(),
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("origin", sa.String(3), nullable=False),
        sa.Column("delay", sa.Numeric(8, 2)),
        redshift_diststyle="KEY",
        redshift_distkey="id",
        redshift_sortkey="origin",
    )
    with engine.begin() as connection:
        table.metadata.create_all(connection)
        connection.execute(
            table.insert(), [{"id": 1, "origin": "EWR", "delay": 1.5}, {"id": 2, "origin": "JFK", "delay": None}]
        )
    with engine.connect() as connection:
        found = connection.execute(sa.select(table.c.origin).where(table.c.delay > 1)).all()
    assert found == [("EWR",)]
    inspector = sa.inspect(engine)
    assert inspector.get_table_names() == ["flights"]
    columns = [(one["name"], str(one["type"]), one["nullable"]) for one in inspector.get_columns("flights")]
    assert columns == [("id", "INTEGER", False), ("origin", "VARCHAR(3)", False), ("delay", "NUMERIC(8, 2)", True)]
    assert inspector.get_pk_constraint("flights")["constrained_columns"] == ["id"]
    assert inspector.has_table("nothing") is False
