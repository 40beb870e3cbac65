"""What the List operations and DescribeTable tell of a warehouse."""

from __future__ import annotations

import re
from typing import Any

from lakeshift.local.redshift.failures import ValidationException
from lakeshift.redshift import Session, Warehouse
from lakeshift.redshift.system_views import SYSTEM_VIEWS

__all__ = ["describe_table", "list_databases", "list_schemas", "list_tables"]

_SYSTEM_SCHEMAS = ("information_schema", "pg_catalog")


def _matches(name: str, pattern: str | None) -> bool:
    """SQL's LIKE with ``%`` and ``_``."""
    if pattern is None:
        return True
    parts = (".*" if letter == "%" else "." if letter == "_" else re.escape(letter) for letter in pattern)
    return re.fullmatch("".join(parts), name, re.DOTALL) is not None


def list_databases(warehouse: Warehouse, _session: Session, _request: dict[str, Any]) -> dict[str, Any]:
    """ListDatabases."""
    return {"Databases": warehouse.databases()}


def list_schemas(_warehouse: Warehouse, session: Session, request: dict[str, Any]) -> dict[str, Any]:
    """ListSchemas."""
    found = sorted({*session.catalog.schemas(), *_SYSTEM_SCHEMAS})
    return {"Schemas": [name for name in found if _matches(name, request.get("SchemaPattern"))]}


def list_tables(_warehouse: Warehouse, session: Session, request: dict[str, Any]) -> dict[str, Any]:
    """ListTables, system tables too, as AWS lists them."""
    rows = [
        (relation.schema, relation.name, "TABLE" if relation.kind == "TABLE" else "VIEW")
        for relation in session.catalog.relations()
    ]
    for name in SYSTEM_VIEWS:
        _, standard, plain = name.rpartition("information_schema_")
        rows.append(("information_schema" if standard else "pg_catalog", plain if standard else name, "SYSTEM VIEW"))
    members = [
        {"schema": schema, "name": name, "type": kind}
        for schema, name, kind in sorted(rows)
        if _matches(schema, request.get("SchemaPattern")) and _matches(name, request.get("TablePattern"))
    ]
    return {"Tables": members}


def describe_table(_warehouse: Warehouse, session: Session, request: dict[str, Any]) -> dict[str, Any]:
    """DescribeTable."""
    table, schema = request.get("Table"), request.get("Schema")
    if not table:
        raise ValidationException("Table is missing.")
    found = [
        relation
        for relation in session.catalog.relations(schema)
        if relation.name == table and (schema or relation.schema in session.search_path)
    ]
    columns = [
        {
            "columnDefault": column.default,
            "isCaseSensitive": column.type.is_text,
            "isCurrency": False,
            "isSigned": column.type.name in ("smallint", "integer", "bigint", "numeric", "real", "double precision"),
            "label": column.name,
            "length": column.type.length or 0,
            "name": column.name,
            "nullable": 0 if column.not_null else 1,
            "precision": column.type.precision or 0,
            "scale": column.type.scale or 0,
            "schemaName": relation.schema,
            "tableName": relation.name,
            "typeName": column.type.wire,
        }
        for relation in found
        for column in relation.columns
    ]
    listed = [{key: value for key, value in column.items() if value is not None} for column in columns]
    return {"TableName": table, "ColumnList": listed}
