"""How a Python function of plain values becomes one of the engine, a column at a time."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from inspect import Parameter, Signature
from typing import Any, Final

import duckdb
import duckdb.func
import pyarrow as pa

__all__ = ["install", "scalar"]

_FAMILIES: Final = (
    "date_formats",
    "hashes",
    "moments",
    "number_formats",
    "patterns",
    "rounding",
    "super_values",
    "texts",
    "varbytes",
)
_ARROW: Final = {
    "VARCHAR": pa.string(),
    "INTEGER": pa.int32(),
    "BIGINT": pa.int64(),
    "DOUBLE": pa.float64(),
    "BOOLEAN": pa.bool_(),
    "BLOB": pa.binary(),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us"),
    "TIME": pa.time64("us"),
}


@dataclass(frozen=True, slots=True)
class _Scalar:
    name: str
    arguments: tuple[str, ...]
    returns: str
    nulls: bool
    function: Callable[..., Any]


_FOUND: Final[dict[str, _Scalar]] = {}


def scalar(name: str, *arguments: str, returns: str, nulls: bool = False) -> Callable[[Any], Any]:
    """Offer a function to the engine's SQL as ``name``; without ``nulls`` a NULL argument answers NULL."""

    def register(function: Any) -> Any:
        _FOUND[name] = _Scalar(name, arguments, returns, nulls, function)
        return function

    return register


def install(connection: duckdb.DuckDBPyConnection) -> None:
    """Give the connection's database every function of the families; the engine keeps none in the file."""
    for family in _FAMILIES:
        importlib.import_module(f"lakeshift.redshift.scalars.{family}")
    for item in _FOUND.values():
        connection.create_function(
            item.name,
            _column_wise(item),
            list(item.arguments),
            item.returns,
            type=duckdb.func.ARROW,
            null_handling=duckdb.func.SPECIAL,
        )


def _column_wise(item: _Scalar) -> Callable[..., Any]:
    kind = _ARROW[item.returns]
    function, nulls = item.function, item.nulls

    def run(*columns: Any) -> Any:
        rows = zip(*(column.to_pylist() for column in columns), strict=True)
        if nulls:
            return pa.array([function(*row) for row in rows], kind)
        return pa.array([None if None in row else function(*row) for row in rows], kind)

    # The engine asks the function how many columns it takes.
    names = (f"column{index}" for index in range(len(item.arguments)))
    run.__signature__ = Signature([Parameter(name, Parameter.POSITIONAL_ONLY) for name in names])  # type: ignore[attr-defined]
    return run
