"""What a statement outside SELECT and DML says, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lakeshift.redshift.types import SqlType

__all__ = [
    "Administer",
    "AlterTable",
    "Argument",
    "Attributes",
    "Call",
    "ColumnDef",
    "Comment",
    "Copy",
    "CreateMaterializedView",
    "CreateRoutine",
    "CreateSchema",
    "CreateTable",
    "CreateView",
    "Cursor",
    "Drop",
    "DropRoutine",
    "Explain",
    "Grant",
    "Maintain",
    "Merge",
    "Name",
    "Prepared",
    "Query",
    "Refresh",
    "SetVariable",
    "Show",
    "Statement",
    "Transaction",
    "Truncate",
    "Unload",
]

Name = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ColumnDef:
    """A column of CREATE TABLE; ``identity`` is (seed, step, by default)."""

    name: str
    type: SqlType
    not_null: bool = False
    default: str | None = None
    identity: tuple[int, int, bool] | None = None
    encode: str | None = None
    dist_key: bool = False
    sort_key: bool = False
    primary_key: bool = False


@dataclass(frozen=True, slots=True)
class Attributes:
    """How a table is laid out; kept and shown, never acted on."""

    dist_style: str | None = None
    dist_key: str | None = None
    sort_style: str | None = None
    sort_key: tuple[str, ...] = ()
    backup: bool = True
    encode_auto: bool = False


@dataclass(frozen=True, slots=True)
class CreateTable:
    """CREATE TABLE; exactly one of ``columns``, ``like`` and ``query`` says its shape."""

    name: Name
    temporary: bool
    if_not_exists: bool
    columns: tuple[ColumnDef, ...] = ()
    primary_key: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    attributes: Attributes = Attributes()
    like: Name | None = None
    like_defaults: bool = False
    query: str | None = None
    query_columns: tuple[str, ...] = ()
    with_data: bool = True


@dataclass(frozen=True, slots=True)
class CreateView:
    """CREATE VIEW; a late-binding one is looked at only when it is queried."""

    name: Name
    columns: tuple[str, ...]
    query: str
    replace: bool
    late_binding: bool


@dataclass(frozen=True, slots=True)
class CreateSchema:
    """CREATE SCHEMA."""

    name: str
    if_not_exists: bool
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class Drop:
    """DROP SCHEMA, TABLE or VIEW."""

    kind: str
    names: tuple[Name, ...]
    if_exists: bool
    cascade: bool


@dataclass(frozen=True, slots=True)
class AlterTable:
    """ALTER TABLE: ``action`` and what it needs."""

    name: Name
    action: str
    column: str | None = None
    to: str | None = None
    definition: ColumnDef | None = None
    type: SqlType | None = None
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Truncate:
    """TRUNCATE: commits."""

    name: Name


@dataclass(frozen=True, slots=True)
class Transaction:
    """BEGIN, COMMIT or ROLLBACK, whatever it was called."""

    verb: str


@dataclass(frozen=True, slots=True)
class Grant:
    """GRANT or REVOKE; ``types`` of each routine's arguments, None where no list was written."""

    verb: str
    privileges: tuple[str, ...]
    kind: str
    objects: tuple[Name, ...]
    grantees: tuple[str, ...]
    text: str
    types: tuple[tuple[SqlType | None, ...] | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Maintain:
    """VACUUM or ANALYZE."""

    verb: str
    name: Name | None


@dataclass(frozen=True, slots=True)
class SetVariable:
    """SET or RESET of a session's parameter; ``value`` None resets it."""

    name: str
    value: str | None


@dataclass(frozen=True, slots=True)
class Show:
    """SHOW of a session's parameter."""

    name: str


@dataclass(frozen=True, slots=True)
class ShowDefinition:
    """SHOW TABLE, VIEW or PROCEDURE (``kind``); ``types`` of its arguments, None where no list was written."""

    kind: str
    name: Name
    types: tuple[SqlType | None, ...] | None = None


@dataclass(frozen=True, slots=True)
class Administer:
    """CREATE, ALTER or DROP (``verb``) of a USER, GROUP, ROLE or DATABASE (``kind``)."""

    verb: str
    kind: str
    names: tuple[str, ...]
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Comment:
    """COMMENT ON: accepted, as Redshift keeps it out of the way too."""

    kind: str
    name: Name
    text: str | None


@dataclass(frozen=True, slots=True)
class Explain:
    """EXPLAIN of a query."""

    query: str


@dataclass(frozen=True, slots=True)
class Query:
    """A SELECT, INSERT, UPDATE or DELETE, read by the SQL parser."""

    sql: str


@dataclass(frozen=True, slots=True)
class Merge:
    """MERGE: ``sql`` whole, or its parts for REMOVE DUPLICATES."""

    sql: str
    target: Name = ()
    source: str = ""
    condition: str = ""
    remove_duplicates: bool = False


@dataclass(frozen=True, slots=True)
class Copy:
    """COPY; ``options`` by their name in capitals."""

    table: Name
    columns: tuple[str, ...]
    source: str
    options: dict[str, str | bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unload:
    """UNLOAD of a query to an S3 prefix."""

    query: str
    target: str
    options: dict[str, str | bool | tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Argument:
    """A routine's argument: ``mode`` IN, OUT or INOUT; an unnamed one has an empty name."""

    name: str
    mode: str
    type: SqlType | None


@dataclass(frozen=True, slots=True)
class CreateRoutine:
    """CREATE PROCEDURE or CREATE FUNCTION."""

    kind: str
    name: Name
    arguments: tuple[Argument, ...]
    body: str
    language: str
    replace: bool
    returns: SqlType | None = None
    nonatomic: bool = False
    text: str = ""
    owner: str = ""

    @property
    def signature(self) -> str:
        """What privileges on it stand under: ``schema.name(type,type)`` of its inputs."""
        kinds = [argument.type.name if argument.type else "refcursor" for argument in self.arguments]
        inputs = [kind for kind, argument in zip(kinds, self.arguments, strict=True) if argument.mode != "OUT"]
        return f"{'.'.join(self.name)}({','.join(inputs)})"


@dataclass(frozen=True, slots=True)
class DropRoutine:
    """DROP PROCEDURE or DROP FUNCTION; ``types`` None where no list was written."""

    kind: str
    name: Name
    types: tuple[SqlType | None, ...] | None
    if_exists: bool


@dataclass(frozen=True, slots=True)
class Call:
    """CALL of a procedure."""

    name: Name
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CreateMaterializedView:
    """CREATE MATERIALIZED VIEW."""

    table: CreateTable
    auto_refresh: bool


@dataclass(frozen=True, slots=True)
class Refresh:
    """REFRESH MATERIALIZED VIEW."""

    name: Name


@dataclass(frozen=True, slots=True)
class Cursor:
    """DECLARE, FETCH or CLOSE of a cursor; ``count`` rows, None for all of them."""

    verb: str
    name: str
    query: str = ""
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """PREPARE, EXECUTE or DEALLOCATE; ``name`` empty for all of them."""

    verb: str
    name: str
    types: tuple[SqlType, ...] = ()
    sql: str = ""
    arguments: tuple[str, ...] = ()


Statement = (
    Administer
    | AlterTable
    | Call
    | CreateMaterializedView
    | CreateRoutine
    | Cursor
    | DropRoutine
    | Prepared
    | Refresh
    | Comment
    | Copy
    | CreateSchema
    | CreateTable
    | CreateView
    | Drop
    | Explain
    | Grant
    | Maintain
    | Merge
    | Query
    | SetVariable
    | Show
    | ShowDefinition
    | Transaction
    | Truncate
    | Unload
)
