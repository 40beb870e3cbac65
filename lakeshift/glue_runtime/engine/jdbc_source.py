"""Reading a table over JDBC: through a Glue connection or given properties, in parallel, by bookmark keys."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.glue_runtime.bookmarks import JdbcBookmark
from lakeshift.glue_runtime.engine import job
from lakeshift.glue_runtime.engine.catalog import CatalogTable, connection_properties
from lakeshift.glue_runtime.engine.frame import GlueFrame
from lakeshift.glue_runtime.engine.jdbc_keys import default_keys
from lakeshift.glue_runtime.engine.options import flag, number

__all__ = ["JdbcTable", "jdbc_options", "jdbc_properties", "read_jdbc"]

_log = logging.getLogger(__name__)
_DEFAULT_HASH_PARTITIONS = 7
_PAGE = "https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-connect-jdbc-home.html"
_OPEN_END = re.compile(r"\s+(where|and)\s*$", re.IGNORECASE)
"""How a sampleQuery that is to be read in parallel ends: Glue appends each partition's condition to it."""
_DRIVERS = {"postgresql": "org.postgresql.Driver"}


@dataclass(frozen=True)
class JdbcTable:
    """Where the rows are: Spark's JDBC properties without the table, and the table or ``(query) AS name``."""

    properties: dict[str, str]
    dbtable: str


def jdbc_properties(options: Mapping[str, Any], catalog_id: str | None = None) -> dict[str, str]:
    """Return url, user, password, driver from options or, with useConnectionProperties, from the connection.

    Raises:
        NotSupportedLocallyError: the engine is not PostgreSQL.
        ValueError: no url.
    """
    found = {k: str(options[k]) for k in ("url", "user", "password") if options.get(k)}
    if flag(options, "useConnectionProperties") or (options.get("connectionName") and "url" not in found):
        known = connection_properties(str(options["connectionName"]), catalog_id)
        found = {**{k: known[k] for k in ("url", "user", "password")}, **found}
    if "url" not in found:
        raise ValueError("A JDBC source needs url, or useConnectionProperties and connectionName")
    vendor = found["url"].split(":")[1]
    if vendor not in _DRIVERS:
        raise NotSupportedLocallyError(f"JDBC to {vendor}", "Use PostgreSQL.", _PAGE)
    # Text parameters take the column's type on the server, as Glue's own PostgreSQL writer sends them.
    return {**found, "driver": _DRIVERS[vendor], "stringtype": "unspecified"}


def _hash_predicates(options: Mapping[str, Any]) -> list[str]:
    parts = number(options, "hashpartitions") or _DEFAULT_HASH_PARTITIONS
    if options.get("hashexpression"):
        expression = f"abs(mod(({options['hashexpression']})::bigint, {parts}))"
    elif options.get("hashfield"):
        expression = f"abs(mod(hashtext(({options['hashfield']})::text)::bigint, {parts}))"
    else:
        return []
    return [f"coalesce({expression}, 0) = {i}" for i in range(parts)]


def _load(spark: SparkSession, source: JdbcTable, predicates: Sequence[str]) -> DataFrame:
    url = source.properties["url"]
    rest = {k: v for k, v in source.properties.items() if k != "url"}
    if predicates:
        return spark.read.jdbc(url, source.dbtable, predicates=list(predicates), properties=rest)
    return spark.read.jdbc(url, source.dbtable, properties=rest)


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _row(parts: Sequence[str]) -> str:
    return "(" + ", ".join(parts) + ")" if len(parts) > 1 else parts[0]


@dataclass(frozen=True)
class _Keys:
    """The columns a bookmark goes by, and their direction."""

    names: tuple[str, ...]
    ascending: bool

    def row(self) -> str:
        return _row(self.names)

    def beyond(self, last: Sequence[str] | None) -> list[str]:
        """The condition for rows after ``last``; none where nothing was read yet."""
        return [] if last is None else [f"{self.row()} {'>' if self.ascending else '<'} {_row_of(last)}"]

    def up_to(self, last: Sequence[str]) -> str:
        return f"{self.row()} {'<=' if self.ascending else '>='} {_row_of(last)}"

    def last_of(self, state: JdbcBookmark | None) -> tuple[str, ...] | None:
        """Where ``state`` ends, if it is of these keys: other keys begin anew."""
        same = state is not None and (state.keys, state.ascending) == (self.names, self.ascending)
        return state.last if same and state is not None else None


def _row_of(values: Sequence[str]) -> str:
    return _row([_literal(value) for value in values])


def _new_rows(spark: SparkSession, source: JdbcTable, keys: _Keys, context: str) -> JdbcTable:
    """Return the source cut to what the bookmark has not seen, and note where it ends.

    The upper end is asked for first and is part of the condition: rows that arrive later belong to the next run. A
    paused bookmark's range has both its ends from earlier runs, and notes nothing.
    """
    last = keys.last_of(job.current.jdbc(context))
    conditions = keys.beyond(last)
    if job.current.ranged:
        last = keys.last_of(job.current.jdbc_until(context))
        return _cut(source, [*conditions, "1 = 0" if last is None else keys.up_to(last)])
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    texts = ", ".join(f"({k})::text AS k{i}" for i, k in enumerate(keys.names))
    ordering = ", ".join(f"{k} {'desc' if keys.ascending else 'asc'}" for k in keys.names)
    # Names are the script's own; values are quoted.
    end = f"(SELECT {texts} FROM {source.dbtable}{where} ORDER BY {ordering} LIMIT 1) AS bookmark"  # noqa: S608
    found = _load(spark, JdbcTable(source.properties, end), []).first()
    if found is not None:
        last = tuple(found)
    conditions.append("1 = 0" if found is None else keys.up_to(tuple(found)))
    job.current.note_jdbc(context, JdbcBookmark(keys.names, keys.ascending, last))
    return _cut(source, conditions)


def _cut(source: JdbcTable, conditions: Sequence[str]) -> JdbcTable:
    cut = f"(SELECT * FROM {source.dbtable} WHERE {' AND '.join(conditions)}) AS unseen"  # noqa: S608
    return JdbcTable(source.properties, cut)


def _keys_of(spark: SparkSession, source: JdbcTable, options: Mapping[str, Any]) -> _Keys | None:
    """The keys that the options name, or the table's own; None, with a warning, where there are none."""
    given = options.get("jobBookmarkKeys")
    names = [given] if isinstance(given, str) else [str(k) for k in given or []]
    if not names:

        def ask(query: str) -> Any:
            return _load(spark, JdbcTable(source.properties, f"({query}) AS asked"), []).first()

        names, reason = default_keys(source.dbtable, ask)
        if not names:
            _log.warning("%s is read whole, without a bookmark: %s. Name jobBookmarkKeys.", source.dbtable, reason)
            return None
    return _Keys(tuple(names), str(options.get("jobBookmarkKeysSortOrder") or "asc").lower() == "asc")


def read_jdbc(
    spark: SparkSession, options: Mapping[str, Any], context: str, catalog_id: str | None = None
) -> GlueFrame:
    """Read ``dbtable`` (or ``query``/``sampleQuery``) of connection options.

    https://docs.aws.amazon.com/glue/latest/dg/run-jdbc-parallel-read-job.html
    """
    sample = options.get("sampleQuery")
    query = _OPEN_END.sub("", str(sample or options.get("query") or ""))
    table = f"({query}) AS given" if query else options.get("dbtable")
    if not table:
        raise ValueError("A JDBC source needs dbtable")
    source = JdbcTable(jdbc_properties(options, catalog_id), str(table))
    if job.current.remembers(context):
        keys = _keys_of(spark, source, options)
        source = _new_rows(spark, source, keys, context) if keys else source
    parallel = not sample or flag(options, "enablePartitioningForSampleQuery")
    return GlueFrame(_load(spark, source, _hash_predicates(options) if parallel else []))


def jdbc_options(table: CatalogTable) -> dict[str, Any]:
    """Return the connection options of a catalog table whose location is ``database.schema.table``."""
    where = table.location.split(".")
    return {
        "useConnectionProperties": True,
        "connectionName": table.parameters.get("connectionName"),
        "dbtable": ".".join(where[1:]) if len(where) > 2 else table.location,
        **{k: v for k, v in table.parameters.items() if k.startswith("hash")},
    }
