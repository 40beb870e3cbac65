"""CREATE TABLE and ALTER TABLE.

https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_NEW.html
https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE.html
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.statements import AlterTable, Attributes, ColumnDef, CreateTable, Name
from lakeshift.redshift.tokens import Reader
from lakeshift.redshift.types import read_type

__all__ = ["read_alter_table", "read_attributes", "read_create_table"]

_ENCODINGS: Final = frozenset(
    {
        "AUTO",
        "RAW",
        "NONE",
        "AZ64",
        "BYTEDICT",
        "DELTA",
        "DELTA32K",
        "LZO",
        "MOSTLY8",
        "MOSTLY16",
        "MOSTLY32",
        "RUNLENGTH",
        "TEXT255",
        "TEXT32K",
        "ZSTD",
    }
)
# Words that end the expression of a column's DEFAULT.
_DEFAULT_ENDS: Final = frozenset(
    {
        "NOT",
        "NULL",
        "IDENTITY",
        "GENERATED",
        "ENCODE",
        "DISTKEY",
        "SORTKEY",
        "PRIMARY",
        "UNIQUE",
        "REFERENCES",
        "COLLATE",
    }
)
_PAGE: Final = "https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_NEW.html"


@dataclass(slots=True)
class _Body:
    """What stands between the parentheses of CREATE TABLE."""

    columns: list[ColumnDef]
    primary_key: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    like: Name | None = None
    like_defaults: bool = False
    names: tuple[str, ...] = ()


def read_create_table(reader: Reader) -> CreateTable:
    """Read CREATE TABLE in each of its forms: columns, LIKE, AS query."""
    reader.expect("CREATE")
    reader.take("LOCAL")
    temporary = reader.take("TEMP") or reader.take("TEMPORARY")
    reader.expect("TABLE")
    if_not_exists = reader.take("IF", "NOT", "EXISTS")
    name = reader.name()
    body = _body(reader) if reader.peek() == "(" else _Body([])
    attributes = _key_attributes(body.columns, read_attributes(reader))
    query = None
    if reader.take("AS"):
        query = reader.group() if reader.peek() == "(" and _is_whole(reader) else reader.rest()
    elif not body.columns and not body.like:
        raise reader.error()
    return CreateTable(
        name,
        temporary or name[-1].startswith("#"),
        if_not_exists,
        tuple(body.columns),
        body.primary_key or tuple(column.name for column in body.columns if column.primary_key),
        body.constraints,
        attributes,
        body.like,
        body.like_defaults,
        query,
        body.names,
    )


def _is_whole(reader: Reader) -> bool:
    """Whether the coming parenthesis closes at the statement's end."""
    start = reader.at
    reader.group()
    whole = reader.done
    reader.at = start
    return whole


def _body(reader: Reader) -> _Body:
    body = _Body([])
    reader.expect("(")
    while True:
        _element(reader, body)
        if not reader.take(","):
            break
    reader.expect(")")
    return body


def _element(reader: Reader, body: _Body) -> None:
    first = reader.peek()
    if first == "LIKE":
        reader.next()
        body.like = reader.name()
        body.like_defaults = reader.take("INCLUDING", "DEFAULTS")
        reader.take("EXCLUDING", "DEFAULTS")
    elif first in ("PRIMARY", "UNIQUE", "FOREIGN", "CONSTRAINT"):
        _table_constraint(reader, body)
    elif first == "CHECK":
        raise RedshiftError("CHECK constraints are not supported", "0A000")
    elif reader.peek(1) in (",", ")"):  # a bare name: the columns of CREATE TABLE AS
        body.names += (reader.identifier(),)
    else:
        body.columns.append(_column(reader))


def _table_constraint(reader: Reader, body: _Body) -> None:
    start = reader.tokens[reader.at].start
    if reader.take("CONSTRAINT"):
        reader.identifier()
    kind = reader.next().upper
    if kind in ("PRIMARY", "FOREIGN"):
        reader.expect("KEY")
    elif kind != "UNIQUE":
        raise reader.error()
    columns = reader.names()
    if kind == "PRIMARY":
        body.primary_key = columns
    if kind == "FOREIGN":
        reader.expect("REFERENCES")
        _references(reader)
    body.constraints += (reader.sql[start : reader.tokens[reader.at - 1].end],)


def _references(reader: Reader) -> None:
    reader.name()
    if reader.peek() == "(":
        reader.names()


def _column(reader: Reader) -> ColumnDef:
    column = ColumnDef(reader.identifier(), read_type(reader))
    while not reader.done and reader.peek() not in (",", ")"):
        column = _column_attribute(reader, column)
    return column


def _column_attribute(reader: Reader, column: ColumnDef) -> ColumnDef:  # noqa: C901, PLR0911, PLR0912 - a case for each
    if reader.take("NOT", "NULL"):
        return replace(column, not_null=True)
    if reader.take("NULL"):
        return replace(column, not_null=False)
    if reader.take("DEFAULT"):
        if reader.take("NULL"):
            return replace(column, default="NULL")
        return replace(column, default=reader.expression(_DEFAULT_ENDS))
    if reader.take("IDENTITY"):
        return replace(column, identity=(*_identity(reader), False), not_null=True)
    if reader.take("GENERATED", "BY", "DEFAULT", "AS", "IDENTITY"):
        return replace(column, identity=(*_identity(reader), True), not_null=True)
    if reader.take("ENCODE"):
        return replace(column, encode=_encoding(reader))
    if reader.take("DISTKEY"):
        return replace(column, dist_key=True)
    if reader.take("SORTKEY"):
        return replace(column, sort_key=True)
    if reader.take("PRIMARY", "KEY"):
        return replace(column, primary_key=True, not_null=True)
    if reader.take("UNIQUE"):
        return column
    if reader.take("REFERENCES"):
        _references(reader)
        return column
    if reader.take("COLLATE"):
        if reader.identifier() not in ("case_sensitive", "cs"):
            raise NotSupportedLocallyError("COLLATE CASE_INSENSITIVE", "Compare with LOWER().", _PAGE)
        return column
    raise reader.error()


def _identity(reader: Reader) -> tuple[int, int]:
    reader.expect("(")
    seed = reader.integer()
    reader.expect(",")
    step = reader.integer()
    reader.expect(")")
    return seed, step


def _encoding(reader: Reader) -> str:
    written = reader.identifier()
    if written.upper() not in _ENCODINGS:
        raise RedshiftError(f'invalid encoding type specified "{written}"', "42601")
    return "none" if written == "raw" else written


def read_attributes(reader: Reader) -> Attributes:
    """What stands behind the columns: distribution, sort key, backup."""
    found = Attributes()
    while not reader.done and reader.peek() != "AS":
        found = _attribute(reader, found)
    return found


def _attribute(reader: Reader, found: Attributes) -> Attributes:
    if reader.take("DISTSTYLE"):
        style = reader.next().upper
        if style not in ("AUTO", "EVEN", "KEY", "ALL"):
            raise RedshiftError(f'invalid distribution style "{style.lower()}"', "42601")
        return replace(found, dist_style=style)
    if reader.take("DISTKEY"):
        keys = reader.names() if reader.peek() == "(" else (reader.identifier(),)
        if len(keys) > 1:
            raise RedshiftError("multiple DISTKEY columns are not allowed", "42601")
        return replace(found, dist_key=keys[0], dist_style="KEY")
    if reader.peek() in ("COMPOUND", "INTERLEAVED"):
        return replace(_attribute_sort(reader, reader.next().upper, found))
    if reader.peek() == "SORTKEY":
        return _attribute_sort(reader, "COMPOUND", found)
    if reader.take("BACKUP"):
        return replace(found, backup=reader.next().upper != "NO")
    if reader.take("ENCODE"):
        reader.expect("AUTO")
        return replace(found, encode_auto=True)
    raise reader.error()


def _attribute_sort(reader: Reader, style: str, found: Attributes) -> Attributes:
    reader.expect("SORTKEY")
    if reader.take("AUTO"):
        return replace(found, sort_style="AUTO")
    return replace(found, sort_style=style, sort_key=reader.names() if reader.peek() == "(" else (reader.identifier(),))


def _key_attributes(columns: list[ColumnDef], found: Attributes) -> Attributes:
    """Merge DISTKEY and SORTKEY written at a column, and check that the keys are columns."""
    names = {column.name for column in columns}
    dist = [column.name for column in columns if column.dist_key]
    if len(dist) + bool(found.dist_key) > 1:
        raise RedshiftError("multiple DISTKEY columns are not allowed", "42601")
    if dist:
        found = replace(found, dist_key=dist[0], dist_style="KEY")
    sort = tuple(column.name for column in columns if column.sort_key)
    if sort:
        found = replace(found, sort_key=sort, sort_style="COMPOUND")
    if found.dist_style == "KEY" and not found.dist_key:
        raise RedshiftError("DISTSTYLE KEY requires a DISTKEY column", "42601")
    for kind, keys in (("distkey", (found.dist_key,) if found.dist_key else ()), ("sortkey", found.sort_key)):
        for key in keys:
            if names and key not in names:
                raise RedshiftError(f'{kind} column "{key}" not found', "42703")
    return found


def read_alter_table(reader: Reader) -> AlterTable:
    """Read ALTER TABLE; one action, as Redshift allows."""
    reader.expect("ALTER")
    if reader.peek() != "TABLE":
        raise NotSupportedLocallyError(f"ALTER {reader.peek()}", "Only tables can be altered.", _PAGE)
    reader.next()
    name = reader.name()
    if reader.take("ADD"):
        if reader.peek() in ("CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN"):
            body = _Body([])
            _table_constraint(reader, body)
            return AlterTable(name, "add constraint", to=body.constraints[0], keys=body.primary_key)
        reader.take("COLUMN")
        return AlterTable(name, "add column", definition=_column(reader))
    if reader.take("DROP"):
        if reader.take("CONSTRAINT"):
            action = AlterTable(name, "drop constraint", column=reader.identifier())
        else:
            reader.take("COLUMN")
            action = AlterTable(name, "drop column", column=reader.identifier())
        reader.take("CASCADE")
        reader.take("RESTRICT")
        return action
    if reader.take("RENAME"):
        if reader.take("TO"):
            return AlterTable(name, "rename", to=reader.identifier())
        reader.take("COLUMN")
        column = reader.identifier()
        reader.expect("TO")
        return AlterTable(name, "rename column", column=column, to=reader.identifier())
    if reader.take("OWNER", "TO"):
        return AlterTable(name, "owner", to=reader.identifier())
    return _alter(reader, name)


def _alter(reader: Reader, name: Name) -> AlterTable:
    if reader.take("APPEND"):
        reader.expect("FROM")
        source = ".".join(reader.name())
        option = reader.next().text.lower() if reader.peek() in ("IGNOREEXTRA", "FILLTARGET") else ""
        return AlterTable(name, "append", to=source, keys=(option,))
    reader.expect("ALTER")
    if reader.peek() in ("DISTKEY", "DISTSTYLE", "SORTKEY", "COMPOUND", "INTERLEAVED", "ENCODE"):
        found = _attribute(reader, Attributes())
        keys = found.sort_key or ((found.dist_key,) if found.dist_key else ())
        if found.dist_style:
            return AlterTable(name, "dist", to=found.dist_style, keys=keys)
        return AlterTable(name, "sort", to=found.sort_style, keys=keys)
    reader.take("COLUMN")
    column = reader.identifier()
    if reader.take("TYPE"):
        return AlterTable(name, "type", column=column, type=read_type(reader))
    reader.expect("ENCODE")
    return AlterTable(name, "encode", column=column, to=_encoding(reader))
