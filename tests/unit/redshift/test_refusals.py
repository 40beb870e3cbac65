"""What Redshift refuses is refused, with its words and SQLSTATE; what is not built is refused by name."""

from __future__ import annotations

import pytest

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.redshift import RedshiftError, Session, Warehouse

COPY = "COPY items FROM 's3://bucket/x' IAM_ROLE 'arn:aws:iam::123456789012:role/r'"
UNLOAD = "UNLOAD ('SELECT 1') TO 's3://bucket/x' IAM_ROLE 'arn:aws:iam::123456789012:role/r'"
REFUSED: list[tuple[str, str, str, str]] = [
    ("no indexes", "CREATE INDEX i ON items (a)", "CREATE INDEX is not supported", "0A000"),
    ("no unique indexes", "CREATE UNIQUE INDEX i ON items (a)", "CREATE INDEX", "0A000"),
    ("no sequences", "CREATE SEQUENCE s", "CREATE SEQUENCE is not supported", "0A000"),
    ("no triggers", "CREATE TRIGGER t", "CREATE TRIGGER", "0A000"),
    ("no domains", "CREATE DOMAIN d AS int", "CREATE DOMAIN", "0A000"),
    ("no extensions", "CREATE EXTENSION x", "CREATE EXTENSION", "0A000"),
    ("no CHECK constraints", "CREATE TABLE c (a int, CHECK (a > 1))", "CHECK constraints", "0A000"),
    ("no UUID", "CREATE TABLE u (a uuid)", 'type "uuid" does not exist', "42704"),
    ("no JSON type", "CREATE TABLE u (a json)", 'type "json" does not exist', "42704"),
    ("no arrays", "CREATE TABLE u (a int[])", "syntax error", "42601"),
    ("no UUID in a cast", "SELECT 'x'::uuid", "does not exist", "42704"),
    ("no SERIAL", "CREATE TABLE u (a serial)", 'type "serial" does not exist', "42704"),
    ("no MONEY", "CREATE TABLE u (a money)", "does not exist", "42704"),
    ("VARCHAR has a limit", "CREATE TABLE u (a varchar(65536))", "cannot exceed 65535", "22023"),
    ("CHAR has a limit", "CREATE TABLE u (a char(4097))", "cannot exceed 4096", "22023"),
    ("NUMERIC has a limit", "CREATE TABLE u (a numeric(39,0))", "between 1 and 38", "22023"),
    ("an unknown encoding", "CREATE TABLE u (a int ENCODE zip)", "invalid encoding", "42601"),
    ("two distribution keys", "CREATE TABLE u (a int DISTKEY, b int DISTKEY)", "multiple DISTKEY", "42601"),
    ("a sort key that is no column", "CREATE TABLE u (a int) SORTKEY (z)", 'sortkey column "z" not found', "42703"),
    ("a column twice", "CREATE TABLE u (a int, A int)", 'column "a" duplicated', "42701"),
    ("a table twice", "CREATE TABLE items (a int)", 'Relation "items" already exists', "42P07"),
    ("FILTER", "SELECT COUNT(*) FILTER (WHERE a > 1) FROM items", "FILTER", "0A000"),
    ("VALUES as a table", "SELECT * FROM (VALUES (1)) AS v(a)", "syntax error", "42601"),
    ("STRING_AGG", "SELECT STRING_AGG(b, ',') FROM items", "function string_agg(", "42883"),
    ("ARRAY_AGG", "SELECT ARRAY_AGG(b) FROM items", "function array_agg(", "42883"),
    ("GENERATE_SERIES", "SELECT * FROM GENERATE_SERIES(1, 3)", "generate_series", "42883"),
    ("RANGE frames", "SELECT SUM(a) OVER (ORDER BY a RANGE UNBOUNDED PRECEDING) FROM items", "RANGE", "0A000"),
    ("DISTINCT ON", "SELECT DISTINCT ON (a) a FROM items", "DISTINCT ON", "0A000"),
    ("TABLESAMPLE", "SELECT * FROM items TABLESAMPLE BERNOULLI (10)", "TABLESAMPLE", "0A000"),
    ("LISTAGG without a user table", "SELECT LISTAGG('a')", "at least one user created tables", "0A000"),
    ("MEDIAN without a user table", "SELECT MEDIAN(1)", "at least one user created tables", "0A000"),
    ("a function of the engine's", "SELECT list_value(1)", "function list_value(integer) does not exist", "42883"),
    ("a file function", "SELECT * FROM read_csv('/etc/passwd')", "function read_csv() does not exist", "42883"),
    ("a file as a table", "SELECT * FROM 'x.parquet'", "does not exist", "42P01"),
    ("the engine's catalog", "SELECT * FROM duckdb_tables", "does not exist", "42P01"),
    ("our catalog", "SELECT * FROM _lakeshift.relations", "does not exist", "42P01"),
    ("our macros", "SELECT ls_store_varchar('x', 1)", "does not exist", "42883"),
    ("PRAGMA", "PRAGMA database_list", "syntax error", "42601"),
    ("ATTACH", "ATTACH 'x.db'", "syntax error", "42601"),
    (
        "navigation into what is no SUPER",
        "SELECT a[0] FROM items",
        "cannot navigate into a value of type integer",
        "42804",
    ),
    ("INSTALL", "INSTALL httpfs", "syntax error", "42601"),
    ("an engine setting", "SET memory_limit = '1GB'", "unrecognized configuration parameter", "42704"),
    ("too many arguments", "SELECT UPPER('a', 'b')", "function upper(", "42883"),
    ("an unknown table", "SELECT * FROM nosuch", 'relation "nosuch" does not exist', "42P01"),
    ("an unknown column", "SELECT nosuch FROM items", 'column "nosuch" does not exist', "42703"),
    ("an unknown schema", "CREATE TABLE nosuch.t (a int)", 'schema "nosuch" does not exist', "3F000"),
    ("an ungrouped column", "SELECT a, COUNT(*) FROM items", "must appear in the GROUP BY", "42803"),
    ("division by zero", "SELECT 1/0", "Division by zero", "22012"),
    ("integer overflow", "SELECT 2147483647 + 1", "out of range for 4 bytes", "22003"),
    ("not a number", "SELECT 'abc'::int", "invalid input syntax for integer", "22P02"),
    ("one-armed MERGE", "MERGE INTO items USING other ON items.a = other.a WHEN MATCHED THEN DELETE", "MERGE", "42601"),
    ("more values than columns", "INSERT INTO items VALUES (1, 'x', 3)", "more expressions than target", "42601"),
    ("a value for an identity", "INSERT INTO ids (id) VALUES (1)", "cannot set an identity column", "0A000"),
    (
        "too long a value",
        "INSERT INTO items VALUES (1, 'abcdef')",
        "value too long for type character varying(5)",
        "22001",
    ),
    (
        "null where it may not be",
        "INSERT INTO strict VALUES (NULL)",
        "Cannot insert a NULL value into column a",
        "23502",
    ),
    ("VACUUM in a transaction", "BEGIN; VACUUM items", "VACUUM cannot run inside a transaction block", "25001"),
    ("COPY without a role", "COPY items FROM 's3://bucket/x' CSV", "IAM_ROLE is missing", "0A000"),
    ("COPY with a malformed role", "COPY items FROM 's3://bucket/x' IAM_ROLE 'admin' CSV", "not valid", "22023"),
    (
        "COPY of Parquet with a region",
        f"{COPY} PARQUET REGION 'us-east-1'",
        "REGION argument is not supported",
        "0A000",
    ),
    ("COPY of Parquet with gzip", f"{COPY} PARQUET GZIP", "GZIP argument is not supported", "0A000"),
    ("COPY of Parquet with MAXERROR", f"{COPY} PARQUET MAXERROR 1", "MAXERROR argument", "0A000"),
    ("COPY of ORC with a delimiter", f"{COPY} ORC DELIMITER ','", "DELIMITER argument", "0A000"),
    ("COPY of two formats", f"{COPY} CSV JSON 'auto'", "cannot be used together", "42601"),
    ("COPY of CSV with ESCAPE", f"{COPY} CSV ESCAPE", "not compatible with ESCAPE", "0A000"),
    ("COPY with an unknown option", f"{COPY} CSV FASTER", 'at or near "FASTER"', "42601"),
    ("COPY with too high a MAXERROR", f"{COPY} CSV MAXERROR 100001", "between 0 and 100000", "22023"),
    ("COPY from a missing bucket", COPY.replace("bucket", "nobucket") + " CSV", "NoSuchBucket", "XX000"),
    ("COPY from a missing prefix", f"{COPY.replace('/x', '/none')} CSV", "does not exist", "XX000"),
    ("UNLOAD with an outer LIMIT", UNLOAD.replace("SELECT 1", "SELECT a FROM items LIMIT 1"), "Limit clause", "0A000"),
    ("UNLOAD to Parquet with a delimiter", f"{UNLOAD} PARQUET DELIMITER ','", "not supported for UNLOAD", "0A000"),
    ("an unterminated literal", "SELECT 'abc", "unterminated", "42601"),
    ("nothing", "  -- only a comment", "empty", "42601"),
]


@pytest.fixture(scope="module")
def prepared(shared: Warehouse) -> Session:
    session = shared.session("refusals", "tester")
    session.execute("CREATE TABLE items (a int, b varchar(5)); CREATE TABLE other (a int, b varchar(5))")
    session.execute("CREATE TABLE ids (id bigint IDENTITY(1,1), a int); CREATE TABLE strict (a int NOT NULL)")
    return session


@pytest.mark.parametrize(("sql", "text", "state"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_refused(prepared: Session, sql: str, text: str, state: str) -> None:
    with pytest.raises(RedshiftError) as caught:
        prepared.execute(sql)
    if prepared.transaction_status != "I":
        prepared.execute("ROLLBACK")
    assert text.lower() in str(caught.value).lower()
    assert caught.value.sqlstate == state


NOT_BUILT = [
    ("streams", "CREATE EXTERNAL SCHEMA s FROM KINESIS IAM_ROLE default"),
    ("shapefiles", f"{COPY} FORMAT SHAPEFILE"),
    ("HLL", "SELECT hll(a) FROM items"),
    ("checksums", "SELECT checksum(a) FROM items"),
    ("spatial functions", "SELECT ST_Point(1, 2)"),
]


@pytest.mark.parametrize("sql", [case[1] for case in NOT_BUILT], ids=[case[0] for case in NOT_BUILT])
def test_not_built_is_refused_by_name_with_a_next_step(prepared: Session, sql: str) -> None:
    with pytest.raises(NotSupportedLocallyError) as caught:
        prepared.execute(sql)
    assert caught.value.page.startswith("https://docs.aws.amazon.com/")
    assert "AKIA" not in str(caught.value)


def test_a_refused_key_is_not_logged(prepared: Session) -> None:
    with pytest.raises(RedshiftError):
        prepared.execute("COPY items FROM 's3://bucket/x' ACCESS_KEY_ID 'canary-id' SECRET_ACCESS_KEY 'canary' CSV")
    logged = prepared.execute("SELECT query_text FROM sys_query_history WHERE query_type = 'COPY'").rows
    assert logged
    assert not [text for (text,) in logged if "canary" in text]
