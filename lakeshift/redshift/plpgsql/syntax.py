"""What a procedure's body says, as plain data. Expressions and SQL stay text: the session reads them."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = [
    "Assign",
    "Block",
    "Branch",
    "Case",
    "CloseCursor",
    "Declaration",
    "Execute",
    "Exit",
    "Fetch",
    "ForQuery",
    "ForRange",
    "GetDiagnostics",
    "Handler",
    "If",
    "Loop",
    "Nothing",
    "OpenCursor",
    "Raise",
    "Return",
    "Sql",
    "Statement",
    "While",
]


@dataclass(frozen=True, slots=True)
class Declaration:
    """A variable: ``kind`` is a type's text, ``record``, ``refcursor`` or ``cursor`` with its ``query``."""

    name: str
    kind: str
    default: str | None = None
    constant: bool = False
    not_null: bool = False
    query: str | None = None
    arguments: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Handler:
    """WHEN ``condition`` THEN."""

    condition: str
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """DECLARE … BEGIN … EXCEPTION … END."""

    declarations: tuple[Declaration, ...]
    body: tuple[Statement, ...]
    handlers: tuple[Handler, ...] = ()
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Assign:
    """``target := expression``."""

    target: str
    expression: str


@dataclass(frozen=True, slots=True)
class Branch:
    """A condition and what follows it."""

    condition: str
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class If:
    """IF with its ELSIFs and ELSE."""

    branches: tuple[Branch, ...]
    otherwise: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """CASE; without a ``subject`` the branches are conditions. ``otherwise`` None: no ELSE was written."""

    subject: str | None
    branches: tuple[Branch, ...]
    otherwise: tuple[Statement, ...] | None = None


@dataclass(frozen=True, slots=True)
class Loop:
    """LOOP."""

    body: tuple[Statement, ...]
    label: str | None = None


@dataclass(frozen=True, slots=True)
class While:
    """WHILE."""

    condition: str
    body: tuple[Statement, ...]
    label: str | None = None


@dataclass(frozen=True, slots=True)
class ForRange:
    """FOR i IN [REVERSE] first..last [BY step]."""

    name: str
    first: str
    last: str
    step: str | None
    reverse: bool
    body: tuple[Statement, ...]
    label: str | None = None


@dataclass(frozen=True, slots=True)
class ForQuery:
    """FOR record IN a query, or with ``dynamic`` in one whose text is an expression."""

    names: tuple[str, ...]
    query: str
    dynamic: bool
    body: tuple[Statement, ...]
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Exit:
    """EXIT, or with ``again`` CONTINUE."""

    label: str | None
    condition: str | None
    again: bool


@dataclass(frozen=True, slots=True)
class Return:
    """RETURN."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """NULL."""


@dataclass(frozen=True, slots=True)
class Raise:
    """RAISE level 'format', arguments; ``options`` of USING."""

    level: str
    message: str
    arguments: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Execute:
    """EXECUTE of an expression's text."""

    expression: str
    into: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sql:
    """A statement of SQL; ``into`` are variables of SELECT INTO."""

    text: str
    into: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenCursor:
    """OPEN."""

    name: str
    query: str | None = None
    dynamic: bool = False
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fetch:
    """FETCH cursor INTO."""

    name: str
    into: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CloseCursor:
    """CLOSE."""

    name: str


@dataclass(frozen=True, slots=True)
class GetDiagnostics:
    """GET DIAGNOSTICS target = item."""

    items: tuple[tuple[str, str], ...] = field(default=())


Statement = (
    Assign
    | Block
    | Case
    | CloseCursor
    | Execute
    | Exit
    | Fetch
    | ForQuery
    | ForRange
    | GetDiagnostics
    | If
    | Loop
    | Nothing
    | OpenCursor
    | Raise
    | Return
    | Sql
    | While
)
