"""A query of Athena as the engine's: its tables read from the catalog, its functions known, its dialect translated.

https://docs.aws.amazon.com/athena/latest/ug/functions-env3.html
"""

from __future__ import annotations

import base64
import json
import re
from typing import Any, Final

import duckdb
import sqlglot
from sqlglot import expressions as exp
from sqlglot.errors import ErrorLevel, SqlglotError, UnsupportedError

from lakeshift.local.athena.catalog import Catalog, Partition
from lakeshift.local.athena.failures import QueryError, refused
from lakeshift.local.athena.hive import engine_type
from lakeshift.local.athena.reading import FILE, reader
from lakeshift.redshift.catalog import quoted

__all__ = ["Selected", "parse", "view_query"]

_VIEW: Final = re.compile(r"/\*\s*Presto View:\s*(\S+)\s*\*/")
_DEEPEST: Final = 16
_HIDDEN: Final = ("$path", "$file_size")
# Functions the parser has no name of its own for, which mean the same in the engine.
_NAMES: Final = """
abs acos any_value arbitrary asin atan atan2 bit_count bool_and bool_or cbrt ceil chr codepoint concat_ws corr
cos covar_pop covar_samp cume_dist day degrees dense_rank exp flatten floor format gcd greatest
hamming_distance hour kurtosis last_day lcm least length list_distinct ln log10 log2 lower lpad ltrim
map_entries map_keys map_values max_by md5 min_by minute mod month now ntile percent_rank pi power quarter
radians rank regr_intercept regr_slope repeat replace reverse round row_number rpad rtrim second sign sin
skewness sqrt stddev stddev_pop stddev_samp strpos substr tan translate trim trunc typeof upper url_decode
url_encode var_pop var_samp variance week year
"""
_SAME: Final = frozenset(_NAMES.split())
_RENAMED: Final = {"map_agg": "ls_map_agg", "codepoint": "unicode", "list_distinct": "list_distinct"}


def parse(sql: str) -> Any:
    """The tree of one statement; raises SYNTAX_ERROR as Athena does."""
    try:
        return sqlglot.parse_one(sql, read="athena")
    except SqlglotError as error:
        details = getattr(error, "errors", None) or [{}]
        one = details[0]
        where = f"line {one.get('line', 1)}:{one.get('col', 1)}: mismatched input '{one.get('highlight', '<EOF>')}'"
        raise QueryError(f"{where}. Expecting: a statement") from error


class Selected:
    """Rewrites one query; its tables become common table expressions of the engine's, only as far as they are read."""

    def __init__(self, catalog: Catalog, connection: duckdb.DuckDBPyConnection) -> None:
        self._catalog = catalog
        self._connection = connection
        self._count = 0
        self._hidden = False
        self.scanned = 0

    def sql(self, tree: Any) -> str:
        """The engine's SQL."""
        self._hidden = any(column.name in _HIDDEN for column in tree.find_all(exp.Column))
        self._tables(tree, self._catalog.database, 0)
        if self._hidden:  # a star means the table's own columns
            for star in tree.find_all(exp.Star):
                if isinstance(star.parent, exp.Select | exp.Column):
                    star.set("except_", [exp.to_identifier(name, quoted=True) for name in _HIDDEN])
        _functions(tree)
        try:
            return str(tree.sql(dialect="duckdb", unsupported_level=ErrorLevel.RAISE))
        except UnsupportedError as error:
            raise refused(str(error), "Write the query in another way.") from error

    def _tables(self, tree: Any, database: str, depth: int) -> None:
        if depth > _DEEPEST:
            raise QueryError("STACK_OVERFLOW: a view refers to itself")
        local = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
        for table in list(tree.find_all(exp.Table)):
            if not isinstance(table.this, exp.Identifier) or (not table.db and table.name.lower() in local):
                continue
            if table.catalog and table.catalog.lower() != "awsdatacatalog":
                raise refused(f"The data catalog {table.catalog}", "Read tables of AwsDataCatalog.")
            self._replace(table, (table.db or database).lower(), depth)

    def _replace(self, table: Any, database: str, depth: int) -> None:
        found = self._catalog.need(database, table.name.lower())
        if found.get("TableType") == "VIRTUAL_VIEW":
            inner = parse(view_query(found))
            self._tables(inner, database, depth + 1)
            made: Any = inner
        else:
            kept = self._kept(table, found)
            made = exp.Table(this=exp.to_identifier(self._view(found, kept), quoted=True))
        alias = table.args.get("alias") or exp.TableAlias(this=exp.to_identifier(table.name, quoted=True))
        if isinstance(made, exp.Table):
            made.set("alias", alias)
            made.set("sample", table.args.get("sample"))
            made.set("joins", table.args.get("joins"))
            table.replace(made)
        else:
            table.replace(exp.Subquery(this=made, alias=alias))

    def _view(self, table: dict[str, Any], partitions: list[Partition]) -> str:
        """A view of the engine's over the files of the partitions; its name."""
        self._count += 1
        name = f"ls_table_{self._count}"
        keys = table.get("PartitionKeys") or []
        rows, files = [], []
        for partition in partitions:
            for path, url, size in self._catalog.files(partition.location, restored=_reads_restored(table)):
                files.append(path)
                rows.append([path, url, size, *partition.values])
                self.scanned += size
        columns = ", ".join(
            ["file VARCHAR", "url VARCHAR", "size BIGINT", *(f"{quoted(_key(k))} VARCHAR" for k in keys)]
        )
        self._connection.execute(f"CREATE TEMP TABLE {name}_files ({columns})")
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            self._connection.executemany(f"INSERT INTO {name}_files VALUES ({marks})", rows)
        plain = ", ".join(f"r.{quoted(one['Name'].lower())}" for one in table["StorageDescriptor"].get("Columns", []))
        keyed = "".join(f", {_typed(key, 'f')} AS {quoted(_key(key))}" for key in keys)
        hidden = ', f.url AS "$path", f.size AS "$file_size"' if self._hidden else ""
        self._connection.execute(
            f"CREATE TEMP VIEW {name} AS SELECT {plain}{keyed}{hidden} FROM "
            f"({reader(table, files, self._connection)}) r JOIN {name}_files f ON r.{FILE} = f.file"
        )
        return name

    def _kept(self, node: Any, table: dict[str, Any]) -> list[Partition]:
        """The partitions that the query's own conditions do not rule out."""
        partitions = self._catalog.partitions(table)
        keys = {_key(key): key for key in table.get("PartitionKeys") or []}
        select = node.find_ancestor(exp.Select)
        where = select.args.get("where") if select is not None else None
        if not keys or where is None:
            return partitions
        names = {node.alias_or_name.lower()}
        tests = (
            [test for test in where.this.flatten() if _is_of(test, keys, names)]
            if _is_and(where.this)
            else ([where.this] if _is_of(where.this, keys, names) else [])
        )
        if not tests:
            return partitions
        columns = ", ".join(["place BIGINT", *(f"{quoted(name)} VARCHAR" for name in keys)])
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE ls_partitions ({columns})")
        rows = [[index, *partition.values] for index, partition in enumerate(partitions)]
        if not rows:
            return partitions
        marks = ", ".join("?" * len(rows[0]))
        self._connection.executemany(f"INSERT INTO ls_partitions VALUES ({marks})", rows)
        conditions = []
        for test in tests:
            copy = test.copy()
            for column in copy.find_all(exp.Column):
                column.set("table", None)
            _functions(copy)
            conditions.append(f"({copy.sql(dialect='duckdb')})")
        typed = ", ".join(["place", *(f"{_typed(key, 'p')} AS {quoted(name)}" for name, key in keys.items())])
        found = self._connection.execute(
            f"SELECT place FROM (SELECT {typed} FROM ls_partitions p) WHERE {' AND '.join(conditions)} ORDER BY place"
        ).fetchall()
        return [partitions[int(index)] for (index,) in found]


def _key(key: dict[str, Any]) -> str:
    return str(key["Name"]).lower()


def _typed(key: dict[str, Any], alias: str) -> str:
    default = "__HIVE_DEFAULT_PARTITION__"
    return f"CAST(nullif({alias}.{quoted(_key(key))}, '{default}') AS {engine_type(key['Type'])})"


def _is_and(test: Any) -> bool:
    return isinstance(test, exp.And)


def _is_of(test: Any, keys: dict[str, Any], names: set[str]) -> bool:
    """Whether the condition is about partition keys of this table alone."""
    columns = list(test.find_all(exp.Column))
    if not columns or test.find(exp.Subquery, exp.Select, exp.Window, exp.AggFunc):
        return False
    return all(one.name.lower() in keys and one.table.lower() in {"", *names} for one in columns)


def view_query(table: dict[str, Any]) -> str:
    """The query of a view that Athena made."""
    found = _VIEW.search(table.get("ViewOriginalText") or "")
    if found is None:
        raise refused("A view that Athena did not make", "Create it with CREATE VIEW in Athena.")
    return str(json.loads(base64.b64decode(found[1]))["originalSql"])


def _functions(tree: Any) -> None:
    for table in tree.find_all(exp.Table, exp.ReadCSV, exp.ReadParquet):
        if isinstance(table, exp.Table) and isinstance(table.this, exp.Identifier | exp.Unnest):
            continue
        name = table.this.sql() if isinstance(table, exp.Table) else table.sql()
        raise QueryError(
            f"FUNCTION_NOT_FOUND: line 1:15: Table function '{name.partition('(')[0].lower()}' not registered"
        )
    for cast in tree.find_all(exp.Cast):
        # The engine would take a decimal literal for DECIMAL(18,3).
        if cast.to.is_type("decimal") and not cast.to.expressions and isinstance(cast.this, exp.Literal):
            whole, _, fraction = str(cast.this.this).lstrip("+-").partition(".")
            cast.set("to", exp.DataType.build(f"DECIMAL({max(len(whole) + len(fraction), 1)}, {len(fraction)})"))
    for added in reversed(list(tree.find_all(exp.DateAdd))):
        interval = exp.Interval(this=added.expression.copy(), unit=added.args.get("unit"))
        added.replace(exp.Anonymous(this="ls_date_add", expressions=[added.this.copy(), interval]))
    for call in list(tree.find_all(exp.Anonymous)):
        name = call.name.lower()
        if name == "ls_date_add":
            continue
        if name not in _SAME:
            raise QueryError(f"FUNCTION_NOT_FOUND: line 1:8: Function '{name}' not registered")
        if name in _RENAMED:
            call.set("this", _RENAMED[name])


def _reads_restored(table: dict[str, Any]) -> bool:
    """https://docs.aws.amazon.com/athena/latest/ug/querying-glacier.html."""
    return str((table.get("Parameters") or {}).get("read_restored_glacier_objects", "")).lower() == "true"
