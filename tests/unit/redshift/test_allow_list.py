"""Only what Redshift has gets through: rules with the page of each, and every name the engine alone knows."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import duckdb
import pytest

from lakeshift.errors import LakeshiftError
from lakeshift.redshift import RedshiftError, Session, Warehouse
from lakeshift.redshift.calls import SPECIAL_NAMES
from lakeshift.redshift.functions import FUNCTIONS
from lakeshift.redshift.leader.functions import LEADER_FUNCTIONS

FEATURES = "c_unsupported-postgresql-features.html"
TYPES = "c_unsupported-postgresql-datatypes.html"
CALLS = "c_unsupported-postgresql-functions.html"
RULES: list[tuple[str, str, str, str]] = [
    # what, statement, words of the answer, page
    ("CREATE INDEX", "CREATE INDEX i ON t (a)", "CREATE INDEX is not supported", FEATURES),
    ("CREATE SEQUENCE", "CREATE SEQUENCE s", "CREATE SEQUENCE is not supported", FEATURES),
    ("CREATE TRIGGER", "CREATE TRIGGER t1 BEFORE INSERT ON t", "CREATE TRIGGER is not supported", FEATURES),
    ("CREATE RULE", "CREATE RULE r AS ON INSERT TO t", "CREATE RULE is not supported", FEATURES),
    ("CREATE DOMAIN", "CREATE DOMAIN d AS int", "CREATE DOMAIN is not supported", FEATURES),
    ("CREATE TABLESPACE", "CREATE TABLESPACE s", "CREATE TABLESPACE is not supported", FEATURES),
    ("CREATE EXTENSION", "CREATE EXTENSION x", "CREATE EXTENSION is not supported", FEATURES),
    ("CREATE AGGREGATE", "CREATE AGGREGATE a", "CREATE AGGREGATE is not supported", FEATURES),
    ("CHECK", "CREATE TABLE x (a int, CHECK (a > 0))", "CHECK constraints are not supported", FEATURES),
    ("inheritance", "CREATE TABLE x (a int) INHERITS (t)", "syntax error", FEATURES),
    ("a table's partitions", "CREATE TABLE x (a int) PARTITION BY RANGE (a)", "syntax error", FEATURES),
    ("VALUES as a table", "SELECT * FROM (VALUES (1)) v(a)", "syntax error", FEATURES),
    ("DISTINCT ON", "SELECT DISTINCT ON (a) a FROM t", "DISTINCT ON is not supported", FEATURES),
    ("FOR UPDATE", "SELECT a FROM t FOR UPDATE", "FOR UPDATE is not supported", FEATURES),
    ("RETURNING", "DELETE FROM t RETURNING a", "RETURNING clause is not supported", FEATURES),
    ("ON CONFLICT", "INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING", "ON CONFLICT clause is not supported", FEATURES),
    ("FILTER", "SELECT COUNT(*) FILTER (WHERE a > 1) FROM t", "FILTER clause is not supported", FEATURES),
    ("an array's brackets", "SELECT ARRAY[1, 2]", "ARRAY constructor is not supported", FEATURES),
    ("TABLESAMPLE", "SELECT a FROM t TABLESAMPLE SYSTEM (1)", "TABLESAMPLE is not supported", FEATURES),
    ("WITH HOLD", "DECLARE c CURSOR WITH HOLD FOR SELECT 1", "WITH HOLD is not supported", "declare.html"),
    ("SCROLL", "DECLARE c SCROLL CURSOR FOR SELECT 1", "SCROLL cursors are not supported", "declare.html"),
    ("backwards", "FETCH BACKWARD 1 FROM c", "only move forward", "fetch.html"),
    ("ALTER COLUMN SET DEFAULT", "ALTER TABLE t ALTER COLUMN a SET DEFAULT 1", "syntax error", "r_ALTER_TABLE.html"),
    (
        "ALTER COLUMN to another type",
        "ALTER TABLE t ALTER COLUMN a TYPE bigint",
        "only the length of a VARCHAR",
        "r_ALTER_TABLE.html",
    ),
    ("two columns at once", "ALTER TABLE t ADD COLUMN x int, ADD COLUMN y int", "syntax error", "r_ALTER_TABLE.html"),
    (
        "an identity later",
        "ALTER TABLE t ADD COLUMN x int IDENTITY(1,1)",
        "Identity column cannot be added",
        "r_ALTER_TABLE.html",
    ),
    (
        "APPEND in a transaction",
        "BEGIN; ALTER TABLE t APPEND FROM t",
        "cannot run inside a transaction block",
        "r_ALTER_TABLE_APPEND.html",
    ),
    ("VACUUM in a transaction", "BEGIN; VACUUM t", "cannot run inside a transaction block", "r_VACUUM_command.html"),
    (
        "a RANGE frame",
        "SELECT SUM(a) OVER (ORDER BY a RANGE UNBOUNDED PRECEDING) FROM t",
        "RANGE frames",
        "r_Window_function_synopsis.html",
    ),
    (
        "INTERSECT ALL",
        "SELECT a FROM t INTERSECT ALL SELECT a FROM t",
        "INTERSECT ALL is not supported",
        "r_UNION.html",
    ),
    ("EXCEPT ALL", "SELECT a FROM t EXCEPT ALL SELECT a FROM t", "EXCEPT ALL is not supported", "r_UNION.html"),
    ("a one-armed MERGE", "MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN DELETE", "MERGE", "r_MERGE.html"),
    ("LISTAGG on the leader", "SELECT LISTAGG('a')", "at least one user created tables", "r_LISTAGG.html"),
    ("MEDIAN on the leader", "SELECT MEDIAN(1)", "at least one user created tables", "r_MEDIAN.html"),
    ("UUID", "CREATE TABLE x (a uuid)", 'type "uuid" does not exist', TYPES),
    ("JSON", "CREATE TABLE x (a json)", 'type "json" does not exist', TYPES),
    ("JSONB", "SELECT '1'::jsonb", 'type "jsonb" does not exist', TYPES),
    ("BYTEA", "CREATE TABLE x (a bytea)", 'type "bytea" does not exist', TYPES),
    ("MONEY", "CREATE TABLE x (a money)", 'type "money" does not exist', TYPES),
    ("SERIAL", "CREATE TABLE x (a serial)", 'type "serial" does not exist', TYPES),
    ("XML", "CREATE TABLE x (a xml)", 'type "xml" does not exist', TYPES),
    ("HSTORE", "CREATE TABLE x (a hstore)", 'type "hstore" does not exist', TYPES),
    ("INET", "CREATE TABLE x (a inet)", 'type "inet" does not exist', TYPES),
    ("POINT", "CREATE TABLE x (a point)", 'type "point" does not exist', TYPES),
    ("BIT", "CREATE TABLE x (a bit)", 'type "bit" does not exist', TYPES),
    ("an array type", "CREATE TABLE x (a int[])", "syntax error", TYPES),
    ("STRING_AGG", "SELECT STRING_AGG(b, ',') FROM t", "function string_agg(", CALLS),
    ("ARRAY_AGG", "SELECT ARRAY_AGG(b) FROM t", "function array_agg(", CALLS),
    ("EVERY", "SELECT EVERY(a > 1) FROM t", "function every(", CALLS),
    ("XML_AGG", "SELECT XML_AGG(b) FROM t", "function xml_agg(", CALLS),
    ("REGR_SLOPE", "SELECT REGR_SLOPE(a, a) FROM t", "function regr_slope(", CALLS),
    ("CORR", "SELECT CORR(a, a) FROM t", "function corr(", CALLS),
    ("AGE", "SELECT AGE('2001-01-01')", "function age(", CALLS),
    ("CLOCK_TIMESTAMP", "SELECT CLOCK_TIMESTAMP()", "function clock_timestamp(", CALLS),
    ("JUSTIFY_DAYS", "SELECT JUSTIFY_DAYS(1)", "function justify_days(", CALLS),
    ("DIV", "SELECT DIV(9, 4)", "function div(", CALLS),
    ("WIDTH_BUCKET", "SELECT WIDTH_BUCKET(5, 0, 9, 4)", "function width_bucket(", CALLS),
    ("CONCAT_WS", "SELECT CONCAT_WS(',', 'a', 'b')", "function concat_ws(", CALLS),
    ("FORMAT", "SELECT FORMAT('%s', 'a')", "function format(", CALLS),
    ("REGEXP_MATCHES", "SELECT REGEXP_MATCHES('a', 'a')", "function regexp_matches(", CALLS),
    ("REGEXP_SPLIT_TO_ARRAY", "SELECT REGEXP_SPLIT_TO_ARRAY('a', 'a')", "function regexp_split_to_array(", CALLS),
    ("OVERLAY", "SELECT OVERLAY('abc', 'x', 1)", "function overlay(", CALLS),
    ("GENERATE_SERIES", "SELECT * FROM GENERATE_SERIES(1, 3)", "function generate_series(", CALLS),
    ("NEXTVAL", "SELECT NEXTVAL('s')", "function nextval(", CALLS),
    ("TO_TSVECTOR", "SELECT TO_TSVECTOR('a')", "function to_tsvector(", CALLS),
    ("PG_SLEEP", "SELECT PG_SLEEP(1)", "function pg_sleep(", CALLS),
]


@pytest.fixture(scope="module")
def opened(shared: Warehouse) -> Iterator[Session]:
    session = shared.session("allowed", "tester")
    session.execute("CREATE TABLE t (a int, b varchar(20)); CREATE TABLE u (a int); INSERT INTO t VALUES (1, 'x')")
    yield session
    session.close()


def _refused(session: Session, sql: str) -> LakeshiftError:
    with pytest.raises(LakeshiftError) as caught:
        session.execute(sql)
    if session.transaction_status != "I":
        session.execute("ROLLBACK")
    return caught.value


@pytest.mark.parametrize(("sql", "words", "page"), [rule[1:] for rule in RULES], ids=[rule[0] for rule in RULES])
def test_refused_as_the_page_says(opened: Session, sql: str, words: str, page: str) -> None:
    error = _refused(opened, sql)
    assert isinstance(error, RedshiftError), page
    assert words.lower() in str(error).lower()


def _engine_functions() -> list[str]:
    connection = duckdb.connect()
    rows = connection.execute(
        "SELECT DISTINCT function_name FROM duckdb_functions() "
        "WHERE regexp_full_match(function_name, '[a-z_][a-z0-9_]*')"
    ).fetchall()
    connection.close()
    allowed = {name.partition("@")[0] for name in FUNCTIONS} | SPECIAL_NAMES | set(LEADER_FUNCTIONS)
    # Calls with a grammar of their own, or words of Redshift.
    allowed |= {"substring", "position", "trim", "date_part", "user", "array", "struct_pack", "row", "if", "case"}
    return sorted({str(name) for (name,) in rows} - allowed)


def test_no_function_of_the_engine_alone_is_reachable(opened: Session) -> None:
    names = _engine_functions()
    assert len(names) > 400
    reached = []
    for name, arguments in itertools.product(names, ("", "1", "'a', 'b'")):
        try:
            opened.execute(f"SELECT {name}({arguments})")
        except LakeshiftError:
            continue
        reached.append(f"{name}({arguments})")
    assert reached == []


def test_no_table_function_of_the_engine_is_reachable(opened: Session) -> None:
    connection = duckdb.connect()
    rows = connection.execute(
        "SELECT DISTINCT function_name FROM duckdb_functions() WHERE function_type LIKE 'table%'"
    ).fetchall()
    connection.close()
    for (name,) in rows:
        _refused(opened, f"SELECT * FROM {name}('/etc/passwd')")
        _refused(opened, f"SELECT * FROM {name}()")


STATEMENTS = [
    "PRAGMA database_list",
    "ATTACH 'x.db' AS y",
    "DETACH y",
    "INSTALL httpfs",
    "LOAD httpfs",
    "CHECKPOINT",
    "FORCE CHECKPOINT",
    "EXPORT DATABASE 'x'",
    "IMPORT DATABASE 'x'",
    "COPY t TO 'x.csv'",
    "COPY (SELECT 1) TO 'x.csv'",
    "COPY t FROM 'x.csv'",
    "SUMMARIZE t",
    "DESCRIBE t",
    "FROM t",
    "FROM t SELECT a",
    "PIVOT t ON a USING count(*)",
    "UNPIVOT t ON a",
    "USE memory",
    "CREATE SECRET s (TYPE s3)",
    "CREATE MACRO m(x) AS x",
    "CREATE FUNCTION m(x) AS x",
    "CREATE TYPE e AS ENUM ('a')",
    "SET VARIABLE x = 1",
    "SET GLOBAL memory_limit = '1GB'",
    "SET enable_external_access = true",
    "RESET memory_limit",
    "CREATE TEMP MACRO m(x) AS x",
    "CREATE OR REPLACE TABLE t AS SELECT 1",
    "INSERT INTO t BY NAME SELECT 1 AS a",
    "VALUES (1)",
    "TABLE t",
    "SHOW TABLES",
    "SHOW DATABASES FROM memory",
    "CALL pragma_version()",
    "EXECUTE IMMEDIATE 'x'",
    "VACUUM ANALYZE",
    "SELECT * FROM 'x.parquet'",
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM glob('/*')",
    "SELECT #1 FROM t",
    "SELECT COLUMNS(*) FROM t",
    "SELECT [1, 2]",
    "SELECT {'a': 1}",
    "SELECT MAP {'a': 1}",
    "SELECT x -> x + 1",
    "SELECT a[1:2] FROM t",
    "SELECT list_transform([1], x -> x)",
    "SELECT * FROM t POSITIONAL JOIN u",
    "SELECT * FROM t ASOF JOIN u ON t.a >= u.a",
    "SELECT getenv('HOME')",
    "SELECT current_setting('home_directory')",
    "SELECT getvariable('user')",
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM sqlite_master",
    "SELECT * FROM _lakeshift.grants",
    "SELECT * FROM system.main.duckdb_tables",
    "SELECT main.ls_cut('a', 1)",
    "SELECT ls_soundex('a')",
    "SELECT * FROM temp.main.x",
    'SELECT * FROM "allowed.public".t',
    "CREATE TABLE x (a struct(b int))",
    "CREATE TABLE x (a int[3])",
    "CREATE TABLE x (a hugeint)",
    "CREATE TABLE x (a enum('a'))",
    "CREATE TABLE x (a int GENERATED ALWAYS AS (1))",
    "SELECT a FROM t USING SAMPLE 1",
    "SELECT 1::utinyint",
    "SELECT 1::blob",
    "SELECT ?",
    "SELECT $1",
    "DO $$ BEGIN END $$",
    "LISTEN x",
    "NOTIFY x",
    "COMMENT ON COLUMN t.a IS 1",
    "REINDEX TABLE t",
]


@pytest.mark.parametrize("sql", STATEMENTS)
def test_no_statement_of_the_engine_alone_runs(opened: Session, sql: str) -> None:
    _refused(opened, sql)


PAYLOADS = [
    "'; DROP TABLE t; --",
    "'' ; DROP TABLE t --",
    "x' OR '1'='1",
    "x'' OR 1=1 --",
    "\\'; DROP TABLE t; --",
    "\\\\'; DROP TABLE t; --",
    "' UNION SELECT * FROM _lakeshift.grants --",
    "'||(SELECT 1)||'",
    "$$; DROP TABLE t; $$",
    "/* x */'; DROP TABLE t",
    "%' --",
    "'); DROP TABLE t; --",
    "1; ATTACH 'x.db'",
    "'); COPY t TO 'x'; --",
    '"; DROP TABLE t; --',
    '""; DROP TABLE t',
    "]]--",
    "x\ty\nz",
    "{{7*7}}",
    "${HOME}",
    "[redshift 00000] x",
    "é'; --",
    "\u2019; DROP TABLE t",
    "a" * 300 + "'; DROP TABLE t",
]
PLACES = {
    "a literal": lambda p: f"SELECT '{_literal(p)}'",
    "a comparison": lambda p: f"SELECT COUNT(*) FROM t WHERE b = '{_literal(p)}'",
    "a LIKE": lambda p: f"SELECT COUNT(*) FROM t WHERE b LIKE '{_literal(p)}'",
    "an alias": lambda p: f'SELECT 1 AS "{_quoted(p)}"',
    "a table's name": lambda p: f'SELECT * FROM "{_quoted(p)}"',
    "a column's name": lambda p: f'SELECT "{_quoted(p)}" FROM t',
    "a schema's name": lambda p: f'SELECT * FROM "{_quoted(p)}".t',
    "a date": lambda p: f"SELECT '{_literal(p)}'::date",
    "a format": lambda p: f"SELECT TO_CHAR(date '2001-01-01', '{_literal(p)}')",
    "a zone": lambda p: f"SELECT CONVERT_TIMEZONE('{_literal(p)}', '2001-01-01')",
    "a path of JSON": lambda p: f"SELECT JSON_EXTRACT_PATH_TEXT('{{\"a\":1}}', '{_literal(p)}')",
    "an attribute": lambda p: f'SELECT d."{_quoted(p)}" FROM (SELECT JSON_PARSE(\'{{"a":1}}\') AS d) AS q',
    "a pattern": lambda p: f"SELECT REGEXP_COUNT('abc', '{_literal(p)}')",
    "a comment": lambda p: f"COMMENT ON TABLE t IS '{_literal(p)}'",
}


def _literal(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "''")


def _quoted(text: str) -> str:
    return text.replace('"', '""')


@pytest.mark.parametrize("place", PLACES)
def test_no_text_becomes_code(opened: Session, place: str) -> None:
    """24 payloads in each of 14 places: answered or refused, and what is there stays as it is."""
    before = opened.execute("SELECT a, b FROM t").rows
    unknown = []
    for payload in PAYLOADS:
        try:
            opened.execute(PLACES[place](payload))
        except LakeshiftError as error:
            # An error of the engine's own would mean that the text reached it as code.
            unknown += [f"{payload}: {error}"] * (getattr(error, "sqlstate", "") == "58000")
    assert unknown == []
    assert opened.execute("SELECT a, b FROM t").rows == before


def test_a_literal_answers_itself(opened: Session) -> None:
    for payload in PAYLOADS:
        assert opened.execute(f"SELECT '{_literal(payload)}'").rows == [(payload,)]
