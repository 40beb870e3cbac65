"""What psql asks for its listings, asked as it asks (\\d, \\dt, \\l, \\du …), and psql itself where it is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from tests.local.redshift_wire.conftest import PASSWORD, Wire

# Verbatim from psql 15; {oid} is the table's.
_LIST = r"""SELECT n.nspname as "Schema",
  c.relname as "Name",
  CASE c.relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' END as "Type",
  pg_catalog.pg_get_userbyid(c.relowner) as "Owner"
FROM pg_catalog.pg_class c
     LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r','p','v','m','S','f','')
      AND n.nspname <> 'pg_catalog'
      AND n.nspname !~ '^pg_toast'
      AND n.nspname <> 'information_schema'
  AND pg_catalog.pg_table_is_visible(c.oid)
ORDER BY 1,2;"""
_FIND = r"""SELECT c.oid,
  n.nspname,
  c.relname
FROM pg_catalog.pg_class c
     LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relname OPERATOR(pg_catalog.~) '^(t)$'
  AND pg_catalog.pg_table_is_visible(c.oid)
ORDER BY 2, 3;"""
_COLUMNS = r"""SELECT a.attname,
  pg_catalog.format_type(a.atttypid, a.atttypmod),
  (SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid, true)
   FROM pg_catalog.pg_attrdef d
   WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.atthasdef),
  a.attnotnull
FROM pg_catalog.pg_attribute a
WHERE a.attrelid = '{oid}' AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum;"""
_DATABASES = r"""SELECT d.datname as "Name",
       pg_catalog.pg_get_userbyid(d.datdba) as "Owner",
       pg_catalog.pg_encoding_to_char(d.encoding) as "Encoding",
       d.datcollate as "Collate",
       NULL as "ICU Locale",
       pg_catalog.array_to_string(d.datacl, E'\n') AS "Access privileges"
FROM pg_catalog.pg_database d
ORDER BY 1;"""
_USERS = r"""SELECT r.rolname, r.rolsuper, r.rolinherit,
  r.rolcreaterole, r.rolcreatedb, r.rolcanlogin,
  r.rolconnlimit, r.rolvaliduntil,
  ARRAY(SELECT b.rolname
        FROM pg_catalog.pg_auth_members m
        JOIN pg_catalog.pg_roles b ON (m.roleid = b.oid)
        WHERE m.member = r.oid) as memberof
, r.rolreplication
FROM pg_catalog.pg_roles r
WHERE r.rolname !~ '^pg_' AND r.rolname = 'awsuser'
ORDER BY 1;"""


@pytest.fixture
def filled(wire: Wire) -> Wire:
    with wire.connect() as connection:
        connection.execute(
            "CREATE TABLE t (a INTEGER PRIMARY KEY, b VARCHAR(10) NOT NULL DEFAULT 'x', c DECIMAL(8,2)) "
            "DISTKEY(a) SORTKEY(b)"
        )
        connection.execute("CREATE VIEW v AS SELECT a FROM t")
        connection.execute("COMMENT ON TABLE t IS 'a table'")
    return wire


@pytest.fixture
def rows(filled: Wire) -> Callable[[str], list[tuple[Any, ...]]]:
    def run(sql: str) -> list[tuple[Any, ...]]:
        with filled.connect() as connection:
            return list(connection.execute(sql).fetchall())

    return run


Rows = Callable[[str], list[tuple[Any, ...]]]


def test_list_of_relations(rows: Rows) -> None:
    assert rows(_LIST) == [("public", "t", "table", "awsuser"), ("public", "v", "view", "awsuser")]


def test_columns_of_a_table(rows: Rows) -> None:
    ((oid, schema, name),) = rows(_FIND)
    assert (schema, name) == ("public", "t")
    assert rows(_COLUMNS.replace("{oid}", str(oid))) == [
        ("a", "integer", None, True),
        ("b", "character varying(10)", "'x'", True),
        ("c", "numeric(8,2)", None, False),
    ]


def test_list_of_databases_and_users(rows: Rows, filled: Wire) -> None:
    assert (filled.database, "awsuser", "UTF8", "en_US.UTF-8", None, None) in rows(_DATABASES)
    assert rows(_USERS) == [("awsuser", True, True, True, True, True, -1, None, "{}", False)]


LEADER = {
    "SELECT current_schema()": "public",
    "SELECT current_schemas(false)": "{public}",
    "SELECT 't'::regclass::oid > 0": True,
    "SELECT obj_description('t'::regclass)": "a table",
    "SELECT relname FROM pg_class WHERE relkind = 'v'": "v",
    "SELECT usename FROM pg_user WHERE usesuper AND usename = current_user": "awsuser",
    "SELECT count(*) FROM pg_get_late_binding_view_cols() cols(s name, v name, c name, t varchar, n int)": 0,
    "SELECT conkey FROM pg_constraint WHERE contype = 'p'": "[1]",
}


@pytest.mark.parametrize("sql", LEADER)
def test_leader_node_answers(rows: Rows, sql: str) -> None:
    assert rows(sql) == [(LEADER[sql],)]


LISTINGS = {
    r"\dt": " public | t    | table | awsuser",
    r"\d t": " b      | character varying(10) |           | not null | 'x'",
    r"\dv": " public | v    | view | awsuser",
    r"\l": "awsuser",
    r"\du": "Superuser, Create role, Create DB",
    r"\dn": " public | awsuser",
    r"\sv v": "CREATE OR REPLACE VIEW public.v AS",
    r"\d+ t": "Stats target",
    r"\df": "(0 rows)",
    r"\dp": " public | t    | table |",
}


@pytest.mark.skipif(shutil.which("psql") is None, reason="psql is not installed; its queries are tested verbatim")
def test_psql_prints_its_listings(filled: Wire) -> None:
    commands = [part for listing in LISTINGS for part in ("-c", listing)]
    told = subprocess.run(
        ["psql", "-h", "127.0.0.1", "-p", str(filled.port), "-U", "awsuser", filled.database, *commands],
        env={**os.environ, "PGPASSWORD": PASSWORD, "PGSSLMODE": "disable"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "ERROR" not in told.stderr, told.stderr
    missing = [text for text in LISTINGS.values() if text not in told.stdout]
    assert not missing, told.stdout
