"""What the statements of Redshift Spectrum say, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field

from lakeshift.redshift.statements import Name

__all__ = ["AddPartition", "CreateExternalSchema", "CreateExternalTable", "DropPartition", "ExternalStatement",
           "SetLocation"]  # fmt: skip


@dataclass(frozen=True, slots=True)
class CreateExternalSchema:
    """CREATE EXTERNAL SCHEMA … FROM DATA CATALOG."""

    name: str
    database: str
    if_not_exists: bool
    create_database: bool
    role: str


@dataclass(frozen=True, slots=True)
class CreateExternalTable:
    """CREATE EXTERNAL TABLE; columns are (name, type as the catalog writes it). With ``query`` it is filled by it."""

    name: Name
    columns: tuple[tuple[str, str], ...]
    partitions: tuple[tuple[str, str], ...]
    location: str
    stored_as: str = "textfile"
    serde: str | None = None
    input_format: str | None = None
    output_format: str | None = None
    delimiter: str | None = None
    serde_properties: dict[str, str] = field(default_factory=dict)
    properties: dict[str, str] = field(default_factory=dict)
    query: str | None = None


@dataclass(frozen=True, slots=True)
class AddPartition:
    """ALTER TABLE … ADD PARTITION: (values by column, location) of each."""

    name: Name
    if_not_exists: bool
    partitions: tuple[tuple[dict[str, str], str], ...]


@dataclass(frozen=True, slots=True)
class DropPartition:
    """ALTER TABLE … DROP PARTITION."""

    name: Name
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class SetLocation:
    """ALTER TABLE … SET LOCATION or SET TABLE PROPERTIES."""

    name: Name
    location: str | None
    properties: dict[str, str]


ExternalStatement = CreateExternalSchema | CreateExternalTable | AddPartition | DropPartition | SetLocation
