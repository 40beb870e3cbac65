"""A local Redshift: the dialect, its catalog, COPY and UNLOAD, on DuckDB. Pure: no server, no AWS SDK."""

from __future__ import annotations

from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.result import Result, ResultColumn, as_table
from lakeshift.redshift.session import Session
from lakeshift.redshift.tables import as_text, text_table
from lakeshift.redshift.tokens import split_statements
from lakeshift.redshift.types import SqlType
from lakeshift.redshift.warehouse import Warehouse

__all__ = [
    "RedshiftError",
    "Result",
    "ResultColumn",
    "Session",
    "SqlType",
    "Warehouse",
    "as_table",
    "as_text",
    "split_statements",
    "text_table",
]
