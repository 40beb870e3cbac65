"""The files of one UNLOAD: their names, their largest size, and their packing."""

from __future__ import annotations

import bz2
import gzip
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from lakeshift.redshift.catalog import quoted
from lakeshift.redshift.engine import Connection
from lakeshift.redshift.load_sources import sql_text
from lakeshift.redshift.unload_options import size_in_bytes
from lakeshift.redshift.unload_text import UnloadText

__all__ = ["Part", "Place", "partition_folder", "split_file"]

_LARGEST: Final = "6.2 GB"
_ENDINGS: Final = {"GZIP": ".gz", "BZIP2": ".bz2", "ZSTD": ".zst"}
_NO_VALUE: Final = "__HIVE_DEFAULT_PARTITION__"
_SAFE: Final = " !$&()*+,-.;<=>@_~"
_Options = dict[str, str | bool | tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Part:
    """One file that was written: its place under the prefix, where it lies for now, its rows."""

    name: str
    file: Path
    rows: int


def partition_folder(keys: list[str], values: list[Any]) -> tuple[str, str]:
    """The condition of a partition's rows, and its folder ``key=value/…`` under the prefix."""
    where = " AND ".join(
        f"{quoted(key)} IS NOT DISTINCT FROM {_literal(value)}" for key, value in zip(keys, values, strict=True)
    )
    folder = "".join(
        f"{quote(key, _SAFE)}={quote(_folder_text(value), _SAFE)}/" for key, value in zip(keys, values, strict=True)
    )
    return where, folder


def _folder_text(value: Any) -> str:
    if value is None or value == "":
        return _NO_VALUE
    return str(value).lower() if isinstance(value, bool) else str(value)


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool | int | float | Decimal):
        return str(value)
    kind = "TIMESTAMPTZ" if isinstance(value, datetime) and value.tzinfo else "TIMESTAMP"
    kind = kind if isinstance(value, datetime) else "DATE" if isinstance(value, date) else "VARCHAR"
    return f"CAST({sql_text(str(value))} AS {kind})"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the files of one slice go: a local ``folder``, the partition's ``prefix``, the slice's ``number``."""

    folder: Path
    prefix: str
    number: int
    serial: bool


def split_file(
    connection: Connection, options: _Options, text: UnloadText, rows: str, count: int, place: Place
) -> list[Part]:
    """Write ``rows`` (a query of ``count`` rows) as files no larger than MAXFILESIZE."""
    folder, number, serial = place.folder, place.number, place.serial
    most = size_in_bytes(str(options.get("MAXFILESIZE", _LARGEST)))
    file = folder / f"{number}-{abs(hash(place.prefix))}"
    _write(connection, options, text, rows, file)
    size = file.stat().st_size
    if size <= most or count <= 1:
        return [Part(f"{place.prefix}{_name(options, number, 0, serial=serial)}", _packed(file, options), count)]
    # Rows of one query are alike in size: so many a file keeps each below the limit, a tenth in hand.
    each = max(1, int(count * most * 0.9 / size))
    parts: list[Part] = []
    for index, start in enumerate(range(0, count, each)):
        piece = folder / f"{file.name}-{index}"
        _write(connection, options, text, f"SELECT * FROM ({rows}) LIMIT {each} OFFSET {start}", piece)
        name = f"{place.prefix}{_name(options, number, index, serial=serial)}"
        parts.append(Part(name, _packed(piece, options), min(each, count - start)))
    return parts


def _name(options: _Options, number: int, index: int, *, serial: bool) -> str:
    stem = f"{index:03}" if serial else f"{number:04}_part_{index:02}"
    ending = next((ending for kind, ending in _ENDINGS.items() if kind in options), "")
    if "EXTENSION" in options:
        # The extension is written as it is given: it stands for the packing's too.
        return f"{stem}.{options['EXTENSION']}"
    return f"{stem}{'.parquet' if 'PARQUET' in options else ''}{ending}"


def _write(connection: Connection, options: _Options, text: UnloadText, rows: str, file: Path) -> None:
    target = sql_text(str(file))
    if not text.line:
        connection.run(f"COPY (SELECT {text.columns} FROM ({rows})) TO {target} (FORMAT parquet, COMPRESSION snappy)")
        return
    # One column of whole lines, which the engine writes as they are.
    packing = "zstd" if "ZSTD" in options else "none"
    header = text.header if "HEADER" in options else ""
    head = f"SELECT {sql_text(header)} AS line UNION ALL " if header else ""
    connection.run(
        f"COPY ({head}SELECT {text.line} AS line FROM ({rows})) TO {target} (FORMAT csv, HEADER false, QUOTE '', "
        f"ESCAPE '', DELIMITER {sql_text(chr(1))}, COMPRESSION {packing})"
    )


def _packed(file: Path, options: _Options) -> Path:
    if "GZIP" in options:
        file.write_bytes(gzip.compress(file.read_bytes(), mtime=0))
    elif "BZIP2" in options:
        file.write_bytes(bz2.compress(file.read_bytes()))
    return file
