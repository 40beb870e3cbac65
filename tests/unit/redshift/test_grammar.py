"""What each statement outside SELECT and DML is read as."""

from __future__ import annotations

import pytest

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.grammar import parse
from lakeshift.redshift.statements import (
    AlterTable,
    Attributes,
    ColumnDef,
    Comment,
    CreateSchema,
    CreateTable,
    CreateView,
    Drop,
    Explain,
    Grant,
    Maintain,
    Merge,
    Query,
    SetVariable,
    Show,
    Statement,
    Transaction,
    Truncate,
)
from lakeshift.redshift.types import SqlType

INT = SqlType("integer")
VARCHAR3 = SqlType("character varying", length=3)
A = ColumnDef("a", INT)
KEYED = Attributes(dist_style="KEY", dist_key="a")

READ: list[tuple[str, str, Statement]] = [
    ("a query is left whole", "SELECT a FROM t", Query("SELECT a FROM t")),
    ("a CTE is a query", "WITH c AS (SELECT 1) SELECT * FROM c", Query("WITH c AS (SELECT 1) SELECT * FROM c")),
    ("a query in parentheses", "(SELECT 1)", Query("(SELECT 1)")),
    ("INSERT is left whole", "insert into t values (1)", Query("insert into t values (1)")),
    ("DELETE is left whole", "DELETE FROM t", Query("DELETE FROM t")),
    ("UPDATE is left whole", "UPDATE t SET a = 1", Query("UPDATE t SET a = 1")),
    ("BEGIN", "BEGIN", Transaction("BEGIN")),
    ("BEGIN with an isolation level", "BEGIN WORK ISOLATION LEVEL SERIALIZABLE READ WRITE", Transaction("BEGIN")),
    ("START TRANSACTION is BEGIN", "START TRANSACTION", Transaction("BEGIN")),
    ("END is COMMIT", "END TRANSACTION", Transaction("COMMIT")),
    ("COMMIT", "commit work", Transaction("COMMIT")),
    ("ABORT is ROLLBACK", "ABORT", Transaction("ROLLBACK")),
    ("ROLLBACK", "ROLLBACK", Transaction("ROLLBACK")),
    ("TRUNCATE", "TRUNCATE s.t", Truncate(("s", "t"))),
    ("TRUNCATE TABLE", "TRUNCATE TABLE t", Truncate(("t",))),
    ("CREATE SCHEMA", "CREATE SCHEMA s", CreateSchema("s", if_not_exists=False)),
    (
        "CREATE SCHEMA with an owner and a quota",
        "CREATE SCHEMA IF NOT EXISTS s AUTHORIZATION me QUOTA 5 GB",
        CreateSchema("s", if_not_exists=True, owner="me"),
    ),
    (
        "a schema without a name is called as its owner",
        "CREATE SCHEMA AUTHORIZATION me",
        CreateSchema("me", if_not_exists=False, owner="me"),
    ),
    (
        "CREATE VIEW",
        "CREATE VIEW s.v (x, y) AS SELECT 1, 2",
        CreateView(("s", "v"), ("x", "y"), "SELECT 1, 2", replace=False, late_binding=False),
    ),
    (
        "a late-binding view",
        "CREATE OR REPLACE VIEW v AS SELECT 1 FROM s.t\nWITH NO  SCHEMA BINDING",
        CreateView(("v",), (), "SELECT 1 FROM s.t", replace=True, late_binding=True),
    ),
    ("DROP TABLE", "DROP TABLE t", Drop("TABLE", (("t",),), if_exists=False, cascade=False)),
    (
        "DROP of several",
        "DROP VIEW IF EXISTS a, s.b CASCADE",
        Drop("VIEW", (("a",), ("s", "b")), if_exists=True, cascade=True),
    ),
    ("DROP SCHEMA RESTRICT", "DROP SCHEMA s RESTRICT", Drop("SCHEMA", (("s",),), if_exists=False, cascade=False)),
    ("VACUUM", "VACUUM", Maintain("VACUUM", None)),
    ("VACUUM of a table", "VACUUM FULL s.t TO 99 PERCENT BOOST", Maintain("VACUUM", ("s", "t"))),
    ("VACUUM SORT ONLY", "VACUUM SORT ONLY t", Maintain("VACUUM", ("t",))),
    ("ANALYZE", "ANALYZE VERBOSE t (a, b)", Maintain("ANALYZE", ("t",))),
    ("ANALYZE of all columns", "ANALYZE t ALL COLUMNS", Maintain("ANALYZE", ("t",))),
    ("SET TO", "SET search_path TO one, public", SetVariable("search_path", "one,public")),
    ("SET =", "SET query_group = 'night run'", SetVariable("query_group", "night run")),
    ("SET LOCAL", "SET LOCAL timezone TO 'UTC'", SetVariable("timezone", "UTC")),
    ("SET to the default", "SET statement_timeout TO DEFAULT", SetVariable("statement_timeout", None)),
    ("RESET", "RESET search_path", SetVariable("search_path", None)),
    ("SHOW", "SHOW search_path", Show("search_path")),
    ("COMMENT", "COMMENT ON TABLE s.t IS 'it''s'", Comment("TABLE", ("s", "t"), "it's")),
    ("COMMENT taken away", "COMMENT ON COLUMN t.a IS NULL", Comment("COLUMN", ("t", "a"), None)),
    ("EXPLAIN", "EXPLAIN VERBOSE SELECT 1", Explain("SELECT 1")),
    (
        "MERGE is left whole",
        "MERGE INTO s.t USING u ON t.a = u.a WHEN MATCHED THEN DELETE",
        Merge("MERGE INTO s.t USING u ON t.a = u.a WHEN MATCHED THEN DELETE", ("s", "t")),
    ),
    (
        "MERGE REMOVE DUPLICATES comes in parts",
        "MERGE INTO t USING s.u ON t.a = u.a REMOVE DUPLICATES",
        Merge(
            "MERGE INTO t USING s.u ON t.a = u.a REMOVE DUPLICATES", ("t",), "s.u", "t.a = u.a", remove_duplicates=True
        ),
    ),
    (
        "GRANT on tables",
        "GRANT select, insert ON a, s.b TO GROUP g, u WITH GRANT OPTION",
        Grant(
            "GRANT",
            ("SELECT", "INSERT"),
            "TABLE",
            (("a",), ("s", "b")),
            ("group g", "u"),
            "GRANT select, insert ON a, s.b TO GROUP g, u WITH GRANT OPTION",
        ),
    ),
    (
        "GRANT on a schema",
        "GRANT USAGE ON SCHEMA s TO ROLE r",
        Grant("GRANT", ("USAGE",), "SCHEMA", (("s",),), ("role r",), "GRANT USAGE ON SCHEMA s TO ROLE r"),
    ),
    (
        "GRANT on all tables",
        "GRANT ALL ON ALL TABLES IN SCHEMA s TO u",
        Grant("GRANT", ("ALL",), "ALL TABLES", (("s",),), ("u",), "GRANT ALL ON ALL TABLES IN SCHEMA s TO u"),
    ),
    (
        "GRANT of a role",
        "GRANT analyst TO u",
        Grant("GRANT", ("ANALYST",), "ROLE", (), ("u",), "GRANT analyst TO u"),
    ),
    (
        "REVOKE",
        "REVOKE GRANT OPTION FOR SELECT ON TABLE t FROM u CASCADE",
        Grant(
            "REVOKE",
            ("SELECT",),
            "TABLE",
            (("t",),),
            ("u",),
            "REVOKE GRANT OPTION FOR SELECT ON TABLE t FROM u CASCADE",
        ),
    ),
]


@pytest.mark.parametrize(("sql", "expected"), [case[1:] for case in READ], ids=[case[0] for case in READ])
def test_read(sql: str, expected: Statement) -> None:
    assert parse(sql) == expected


def table(*columns: ColumnDef, **rest: object) -> CreateTable:
    return CreateTable(("t",), False, False, columns, **rest)  # type: ignore[arg-type]


CREATED: list[tuple[str, str, CreateTable]] = [
    ("a column", "CREATE TABLE t (a int)", table(A)),
    ("names fold", 'CREATE TABLE "T" (A int)', table(A)),
    ("if it is not there", "CREATE TABLE IF NOT EXISTS s.t (a int)", CreateTable(("s", "t"), False, True, (A,))),
    ("temporary", "CREATE TEMP TABLE t (a int)", CreateTable(("t",), True, False, (A,))),
    ("local temporary", "CREATE LOCAL TEMPORARY TABLE t (a int)", CreateTable(("t",), True, False, (A,))),
    ("temporary by its name", "CREATE TABLE #t (a int)", CreateTable(("#t",), True, False, (A,))),
    ("not null", "CREATE TABLE t (a int NOT NULL)", table(ColumnDef("a", INT, not_null=True))),
    ("null", "CREATE TABLE t (a int NULL)", table(A)),
    ("a default", "CREATE TABLE t (a int DEFAULT 1 + 2)", table(ColumnDef("a", INT, default="1 + 2"))),
    (
        "a default ends at the next attribute",
        "CREATE TABLE t (a varchar(3) DEFAULT upper('x, y') NOT NULL ENCODE RAW)",
        table(ColumnDef("a", VARCHAR3, not_null=True, default="upper('x, y')", encode="none")),
    ),
    ("a null default", "CREATE TABLE t (a int DEFAULT NULL)", table(ColumnDef("a", INT, default="NULL"))),
    (
        "an identity",
        "CREATE TABLE t (a int IDENTITY(10, -5))",
        table(ColumnDef("a", INT, not_null=True, identity=(10, -5, False))),
    ),
    (
        "an identity by default",
        "CREATE TABLE t (a int GENERATED BY DEFAULT AS IDENTITY(1,1))",
        table(ColumnDef("a", INT, not_null=True, identity=(1, 1, True))),
    ),
    (
        "a primary key at the column",
        "CREATE TABLE t (a int PRIMARY KEY)",
        table(ColumnDef("a", INT, not_null=True, primary_key=True), primary_key=("a",)),
    ),
    (
        "a primary key of the table",
        "CREATE TABLE t (a int, CONSTRAINT k PRIMARY KEY (a))",
        table(A, primary_key=("a",), constraints=("CONSTRAINT k PRIMARY KEY (a)",)),
    ),
    (
        "a foreign key",
        "CREATE TABLE t (a int, FOREIGN KEY (a) REFERENCES s.u (b), UNIQUE (a))",
        table(A, constraints=("FOREIGN KEY (a) REFERENCES s.u (b)", "UNIQUE (a)")),
    ),
    ("references and unique are read over", "CREATE TABLE t (a int UNIQUE REFERENCES u (b))", table(A)),
    (
        "a case-sensitive collation",
        "CREATE TABLE t (a varchar(3) COLLATE CASE_SENSITIVE)",
        table(ColumnDef("a", VARCHAR3)),
    ),
    (
        "keys at the columns",
        "CREATE TABLE t (a int DISTKEY SORTKEY)",
        table(
            ColumnDef("a", INT, dist_key=True, sort_key=True),
            attributes=Attributes("KEY", "a", "COMPOUND", ("a",)),
        ),
    ),
    ("a distribution key", "CREATE TABLE t (a int) DISTSTYLE KEY DISTKEY (a)", table(A, attributes=KEYED)),
    ("a distribution style", "CREATE TABLE t (a int) DISTSTYLE all", table(A, attributes=Attributes("ALL"))),
    (
        "an interleaved sort key",
        "CREATE TABLE t (a int, b int) INTERLEAVED SORTKEY (b, a)",
        table(A, ColumnDef("b", INT), attributes=Attributes(sort_style="INTERLEAVED", sort_key=("b", "a"))),
    ),
    (
        "a sort key without parentheses",
        "CREATE TABLE t (a int) SORTKEY a",
        table(A, attributes=Attributes(sort_style="COMPOUND", sort_key=("a",))),
    ),
    (
        "automatic sort key and encoding, no backup",
        "CREATE TABLE t (a int) BACKUP NO SORTKEY AUTO ENCODE AUTO",
        table(A, attributes=Attributes(sort_style="AUTO", backup=False, encode_auto=True)),
    ),
    ("like another", "CREATE TABLE t (LIKE s.u)", table(like=("s", "u"))),
    ("with its defaults", "CREATE TABLE t (LIKE u INCLUDING DEFAULTS)", table(like=("u",), like_defaults=True)),
    ("as a query", "CREATE TABLE t AS SELECT 1 AS a", table(query="SELECT 1 AS a")),
    ("as a query in parentheses", "CREATE TABLE t AS (SELECT 1 AS a)", table(query="SELECT 1 AS a")),
    (
        "as a query that begins with parentheses",
        "CREATE TABLE t AS (SELECT 1) UNION (SELECT 2)",
        table(query="(SELECT 1) UNION (SELECT 2)"),
    ),
    (
        "as a query with names and a key",
        "CREATE TABLE t (x, y) DISTKEY (x) AS SELECT 1, 2",
        table(attributes=Attributes("KEY", "x"), query="SELECT 1, 2", query_columns=("x", "y")),
    ),
]


@pytest.mark.parametrize(("sql", "expected"), [case[1:] for case in CREATED], ids=[case[0] for case in CREATED])
def test_create_table(sql: str, expected: CreateTable) -> None:
    assert parse(sql) == expected


ALTERED = [
    ("add a column", "ADD COLUMN a int", AlterTable(("t",), "add column", definition=A)),
    ("add without the word", "ADD a int", AlterTable(("t",), "add column", definition=A)),
    (
        "add a primary key",
        "ADD CONSTRAINT k PRIMARY KEY (a)",
        AlterTable(("t",), "add constraint", to="CONSTRAINT k PRIMARY KEY (a)", keys=("a",)),
    ),
    ("drop a column", "DROP COLUMN a CASCADE", AlterTable(("t",), "drop column", column="a")),
    ("drop a constraint", "DROP CONSTRAINT k RESTRICT", AlterTable(("t",), "drop constraint", column="k")),
    ("rename", "RENAME TO u", AlterTable(("t",), "rename", to="u")),
    ("rename a column", "RENAME COLUMN a TO b", AlterTable(("t",), "rename column", column="a", to="b")),
    ("rename a column without the word", "RENAME a TO b", AlterTable(("t",), "rename column", column="a", to="b")),
    ("owner", "OWNER TO me", AlterTable(("t",), "owner", to="me")),
    ("type", "ALTER COLUMN a TYPE varchar(3)", AlterTable(("t",), "type", column="a", type=VARCHAR3)),
    ("encoding", "ALTER COLUMN a ENCODE raw", AlterTable(("t",), "encode", column="a", to="none")),
    ("distribution key", "ALTER DISTSTYLE EVEN", AlterTable(("t",), "dist", to="EVEN")),
    ("distribution style", "ALTER DISTKEY a", AlterTable(("t",), "dist", to="KEY", keys=("a",))),
    ("sort key", "ALTER COMPOUND SORTKEY (a, b)", AlterTable(("t",), "sort", to="COMPOUND", keys=("a", "b"))),
    ("automatic sort key", "ALTER SORTKEY AUTO", AlterTable(("t",), "sort", to="AUTO")),
]


@pytest.mark.parametrize(("action", "expected"), [case[1:] for case in ALTERED], ids=[case[0] for case in ALTERED])
def test_alter_table(action: str, expected: AlterTable) -> None:
    assert parse(f"ALTER TABLE t {action}") == expected


REFUSED = [
    ("an unknown verb", "PRAGMA x", 'syntax error at or near "PRAGMA"', "42601"),
    ("nothing", "", "syntax error at end of input", "42601"),
    ("more than the statement", "TRUNCATE t u", 'syntax error at or near "u"', "42601"),
    ("a word short", "DROP TABLE", "syntax error at end of input", "42601"),
    ("a literal for a name", "DROP TABLE 't'", "syntax error at or near \"'t'\"", "42601"),
    ("a table of nothing", "CREATE TABLE t", "syntax error at end of input", "42601"),
    ("no columns", "CREATE TABLE t ()", 'syntax error at or near ")"', "42601"),
    ("arrays", "CREATE TABLE t (a int[])", 'syntax error at or near "["', "42601"),
    ("an open parenthesis", "CREATE TABLE t (a int", "syntax error at end of input", "42601"),
    ("no replacing a table", "CREATE OR REPLACE TABLE t (a int)", 'syntax error at or near "OR"', "42601"),
    ("CHECK", "CREATE TABLE t (a int, CHECK (a > 1))", "CHECK constraints are not supported", "0A000"),
    ("an unknown style", "CREATE TABLE t (a int) DISTSTYLE best", 'invalid distribution style "best"', "42601"),
    ("an unknown encoding", "CREATE TABLE t (a int ENCODE zip)", 'invalid encoding type specified "zip"', "42601"),
    (
        "a style without its key",
        "CREATE TABLE t (a int) DISTSTYLE KEY",
        "DISTSTYLE KEY requires a DISTKEY column",
        "42601",
    ),
    (
        "two keys of the table",
        "CREATE TABLE t (a int) DISTKEY (a, b)",
        "multiple DISTKEY columns are not allowed",
        "42601",
    ),
    (
        "two keys of two kinds",
        "CREATE TABLE t (a int DISTKEY) DISTKEY (a)",
        "multiple DISTKEY columns are not allowed",
        "42601",
    ),
    ("a key that is no column", "CREATE TABLE t (a int) DISTKEY (z)", 'distkey column "z" not found', "42703"),
    ("a sort key that is no column", "CREATE TABLE t (a int) SORTKEY (z)", 'sortkey column "z" not found', "42703"),
    ("an index", "CREATE UNIQUE INDEX i ON t (a)", "CREATE INDEX is not supported", "0A000"),
    ("a rule", "CREATE RULE r", "CREATE RULE is not supported", "0A000"),
    ("SET of nothing", "SET search_path", "syntax error at end of input", "42601"),
]


@pytest.mark.parametrize(("sql", "text", "state"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_refused(sql: str, text: str, state: str) -> None:
    with pytest.raises(RedshiftError) as caught:
        parse(sql)
    assert (str(caught.value), caught.value.sqlstate) == (text, state)


NOT_BUILT = [
    ("CREATE EXTERNAL SCHEMA s FROM MSK IAM_ROLE default", "CREATE EXTERNAL SCHEMA FROM MSK"),
    ("CREATE MODEL m", "Redshift ML"),
    ("CREATE DATASHARE d", "Data sharing"),
    ("CREATE TABLE t (a varchar COLLATE CASE_INSENSITIVE)", "COLLATE CASE_INSENSITIVE"),
    ("ANALYZE COMPRESSION t", "ANALYZE COMPRESSION"),
    ("GRANT ALTER ON DATASHARE d TO u", "GRANT ON DATASHARE"),
    ("SHOW GRANTS ON TABLE t", "SHOW GRANTS"),
    ("CREATE TABLE t (a interval day to second)", "A column or variable of type INTERVAL"),
]


@pytest.mark.parametrize(("sql", "feature"), NOT_BUILT, ids=[case[1] for case in NOT_BUILT])
def test_not_built_is_named(sql: str, feature: str) -> None:
    with pytest.raises(NotSupportedLocallyError) as caught:
        parse(sql)
    assert caught.value.feature == feature
    assert caught.value.page.startswith("https://docs.aws.amazon.com/redshift/latest/dg/")
