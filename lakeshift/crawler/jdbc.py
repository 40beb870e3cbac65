"""JDBC targets: which tables an include path means, and the catalog's table of each. Reading them is the shell's part.

See https://docs.aws.amazon.com/glue/latest/dg/define-crawler.html#crawler-data-stores-jdbc
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from lakeshift.crawler.found import Found
from lakeshift.crawler.globs import exclusion
from lakeshift.crawler.options import CrawlOptions
from lakeshift.crawler.storage import VERSIONS, plain_table, storage_descriptor

__all__ = ["JdbcColumn", "JdbcTable", "JdbcTarget", "chosen_tables", "jdbc_table", "postgres_type"]

_PARTS: Final = 3  # database, schema, table
_ARRAY: Final = re.compile(r"(.+)\[\]")
_SIZED: Final = re.compile(r"([a-z0-9 ]+?)\s*\((\d+)(?:,(-?\d+))?\)(.*)")
_POSTGRES: Final = {
    "smallint": "smallint",
    "integer": "int",
    "bigint": "bigint",
    "real": "float",
    "double precision": "double",
    "boolean": "boolean",
    "date": "date",
    "timestamp without time zone": "timestamp",
    "timestamp with time zone": "timestamp",
    "bytea": "binary",
    "numeric": "decimal(38,18)",
    "money": "double",
    "oid": "bigint",
}


@dataclass(frozen=True, slots=True)
class JdbcTarget:
    """``path`` is ``database/schema/table``, each may hold ``%``; ``metadata`` of COMMENTS and RAWTYPES."""

    connection: str
    path: str
    exclusions: tuple[str, ...] = ()
    metadata: frozenset[str] = frozenset()

    @property
    def database(self) -> str:
        """The database to connect to."""
        return self.path.split("/")[0]


@dataclass(frozen=True, slots=True)
class JdbcColumn:
    """``type`` in the database's own words."""

    name: str
    type: str
    comment: str = ""


@dataclass(frozen=True, slots=True)
class JdbcTable:
    """One table or view (``kind``) of a database."""

    database: str
    schema: str
    name: str
    kind: str
    columns: tuple[JdbcColumn, ...]
    comment: str = ""


def chosen_tables(target: JdbcTarget, tables: Sequence[JdbcTable]) -> list[JdbcTable]:
    """Those the include path means and no exclusion names, in the order of their names.

    ``%`` stands for any characters; a path that ends early means everything below it. An exclusion is relative to the
    part of the path before its first ``%``. Raises ValueError for a path or pattern that is none.
    """
    parts = target.path.strip("/").split("/")
    if not parts[0] or len(parts) > _PARTS:
        raise ValueError(f"The JDBC path {target.path!r} is not database/schema/table.")
    fixed = next((at for at, part in enumerate(parts) if "%" in part), len(parts) - 1)
    likes = [_like(part) for part in parts]
    excluded = [exclusion(pattern) for pattern in target.exclusions]
    found = []
    for table in tables:
        names = (table.database, table.schema, table.name)
        if not all(like.fullmatch(name) for like, name in zip(likes, names, strict=False)):
            continue
        if not any(pattern.match("/".join(names[fixed:])) for pattern in excluded):
            found.append(table)
    return sorted(found, key=lambda table: (table.schema, table.name))


def _like(part: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, part.split("%"))), re.DOTALL)


def jdbc_table(table: JdbcTable, target: JdbcTarget, options: CrawlOptions, engine: str) -> Found:
    """The table as Glue registers one: named ``database_schema_table``, its location ``database.schema.table``."""
    where = f"{table.database}.{table.schema}.{table.name}"
    parameters = {
        **VERSIONS,
        "UPDATED_BY_CRAWLER": options.crawler,
        "CRAWL_RUN_ID": options.run_id,
        "classification": engine,
        "compressionType": "none",
        "connectionName": target.connection,
        "typeOfData": table.kind,
    }
    columns = [_column(column, target) for column in table.columns]
    made = plain_table(storage_descriptor("none", columns, where, {}, parameters), parameters)
    if "COMMENTS" in target.metadata and table.comment:
        made["Description"] = table.comment
    return Found(where.replace(".", "_"), (table.database, f"{table.schema}/{table.name}"), made)


def _column(column: JdbcColumn, target: JdbcTarget) -> dict[str, Any]:
    made: dict[str, Any] = {"Name": column.name.lower(), "Type": postgres_type(column.type)}
    if "COMMENTS" in target.metadata and column.comment:
        made["Comment"] = column.comment
    if "RAWTYPES" in target.metadata:
        made["Parameters"] = {"rawType": column.type}
    return made


def postgres_type(raw: str) -> str:
    """The catalog's type of a type as PostgreSQL's ``format_type`` writes it; what it does not know is text."""
    array = _ARRAY.fullmatch(raw)
    if array:
        return f"array<{postgres_type(array[1])}>"
    sized = _SIZED.fullmatch(raw)
    if sized is None:
        return _POSTGRES.get(raw, "string")
    base, size, scale, rest = sized.groups()
    if base == "numeric":
        return f"decimal({size},{scale or 0})"
    return _POSTGRES.get(f"{base}{rest}".strip(), "string")
