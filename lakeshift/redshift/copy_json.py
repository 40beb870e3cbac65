"""COPY from JSON: one object after the other, matched to columns by name or by a jsonpaths file.

https://docs.aws.amazon.com/redshift/latest/dg/copy-usage_notes-copy-from-json.html
"""

from __future__ import annotations

import re
from typing import Final

from lakeshift.lake.folder import FolderLake
from lakeshift.redshift.engine import Connection
from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.load_sources import engine_path, read_document, sql_text
from lakeshift.redshift.statements import ColumnDef

__all__ = ["JsonPaths", "json_fields", "read_paths"]

_STEP: Final = re.compile(r"\.(\w+)|\[\s*'((?:[^'\\]|\\.)*)'\s*\]|\[\s*\"((?:[^\"\\]|\\.)*)\"\s*\]|\[\s*(\d+)\s*\]")
_MAX: Final = 16777216
# JsonPaths: for each column the engine's paths, the first of which that is there counts; None takes the whole object.
JsonPaths = list[tuple[str, ...]] | None


def read_paths(lake: FolderLake, how: str, columns: list[ColumnDef]) -> JsonPaths:
    """The paths that ``'auto'``, ``'auto ignorecase'``, ``'noshred'`` or a jsonpaths file stand for.

    Keys of ``'auto ignorecase'`` are only known from the data: see :func:`json_fields`. Raises RedshiftError.
    """
    if how == "noshred":
        if len(columns) != 1 or columns[0].type.name != "super":
            raise RedshiftError("JSON 'noshred' needs a table or column list of one SUPER column", "0A000")
        return None
    if how in ("auto", "auto ignorecase"):
        return [(_key(column.name),) for column in columns]
    if not how.startswith("s3://"):
        raise RedshiftError(f"Invalid JSON option '{how}': 'auto', 'auto ignorecase', 'noshred' or an S3 URL", "22023")
    document = read_document(lake, how, "jsonpaths file")
    paths = document.get("jsonpaths") if isinstance(document, dict) else None
    if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
        raise RedshiftError(f"Invalid JSONPath format: {how} has no array 'jsonpaths' of texts", "XX000")
    if len(paths) != len(columns):
        raise RedshiftError(
            f"Number of jsonpaths and the number of columns should match. JSONPath size: {len(paths)}, "
            f"Number of columns in table or column list: {len(columns)}",
            "XX000",
        )
    return [(_path(path),) for path in paths]


def _key(name: str) -> str:
    return '$."' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _path(path: str) -> str:
    """A JSONPath of COPY as the engine writes it."""
    if not path.startswith("$"):
        raise RedshiftError(f"Invalid JSONPath format: {path}", "XX000")
    made, at = "$", 1
    while at < len(path):
        found = _STEP.match(path, at)
        if found is None:
            raise RedshiftError(f"Invalid JSONPath format: {path}", "XX000")
        plain, single, double, index = found.groups()
        name = plain if plain is not None else single if single is not None else double
        made += f"[{index}]" if name is None else _key(name)[1:]
        at = found.end()
    return made


def json_fields(connection: Connection, path: str, how: str, columns: list[ColumnDef], paths: JsonPaths) -> str:
    """The engine's query of objects, one a line or spread over lines, and their fields."""
    source = _objects(connection, path)
    if how == "auto ignorecase":
        paths = _whatever_case(connection, source, columns)
    if paths is None:
        fields, good = "CASE WHEN ls_ok THEN ls_raw END AS f0", "true"
    else:
        parts = []
        for index, found in enumerate(paths):
            values = ", ".join(f"ls_raw ->> {sql_text(one)}" for one in found) or "NULL"
            parts.append(f"CASE WHEN ls_ok THEN CAST(coalesce({values}, NULL) AS VARCHAR) END AS f{index}")
        fields = ", ".join(parts)
        # Names belong to objects; an array has only the places a jsonpaths file points at.
        good = "json_type(ls_raw) = 'OBJECT'" if how.startswith("auto") else "json_type(ls_raw) IN ('OBJECT', 'ARRAY')"
    width = len(columns)
    return (
        f"SELECT ls_line, ls_raw, CASE WHEN ls_ok THEN {width} ELSE 0 END AS ls_width, {fields} FROM "
        f"(SELECT *, CASE WHEN json_valid(ls_raw) THEN {good} ELSE false END AS ls_ok FROM ({source}) "
        "WHERE ls_raw IS NOT NULL AND trim(ls_raw) <> '')"
    )


def _objects(connection: Connection, path: str) -> str:
    """One value a line, unless only the whole file reads as values one after the other."""
    line = (
        f"read_csv({engine_path(path)}, delim = {sql_text(chr(3))}, quote = '', escape = '', columns = "
        f"{{'line': 'VARCHAR'}}, auto_detect = false, header = false, max_line_size = {_MAX}, strict_mode = false)"
    )
    lines = f"SELECT row_number() OVER () AS ls_line, trim(line) AS ls_raw FROM {line}"
    broken = connection.rows(f"SELECT 1 FROM ({lines}) WHERE ls_raw <> '' AND NOT json_valid(ls_raw) LIMIT 1")
    if not broken:
        return lines
    whole = (
        "SELECT row_number() OVER () AS ls_line, CAST(json AS VARCHAR) AS ls_raw FROM "
        f"read_json_objects({engine_path(path)}, format = 'unstructured', maximum_object_size = {_MAX})"
    )
    other = connection.cursor()
    try:
        other.rows(f"SELECT count(*) FROM ({whole})")
    except RedshiftError:
        return lines  # it is broken either way: the lines tell where
    finally:
        other.close()
    return whole


def _whatever_case(connection: Connection, source: str, columns: list[ColumnDef]) -> list[tuple[str, ...]]:
    keys = connection.rows(
        f"SELECT DISTINCT unnest(json_keys(ls_raw)) FROM ({source}) "
        "WHERE json_valid(ls_raw) AND json_type(ls_raw) = 'OBJECT' ORDER BY 1"
    )
    names = [str(key) for (key,) in keys]
    return [tuple(_key(name) for name in names if name.lower() == column.name) for column in columns]
