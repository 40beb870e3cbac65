"""From a statement's text to what it says. SELECT and DML are left to the SQL parser, everything else is read here."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.external_statements import ExternalStatement
from lakeshift.redshift.grammar_external import is_external_alter, read_create_external, read_external_alter
from lakeshift.redshift.grammar_load import read_copy, read_unload
from lakeshift.redshift.grammar_routines import (
    read_arguments,
    read_call,
    read_create_routine,
    read_cursor,
    read_drop_routine,
    read_materialized_view,
    read_prepared,
    read_refresh,
)
from lakeshift.redshift.grammar_show import read_show_definition, read_show_list
from lakeshift.redshift.grammar_table import read_alter_table, read_create_table
from lakeshift.redshift.grammar_users import PRINCIPALS, read_administer
from lakeshift.redshift.statements import (
    Comment,
    CreateSchema,
    CreateView,
    Drop,
    Explain,
    Grant,
    Maintain,
    Merge,
    Name,
    Query,
    SetVariable,
    Show,
    ShowDefinition,
    Statement,
    Transaction,
    Truncate,
)
from lakeshift.redshift.tokens import Reader
from lakeshift.redshift.types import SqlType

__all__ = ["parse"]

# Redshift refuses these itself.
_REFUSED: Final = {
    ("CREATE", "INDEX"): "CREATE INDEX",
    ("CREATE", "UNIQUE"): "CREATE INDEX",
    ("CREATE", "SEQUENCE"): "CREATE SEQUENCE",
    ("CREATE", "TRIGGER"): "CREATE TRIGGER",
    ("CREATE", "RULE"): "CREATE RULE",
    ("CREATE", "DOMAIN"): "CREATE DOMAIN",
    ("CREATE", "EXTENSION"): "CREATE EXTENSION",
    ("CREATE", "TABLESPACE"): "CREATE TABLESPACE",
    ("CREATE", "AGGREGATE"): "CREATE AGGREGATE",
    ("CREATE", "TYPE"): "CREATE TYPE",
}
# Redshift has these, the local one does not: what it is, and what to do instead.
_LATER: Final = {
    "EXTERNAL": ("CREATE OR REPLACE EXTERNAL", "Use CREATE OR REPLACE with a view."),
    "LIBRARY": ("CREATE LIBRARY", "Write the expression out in the query."),
    "MODEL": ("Redshift ML", "Train the model outside of the warehouse."),
    "DATASHARE": ("Data sharing", "Load the tables into this cluster."),
    "IDENTITY": ("Identity providers", "Connect as a database user."),
}
Types = tuple[SqlType | None, ...] | None
_PAGE: Final = "https://docs.aws.amazon.com/redshift/latest/dg/c_SQL_commands.html"
_QUERIES: Final = frozenset({"SELECT", "WITH", "INSERT", "UPDATE", "DELETE", "("})
_QUERY: Final = re.compile(r"(?:SELECT|WITH|INSERT|UPDATE|DELETE)\s", re.IGNORECASE)  # nearly every statement


def parse(sql: str) -> Statement | ExternalStatement:
    """Read one statement; raises RedshiftError where Redshift refuses it."""
    if _QUERY.match(sql):
        return Query(sql)
    reader = Reader(sql)
    first = reader.peek()
    if first in _QUERIES:
        return Query(sql)
    read = _READERS.get(first)
    if read is None:
        if first in ("LOCK", "USE"):
            raise NotSupportedLocallyError(f"{first} of Redshift", "Write the query itself.", _PAGE)
        raise reader.error()
    statement = read(reader)
    reader.end()
    return statement


def _create(reader: Reader) -> Statement | ExternalStatement:
    refused = _REFUSED.get((reader.peek(), reader.peek(1)))
    if refused:
        raise RedshiftError(f"{refused} is not supported", "0A000")
    words = [reader.peek(offset) for offset in range(1, 5)]
    replace = words[:2] == ["OR", "REPLACE"]
    kind = words[2] if replace else words[0]
    if kind == "EXTERNAL" and not replace:
        return read_create_external(reader)
    if kind in _LATER:
        feature, instead = _LATER[kind]
        raise NotSupportedLocallyError(feature, instead, _PAGE)
    if kind in PRINCIPALS:
        return read_administer(reader)
    if kind in ("PROCEDURE", "FUNCTION"):
        return read_create_routine(reader)
    if kind == "MATERIALIZED" and not replace:
        return read_materialized_view(reader)
    if kind == "VIEW":
        return _create_view(reader, replace)
    if kind == "SCHEMA" and not replace:
        return _create_schema(reader)
    return read_create_table(reader)


def _create_schema(reader: Reader) -> CreateSchema:
    reader.expect("CREATE", "SCHEMA")
    if_not_exists = reader.take("IF", "NOT", "EXISTS")
    owner = reader.identifier() if reader.take("AUTHORIZATION") else None
    name = owner if owner is not None else reader.identifier()  # without a name, the schema is called as its owner
    if reader.take("AUTHORIZATION"):
        owner = reader.identifier()
    if reader.take("QUOTA"):  # there is no disk quota to keep
        reader.next()
        if reader.peek() in ("MB", "GB", "TB"):
            reader.next()
    return CreateSchema(name, if_not_exists, owner)


def _create_view(reader: Reader, replace: bool) -> CreateView:
    reader.expect("CREATE")
    if replace:
        reader.expect("OR", "REPLACE")
    reader.expect("VIEW")
    name = reader.name()
    columns = reader.names() if reader.peek() == "(" else ()
    reader.expect("AS")
    query = reader.rest()
    late = re.search(r"\bWITH\s+NO\s+SCHEMA\s+BINDING\s*$", query, re.IGNORECASE)
    return CreateView(name, columns, query[: late.start()].rstrip() if late else query, replace, late is not None)


def _drop(reader: Reader) -> Statement:
    if reader.peek(1) in PRINCIPALS:
        return read_administer(reader)
    reader.expect("DROP")
    kind = reader.next().upper
    if kind in ("PROCEDURE", "FUNCTION"):
        return read_drop_routine(reader, kind)
    if kind == "MATERIALIZED":
        reader.expect("VIEW")
        kind = "MATERIALIZED VIEW"
    elif kind not in ("SCHEMA", "TABLE", "VIEW"):
        raise NotSupportedLocallyError(f"DROP {kind}", "Only schemas, tables and views are kept.", _PAGE)
    if_exists = reader.take("IF", "EXISTS")
    names = [reader.name()]
    while reader.take(","):
        names.append(reader.name())
    external = kind == "SCHEMA" and reader.take("DROP", "EXTERNAL", "DATABASE")
    cascade = reader.take("CASCADE")
    if external:
        return Drop("EXTERNAL DATABASE", tuple(names), if_exists, cascade)
    if not cascade:
        reader.take("RESTRICT")
    return Drop(kind, tuple(names), if_exists, cascade)


def _alter(reader: Reader) -> Statement | ExternalStatement:
    if reader.peek(1) in PRINCIPALS:
        return read_administer(reader)
    return read_external_alter(reader) if is_external_alter(reader) else read_alter_table(reader)


def _truncate(reader: Reader) -> Truncate:
    reader.expect("TRUNCATE")
    reader.take("TABLE")
    return Truncate(reader.name())


def _transaction(reader: Reader) -> Transaction:
    verb = reader.next().upper
    if verb == "START":
        reader.expect("TRANSACTION")
    elif not reader.take("WORK"):
        reader.take("TRANSACTION")
    verb = {"START": "BEGIN", "END": "COMMIT", "ABORT": "ROLLBACK"}.get(verb, verb)
    if verb == "BEGIN":  # isolation levels and READ ONLY change nothing: every transaction is serializable
        reader.rest()
    return Transaction(verb)


def _grant(reader: Reader) -> Grant:
    text = reader.sql
    verb = reader.next().upper
    if verb == "REVOKE":
        reader.take("GRANT", "OPTION", "FOR")
    privileges = [reader.expression(frozenset({"ON", "TO", "FROM"}))]
    while reader.take(","):
        privileges.append(reader.expression(frozenset({"ON", "TO", "FROM"})))
    kind = "ROLE"
    objects: list[Name] = []
    types: list[Types] = []
    if reader.take("ON"):
        kind, objects, types = _grant_objects(reader)
    reader.expect("TO" if verb == "GRANT" else "FROM")
    grantees = [_grantee(reader)]
    while reader.take(","):
        grantees.append(_grantee(reader))
    reader.take("WITH", "GRANT", "OPTION")
    reader.take("CASCADE")
    reader.take("RESTRICT")
    asked = tuple(item.upper() for item in privileges)
    return Grant(verb, asked, kind, tuple(objects), tuple(grantees), text, tuple(types))


def _grant_objects(reader: Reader) -> tuple[str, list[Name], list[Types]]:
    kind = "TABLE"
    if reader.peek() == "ALL" and reader.peek(1) in ("TABLES", "FUNCTIONS", "PROCEDURES"):
        kind = f"ALL {reader.peek(1)}"
        reader.expect("ALL", reader.peek(1), "IN", "SCHEMA")
    elif reader.peek() in ("TABLE", "SCHEMA", "DATABASE", "FUNCTION", "PROCEDURE", "LANGUAGE"):
        kind = reader.next().upper
    elif reader.peek() in ("ALL", "MODEL", "DATASHARE", "EXTERNAL", "COPY"):
        raise NotSupportedLocallyError(f"GRANT ON {reader.peek()}", "Grant on tables, schemas and databases.", _PAGE)
    objects, types = [reader.name()], [_grant_types(reader)]
    while reader.take(","):
        objects.append(reader.name())
        types.append(_grant_types(reader))
    return kind, objects, types if kind in ("FUNCTION", "PROCEDURE") else []


def _grant_types(reader: Reader) -> Types:
    if reader.peek() != "(":
        return None
    return tuple(argument.type for argument in read_arguments(reader) if argument.mode != "OUT")


def _grantee(reader: Reader) -> str:
    prefix = ""
    if reader.peek() in ("GROUP", "ROLE"):
        prefix = f"{reader.next().text.lower()} "
    return prefix + reader.identifier()


def _maintain(reader: Reader) -> Maintain:
    verb = reader.next().upper
    if verb == "VACUUM":
        for words in (("FULL",), ("SORT", "ONLY"), ("DELETE", "ONLY"), ("REINDEX",), ("RECLUSTER",)):
            if reader.take(*words):
                break
    elif reader.peek() == "COMPRESSION":
        raise NotSupportedLocallyError(
            "ANALYZE COMPRESSION", "Encodings are kept and shown, but nothing is encoded.", _PAGE
        )
    else:
        reader.take("VERBOSE")
    name = None if reader.done or reader.peek() in ("PREDICATE", "ALL", "TO") else reader.name()
    if reader.peek() == "(":
        reader.names()
    if reader.take("TO"):
        reader.integer()
        reader.expect("PERCENT")
        reader.take("BOOST")
    if reader.take("PREDICATE", "COLUMNS") or reader.take("ALL", "COLUMNS") or reader.take("BOOST"):
        pass  # how thorough it is to be changes nothing here
    return Maintain(verb, name)


def _set(reader: Reader) -> SetVariable:
    if reader.next().upper == "RESET":
        return SetVariable(".".join(reader.name()), None)
    if not reader.take("SESSION"):
        reader.take("LOCAL")
    if reader.take("CHARACTERISTICS", "AS", "TRANSACTION") or reader.take("TRANSACTION"):
        reader.rest()  # isolation levels and READ ONLY change nothing
        return SetVariable("transaction_isolation", None)
    name = "timezone" if reader.take("TIME", "ZONE") else ".".join(reader.name())
    if name == "timezone" and reader.peek() not in ("TO", "="):
        return SetVariable(name, reader.next().value)
    if not reader.take("TO"):
        reader.expect("=")
    first = reader.next()
    value = first.value
    while not reader.done:
        value += reader.next().value
    return SetVariable(name, None if first.upper == "DEFAULT" else value)


def _show(reader: Reader) -> Show | ShowDefinition | Query:
    reader.expect("SHOW")
    listed = read_show_list(reader) or read_show_definition(reader)
    if listed is not None:
        return listed
    if reader.take("ALL"):
        return Show("all")
    if reader.peek() in ("TABLES", "SCHEMAS", "DATABASES", "COLUMNS", "GRANTS", "EXTERNAL", "DATASHARES", "MODEL"):
        raise NotSupportedLocallyError(f"SHOW {reader.peek()}", "Query the SVV_ views.", _PAGE)
    if reader.take("TRANSACTION", "ISOLATION", "LEVEL"):
        return Show("transaction_isolation")
    if reader.take("TIME", "ZONE"):
        return Show("timezone")
    return Show(".".join(reader.name()))


def _comment(reader: Reader) -> Comment:
    reader.expect("COMMENT", "ON")
    kind = reader.next().upper
    name = reader.name()
    reader.expect("IS")
    return Comment(kind, name, None if reader.take("NULL") else reader.string())


def _explain(reader: Reader) -> Explain:
    reader.expect("EXPLAIN")
    reader.take("VERBOSE")
    return Explain(reader.rest())


def _merge(reader: Reader) -> Merge:
    text = reader.sql
    reader.expect("MERGE", "INTO")
    target = reader.name()
    if not text.rstrip().upper().endswith("DUPLICATES"):
        reader.rest()
        return Merge(text, target)
    reader.expect("USING")
    source = reader.expression(frozenset({"ON"}))
    reader.expect("ON")
    condition = reader.expression(frozenset({"REMOVE"}))
    reader.expect("REMOVE", "DUPLICATES")
    return Merge(text, target, source, condition, remove_duplicates=True)


_READERS: Final[dict[str, Callable[[Reader], Statement | ExternalStatement]]] = {
    "ABORT": _transaction,
    "ALTER": _alter,
    "ANALYZE": _maintain,
    "ANALYSE": _maintain,
    "BEGIN": _transaction,
    "CALL": read_call,
    "CLOSE": read_cursor,
    "COMMENT": _comment,
    "COMMIT": _transaction,
    "COPY": read_copy,
    "CREATE": _create,
    "DEALLOCATE": read_prepared,
    "DECLARE": read_cursor,
    "DROP": _drop,
    "END": _transaction,
    "EXECUTE": read_prepared,
    "EXPLAIN": _explain,
    "FETCH": read_cursor,
    "GRANT": _grant,
    "MERGE": _merge,
    "PREPARE": read_prepared,
    "REFRESH": read_refresh,
    "RESET": _set,
    "REVOKE": _grant,
    "ROLLBACK": _transaction,
    "SET": _set,
    "SHOW": _show,
    "START": _transaction,
    "TRUNCATE": _truncate,
    "UNLOAD": read_unload,
    "VACUUM": _maintain,
}
