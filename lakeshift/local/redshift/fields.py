"""A result in the shape the Data API gives it.

https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_Field.html
"""

from __future__ import annotations

import base64
import csv
import io
from typing import Any, Final

from lakeshift.redshift import Result, SqlType
from lakeshift.redshift.tables import as_text

__all__ = ["column_metadata", "csv_page", "field_rows"]

_LONGS: Final = frozenset({"smallint", "integer", "bigint"})
_DOUBLES: Final = frozenset({"real", "double precision"})
_PRECISION: Final = {"smallint": 5, "integer": 10, "bigint": 19, "real": 8, "double precision": 17, "date": 13}


def column_metadata(result: Result) -> list[dict[str, Any]]:
    """ColumnMetadata of every column."""
    return [_metadata(column.name, column.type) for column in result.columns]


def _metadata(name: str, kind: SqlType) -> dict[str, Any]:
    precision = kind.precision or kind.length or _PRECISION.get(kind.name, 0)
    return {
        "isCaseSensitive": kind.is_text,
        "isCurrency": False,
        "isSigned": kind.name in _LONGS | _DOUBLES | {"numeric"},
        "label": name,
        "length": kind.length or 0,
        "name": name,
        "nullable": 1,
        "precision": precision,
        "scale": kind.scale or 0,
        "schemaName": "",
        "tableName": "",
        "typeName": kind.wire,
    }


def field_rows(result: Result) -> list[list[dict[str, Any]]]:
    """Every value as a Field."""
    kinds = [column.type for column in result.columns]
    return [[_field(value, kind) for value, kind in zip(row, kinds, strict=True)] for row in result.rows]


def _field(value: Any, kind: SqlType) -> dict[str, Any]:
    if value is None:
        return {"isNull": True}
    if kind.name == "boolean":
        return {"booleanValue": bool(value)}
    if kind.name in _LONGS:
        return {"longValue": int(value)}
    if kind.name in _DOUBLES:
        return {"doubleValue": float(value)}
    if isinstance(value, bytes):
        return {"blobValue": base64.b64encode(value).decode()}
    return {"stringValue": as_text(value)}


def csv_page(columns: list[dict[str, Any]], rows: list[list[dict[str, Any]]], *, header: bool) -> str:
    """Rows as GetStatementResultV2 gives them for ResultFormat CSV."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    if header:
        writer.writerow([column["name"] for column in columns])
    for row in rows:
        writer.writerow(["" if field.get("isNull") else _plain(field) for field in row])
    return out.getvalue()


def _plain(field: dict[str, Any]) -> str:
    value = next(iter(field.values()))
    return ("t" if value else "f") if isinstance(value, bool) else str(value)
