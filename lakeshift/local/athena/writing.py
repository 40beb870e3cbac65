"""CREATE TABLE AS, INSERT INTO and UNLOAD: a query's rows as files in the lake.

https://docs.aws.amazon.com/athena/latest/ug/create-table-as.html
"""

from __future__ import annotations

import re
import tempfile
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import duckdb
import pyarrow as pa
from pyarrow import orc

from lakeshift.local.athena.catalog import Catalog
from lakeshift.local.athena.failures import QueryError, refused
from lakeshift.local.athena.hive import engine_type, hive_type
from lakeshift.local.athena.reading import format_of
from lakeshift.local.athena.selecting import Selected, parse
from lakeshift.local.athena.tables import storage
from lakeshift.redshift.catalog import quoted

__all__ = ["Writer", "Written"]

_CREATE: Final = re.compile(
    r"CREATE\s+TABLE\s+(?P<exists>IF\s+NOT\s+EXISTS\s+)?[`\"]?(?:(?P<db>\w+)[`\"]?\.[`\"]?)?(?P<name>\w+)[`\"]?\s*"
    r"(?:WITH\s*\((?P<options>.*?)\)\s*)?AS\s+(?P<query>.*?)(?P<empty>\s+WITH\s+NO\s+DATA)?",
    re.IGNORECASE | re.DOTALL,
)
_INSERT: Final = re.compile(
    r"INSERT\s+INTO\s+[`\"]?(?:(?P<db>\w+)[`\"]?\.[`\"]?)?(?P<name>\w+)[`\"]?\s*(?:\((?P<columns>[^()]*)\)\s*)?"
    r"(?P<query>(?:SELECT|WITH|VALUES|\().*)",
    re.IGNORECASE | re.DOTALL,
)
_UNLOAD: Final = re.compile(
    r"UNLOAD\s*\((?P<query>.*)\)\s*TO\s*'(?P<target>[^']+)'\s*WITH\s*\((?P<options>.*)\)", re.IGNORECASE | re.DOTALL
)
_OPTION: Final = re.compile(r"(\w+)\s*=\s*('(?:[^']|'')*'|ARRAY\s*\[[^\]]*\]|\w+)", re.IGNORECASE)
_OPTIONS: Final = frozenset(
    {"format", "external_location", "partitioned_by", "write_compression", "parquet_compression", "orc_compression"}
    | {"field_delimiter", "table_type", "is_external", "compression"}
)
_EXTENSIONS: Final = {"parquet": "", "orc": "", "json": ".gz", "text": ".gz", "csv": ".gz"}
_COMPRESSIONS: Final = {"SNAPPY": "snappy", "GZIP": "gzip", "ZSTD": "zstd", "NONE": "uncompressed"}


@dataclass(slots=True)
class Written:
    """What was written: rows, and the URL of each file."""

    rows: int = 0
    files: list[str] = field(default_factory=list)
    update_count: int | None = None


@dataclass(frozen=True, slots=True)
class _Target:
    location: str
    form: str
    compression: str
    keys: tuple[str, ...]
    delimiter: str = "\x01"


class Writer:
    """Writes for one query; ``put`` stores a file of this machine at a URL."""

    def __init__(
        self, catalog: Catalog, connection: duckdb.DuckDBPyConnection, put: Callable[[Path, str], None], output: str
    ) -> None:
        self._catalog = catalog
        self._connection = connection
        self._put = put
        self._output = output
        self.selected = Selected(catalog, connection)

    def run(self, sql: str) -> Written | None:
        """What the statement wrote, None where it is none of the three."""
        for pattern, method in ((_CREATE, self._create), (_INSERT, self._insert), (_UNLOAD, self._unload)):
            found = pattern.fullmatch(sql.strip())
            if found is not None:
                return method(found)
        return None

    def _options(self, text: str | None) -> dict[str, Any]:
        given: dict[str, Any] = {}
        for name, value in _OPTION.findall(text or ""):
            key = name.lower()
            if key not in _OPTIONS:
                raise refused(f"The table property {key}", f"Use {', '.join(sorted(_OPTIONS))}.")
            listed = value.upper().startswith("ARRAY")
            given[key] = tuple(re.findall(r"'([^']*)'", value)) if listed else value.strip("'")
        if str(given.get("table_type", "HIVE")).upper() != "HIVE":
            raise refused(f"A table of the type {given['table_type']}", "Leave table_type out.")
        return given

    def _target(self, options: dict[str, Any], location: str, default: str) -> _Target:
        form = str(options.get("format", default)).upper()
        form = {"TEXTFILE": "text", "PARQUET": "parquet", "ORC": "orc", "JSON": "json"}.get(form, form)
        if form not in _EXTENSIONS:
            raise refused(f"The format {form}", "Use PARQUET, ORC, JSON or TEXTFILE.")
        given = next(
            (str(options[key]) for key in ("write_compression", "compression", "parquet_compression", "orc_compression")
             if key in options),
            "SNAPPY" if form == "parquet" else "ZSTD" if form == "orc" else "GZIP",
        ).upper()  # fmt: skip
        if given not in _COMPRESSIONS or (form in ("json", "text") and given not in ("GZIP", "NONE")):
            raise refused(f"The compression {given} of {form}", "Use SNAPPY, GZIP, ZSTD or NONE.")
        keys = options.get("partitioned_by", ())
        return _Target(
            location.rstrip("/"),
            form,
            given,
            tuple(key.lower() for key in keys),
            options.get("field_delimiter", "\x01"),
        )

    def _create(self, found: re.Match[str]) -> Written:
        options = self._options(found["options"])
        database, name = (found["db"] or self._catalog.database).lower(), found["name"].lower()
        if self._catalog.find(database, name) is not None:
            if found["exists"]:
                return Written()
            raise QueryError(f"TABLE_ALREADY_EXISTS: line 1:1: Table 'awsdatacatalog.{database}.{name}' already exists")
        location = options.get("external_location") or f"{self._output.rstrip('/')}/tables/{uuid.uuid4()}/"
        if any(True for _ in self._catalog.files(location)):
            raise QueryError(
                f"HIVE_PATH_ALREADY_EXISTS: Target directory for table '{database}.{name}' already exists: {location}"
            )
        target = self._target(options, location, "PARQUET")
        columns = self._stage(self.selected.sql(parse(found["query"])))
        _check_keys(columns, target.keys)
        written = Written() if found["empty"] else self._write(columns, target)
        plain = [{"Name": column, "Type": hive_type(kind)} for column, kind in columns if column not in target.keys]
        keys = [{"Name": column, "Type": hive_type(kind)} for column, kind in columns if column in target.keys]
        form = {"text": "TEXTFILE"}.get(target.form, target.form.upper())
        serde = {"field.delim": target.delimiter} if target.form == "text" else {}
        table = {
            "Name": name,
            "TableType": "EXTERNAL_TABLE",
            "StorageDescriptor": storage(plain, location, form, serde),
            "PartitionKeys": keys,
            "Parameters": {"EXTERNAL": "TRUE", "has_encrypted_data": "false"},
        }
        self._catalog.glue.create_table(DatabaseName=database, TableInput=table)
        self._add_partitions(self._catalog.need(database, name), written)
        return written

    def _insert(self, found: re.Match[str]) -> Written:
        table = self._catalog.need((found["db"] or "").lower() or None, found["name"].lower())
        form = format_of(table)
        if form == "csv":
            raise refused("INSERT INTO a table of OpenCSVSerde", "Use Parquet, ORC, JSON or text.")
        shape = [*table["StorageDescriptor"]["Columns"], *table.get("PartitionKeys", [])]
        rows = self._stage(self.selected.sql(parse(found["query"])))
        names = [name.strip().strip('`"').lower() for name in (found["columns"] or "").split(",") if name.strip()]
        names = names or [one["Name"].lower() for one in shape]
        if len(names) != len(rows):
            raise QueryError(
                f"TYPE_MISMATCH: line 1:1: Insert query has mismatched column types: Table: {len(names)}, Query: "
                f"{len(rows)}"
            )
        given = dict(zip(names, (name for name, _ in rows), strict=True))
        items = [
            f"CAST({quoted(given[one['Name'].lower()]) if one['Name'].lower() in given else 'NULL'} AS "
            f"{engine_type(one['Type'])}) AS {quoted(one['Name'].lower())}"
            for one in shape
        ]
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE ls_rows AS SELECT {', '.join(items)} FROM ls_rows")
        keys = tuple(key["Name"].lower() for key in table.get("PartitionKeys", []))
        delimiter = table["StorageDescriptor"].get("SerdeInfo", {}).get("Parameters", {}).get("field.delim", "\x01")
        compression = "SNAPPY" if form == "parquet" else "ZSTD" if form == "orc" else "GZIP"
        target = _Target(table["StorageDescriptor"]["Location"].rstrip("/"), form, compression, keys, delimiter)
        written = self._write([(one["Name"].lower(), engine_type(one["Type"])) for one in shape], target)
        written.update_count = written.rows
        self._add_partitions(table, written)
        return written

    def _unload(self, found: re.Match[str]) -> Written:
        options = self._options(found["options"])
        if "format" not in options:
            raise QueryError("SYNTAX_ERROR: line 1:1: UNLOAD needs the property format")
        if any(True for _ in self._catalog.files(found["target"])):
            raise QueryError(f"HIVE_PATH_ALREADY_EXISTS: Target directory {found['target']} already exists")
        target = self._target(options, found["target"], "PARQUET")
        columns = self._stage(self.selected.sql(parse(found["query"])))
        _check_keys(columns, target.keys)
        return self._write(columns, target)

    def _stage(self, sql: str) -> list[tuple[str, str]]:
        """Run the query into a table of the engine's; name and type of each of its columns."""
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE ls_rows AS {sql}")
        return [(str(row[0]).lower(), str(row[1])) for row in self._connection.execute("DESCRIBE ls_rows").fetchall()]

    def _write(self, columns: list[tuple[str, str]], target: _Target) -> Written:
        plain = ", ".join(quoted(name) for name, _ in columns if name not in target.keys)
        written = Written()
        keys = ", ".join(map(quoted, target.keys))
        groups = (
            self._connection.execute(f"SELECT DISTINCT {keys} FROM ls_rows ORDER BY ALL").fetchall() if keys else [()]
        )
        for values in groups:
            where = " AND ".join(f"{quoted(key)} IS NOT DISTINCT FROM ?" for key in target.keys) or "true"
            query = f"SELECT {plain} FROM ls_rows WHERE {where}"
            place = "/".join([target.location, *map(_folder, target.keys, values)])
            zipped = target.compression == "GZIP" and target.form in ("json", "text")
            url = f"{place}/{uuid.uuid4().hex}{'.gz' if zipped else ''}"
            with tempfile.TemporaryDirectory() as folder:
                file = Path(folder) / "part"
                rows = self._file(query, list(values), target, file)
                if rows:
                    self._put(file, url)
                    written.files.append(url)
                    written.rows += rows
        return written

    def _file(self, query: str, values: list[Any], target: _Target, file: Path) -> int:
        found: pa.Table = self._connection.sql(query, params=values or None).to_arrow_table()
        if not found.num_rows:
            return 0
        if target.form == "parquet":
            from pyarrow import parquet

            compression = {"NONE": "none"}.get(target.compression, target.compression.lower())
            parquet.write_table(found, file, compression=compression)
        elif target.form == "orc":
            compression = {"GZIP": "zlib", "NONE": "uncompressed"}.get(target.compression, target.compression.lower())
            orc.write_table(found, file, compression=compression)
        else:
            _write_text(found, target, file)
        return int(found.num_rows)

    def _add_partitions(self, table: dict[str, Any], written: Written) -> None:
        names = [key["Name"].lower() for key in table.get("PartitionKeys", [])]
        if not names:
            return
        from lakeshift.local.athena.commands import Commands

        places = {url.rpartition("/")[0] for url in written.files}
        Commands(self._catalog).add_folders(table, sorted(places))


def _write_text(found: pa.Table, target: _Target, file: Path) -> None:
    import gzip
    import json

    from lakeshift.local.athena.hive import cell_text

    zipped = target.compression == "GZIP"
    with gzip.open(file, "wt", encoding="utf-8") if zipped else file.open("w", encoding="utf-8") as stream:
        for row in found.to_pylist():
            if target.form == "json":
                document = {
                    key: value if isinstance(value, int | float | bool) else cell_text(value)
                    for key, value in row.items()
                }
                stream.write(json.dumps({key: value for key, value in document.items() if value is not None}) + "\n")
            else:
                cells = ("\\N" if value is None else str(cell_text(value)) for value in row.values())
                stream.write(target.delimiter.join(cells) + "\n")


def _folder(key: str, value: Any) -> str:
    text = "__HIVE_DEFAULT_PARTITION__" if value is None else quote(str(value), safe=" -_.")
    return f"{key}={text}"


def _check_keys(columns: list[tuple[str, str]], keys: tuple[str, ...]) -> None:
    if not keys:
        return
    if tuple(name for name, _ in columns[-len(keys) :]) != keys:
        raise QueryError(
            f"HIVE_COLUMN_ORDER_MISMATCH: Partition keys must be the last columns in the table and in the same order "
            f"as "
            f"the table properties: {list(keys)}"
        )
