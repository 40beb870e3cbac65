"""External schemas and tables for one session: what a name means, what is read for it, and which partitions.

https://docs.aws.amazon.com/redshift/latest/dg/c-using-spectrum.html
"""

from __future__ import annotations

import itertools
import json
from typing import Any, Final

from sqlglot import exp

from lakeshift.lake.folder import FolderLake
from lakeshift.redshift.catalog import Relation, quoted
from lakeshift.redshift.engine import Connection
from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.external_port import TableCatalog
from lakeshift.redshift.external_prune import usable_conditions
from lakeshift.redshift.external_scan import ExternalFile, ExternalMeta, files_below, meta_of, scan_sql
from lakeshift.redshift.external_types import engine_type, sql_type
from lakeshift.redshift.load_log import now
from lakeshift.redshift.load_sources import sql_text
from lakeshift.redshift.statements import ColumnDef

__all__ = ["ExternalTables"]

_PSEUDO: Final = ("$path", "$size", "$spectrum_oid")
_MOST_PARTITIONS: Final = 10_000


class ExternalTables:
    """Reads external tables for one session; the catalog behind them is a port."""

    def __init__(
        self, connection: Connection, log: Connection, lake: FolderLake, catalog: TableCatalog | None, database: str
    ) -> None:
        self._connection = connection
        self._log = log
        self._lake = lake
        self.catalog = catalog
        self._database = database
        self._numbers = itertools.count(1)
        self._made: list[str] = []
        self.query = 0

    def glue_database(self, schema: str) -> str | None:
        """The catalog's database behind an external schema, None for any other schema."""
        found = self._connection.rows(
            "SELECT glue_database FROM _lakeshift.external_schemas WHERE database = ? AND name = ?",
            [self._database, schema],
        )
        return str(found[0][0]) if found else None

    def need_catalog(self) -> TableCatalog:
        """The catalog; raises RedshiftError where the warehouse was opened without one."""
        if self.catalog is None:
            raise RedshiftError("The data catalog cannot be reached: this warehouse was opened without one", "58000")
        return self.catalog

    def find(self, schema: str | None, name: str) -> Relation | None:
        """The external table, None if the schema is not external or has no such table."""
        glue = self.glue_database(schema) if schema is not None else None
        if schema is None or glue is None:
            return None
        table = self.need_catalog().table(glue, name)
        if table is None:
            return None
        meta = meta_of(glue, table)
        columns = tuple(ColumnDef(column, sql_type(kind)) for column, kind in (*meta.columns, *meta.keys))
        return Relation(-1 - next(self._numbers), self._database, schema, name, "EXTERNAL", "awsuser", columns)

    def meta(self, relation: Relation) -> ExternalMeta:
        """What the catalog says of a relation that :meth:`find` found."""
        glue = self.glue_database(relation.schema) or ""
        table = self.need_catalog().table(glue, relation.name)
        if table is None:
            raise RedshiftError(f'relation "{relation.schema}.{relation.name}" does not exist', "42P01")
        return meta_of(glue, table)

    def clear(self) -> None:
        """Another statement begins: what was made for the last one goes."""
        made, self._made = self._made, []
        for name in made:
            self._connection.run(f"DROP VIEW IF EXISTS temp.main.{quoted(name)}")
            self._connection.raw.unregister(name.replace("ls_ext", "ls_arrow"))

    def view(self, relation: Relation, table: Any, rewriter: Any) -> str:
        """Make a view of the rows the statement needs of ``table``; its name in the engine's temp schema."""
        meta = self.meta(relation)
        total, files = self._files(meta, table, rewriter)
        name = f"ls_ext_{next(self._numbers)}"
        root = table.root()
        pseudo = any(column.name in _PSEUDO for column in root.find_all(exp.Column))
        if pseudo:
            _hide_from_stars(root)
        arrow = name.replace("ls_ext", "ls_arrow")
        sql = scan_sql(self._connection, self._lake, meta, files, pseudo=pseudo, name=arrow)
        self._connection.run(f"CREATE OR REPLACE TEMP VIEW {quoted(name)} AS {sql}")
        self._made.append(name)
        self._note(meta, total, files)
        return name

    def _files(self, meta: ExternalMeta, table: Any, rewriter: Any) -> tuple[tuple[int, int], list[ExternalFile]]:
        """(all partitions, those that qualify) and the files of the latter."""
        if meta.format == "iceberg":
            return (1, 1), []
        if not meta.keys:
            return (1, 1), files_below(self._lake, meta.location)
        partitions = self.need_catalog().partitions(meta.database, meta.name)
        kept = self._qualified(meta, partitions, table, rewriter)
        files: list[ExternalFile] = []
        for partition in kept:
            files += files_below(self._lake, partition["StorageDescriptor"]["Location"], partition["Values"])
        return (len(partitions), len(kept)), files

    def _qualified(
        self, meta: ExternalMeta, partitions: list[dict[str, Any]], table: Any, rewriter: Any
    ) -> list[dict[str, Any]]:
        """The partitions that the statement's conditions on partition keys leave; told by the engine itself."""
        keys = {name for name, _ in meta.keys}
        conditions = usable_conditions(table, keys)
        if not conditions or not partitions:
            return partitions
        rows = ", ".join(
            f"({index}, {', '.join(map(sql_text, partition['Values']))})" for index, partition in enumerate(partitions)
        )
        names = ", ".join(["ls_i", *(f"k{index}" for index in range(len(meta.keys)))])
        items = [
            f"CAST(k{index} AS {engine_type(kind)}) AS {quoted(key)}" for index, (key, kind) in enumerate(meta.keys)
        ]
        alias = table.alias_or_name
        stand_in = f"ls_partitions_{next(self._numbers)}"
        self._connection.run(
            f"CREATE OR REPLACE TEMP TABLE {quoted(stand_in)} AS "
            f"SELECT CAST(ls_i AS BIGINT) AS ls_i, {', '.join(items)} FROM (VALUES {rows}) AS p({names})"
        )
        try:
            columns = (
                ColumnDef("ls_i", sql_type("bigint")),
                *(ColumnDef(key, sql_type(kind)) for key, kind in meta.keys),
            )
            relation = Relation(-1, self._database, "", stand_in, "TABLE", "", columns, temporary=True)
            query = exp.select(exp.column("ls_i", quoted=True)).from_(
                exp.alias_(exp.to_table(stand_in), alias, quoted=True, table=True)
            )
            for condition in conditions:
                query = query.where(condition)
            found = self._connection.rows(rewriter.over(query, stand_in, relation))
        finally:
            self._connection.run(f"DROP TABLE temp.main.{quoted(stand_in)}")
        return [partitions[int(row[0])] for row in sorted(found)]

    def _note(self, meta: ExternalMeta, total: tuple[int, int], files: list[ExternalFile]) -> None:
        if not self.query:  # only its columns were asked for
            return
        self._log.run(
            "INSERT INTO _lakeshift.external_scans VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                self.query, self._database, f"{meta.database}.{meta.name}", meta.format, *total, len(files),
                sum(file.size for file in files), meta.location, now(),
            ],
        )  # fmt: skip

    def tell(self) -> None:
        """Hand the catalog's tables, columns and partitions to the SVV_EXTERNAL views, as a session variable."""
        schemas = self._connection.rows(
            "SELECT name, glue_database FROM _lakeshift.external_schemas WHERE database = ?", [self._database]
        )
        told: list[dict[str, Any]] = []
        for schema, glue in schemas:
            for table in self.need_catalog().tables(str(glue)):
                keys = table.get("PartitionKeys", [])
                partitions = self.need_catalog().partitions(str(glue), table["Name"]) if keys else []
                told.append(_told(str(schema), table, partitions[:_MOST_PARTITIONS]))
        self._connection.run(f"SET VARIABLE external_tables = {sql_text(json.dumps(told))}")


def _told(schema: str, table: dict[str, Any], partitions: list[dict[str, Any]]) -> dict[str, Any]:
    storage = table.get("StorageDescriptor", {})
    serde = storage.get("SerdeInfo") or {}
    keys = [(item["Name"], item.get("Type", "string"), at) for at, item in enumerate(table.get("PartitionKeys", []), 1)]
    columns = [(item["Name"], item.get("Type", "string"), 0) for item in storage.get("Columns", [])]
    return {
        "schemaname": schema,
        "tablename": table["Name"],
        "location": storage.get("Location"),
        "input_format": storage.get("InputFormat"),
        "output_format": storage.get("OutputFormat"),
        "serialization_lib": serde.get("SerializationLibrary"),
        "serde_parameters": json.dumps(serde.get("Parameters") or {}),
        "parameters": json.dumps(table.get("Parameters") or {}),
        "columns": [
            {"columnname": name, "external_type": kind, "columnnum": number, "part_key": part}
            for number, (name, kind, part) in enumerate([*columns, *keys], start=1)
        ],
        "partitions": [
            {"values": json.dumps(one["Values"]), "location": one["StorageDescriptor"].get("Location")}
            for one in partitions
        ],
    }


def _hide_from_stars(root: Any) -> None:
    """SELECT * has no pseudo columns, also where the statement names one."""
    for select in root.find_all(exp.Select):
        for star in select.expressions:
            if isinstance(star, exp.Star):
                star.set("except_", [exp.to_identifier(name, quoted=True) for name in _PSEUDO])
