"""External schemas, tables and partitions made and dropped, and rows written to external tables.

https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_TABLE.html
https://docs.aws.amazon.com/redshift/latest/dg/r_INSERT_external_table.html
"""

from __future__ import annotations

import shutil
import tempfile
import uuid
from pathlib import Path
from typing import Any, Final

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.lake.folder import FolderLake
from lakeshift.redshift.catalog import Catalog, Relation, quoted
from lakeshift.redshift.engine import Connection
from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.external_scan import ExternalMeta
from lakeshift.redshift.external_statements import (
    AddPartition,
    CreateExternalSchema,
    CreateExternalTable,
    DropPartition,
    ExternalStatement,
    SetLocation,
)
from lakeshift.redshift.external_tables import ExternalTables
from lakeshift.redshift.external_types import catalog_type, engine_type
from lakeshift.redshift.load_sources import split_url, sql_text
from lakeshift.redshift.rewriting import Rewriter
from lakeshift.redshift.statements import Drop, Name
from lakeshift.redshift.types import from_engine_type
from lakeshift.redshift.unload_parts import partition_folder
from lakeshift.redshift.unload_text import row_text

__all__ = ["ExternalDdl"]

_PAGE: Final = "https://docs.aws.amazon.com/redshift/latest/dg/r_INSERT_external_table.html"
_HIVE: Final = "org.apache.hadoop"
# What the catalog keeps of a format: input format, output format, library.
_SHAPES: Final = {
    "parquet": (
        f"{_HIVE}.hive.ql.io.parquet.MapredParquetInputFormat",
        f"{_HIVE}.hive.ql.io.parquet.MapredParquetOutputFormat",
        f"{_HIVE}.hive.ql.io.parquet.serde.ParquetHiveSerDe",
    ),
    "orc": (
        f"{_HIVE}.hive.ql.io.orc.OrcInputFormat",
        f"{_HIVE}.hive.ql.io.orc.OrcOutputFormat",
        f"{_HIVE}.hive.ql.io.orc.OrcSerde",
    ),
    "avro": (
        f"{_HIVE}.hive.ql.io.avro.AvroContainerInputFormat",
        f"{_HIVE}.hive.ql.io.avro.AvroContainerOutputFormat",
        f"{_HIVE}.hive.serde2.avro.AvroSerDe",
    ),
    "textfile": (
        f"{_HIVE}.mapred.TextInputFormat",
        f"{_HIVE}.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        f"{_HIVE}.hive.serde2.lazy.LazySimpleSerDe",
    ),
}


class ExternalDdl:
    """Changes external schemas and tables for one session."""

    def __init__(
        self, connection: Connection, catalog: Catalog, tables: ExternalTables, rewriter: Rewriter, lake: FolderLake,
        user: str,
    ) -> None:  # fmt: skip
        self._connection = connection
        self._catalog = catalog
        self._tables = tables
        self._rewriter = rewriter
        self._lake = lake
        self._user = user

    def run(self, statement: ExternalStatement) -> tuple[str, int]:
        """The tag and the rows written, -1 where none are."""
        match statement:
            case CreateExternalSchema():
                self._create_schema(statement)
                return "CREATE SCHEMA", -1
            case CreateExternalTable():
                return "CREATE EXTERNAL TABLE", self._create_table(statement)
            case AddPartition():
                self._add_partitions(statement)
            case DropPartition():
                meta = self._need(statement.name)
                values = _in_order(meta, statement.values)
                self._tables.need_catalog().drop_partition(meta.database, meta.name, values)
            case SetLocation():
                self._set_location(statement)
        return "ALTER TABLE", -1

    def _create_schema(self, statement: CreateExternalSchema) -> None:
        if self._tables.glue_database(statement.name) is not None or statement.name in self._catalog.schemas():
            if statement.if_not_exists:
                return
            raise RedshiftError(f'Schema "{statement.name}" already exists', "42P06")
        catalog = self._tables.need_catalog()
        if not catalog.has_database(statement.database):
            if not statement.create_database:
                raise RedshiftError(f"The database '{statement.database}' does not exist in the data catalog", "3D000")
            catalog.create_database(statement.database)
        options = f'{{"IAM_ROLE":"{statement.role}"}}'
        self._connection.run(
            "INSERT INTO _lakeshift.external_schemas VALUES (?, ?, ?, ?, ?)",
            [self._catalog.database, statement.name, self._user, statement.database, options],
        )

    def _database(self, name: Name) -> str:
        found = self._tables.glue_database(name[-2]) if len(name) > 1 else None
        if found is None:
            raise RedshiftError(
                f'schema "{name[-2] if len(name) > 1 else "public"}" is not an external schema', "3F000"
            )
        return found

    def _need(self, name: Name) -> ExternalMeta:
        self._database(name)
        relation = self._tables.find(name[-2], name[-1])
        if relation is None:
            raise RedshiftError(f'relation "{".".join(name)}" does not exist', "42P01")
        return self._tables.meta(relation)

    def _create_table(self, statement: CreateExternalTable) -> int:
        database = self._database(statement.name)
        catalog = self._tables.need_catalog()
        if catalog.table(database, statement.name[-1]) is not None:
            raise RedshiftError(f'Relation "{statement.name[-1]}" already exists', "42P07")
        columns, keys = statement.columns, statement.partitions
        if statement.query is not None:
            columns, keys = self._of_query(statement)
        catalog.create_table(database, _table_input(statement, columns, keys))
        if statement.query is None:
            return -1
        relation = self._tables.find(statement.name[-2], statement.name[-1])
        assert relation is not None  # noqa: S101 - just made
        return self.insert(relation, self._rewriter.query(statement.query).sql)

    def _of_query(
        self, statement: CreateExternalTable
    ) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
        """Columns and keys of CREATE EXTERNAL TABLE AS: the keys are the query's last columns."""
        rewritten = self._rewriter.query(statement.query or "")
        described = self._connection.rows(f"DESCRIBE {rewritten.sql}")
        known = rewritten.known([str(name) for name, *_ in described])
        found = {
            str(name): catalog_type(ours if ours is not None else from_engine_type(str(kind)))
            for (name, kind, *_), ours in zip(described, known, strict=True)
        }
        keys = [name for name, _ in statement.partitions]
        if keys and list(found)[-len(keys) :] != keys:
            raise RedshiftError("The partition columns must be the last columns of the query, in their order", "42601")
        return (
            tuple((name, kind) for name, kind in found.items() if name not in keys),
            tuple((name, found[name]) for name in keys),
        )

    def _add_partitions(self, statement: AddPartition) -> None:
        meta = self._need(statement.name)
        catalog = self._tables.need_catalog()
        there = {tuple(one["Values"]) for one in catalog.partitions(meta.database, meta.name)}
        inputs = []
        for values, location in statement.partitions:
            ordered = _in_order(meta, values)
            if tuple(ordered) in there:
                if not statement.if_not_exists:
                    raise RedshiftError("Partition already exists", "42710")
                continue
            inputs.append(self._partition(meta, ordered, location))
        catalog.create_partitions(meta.database, meta.name, inputs)

    def _partition(self, meta: ExternalMeta, values: list[str], location: str) -> dict[str, Any]:
        table = self._tables.need_catalog().table(meta.database, meta.name) or {}
        storage = {**table.get("StorageDescriptor", {}), "Location": location}
        return {"Values": values, "StorageDescriptor": storage}

    def _set_location(self, statement: SetLocation) -> None:
        meta = self._need(statement.name)
        catalog = self._tables.need_catalog()
        table = catalog.table(meta.database, meta.name) or {}
        kept = ("Name", "Description", "Owner", "StorageDescriptor", "PartitionKeys", "TableType", "Parameters")
        changed = {key: table[key] for key in kept if key in table}
        if statement.location is not None:
            changed["StorageDescriptor"] = {**changed["StorageDescriptor"], "Location": statement.location}
        changed["Parameters"] = {**(changed.get("Parameters") or {}), **statement.properties}
        catalog.update_table(meta.database, changed)

    def drop(self, statement: Drop) -> bool:
        """DROP of external tables and schemas; False where it names none."""
        if statement.kind in ("SCHEMA", "EXTERNAL DATABASE"):
            return all(self._drop_schema(name[-1], statement) for name in statement.names)
        if statement.kind != "TABLE" or any(
            len(name) < 2 or self._tables.glue_database(name[-2]) is None for name in statement.names
        ):
            return False
        for name in statement.names:
            database = self._database(name)
            catalog = self._tables.need_catalog()
            if catalog.table(database, name[-1]) is None:
                if statement.if_exists:
                    continue
                raise RedshiftError(f'Table "{name[-1]}" does not exist', "42P01")
            catalog.drop_table(database, name[-1])
        return True

    def _drop_schema(self, name: str, statement: Drop) -> bool:
        glue = self._tables.glue_database(name)
        if glue is None:
            return False
        if statement.kind == "EXTERNAL DATABASE":
            self._tables.need_catalog().drop_database(glue)
        self._connection.run(
            "DELETE FROM _lakeshift.external_schemas WHERE database = ? AND name = ?", [self._catalog.database, name]
        )
        return True

    def insert(self, relation: Relation, query: str) -> int:
        """Write the rows of ``query`` (the engine's SQL) as new files, and register the partitions they are of."""
        meta = self._tables.meta(relation)
        if meta.format not in ("parquet", "text"):
            raise NotSupportedLocallyError(
                f"INSERT into an external table of {meta.format}", "Use Parquet or text.", _PAGE
            )
        columns = [*meta.columns, *meta.keys]
        described = self._connection.rows(f"DESCRIBE {query}")
        if len(described) != len(columns):
            more = (
                "more expressions than target columns"
                if len(described) > len(columns)
                else ("more target columns than expressions")
            )
            raise RedshiftError(f"INSERT has {more}", "42601")
        names = ", ".join(quoted(name) for name, _ in columns)
        casts = ", ".join(f"CAST({quoted(name)} AS {engine_type(kind)}) AS {quoted(name)}" for name, kind in columns)
        self._connection.run(f"CREATE OR REPLACE TEMP TABLE ls_external AS SELECT {casts} FROM ({query}) AS q({names})")
        folder = Path(tempfile.mkdtemp(prefix=".ls-unload-", dir=self._lake.root))
        try:
            return self._write(meta, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            self._connection.run("DROP TABLE IF EXISTS temp.main.ls_external")

    def _write(self, meta: ExternalMeta, folder: Path) -> int:
        keys = [name for name, _ in meta.keys]
        groups: list[list[Any]] = [[]]
        if keys:
            found = self._connection.rows(f"SELECT DISTINCT {', '.join(map(quoted, keys))} FROM temp.main.ls_external")
            groups = [list(row) for row in found]
        total = 0
        for values in groups:
            where, place = partition_folder(keys, values) if keys else ("true", "")
            rows, location = self._write_group(meta, folder, where, place)
            total += rows
            if keys and rows:
                texts = [_partition_text(value) for value in values]
                self._register(meta, texts, location)
        return total

    def _write_group(self, meta: ExternalMeta, folder: Path, where: str, place: str) -> tuple[int, str]:
        file = folder / uuid.uuid4().hex
        location = f"{meta.location.rstrip('/')}/{place}"
        names = [(name, from_engine_type(engine_type(kind))) for name, kind in meta.columns]
        source = f"SELECT * FROM temp.main.ls_external WHERE {where}"
        if meta.format == "parquet":
            items = ", ".join(quoted(name) for name, _ in meta.columns)
            sql = f"COPY (SELECT {items} FROM ({source})) TO {sql_text(str(file))} (FORMAT parquet, COMPRESSION snappy)"
        else:
            text = row_text(names, {"DELIMITER": meta.serde.get("field.delim", "\x01"), "NULL": "\\N"})
            sql = (
                f"COPY (SELECT {text.line} AS line FROM ({source})) TO {sql_text(str(file))} (FORMAT csv, "
                f"HEADER false, QUOTE '', ESCAPE '', DELIMITER {sql_text(chr(2))})"
            )
        rows = self._connection.count(sql)
        if rows:
            bucket, key = split_url(location)
            ending = ".parquet" if meta.format == "parquet" else ""
            self._lake.put(bucket, f"{key}{file.name}_part_00{ending}", file.read_bytes())
        return rows, location

    def _register(self, meta: ExternalMeta, values: list[str], location: str) -> None:
        catalog = self._tables.need_catalog()
        if values not in [one["Values"] for one in catalog.partitions(meta.database, meta.name)]:
            catalog.create_partitions(meta.database, meta.name, [self._partition(meta, values, location)])


def _partition_text(value: Any) -> str:
    if value is None:
        raise RedshiftError("A partition column of an external table cannot be NULL", "22004")
    return str(value).lower() if isinstance(value, bool) else str(value)


def _in_order(meta: ExternalMeta, values: dict[str, str]) -> list[str]:
    keys = [name for name, _ in meta.keys]
    if set(values) != set(keys):
        raise RedshiftError(f"The partition must name {', '.join(keys) or 'no column'}", "42601")
    return [values[key] for key in keys]


def _table_input(
    statement: CreateExternalTable, columns: tuple[tuple[str, str], ...], keys: tuple[tuple[str, str], ...]
) -> dict[str, Any]:
    shape = _SHAPES[statement.stored_as]
    serde = dict(statement.serde_properties)
    if statement.delimiter is not None:
        serde |= {"field.delim": statement.delimiter, "serialization.format": statement.delimiter}
    return {
        "Name": statement.name[-1],
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"EXTERNAL": "TRUE", **statement.properties},
        "PartitionKeys": [{"Name": name, "Type": kind} for name, kind in keys],
        "StorageDescriptor": {
            "Columns": [{"Name": name, "Type": kind} for name, kind in columns],
            "Location": statement.location,
            "InputFormat": statement.input_format or shape[0],
            "OutputFormat": statement.output_format or shape[1],
            "SerdeInfo": {"SerializationLibrary": statement.serde or shape[2], "Parameters": serde},
        },
    }
