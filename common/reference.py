"""Reference data: airports, airlines and planes, from texts to typed rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from common.casting import REASON, Field, cast_fields

__all__ = ["AIRLINES", "AIRPORTS", "PLANES", "ReferenceTable", "typed_rows"]

_HIVE: Final = {"string": "string", "code": "string", "int": "int", "double": "double", "timestamp": "timestamp"}


@dataclass(frozen=True, slots=True)
class ReferenceTable:
    """A reference table: its name in every zone, its fields (the first is the key), and what versions a record."""

    name: str
    fields: tuple[Field, ...]
    version: str | None = None

    @property
    def key(self) -> str:
        """The column that a row is known by."""
        return self.fields[0].name

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the clean table in their order; the version is not one of them."""
        return tuple(field.name for field in self.fields if field.name != self.version)

    @property
    def hive_columns(self) -> list[tuple[str, str]]:
        """Columns with their catalog types."""
        return [(field.name, _HIVE[field.kind]) for field in self.fields if field.name != self.version]


AIRPORTS: Final = ReferenceTable(
    "airports",
    (
        Field("faa", "code", required=True),
        Field("name", "string", required=True),
        Field("lat", "double"),
        Field("lon", "double"),
        Field("alt", "int"),
        Field("tz", "int"),
        Field("dst", "string"),
        Field("tzone", "string"),
        Field("fetched_at", "timestamp"),
    ),
    version="fetched_at",
)
AIRLINES: Final = ReferenceTable(
    "airlines", (Field("carrier", "code", required=True), Field("name", "string", required=True))
)
PLANES: Final = ReferenceTable(
    "planes",
    (
        Field("tailnum", "code", required=True),
        Field("year", "int"),
        Field("type", "string"),
        Field("manufacturer", "string"),
        Field("model", "string"),
        Field("engines", "int"),
        Field("seats", "int"),
        Field("speed", "int"),
        Field("engine", "string"),
    ),
)


def typed_rows(frame: DataFrame, table: ReferenceTable, source_file: str) -> DataFrame:
    """Typed rows of a frame of any types; a column that it lacks counts as null.

    Columns: ``record`` (the row as JSON), ``source_file``, the table's fields, and ``reason``.
    """
    present = set(frame.columns)
    raw = F.struct(
        *(
            (F.col(field.name) if field.name in present else F.lit(None)).cast("string").alias(field.name)
            for field in table.fields
        )
    )
    told = frame.select(
        raw.alias("raw"),
        F.to_json(raw).alias("record"),
        F.lit(source_file).alias("source_file"),
        F.lit(None).cast("string").alias(REASON),
    )
    return cast_fields(told, "raw", table.fields)
