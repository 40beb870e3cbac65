"""What the engine or the parser would run and Redshift would not: refused, and nothing is changed."""

from __future__ import annotations

import pytest

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.redshift import RedshiftError, Session, Warehouse

REFUSED = [
    ("INTERSECT ALL", "SELECT a FROM t INTERSECT ALL SELECT a FROM t", "INTERSECT ALL is not supported", "0A000"),
    ("EXCEPT ALL", "SELECT a FROM t EXCEPT ALL SELECT a FROM t", "EXCEPT ALL is not supported", "0A000"),
    ("UNION BY NAME", "SELECT a FROM t UNION ALL BY NAME SELECT a FROM t", "syntax error", "42601"),
    ("SEMI JOIN", "SELECT 1 FROM t SEMI JOIN t AS u ON t.a = u.a", "SEMI", "42601"),
    ("ANTI JOIN", "SELECT 1 FROM t LEFT ANTI JOIN t AS u ON t.a = u.a", "ANTI", "42601"),
    ("ASOF JOIN", "SELECT 1 FROM t ASOF JOIN t AS u ON t.a >= u.a", "ASOF", "42601"),
    ("a column replaced in a star", "SELECT * REPLACE (1 AS a) FROM t", "REPLACE", "42601"),
    ("a share of the rows", "SELECT TOP 10 PERCENT a FROM t", "PERCENT", "42601"),
    ("ties", "SELECT a FROM t LIMIT 1 WITH TIES", "WITH", "42601"),
    ("FETCH FIRST", "SELECT a FROM t FETCH FIRST 1 ROW ONLY", "FETCH", "0A000"),
    ("a named window", "SELECT SUM(a) OVER w FROM t WINDOW w AS (ORDER BY a)", "WINDOW", "42601"),
    ("an aggregate's ORDER BY", "SELECT SUM(a ORDER BY a) FROM t", "ORDER", "42601"),
    ("IF", "SELECT IF(1 = 1, 2, 3)", "function if() does not exist", "42883"),
    ("a struct", "SELECT {'a': 1}", "syntax error", "0A000"),
    ("GLOB", "SELECT 'a' GLOB 'a*'", "syntax error", "0A000"),
    ("SORT BY", "SELECT a FROM t SORT BY a", "syntax error", "0A000"),
    ("time travel", "SELECT * FROM t FOR SYSTEM_TIME AS OF '2020-01-01'", "time travel", "0A000"),
    ("TINYINT", "SELECT 1::tinyint", 'type "tinyint" does not exist', "42704"),
    ("HUGEINT", "SELECT 1::hugeint", "does not exist", "42704"),
    ("UPDATE RETURNING", "UPDATE t SET a = 9 RETURNING a", "RETURNING", "0A000"),
    ("DELETE RETURNING", "DELETE FROM t RETURNING a", "RETURNING", "0A000"),
    ("INSERT RETURNING", "INSERT INTO t VALUES (9) RETURNING a", "RETURNING", "0A000"),
    ("ON CONFLICT", "INSERT INTO t VALUES (9) ON CONFLICT DO NOTHING", "ON CONFLICT", "0A000"),
    ("INSERT OR REPLACE", "INSERT OR REPLACE INTO t VALUES (9)", '"OR"', "42601"),
    ("INSERT OVERWRITE", "INSERT OVERWRITE t SELECT 9", '"OVERWRITE"', "42601"),
    ("a limited DELETE", "DELETE FROM t LIMIT 1", '"LIMIT"', "42601"),
    ("a limited UPDATE", "UPDATE t SET a = 9 LIMIT 1", '"LIMIT"', "42601"),
    ("DELETE of one of two tables", "DELETE t FROM t JOIN s ON t.a = s.a", "syntax error", "42601"),
    ("an ordered UPDATE", "UPDATE t SET a = 9 ORDER BY a", '"ORDER"', "42601"),
    ("VALUES of unequal length", "INSERT INTO t VALUES (1), (1, 2)", "must all be the same length", "42601"),
    ("too few values", "INSERT INTO t (a, b) VALUES (1)", "more target columns than expressions", "42601"),
    ("a star of too many columns", "INSERT INTO s SELECT * FROM t", "more expressions than target", "42601"),
    ("too few queried columns", "INSERT INTO t (a, b) SELECT 1", "more target columns than expressions", "42601"),
    ("too few columns of a star", "INSERT INTO t (a, b) SELECT * FROM s", "more target columns than", "42601"),
    ("too many queried columns", "INSERT INTO s SELECT 1, 2", "more expressions than target", "42601"),
    ("DEFAULT for an identity", "UPDATE counted SET i = DEFAULT", "cannot set an identity column", "0A000"),
    ("an unknown target column", "INSERT INTO t (z) VALUES (1)", 'column "z" of relation "t"', "42703"),
    ("an unknown column to set", "UPDATE t SET z = 1", 'column "z" of relation "t"', "42703"),
    ("an unknown target", "DELETE FROM nosuch", 'relation "nosuch" does not exist', "42P01"),
    ("writing to a view", "INSERT INTO v VALUES (1)", "v", "42809"),
    (
        "MERGE with a condition",
        "MERGE INTO t USING s ON t.a = s.a WHEN MATCHED AND s.a > 1 THEN DELETE "
        "WHEN NOT MATCHED THEN INSERT VALUES (s.a)",
        "MERGE conditions",
        "0A000",
    ),
    (
        "MERGE of three branches",
        "MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (s.a) "
        "WHEN NOT MATCHED BY SOURCE THEN DELETE",
        "one WHEN MATCHED and one WHEN NOT MATCHED",
        "42601",
    ),
    (
        "MERGE of too many values",
        "MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (a) VALUES (1, 2)",
        "more expressions than target",
        "42601",
    ),
    ("a schema twice", "CREATE SCHEMA public", 'Schema "public" already exists', "42P06"),
    ("a system's schema", "CREATE SCHEMA pg_mine", "unacceptable schema name", "42939"),
    ("a view that is a table", "CREATE OR REPLACE VIEW t AS SELECT 1 AS a", '"t" is not a view', "42809"),
    ("a table that is a view", "DROP TABLE v", '"v" is not a table', "42809"),
    ("a full schema", "DROP SCHEMA full_one", "other objects depend on it", "2BP01"),
    ("dropping what is not there", "DROP TABLE nosuch", 'Table "nosuch" does not exist', "42P01"),
    ("dropping a schema that is not there", "DROP SCHEMA nosuch", 'schema "nosuch" does not exist', "3F000"),
    ("a column added twice", "ALTER TABLE t ADD COLUMN a int", "already exists", "42701"),
    ("an identity added later", "ALTER TABLE t ADD COLUMN i int IDENTITY(1,1)", "Identity column", "0A000"),
    ("NOT NULL added without a default", "ALTER TABLE t ADD COLUMN n int NOT NULL", "non-null default", "0A000"),
    ("dropping a key", "ALTER TABLE keyed DROP COLUMN k", "distkey or sortkey", "0A000"),
    ("dropping a column a view holds", "ALTER TABLE t DROP COLUMN b", "other objects depend", "2BP01"),
    ("shrinking below a value", "ALTER TABLE keyed ALTER COLUMN s TYPE varchar(2)", "longer than 2 bytes", "0A000"),
    ("another type", "ALTER TABLE keyed ALTER COLUMN k TYPE varchar(2)", "only the length of a VARCHAR", "0A000"),
    ("a name that is taken", "ALTER TABLE t RENAME TO s", 'Relation "s" already exists', "42P07"),
    ("more names than columns", "CREATE TABLE n (a, b) AS SELECT 1 AS x", "too many column names", "42601"),
    ("two columns of one name", "CREATE TABLE n AS SELECT a, a FROM t", "duplicated", "42701"),
]  # fmt: skip


@pytest.fixture(scope="module")
def prepared(shared: Warehouse) -> Session:
    session = shared.session("refusing", "tester")
    session.execute(
        "CREATE TABLE t (a int, b varchar(3)); INSERT INTO t VALUES (1, 'x'), (2, 'y'); CREATE TABLE s (a int)"
    )
    session.execute("INSERT INTO s VALUES (2), (3); CREATE VIEW v AS SELECT a, b FROM t")
    session.execute("CREATE TABLE keyed (k int DISTKEY, s varchar(9)); INSERT INTO keyed VALUES (1, 'abc')")
    session.execute("CREATE TABLE counted (i int IDENTITY(1,1), a int); INSERT INTO counted (a) VALUES (1)")
    session.execute("CREATE SCHEMA full_one; CREATE TABLE full_one.t (a int)")
    return session


@pytest.mark.parametrize(("sql", "text", "state"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_refused_and_nothing_is_changed(prepared: Session, sql: str, text: str, state: str) -> None:
    catalog = "SELECT * FROM svv_columns ORDER BY table_schema, table_name, ordinal_position"
    before = prepared.execute(catalog).rows
    with pytest.raises(RedshiftError) as caught:
        prepared.execute(sql)
    assert text in str(caught.value)
    assert caught.value.sqlstate == state
    assert prepared.execute("SELECT a, b FROM t ORDER BY a").rows == [(1, "x"), (2, "y")]
    assert prepared.execute(catalog).rows == before


NOT_BUILT = [
    ("renaming what a view reads", "ALTER TABLE t RENAME TO u", "Renaming a relation that a view reads"),
    ("renaming a column a view reads", "ALTER TABLE t RENAME COLUMN a TO z", "Renaming a column that a view reads"),
]


@pytest.mark.parametrize(("sql", "text"), [case[1:] for case in NOT_BUILT], ids=[case[0] for case in NOT_BUILT])
def test_not_built_is_refused_with_a_next_step(prepared: Session, sql: str, text: str) -> None:
    with pytest.raises(NotSupportedLocallyError, match=text) as caught:
        prepared.execute(sql)
    assert caught.value.page.startswith("https://docs.aws.amazon.com/")
    assert prepared.execute("SELECT COUNT(*) FROM t").rows == [(2,)]
