"""A table's files as a query of the engine, by the format its SerDe names.

https://docs.aws.amazon.com/athena/latest/ug/supported-serdes.html
"""

from __future__ import annotations

from typing import Any, Final

import pyarrow as pa
from pyarrow import orc

from lakeshift.local.athena.failures import QueryError, refused
from lakeshift.local.athena.hive import engine_type
from lakeshift.redshift.catalog import quoted

__all__ = ["FILE", "format_of", "reader"]

FILE: Final = "ls_file"
_FORMATS: Final = {
    "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe": "parquet",
    "org.apache.hadoop.hive.ql.io.orc.OrcSerde": "orc",
    "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe": "text",
    "org.apache.hadoop.hive.serde2.OpenCSVSerde": "csv",
    "org.openx.data.jsonserde.JsonSerDe": "json",
    "org.apache.hive.hcatalog.data.JsonSerDe": "json",
    "org.apache.hadoop.hive.serde2.JsonSerDe": "json",
}


def format_of(table: dict[str, Any]) -> str:
    """``parquet``, ``orc``, ``text``, ``csv`` or ``json``; refuses others by name."""
    if str(table.get("Parameters", {}).get("table_type", "")).upper() == "ICEBERG":
        raise refused("A table of Apache Iceberg", "Read it from a Glue job, or keep the data as Parquet.")
    serde = table["StorageDescriptor"].get("SerdeInfo", {}).get("SerializationLibrary", "")
    if serde not in _FORMATS:
        raise refused(f"The SerDe {serde or 'of a table without one'}", "Use Parquet, ORC, CSV, text or JSON.")
    return _FORMATS[serde]


def reader(table: dict[str, Any], files: list[str], connection: Any) -> str:
    """A query whose columns are the table's, by name and type, and the file each row is from."""
    columns = table["StorageDescriptor"].get("Columns", [])
    kind = format_of(table)
    if not files:
        empty = [f"CAST(NULL AS {engine_type(one['Type'])}) AS {quoted(one['Name'])}" for one in columns]
        return f"SELECT {', '.join([*empty, f'CAST(NULL AS VARCHAR) AS {FILE}'])} WHERE false"
    listed = "[" + ", ".join(map(_text, files)) + "]"
    if kind == "parquet":
        return _by_name(
            f"read_parquet({listed}, union_by_name = true, hive_partitioning = false, filename = '{FILE}')",
            columns,
            connection,
        )
    if kind == "orc":
        return _by_name(_orc(files, connection), columns, connection)
    if kind == "json":
        return _json(columns, listed, _properties(table))
    return _delimited(table, columns, listed, kind)


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _properties(table: dict[str, Any]) -> dict[str, str]:
    return {
        **table.get("Parameters", {}),
        **table["StorageDescriptor"].get("Parameters", {}),
        **table["StorageDescriptor"].get("SerdeInfo", {}).get("Parameters", {}),
    }


def _by_name(source: str, columns: list[dict[str, Any]], connection: Any) -> str:
    there = {row[0].lower(): row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}
    items = []
    for column in columns:
        kind, name = engine_type(column["Type"]), column["Name"].lower()
        value = quoted(there[name]) if name in there else "NULL"
        items.append(f"CAST({value} AS {kind}) AS {quoted(name)}")
    return f"SELECT {', '.join([*items, FILE])} FROM {source}"


def _orc(files: list[str], connection: Any) -> str:
    tables = []
    for file in files:
        found = orc.read_table(file)
        tables.append(found.append_column(FILE, pa.array([file] * found.num_rows, pa.string())))
    name = f"ls_orc_{len(files)}_{abs(hash(files[0]))}"
    connection.register(name, pa.concat_tables(tables, promote_options="permissive"))
    return name


def _json(columns: list[dict[str, Any]], listed: str, properties: dict[str, str]) -> str:
    for name in properties:
        if name.startswith("mapping.") or name == "dots.in.keys":
            raise refused(f"The JSON SerDe's property {name}", "Name the columns as the keys are.")
    lenient = str(properties.get("ignore.malformed.json", "")).lower() == "true"
    shape = ", ".join(f"{_text(one['Name'])}: {_text(engine_type(one['Type']))}" for one in columns)
    names = ", ".join(quoted(one["Name"].lower()) for one in columns)
    return (
        f"SELECT {names}, {FILE} FROM read_json({listed}, format = 'newline_delimited', columns = {{{shape}}}, "
        f"filename = '{FILE}', ignore_errors = {str(lenient).lower()})"
    )


def _delimited(table: dict[str, Any], columns: list[dict[str, Any]], listed: str, kind: str) -> str:
    given = _properties(table)
    skip = int(given.get("skip.header.line.count", 0))
    if kind == "csv":
        delimiter, quote = given.get("separatorChar", ","), given.get("quoteChar", '"')
        escape, null = given.get("escapeChar", "\\"), ""
        options = f"quote = {_text(quote)}, escape = {_text(quote if escape == chr(92) else escape)}"
    else:
        delimiter = given.get("field.delim") or given.get("serialization.format") or "\x01"
        null = given.get("serialization.null.format", "\\N")
        delimiter = "\x01" if delimiter == "1" else delimiter
        options = f"quote = '', escape = '', nullstr = {_text(null)}"
    delimiter = delimiter.replace("\\t", "\t")
    if len(delimiter) != 1:
        raise QueryError(f"HIVE_INVALID_METADATA: the delimiter {delimiter!r} is not one character")
    shape = ", ".join(f"{_text(one['Name'].lower())}: 'VARCHAR'" for one in columns)
    items = [_cast(quoted(one["Name"].lower()), engine_type(one["Type"]), kind) for one in columns]
    return (
        f"SELECT {', '.join([*items, FILE])} FROM read_csv({listed}, auto_detect = false, header = false, "
        f"skip = {skip}, delim = {_text(delimiter)}, {options}, columns = {{{shape}}}, null_padding = true, "
        f"strict_mode = false, filename = '{FILE}')"
    )


def _cast(name: str, kind: str, serde: str) -> str:
    """The text SerDe reads what is none of the type as NULL; the CSV one fails."""
    if kind == "VARCHAR":
        return name
    cast = "TRY_CAST" if serde == "text" else "CAST"
    return f"{cast}(nullif({name}, '') AS {kind}) AS {name}"
