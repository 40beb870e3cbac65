"""DDL, DML, transactions and the catalog."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lakeshift.lake import FolderLake
from lakeshift.redshift import RedshiftError, Session, Warehouse

Rows = Callable[[str], list[tuple[Any, ...]]]

FACT = """CREATE TABLE fact (
    id bigint IDENTITY(10, 5), code varchar(3) NOT NULL ENCODE lzo, n int DEFAULT 7, d decimal(8,2), ts timestamp,
    PRIMARY KEY (code)) DISTSTYLE KEY DISTKEY (code) COMPOUND SORTKEY (ts, n)"""


def test_attributes_are_kept_and_shown(session: Session, rows: Rows) -> None:
    session.execute(FACT)
    shown = {row[2]: row[3:] for row in rows("SELECT * FROM pg_table_def WHERE tablename = 'fact'")}
    assert shown["code"] == ("character varying(3)", "lzo", True, 0, True)
    assert shown["ts"] == ("timestamp without time zone", "none", False, 1, False)
    assert shown["n"] == ("integer", "none", False, 2, False)
    assert shown["d"] == ("numeric(8,2)", "az64", False, 0, False)
    info = rows('SELECT "schema", "table", diststyle, sortkey1, sortkey_num FROM svv_table_info')
    assert info == [("public", "fact", "KEY(code)", "ts", 2)]


def test_a_primary_key_is_informational(session: Session, rows: Rows) -> None:
    session.execute(FACT)
    session.execute("INSERT INTO fact (code) VALUES ('a'), ('a')")
    assert rows("SELECT COUNT(*) FROM fact") == [(2,)]


def test_identity_counts_by_seed_and_step_and_defaults_fill(session: Session, rows: Rows) -> None:
    session.execute(FACT)
    session.execute("INSERT INTO fact (code) VALUES ('a'), ('b')")
    session.execute("INSERT INTO fact (code, n) VALUES ('c', DEFAULT)")
    assert rows("SELECT id, n FROM fact ORDER BY id") == [(10, 7), (15, 7), (20, 7)]


BYTES = [
    ("as long as allowed", "'abc'", "abc"),
    ("trailing blanks beyond the limit go", "'ab   '", "ab "),
    ("two bytes a character", "'éa'", "éa"),
    ("null", "NULL", None),
    ("empty is not null", "''", ""),
]


@pytest.mark.parametrize(("value", "stored"), [case[1:] for case in BYTES], ids=[case[0] for case in BYTES])
def test_varchar_counts_bytes(session: Session, rows: Rows, value: str, stored: str | None) -> None:
    session.execute("CREATE TABLE v (a varchar(3))")
    session.execute(f"INSERT INTO v VALUES ({value})")
    assert rows("SELECT a FROM v") == [(stored,)]


TOO_LONG = [
    ("INSERT of values", "INSERT INTO v VALUES ('abcd')"),
    ("INSERT of a query", "INSERT INTO v SELECT 'abcd'"),
    ("two bytes a character", "INSERT INTO v VALUES ('éé')"),
    ("UPDATE", "UPDATE v SET a = 'abcd'"),
    (
        "MERGE update",
        "MERGE INTO v USING w ON v.k = w.k WHEN MATCHED THEN UPDATE SET a = w.a "
        "WHEN NOT MATCHED THEN INSERT VALUES (w.a, w.k)",
    ),
    (
        "MERGE insert",
        "MERGE INTO v USING w ON v.k = w.k + 9 WHEN MATCHED THEN UPDATE SET a = '' "
        "WHEN NOT MATCHED THEN INSERT VALUES (w.a, w.k)",
    ),
]


@pytest.mark.parametrize("sql", [case[1] for case in TOO_LONG], ids=[case[0] for case in TOO_LONG])
def test_too_long_is_refused_and_changes_nothing(session: Session, rows: Rows, sql: str) -> None:
    session.execute("CREATE TABLE v (a varchar(3), k int); INSERT INTO v VALUES ('x', 1)")
    session.execute("CREATE TABLE w (a varchar(9), k int); INSERT INTO w VALUES ('abcdefgh', 1)")
    with pytest.raises(RedshiftError, match="value too long"):
        session.execute(sql)
    assert rows("SELECT a, k FROM v") == [("x", 1)]


def test_char_is_without_its_blanks(session: Session, rows: Rows) -> None:
    session.execute("CREATE TABLE c (a char(5)); INSERT INTO c VALUES ('ab   ')")
    assert rows("SELECT LEN(a) FROM c WHERE a = 'ab'") == [(2,)]


def test_merge_updates_and_inserts(session: Session, rows: Rows) -> None:
    session.execute("CREATE TABLE t (k int, v varchar(9)); INSERT INTO t VALUES (1, 'old'), (2, 'kept')")
    session.execute("CREATE TABLE s (k int, v varchar(9)); INSERT INTO s VALUES (1, 'new'), (3, 'added')")
    result = session.execute(
        "MERGE INTO t USING s AS changes ON t.k = changes.k WHEN MATCHED THEN UPDATE SET v = changes.v "
        "WHEN NOT MATCHED THEN INSERT (k, v) VALUES (changes.k, changes.v)"
    )
    assert (result.tag, result.row_count) == ("MERGE", 2)
    assert rows("SELECT k, v FROM t ORDER BY k") == [(1, "new"), (2, "kept"), (3, "added")]


def test_merge_inserts_by_position(session: Session, rows: Rows) -> None:
    session.execute("CREATE TABLE t (k int, v varchar(9)); CREATE TABLE s (k int, v varchar(9))")
    session.execute("INSERT INTO s VALUES (1, 'new')")
    session.execute(
        "MERGE INTO t USING s ON t.k = s.k WHEN MATCHED THEN UPDATE SET v = s.v "
        "WHEN NOT MATCHED THEN INSERT VALUES (s.k, s.v)"
    )
    assert rows("SELECT k, v FROM t") == [(1, "new")]


def test_merge_with_two_matches_is_an_error(session: Session) -> None:
    session.execute("CREATE TABLE t (k int); INSERT INTO t VALUES (1); CREATE TABLE s (k int)")
    session.execute("INSERT INTO s VALUES (1), (1)")
    with pytest.raises(RedshiftError, match="multiple matches") as caught:
        session.execute(
            "MERGE INTO t USING s ON t.k = s.k WHEN MATCHED THEN UPDATE SET k = 1 "
            "WHEN NOT MATCHED THEN INSERT VALUES (s.k)"
        )
    assert caught.value.sqlstate == "21000"


def test_merge_remove_duplicates(session: Session, rows: Rows) -> None:
    session.execute("CREATE TABLE t (k int, v varchar(3)); INSERT INTO t VALUES (1, 'a'), (2, 'b')")
    session.execute("CREATE TABLE s (k int, v varchar(3)); INSERT INTO s VALUES (2, 'c'), (2, 'c'), (3, 'd')")
    session.execute("MERGE INTO t USING s ON t.k = s.k REMOVE DUPLICATES")
    assert rows("SELECT k, v FROM t ORDER BY k") == [(1, "a"), (2, "c"), (3, "d")]


def test_rollback_undoes_data_and_catalog(session: Session, rows: Rows) -> None:
    session.execute(
        "BEGIN; CREATE SCHEMA extra; CREATE TABLE extra.t (a int); INSERT INTO extra.t VALUES (1); ROLLBACK"
    )
    assert rows("SELECT * FROM svv_tables WHERE table_name = 't'") == []
    assert rows("SELECT * FROM svv_all_schemas WHERE schema_name = 'extra'") == []
    session.execute("CREATE SCHEMA extra")


def test_a_failed_transaction_takes_only_its_end(session: Session, rows: Rows) -> None:
    session.execute("CREATE TABLE t (a int); BEGIN; INSERT INTO t VALUES (1)")
    with pytest.raises(RedshiftError):
        session.execute("SELECT * FROM nosuch")
    with pytest.raises(RedshiftError, match="current transaction is aborted") as caught:
        session.execute("SELECT 1")
    assert caught.value.sqlstate == "25P02"
    assert session.execute("COMMIT").tag == "ROLLBACK"
    assert rows("SELECT COUNT(*) FROM t") == [(0,)]


def test_truncate_commits_what_was_before_it(session: Session, rows: Rows) -> None:
    session.execute("CREATE TABLE t (a int); INSERT INTO t VALUES (1); CREATE TABLE u (a int)")
    session.execute("BEGIN")
    session.execute("INSERT INTO u VALUES (1)")
    session.execute("TRUNCATE t")
    session.execute("ROLLBACK")
    assert rows("SELECT (SELECT COUNT(*) FROM t), (SELECT COUNT(*) FROM u)") == [(0, 1)]


def test_a_script_is_one_transaction(session: Session, rows: Rows) -> None:
    session.execute("CREATE TABLE t (a int)")
    with pytest.raises(RedshiftError):
        session.execute("INSERT INTO t VALUES (1); INSERT INTO nosuch VALUES (1)")
    assert rows("SELECT COUNT(*) FROM t") == [(0,)]


def test_a_view_holds_its_table(session: Session, rows: Rows) -> None:
    session.execute("CREATE TABLE t (a int); CREATE VIEW v AS SELECT a + 1 AS b FROM t; INSERT INTO t VALUES (1)")
    assert rows("SELECT * FROM v") == [(2,)]
    with pytest.raises(RedshiftError, match="other objects depend on it") as caught:
        session.execute("DROP TABLE t")
    assert caught.value.sqlstate == "2BP01"
    session.execute("DROP TABLE t CASCADE")
    with pytest.raises(RedshiftError, match="does not exist"):
        session.execute("SELECT * FROM v")


def test_a_late_binding_view_is_looked_at_when_queried(session: Session, rows: Rows) -> None:
    session.execute("CREATE VIEW v AS SELECT a FROM public.later WITH NO SCHEMA BINDING")
    with pytest.raises(RedshiftError, match="does not exist"):
        session.execute("SELECT * FROM v")
    session.execute("CREATE TABLE later (a int); INSERT INTO later VALUES (3)")
    assert rows("SELECT * FROM v") == [(3,)]
    session.execute("DROP TABLE later")


def test_create_or_replace_view(session: Session, rows: Rows) -> None:
    for value in (1, 2):
        session.execute(f"CREATE OR REPLACE VIEW v AS SELECT {value} AS a")
    assert rows("SELECT a FROM v") == [(2,)]


def test_create_table_as_keeps_types(session: Session, rows: Rows) -> None:
    session.execute(FACT)
    session.execute("CREATE TABLE copied DISTKEY (code) AS SELECT code, n, d FROM fact")
    shown = rows('SELECT "column", "type", distkey FROM pg_table_def WHERE tablename = \'copied\'')
    assert shown == [("code", "character varying(3)", True), ("n", "integer", False), ("d", "numeric(8,2)", False)]


def test_create_table_like(session: Session, rows: Rows) -> None:
    session.execute(FACT)
    session.execute("CREATE TABLE twin (LIKE fact INCLUDING DEFAULTS); INSERT INTO twin (id, code) VALUES (1, 'a')")
    assert rows("SELECT n FROM twin") == [(7,)]


def test_a_temporary_table_is_its_sessions_own(session: Session, shared: Warehouse) -> None:
    session.execute("CREATE TEMP TABLE mine (a int); INSERT INTO mine VALUES (1)")
    assert session.execute("SELECT * FROM mine").rows == [(1,)]
    other = shared.session(session.database)
    with pytest.raises(RedshiftError, match="does not exist"):
        other.execute("SELECT * FROM mine")
    other.close()


ALTER = [
    ("add a column", "ALTER TABLE t ADD COLUMN c int DEFAULT 5", "SELECT c FROM t", [(5,)]),
    ("drop a column", "ALTER TABLE t DROP COLUMN b", "SELECT * FROM t", [(1,)]),
    ("rename a column", "ALTER TABLE t RENAME COLUMN b TO z", "SELECT z FROM t", [("x",)]),
    ("rename", "ALTER TABLE t RENAME TO u", "SELECT a FROM u", [(1,)]),
    (
        "widen",
        "ALTER TABLE t ALTER COLUMN b TYPE varchar(9)",
        "SELECT character_maximum_length FROM svv_columns WHERE table_name = 't' AND column_name = 'b'",
        [(9,)],
    ),
    ("sort key", "ALTER TABLE t ALTER SORTKEY (b)", "SELECT sortkey1 FROM svv_table_info", [("b",)]),
    ("distribution", "ALTER TABLE t ALTER DISTSTYLE ALL", "SELECT diststyle FROM svv_table_info", [("ALL",)]),
    ("owner", "ALTER TABLE t OWNER TO someone", "SELECT tableowner FROM pg_tables", [("someone",)]),
]


@pytest.mark.parametrize(("sql", "query", "expected"), [case[1:] for case in ALTER], ids=[case[0] for case in ALTER])
def test_alter(session: Session, rows: Rows, sql: str, query: str, expected: Any) -> None:
    session.execute("CREATE TABLE t (a int, b varchar(3)); INSERT INTO t VALUES (1, 'x')")
    session.execute(sql)
    assert rows(query) == expected


def test_grants_are_recorded_and_revoked(session: Session, rows: Rows) -> None:
    session.execute(
        "CREATE TABLE t (a int); GRANT SELECT, INSERT ON t TO GROUP analysts; REVOKE INSERT ON t FROM GROUP analysts"
    )
    assert rows("SELECT relation_name, privilege_type, identity_name FROM svv_relation_privileges") == [
        ("t", "SELECT", "group analysts")
    ]


def test_search_path(session: Session, rows: Rows) -> None:
    session.execute("CREATE SCHEMA one; CREATE TABLE one.t (a int); SET search_path TO one, public")
    assert rows("SELECT COUNT(*) FROM t") == [(0,)]
    assert rows("SELECT current_schema()") == [("one",)]


def test_databases_are_apart(shared: Warehouse) -> None:
    left, right = shared.session("left"), shared.session("right")
    left.execute("CREATE TABLE same (a int); INSERT INTO same VALUES (1)")
    right.execute("CREATE TABLE same (b varchar(1))")
    assert left.execute("SELECT a FROM same").rows == [(1,)]
    assert left.execute("SELECT COUNT(*) FROM right.public.same").rows == [(0,)]
    left.close()
    right.close()


def test_everything_is_there_after_a_restart(tmp_path: Path) -> None:
    lake = FolderLake(tmp_path)
    warehouse = Warehouse(tmp_path / "wh.duckdb", lake)
    session = warehouse.session("dev", "me")
    session.execute(FACT)
    session.execute("INSERT INTO fact (code) VALUES ('a'); CREATE VIEW v AS SELECT INITCAP(code) AS c FROM fact")
    session.execute("CREATE TEMP TABLE gone (a int)")
    session.close()
    warehouse.close()
    again = Warehouse(tmp_path / "wh.duckdb", lake)
    session = again.session("dev", "me")
    session.execute("INSERT INTO fact (code) VALUES ('b')")
    assert session.execute("SELECT id FROM fact ORDER BY id").rows == [(10,), (15,)]
    assert session.execute("SELECT c FROM v ORDER BY c").rows == [("A",), ("B",)]
    assert session.execute("SELECT COUNT(*) FROM sys_query_history WHERE query_text LIKE 'CREATE TEMP%'").rows == [(1,)]
    with pytest.raises(RedshiftError):
        session.execute("SELECT * FROM gone")
    session.close()
    again.close()


def test_the_history_tells_the_microseconds_of_each_statement_none_of_them_in_a_queue(session: Session) -> None:
    session.execute("SELECT 1 AS looked_for")
    told = session.execute(
        "SELECT DATEDIFF(us, start_time, end_time) - elapsed_time, execution_time - elapsed_time, queue_time, "
        "result_cache_hit, session_id IS NULL FROM sys_query_history WHERE query_text LIKE '%looked_for'"
    )
    assert told.rows == [(0, 0, 0, False, False)]
    assert session.execute("SELECT MIN(elapsed_time) >= 0 FROM sys_query_history").rows == [(True,)]


def test_named_parameters_are_values_never_text(session: Session, rows: Rows) -> None:
    session.execute("CREATE TABLE t (a varchar(64), n int)")
    nasty = "x'); DROP TABLE t; --\\"
    session.execute("INSERT INTO t VALUES (:v, :n) -- :not", {"v": nasty, "n": "5"})
    assert rows("SELECT a, n FROM t") == [(nasty, 5)]
    assert session.execute("SELECT n::varchar(2) FROM t WHERE a = :v", {"v": nasty}).rows == [("5",)]
    with pytest.raises(RedshiftError, match="unused"):
        session.execute("SELECT ':v'", {"v": "1"})
