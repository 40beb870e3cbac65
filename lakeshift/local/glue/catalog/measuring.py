"""Column statistics measured from a table's files.

https://docs.aws.amazon.com/glue/latest/dg/column-statistics.html. Text that is not of its column's type is null, as it
is to the table's readers.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

import duckdb

from lakeshift.lake import FolderLake
from lakeshift.local.glue.catalog.values import base_type
from lakeshift.redshift.load_sources import engine_path

__all__ = ["NotMeasuredError", "measure"]

_S3: Final = re.compile(r"s3[an]?://([^/]+)/?(.*)", re.DOTALL)
_KINDS: Final = {
    **dict.fromkeys(("tinyint", "smallint", "int", "bigint"), "LONG"),
    **dict.fromkeys(("float", "double"), "DOUBLE"),
    **dict.fromkeys(("string", "char", "varchar"), "STRING"),
    "boolean": "BOOLEAN",
    "decimal": "DECIMAL",
    "date": "DATE",
    "timestamp": "LONG",  # seconds since the epoch, as Hive keeps it
    "binary": "BINARY",
}
_ENGINE: Final = {"string": "VARCHAR", "char": "VARCHAR", "varchar": "VARCHAR", "int": "INTEGER", "binary": "BLOB"}
_FORMATS: Final = {"ParquetHiveSerDe": "parquet", "LazySimpleSerDe": "csv", "OpenCSVSerde": "csv", "JsonSerDe": "json"}


class NotMeasuredError(Exception):
    """The table's files cannot be measured; the text says why."""


def measure(
    lake: FolderLake, table: Mapping[str, Any], locations: Iterable[str], names: Sequence[str] | None
) -> list[dict[str, Any]]:
    """ColumnStatistics (of the API) of the columns ``names``, or of all but those of nested types.

    ``table`` is a TableInput, ``locations`` are those of its partitions or its own. Raises NotMeasuredError.
    """
    stored = table.get("StorageDescriptor") or {}
    columns = {column["Name"]: column.get("Type") or "string" for column in stored.get("Columns") or ()}
    unknown = [name for name in names or () if name not in columns]
    if unknown:
        raise NotMeasuredError(f"Column {unknown[0]} not found in the table.")
    wanted = {
        name: kind for name, kind in columns.items() if (not names or name in names) and base_type(kind) in _KINDS
    }
    files = [path for location in locations for path in _files(lake, location)]
    try:
        rows = _measured(_source(table, columns, files), wanted)
    except duckdb.Error as error:
        raise NotMeasuredError(f"The files of the table cannot be read: {error}") from error
    now = datetime.now(UTC).timestamp()
    return [
        {"ColumnName": name, "ColumnType": kind, "AnalyzedTime": now, "StatisticsData": _data(kind, row)}
        for (name, kind), row in zip(wanted.items(), rows, strict=True)
    ]


def _files(lake: FolderLake, location: str) -> list[str]:
    found = _S3.fullmatch(location)
    if found is None:
        raise NotMeasuredError(f"The location {location!r} is not in S3.")
    bucket, prefix = found[1], found[2]
    inside = prefix if not prefix or prefix.endswith("/") else f"{prefix}/"
    return [
        engine_path(str(info.path))
        for info in lake.list(bucket, prefix)
        if info.size and (info.key == prefix or info.key.startswith(inside)) and not _is_hidden(info.key, inside)
    ]


def _is_hidden(key: str, inside: str) -> bool:
    """As Hive leaves out what begins with an underscore or a dot."""
    return any(part.startswith(("_", ".")) for part in key.removeprefix(inside).split("/"))


def _source(table: Mapping[str, Any], columns: Mapping[str, str], files: Sequence[str]) -> str:
    """A FROM item with one VARCHAR or typed column for each of the table's."""
    stored = table.get("StorageDescriptor") or {}
    serde = stored.get("SerdeInfo") or {}
    library = str(serde.get("SerializationLibrary") or "").rpartition(".")[2]
    form = _FORMATS.get(library) or (table.get("Parameters") or {}).get("classification")
    if (table.get("Parameters") or {}).get("table_type"):
        form = table["Parameters"]["table_type"].lower()
    if form not in ("parquet", "csv", "json"):
        raise NotMeasuredError(f"Column statistics of {form or library or 'this format'} are not supported locally.")
    if not files:
        none = ", ".join(f"NULL::VARCHAR AS {_name(name)}" for name in columns)
        return f"(SELECT {none} WHERE false)"
    paths = f"[{', '.join(files)}]"
    if form == "parquet":
        return _parquet(paths, columns)
    parameters = {**(table.get("Parameters") or {}), **(serde.get("Parameters") or {})}
    return _csv(paths, columns, parameters, library) if form == "csv" else _json(paths, columns, parameters)


def _parquet(paths: str, columns: Mapping[str, str]) -> str:
    read = f"read_parquet({paths}, union_by_name = true, hive_partitioning = false)"
    with duckdb.connect() as engine:
        held = {row[0].lower(): row[0] for row in engine.execute(f"DESCRIBE SELECT * FROM {read}").fetchall()}
    told = [
        f"{_name(held[name.lower()])} AS {_name(name)}" if name.lower() in held else f"NULL AS {_name(name)}"
        for name in columns
    ]
    return f"(SELECT {', '.join(told)} FROM {read})"


def _csv(paths: str, columns: Mapping[str, str], parameters: Mapping[str, str], library: str) -> str:
    if library == "OpenCSVSerde":
        separator, quote = parameters.get("separatorChar", ","), parameters.get("quoteChar", '"')
        escape = parameters.get("escapeChar", "\\")
    else:
        separator = parameters.get("field.delim") or parameters.get("delimiter") or "\x01"
        quote, escape = "", parameters.get("escape.delim", "")
    options = {
        "delim": _text(separator),
        "quote": _text(quote),
        "escape": _text(escape if quote else ""),
        "skip": str(int(parameters.get("skip.header.line.count", "0"))),
        "nullstr": _text("\\N"),
    }
    named = ", ".join(f"{_text(name)}: 'VARCHAR'" for name in columns)
    written = ", ".join(f"{name} = {value}" for name, value in options.items())
    return (
        f"read_csv({paths}, auto_detect = false, header = false, null_padding = true, strict_mode = false, "
        f"columns = {{{named}}}, {written})"
    )


def _json(paths: str, columns: Mapping[str, str], parameters: Mapping[str, str]) -> str:
    keys = {key.lower(): key for key in parameters.get("paths", "").split(",")}
    named = ", ".join(f"{_text(keys.get(name.lower(), name))}: 'VARCHAR'" for name in columns)
    told = ", ".join(f"{_name(keys.get(name.lower(), name))} AS {_name(name)}" for name in columns)
    return f"(SELECT {told} FROM read_json({paths}, columns = {{{named}}}, format = 'unstructured'))"


def _measured(source: str, wanted: Mapping[str, str]) -> list[tuple[Any, ...]]:
    if not wanted:
        return []
    asked = [part for name, kind in wanted.items() for part in _aggregates(name, kind)]
    with duckdb.connect() as engine:
        engine.execute("SET TimeZone = 'UTC'")
        row = engine.execute(f"SELECT {', '.join(asked)} FROM {source}").fetchone() or ()
    width = len(asked) // len(wanted)
    return [tuple(row[at : at + width]) for at in range(0, len(row), width)]


def _aggregates(name: str, kind: str) -> list[str]:
    """Rows without a value, distinct values, least, greatest, longest and average length, true ones."""
    base = base_type(kind)
    engine = _ENGINE.get(base, kind.upper())
    value = f"try_cast({_name(name)} AS {engine})"
    if base == "timestamp":
        value = f"try_cast(epoch({value}) AS BIGINT)"
    length = f"octet_length({value})" if base == "binary" else f"strlen({value})"
    measures = ["count(*) - count({v})", "count(DISTINCT {v})", "min({v})", "max({v})"]
    lengths = [f"max({length})", f"avg({length})"] if _KINDS[base] in ("STRING", "BINARY") else ["NULL", "NULL"]
    trues = f"count(*) FILTER ({value})" if base == "boolean" else "NULL"
    return [*(one.format(v=value) for one in measures), *lengths, trues, f"count({value})"]


def _data(kind: str, row: tuple[Any, ...]) -> dict[str, Any]:
    """ColumnStatisticsData of the API."""
    nulls, distinct, least, greatest, longest, average, trues, known = row
    of = _KINDS[base_type(kind)]
    told: dict[str, Any] = {"NumberOfNulls": nulls}
    if of == "BOOLEAN":
        told |= {"NumberOfTrues": trues, "NumberOfFalses": known - trues}
    if of in ("STRING", "BINARY"):
        told |= {"MaximumLength": longest or 0, "AverageLength": average or 0.0}
    if of not in ("BOOLEAN", "BINARY"):
        told |= {"NumberOfDistinctValues": distinct}
    if of not in ("BOOLEAN", "BINARY", "STRING") and least is not None:
        told |= {"MinimumValue": _plain(least), "MaximumValue": _plain(greatest)}
    return {"Type": of, f"{of.capitalize()}ColumnStatisticsData": told}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        scale = -int(value.as_tuple().exponent)
        unscaled = int(value.scaleb(scale))
        size = unscaled.bit_length() // 8 + 1
        return {"UnscaledValue": base64.b64encode(unscaled.to_bytes(size, "big", signed=True)).decode(), "Scale": scale}
    if isinstance(value, date):
        return (value - date(1970, 1, 1)).days * 86_400
    return value


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
