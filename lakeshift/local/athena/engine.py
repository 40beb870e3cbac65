"""One query from its text to its answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import duckdb

from lakeshift.lake import FolderLake
from lakeshift.local.athena.catalog import Catalog
from lakeshift.local.athena.commands import Commands, is_command
from lakeshift.local.athena.failures import QueryError, refused
from lakeshift.local.athena.hive import cell_text, presto_type
from lakeshift.local.athena.selecting import Selected, parse
from lakeshift.local.athena.writing import Writer, Written

__all__ = ["Answer", "Query", "bind"]

_MACROS: Final = (
    "CREATE TEMP MACRO ls_map_agg(k, v) AS map_from_entries(list((k, v)))",
    # A date plus an interval is a date there, a timestamp in the engine.
    "CREATE TEMP MACRO ls_date_add(x DATE, i INTERVAL) AS CAST(x + i AS DATE), (x TIMESTAMP, i INTERVAL) AS x + i, "
    "(x TIMESTAMPTZ, i INTERVAL) AS x + i",
    "CREATE TEMP MACRO arbitrary(x) AS any_value(x)",
)
_CTAS: Final = re.compile(r"CREATE\s+TABLE\b", re.IGNORECASE)


@dataclass(slots=True)
class Answer:
    """``columns`` as ResultSetMetadata tells them; rows as text, None for NULL."""

    kind: str  # DDL, DML or UTILITY
    columns: list[dict[str, Any]] = field(default_factory=list)
    rows: list[list[str | None]] = field(default_factory=list)
    written: Written | None = None
    scanned: int = 0


class Query:
    """A connection of its own, which :meth:`stop` interrupts."""

    def __init__(self, glue: Any, lake: FolderLake, database: str) -> None:
        self._catalog = Catalog(glue, lake, database)
        config: dict[str, str | bool | int | float | list[str]] = {
            "python_enable_replacements": False,
            "autoinstall_known_extensions": False,
        }
        self._connection = duckdb.connect(config=config)
        for setting in (
            "SET integer_division = true",
            "SET TimeZone = 'UTC'",
            f"SET allowed_directories = ['{str(lake.root).replace(chr(39), chr(39) * 2)}/']",
            "SET enable_external_access = false",
            *_MACROS,
        ):
            self._connection.execute(setting)

    def stop(self) -> None:
        """Stop the query, from another thread."""
        self._connection.interrupt()

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def run(self, sql: str, put: Callable[[Path, str], None], output: str) -> Answer:
        """The answer; raises QueryError, and ours for what is not supported."""
        try:
            return self._run(sql.strip().rstrip(";").strip(), put, output)
        except duckdb.InterruptException as error:
            raise QueryError("Query was cancelled by the user") from error
        except duckdb.Error as error:
            raise QueryError(_reason(error)) from error

    def _run(self, sql: str, put: Callable[[Path, str], None], output: str) -> Answer:
        if not sql:
            raise QueryError("line 1:1: mismatched input '<EOF>'")
        if is_command(sql) and not _CTAS.match(sql):
            lines = Commands(self._catalog).run(sql)
            return Answer("DDL", [_column("result", "VARCHAR")] if lines else [], [[line] for line in lines])
        word = sql.split(maxsplit=1)[0].upper()
        if word in ("CREATE", "INSERT", "UNLOAD"):
            return self._write(sql, put, output)
        if word == "EXPLAIN":
            raise refused("EXPLAIN", "Run the query: DataScannedInBytes tells what it reads.")
        if word in ("DELETE", "UPDATE", "MERGE", "OPTIMIZE", "VACUUM"):
            raise refused(f"{word}, which is for tables of Apache Iceberg,", "Write the table from a Glue job.")
        if word not in ("SELECT", "WITH", "VALUES", "(", "TABLE") and not sql.startswith("("):
            raise QueryError(f"line 1:1: mismatched input '{sql.split(maxsplit=1)[0]}'. Expecting: a statement")
        return self._select(sql)

    def _select(self, sql: str) -> Answer:
        selected = Selected(self._catalog, self._connection)
        cursor = self._connection.execute(selected.sql(parse(sql)))
        columns = [_column(str(name), str(kind)) for name, kind, *_ in cursor.description or ()]
        rows = [[cell_text(value) for value in row] for row in cursor.fetchall()]
        return Answer("DML", columns, rows, scanned=selected.scanned)

    def _write(self, sql: str, put: Callable[[Path, str], None], output: str) -> Answer:
        writer = Writer(self._catalog, self._connection, put, output)
        written = writer.run(sql)
        if written is None:
            raise refused(" ".join(sql.split()[:2]).upper(), "Write CREATE EXTERNAL TABLE or CREATE TABLE AS.")
        kind = "DDL" if sql.split(maxsplit=1)[0].upper() == "CREATE" else "DML"
        return Answer(kind, [_column("rows", "BIGINT")], [], written, writer.selected.scanned)


def _column(name: str, kind: str) -> dict[str, Any]:
    told, precision, scale = presto_type(kind)
    return {
        "CatalogName": "hive",
        "SchemaName": "",
        "TableName": "",
        "Name": name,
        "Label": name,
        "Type": told,
        "Precision": precision,
        "Scale": scale,
        "Nullable": "UNKNOWN",
        "CaseSensitive": told == "varchar",
    }


# The engine's wording, Athena's. The first match counts.
_COLUMN: Final = r"COLUMN_NOT_FOUND: line 1:8: Column '\1' cannot be resolved"
_FUNCTION: Final = r"FUNCTION_NOT_FOUND: Function '\1' not registered"
_GROUPED: Final = r"EXPRESSION_NOT_AGGREGATE: '\1' must be an aggregate expression or appear in GROUP BY clause"
_REASONS: Final = (
    (r"(?i)division by zero", "DIVISION_BY_ZERO: Division by zero"),
    (r'Referenced column "([^"]+)" not found', _COLUMN),
    (r'does not have a column (?:named|with name) "([^"]+)"', _COLUMN),
    (r"Could not convert string '([^']*)' to (\w+)", r"INVALID_CAST_ARGUMENT: Cannot cast '\1' to \2"),
    (r'column "([^"]+)" must appear in the GROUP BY', _GROUPED),
    (r"(?:Scalar|Aggregate) Function with name (\w+) does not exist", _FUNCTION),
    (r"No function matches the given name and argument types '([^']+)'", _FUNCTION),
    (
        r"More than one row returned by a subquery",
        "SUBQUERY_MULTIPLE_ROWS: Scalar sub-query has returned multiple rows",
    ),
)


def _reason(error: duckdb.Error) -> str:
    text = str(error)
    for pattern, reason in _REASONS:
        found = re.search(pattern, text)
        if found:
            return found.expand(reason)
    return f"GENERIC_INTERNAL_ERROR: {text.splitlines()[0]}"


def bind(sql: str, values: Sequence[str]) -> str:
    """Put ExecutionParameters, which are literals of SQL, in for the ``?`` outside of quotes and comments."""
    parts = re.split(r"('(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/|\?)", sql, flags=re.DOTALL)
    wanted = parts.count("?")
    if wanted != len(values):
        raise QueryError(
            f"SYNTAX_ERROR: line 1:1: Incorrect number of parameters: expected {wanted} but found {len(values)}"
        )
    literal = re.compile(r"\s*(?:'(?:[^']|'')*'|[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|"
                         r"(?:date|timestamp|decimal)\s*'[^']*')\s*", re.IGNORECASE)  # fmt: skip
    for value in values:
        if not literal.fullmatch(value):
            raise QueryError(f"SYNTAX_ERROR: line 1:1: the parameter {value!r} is not a literal")
    given = iter(values)
    return "".join(next(given) if part == "?" else part for part in parts)
