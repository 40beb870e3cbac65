"""Writers of one table wait, readers never do, cycles are refused."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from decimal import Decimal

import pytest

from lakeshift.redshift import RedshiftError, Session, Warehouse


@pytest.fixture
def pair(shared: Warehouse, request: pytest.FixtureRequest) -> Iterator[tuple[Session, Session]]:
    database = f"locks{abs(hash(request.node.nodeid))}"
    left, right = shared.session(database, "tester"), shared.session(database, "tester")
    for name in ("t", "u"):
        left.execute(f"CREATE TABLE {name} (a INTEGER)")
        left.execute(f"INSERT INTO {name} VALUES (1)")
    yield left, right
    left.close()
    right.close()


class _Later:
    """A statement in a thread of its own."""

    def __init__(self, session: Session, sql: str) -> None:
        self.error: RedshiftError | None = None
        self._thread = threading.Thread(target=self._run, args=(session, sql), daemon=True)
        self._thread.start()

    def _run(self, session: Session, sql: str) -> None:
        try:
            session.execute(sql)
        except RedshiftError as error:
            self.error = error

    def over(self, seconds: float = 20) -> bool:
        self._thread.join(seconds)
        return not self._thread.is_alive()


def test_reader_sees_what_was_committed_and_does_not_wait(pair: tuple[Session, Session]) -> None:
    left, right = pair
    left.execute("BEGIN")
    left.execute("UPDATE t SET a = 2")
    assert right.execute("SELECT a FROM t").rows == [(1,)]
    left.execute("COMMIT")
    assert right.execute("SELECT a FROM t").rows == [(2,)]


def test_second_writer_waits_and_builds_on_the_first(pair: tuple[Session, Session]) -> None:
    left, right = pair
    left.execute("BEGIN")
    left.execute("UPDATE t SET a = a + 1")
    waiting = _Later(right, "UPDATE t SET a = a * 10")
    assert not waiting.over(0.2)
    left.execute("COMMIT")
    assert waiting.over()
    assert waiting.error is None
    assert left.execute("SELECT a FROM t").rows == [(20,)]


def test_writers_of_two_tables_do_not_wait(pair: tuple[Session, Session]) -> None:
    left, right = pair
    left.execute("BEGIN")
    left.execute("UPDATE t SET a = 2")
    right.execute("UPDATE u SET a = 2")
    left.execute("ROLLBACK")


def test_waiting_writer_can_be_cancelled(pair: tuple[Session, Session]) -> None:
    left, right = pair
    left.execute("BEGIN")
    left.execute("DELETE FROM t")
    waiting = _Later(right, "DELETE FROM t")
    assert not waiting.over(0.1)
    right.interrupt()
    assert waiting.over()
    assert waiting.error is not None
    assert waiting.error.sqlstate == "57014"
    left.execute("ROLLBACK")
    assert right.execute("SELECT a FROM t").rows == [(1,)]


def test_deadlock_is_detected(pair: tuple[Session, Session]) -> None:
    left, right = pair
    for session, table in ((left, "t"), (right, "u")):
        session.execute("BEGIN")
        session.execute(f"DELETE FROM {table}")
    waiting = _Later(right, "DELETE FROM t")
    assert not waiting.over(0.2)
    with pytest.raises(RedshiftError, match="deadlock detected"):
        left.execute("DELETE FROM u")
    left.execute("ROLLBACK")
    assert waiting.over()
    right.execute("ROLLBACK")


def test_two_that_read_what_the_other_wrote_are_not_serializable(pair: tuple[Session, Session]) -> None:
    left, right = pair
    for session in pair:
        session.execute("BEGIN")
    left.execute("INSERT INTO t SELECT max(a) + 1 FROM u")
    right.execute("INSERT INTO u SELECT max(a) + 1 FROM t")
    left.execute("COMMIT")
    with pytest.raises(RedshiftError, match=r"1023\n.*Serializable isolation violation on table") as caught:
        right.execute("COMMIT")
    assert caught.value.sqlstate == "XX000"
    assert left.execute("SELECT count(*) FROM u").rows == [(1,)]


def test_change_of_rows_changed_meanwhile_is_not_serializable(pair: tuple[Session, Session]) -> None:
    left, right = pair
    right.execute("BEGIN")
    right.execute("SELECT a FROM t")
    left.execute("UPDATE t SET a = 2")
    with pytest.raises(RedshiftError, match="1023"):
        right.execute("UPDATE t SET a = 3")
    right.execute("ROLLBACK")


def test_statement_timeout_cancels(pair: tuple[Session, Session]) -> None:
    left, _ = pair
    left.execute("INSERT INTO t " + " UNION ALL ".join(f"SELECT {number}" for number in range(60)))
    left.execute("SET statement_timeout TO 100")
    with pytest.raises(RedshiftError, match="cancelled on user's request"):
        left.execute("SELECT count(*) FROM t a, t b, t c, t d, t e, t f WHERE a.a + b.a + c.a + d.a + e.a + f.a = 3")
    left.execute("SET statement_timeout TO 0")
    assert left.execute("SELECT count(*) FROM t").rows == [(61,)]


def test_query_asked_again_sees_a_table_that_was_altered(pair: tuple[Session, Session]) -> None:
    left, right = pair
    right.execute("BEGIN")
    assert right.execute("SELECT * FROM t").rows == [(1,)]
    left.execute("SELECT * FROM t")
    left.execute("ALTER TABLE t ADD COLUMN b INTEGER DEFAULT 7")
    assert left.execute("SELECT * FROM t").rows == [(1, 7)]
    assert right.execute("SELECT * FROM t").rows == [(1,)]
    right.execute("COMMIT")
    assert right.execute("SELECT * FROM t").rows == [(1, 7)]
    right.execute("BEGIN")
    right.execute("ALTER TABLE t DROP COLUMN b")
    assert right.execute("SELECT * FROM t").rows == [(1,)]
    right.execute("ROLLBACK")
    assert right.execute("SELECT * FROM t").rows == [(1, 7)]


PROCEDURES = [("alone", ""), ("nonatomic", "NONATOMIC "), ("after its own commit", "")]


@pytest.mark.parametrize(("way", "mode"), PROCEDURES, ids=[case[0] for case in PROCEDURES])
def test_procedure_waits_for_the_table_it_writes(pair: tuple[Session, Session], way: str, mode: str) -> None:
    left, right = pair
    commit = "COMMIT;" if "commit" in way else ""
    right.execute(
        f"CREATE PROCEDURE more() {mode}AS $$ BEGIN INSERT INTO u VALUES (2); {commit} INSERT INTO t VALUES (5); END; "
        "$$ LANGUAGE plpgsql"
    )
    left.execute("BEGIN")
    left.execute("INSERT INTO t VALUES (3)")
    waiting = _Later(right, "CALL more()")
    assert not waiting.over(0.2)
    left.execute("COMMIT")
    assert waiting.over()
    assert waiting.error is None
    assert left.execute("SELECT a FROM t ORDER BY a").rows == [(1,), (3,), (5,)]
    # Nothing is held any longer.
    assert _Later(left, "UPDATE u SET a = 0").over()
    assert _Later(left, "UPDATE t SET a = 0").over()


def test_procedure_that_fails_lets_go_of_its_tables(pair: tuple[Session, Session]) -> None:
    left, right = pair
    right.execute(
        "CREATE PROCEDURE bad() AS $$ BEGIN INSERT INTO t VALUES (5); RAISE EXCEPTION 'no'; END; $$ LANGUAGE plpgsql"
    )
    with pytest.raises(RedshiftError, match="no"):
        right.execute("CALL bad()")
    assert _Later(left, "UPDATE t SET a = a").over()
    assert left.execute("SELECT a FROM t").rows == [(1,)]


def test_append_waits_for_both_of_its_tables(pair: tuple[Session, Session]) -> None:
    left, right = pair
    left.execute("BEGIN")
    left.execute("INSERT INTO u VALUES (3)")
    waiting = _Later(right, "ALTER TABLE t APPEND FROM u")
    assert not waiting.over(0.2)
    left.execute("COMMIT")
    assert waiting.over()
    assert left.execute("SELECT count(*) FROM t").rows == [(3,)]


def test_query_that_another_change_of_its_table_overtakes_is_read_anew(
    pair: tuple[Session, Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    left, right = pair
    asked = left._connection.table_of
    calls = []

    def overtaken(sql: str, *, last: bool = False) -> object:
        calls.append(sql)
        if len(calls) == 1:
            right.execute("DROP TABLE t; CREATE TABLE t (a DECIMAL(4,2)); INSERT INTO t VALUES (5)")
        return asked(sql, last=last)

    left.execute("SELECT a FROM t")
    monkeypatch.setattr(left._connection, "table_of", overtaken)
    result = left.execute("SELECT a / 2 FROM t")
    assert (result.columns[0].type.name, result.rows[0][0]) == ("numeric", Decimal("2.5"))
    assert len(calls) == 2
