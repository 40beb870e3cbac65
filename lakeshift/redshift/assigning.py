"""Values on their way into a column: byte lengths enforced, CHAR without its blanks, casts for the rest."""

from __future__ import annotations

from lakeshift.redshift.statements import ColumnDef

__all__ = ["assigned"]


def assigned(column: ColumnDef, sql: str) -> str:
    """``sql`` as it is stored in ``column``; raises at run time where Redshift would."""
    kind = column.type
    if kind.name == "character varying":
        return f"main.ls_store_varchar(CAST({sql} AS VARCHAR), {kind.length})"
    if kind.name == "character":
        return f"main.ls_store_char(CAST({sql} AS VARCHAR), {kind.length})"
    if kind.name == "super":
        return f"main.ls_to_super({sql})"
    return f"CAST({sql} AS {kind.engine})"
