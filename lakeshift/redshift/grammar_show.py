"""SHOW DATABASES, SCHEMAS, TABLES and COLUMNS, as queries of the system views, and SHOW of one object.

https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_TABLES.html
"""

from __future__ import annotations

from typing import Final

from lakeshift.redshift.binding import literal
from lakeshift.redshift.grammar_routines import read_arguments
from lakeshift.redshift.statements import Query, ShowDefinition
from lakeshift.redshift.tokens import Reader

__all__ = ["read_show_definition", "read_show_list"]

_DATABASES: Final = (
    "SELECT database_name, database_owner, database_type, database_acl, database_options AS parameters, "
    "database_isolation_level FROM svv_redshift_databases"
)
_SCHEMAS: Final = (
    "SELECT database_name, schema_name, schema_owner, schema_type, CAST(NULL AS varchar) AS schema_acl, "
    "CAST(NULL AS varchar) AS source_database, CAST(NULL AS varchar) AS schema_option FROM svv_all_schemas"
)
_TABLES: Final = "SELECT database_name, schema_name, table_name, table_type, table_acl, remarks FROM svv_all_tables"
_COLUMNS: Final = (
    "SELECT database_name, schema_name, table_name, column_name, ordinal_position, column_default, is_nullable, "
    "data_type, character_maximum_length, numeric_precision, numeric_scale, CAST(NULL AS varchar) AS remarks "
    "FROM svv_all_columns"
)


def read_show_list(reader: Reader) -> Query | None:
    """The query that a SHOW of several objects is, None for another SHOW; the verb was read."""
    if reader.peek() == "DATABASES" and reader.peek(1) in ("", "LIKE", "LIMIT"):
        reader.next()
        return _query(reader, _DATABASES, (), "database_name")
    if reader.take("SCHEMAS", "FROM", "DATABASE"):
        return _query(reader, _SCHEMAS, ("database_name",), "schema_name")
    if reader.take("TABLES", "FROM", "SCHEMA"):
        return _query(reader, _TABLES, ("database_name", "schema_name"), "table_name")
    if reader.take("COLUMNS", "FROM", "TABLE"):
        names = ("database_name", "schema_name", "table_name")
        return _query(reader, _COLUMNS, names, "column_name", order="ordinal_position")
    return None


def _query(reader: Reader, select: str, columns: tuple[str, ...], listed: str, order: str | None = None) -> Query:
    name = reader.name() if columns else ()
    if len(name) > len(columns):
        raise reader.error()
    named = zip(columns[len(columns) - len(name) :], name, strict=True)
    tests = [f"{column} = {literal(part)}" for column, part in named]
    if reader.take("LIKE"):
        tests.append(f"{listed} LIKE {literal(reader.string())}")
    limit = f" LIMIT {reader.integer()}" if reader.take("LIMIT") else ""
    where = f" WHERE {' AND '.join(tests)}" if tests else ""
    return Query(f"{select}{where} ORDER BY {order or listed}{limit}")


def read_show_definition(reader: Reader) -> ShowDefinition | None:
    """SHOW TABLE, VIEW or PROCEDURE, None for another SHOW; the verb was read."""
    kind = reader.peek()
    if kind not in ("TABLE", "VIEW", "PROCEDURE"):
        return None
    reader.next()
    name = reader.name()
    types = None
    if kind == "PROCEDURE" and reader.peek() == "(":
        types = tuple(argument.type for argument in read_arguments(reader) if argument.mode != "OUT")
    return ShowDefinition(kind, name, types)
