"""The statements of Redshift Spectrum read from their text.

https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_SCHEMA.html
https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_TABLE.html
"""

from __future__ import annotations

from typing import Final

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.external_statements import (
    AddPartition,
    CreateExternalSchema,
    CreateExternalTable,
    DropPartition,
    ExternalStatement,
    SetLocation,
)
from lakeshift.redshift.load_access import check_url, is_role
from lakeshift.redshift.tokens import Reader

__all__ = ["is_external_alter", "read_create_external", "read_external_alter"]

_SCHEMA_PAGE: Final = "https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_SCHEMA.html"
_FORMATS: Final = ("PARQUET", "ORC", "AVRO", "TEXTFILE", "SEQUENCEFILE", "RCFILE")
_NOT_LOCAL: Final = ("SEQUENCEFILE", "RCFILE")


def read_create_external(reader: Reader) -> ExternalStatement:
    """Read CREATE EXTERNAL SCHEMA or TABLE."""
    reader.expect("CREATE", "EXTERNAL")
    if reader.take("SCHEMA"):
        return _schema(reader)
    if reader.peek() in ("FUNCTION", "MODEL", "VIEW"):
        instead = "Write the query out, or use a late-binding view."
        raise NotSupportedLocallyError(f"CREATE EXTERNAL {reader.peek()}", instead, _SCHEMA_PAGE)
    reader.expect("TABLE")
    return _table(reader)


def _schema(reader: Reader) -> CreateExternalSchema:
    if_not_exists = reader.take("IF", "NOT", "EXISTS")
    name = reader.identifier()
    reader.expect("FROM")
    for source in ("HIVE", "POSTGRES", "MYSQL", "KINESIS", "MSK", "KAFKA", "REDSHIFT"):
        if reader.peek() == source:
            instead = "Load the source with a Glue job, and use FROM DATA CATALOG."
            raise NotSupportedLocallyError(f"CREATE EXTERNAL SCHEMA FROM {source}", instead, _SCHEMA_PAGE)
    if not reader.take("DATA", "CATALOG"):
        raise reader.error()
    told = _schema_options(reader)
    if not told.get("database"):
        raise RedshiftError("CREATE EXTERNAL SCHEMA FROM DATA CATALOG needs DATABASE", "42601")
    role = told.get("role", "")
    if role.upper() != "SESSION" and not is_role(role):
        raise RedshiftError(f'The IAM role "{role}" is not valid', "22023")
    return CreateExternalSchema(name, told["database"], if_not_exists, "create" in told, role)


def _schema_options(reader: Reader) -> dict[str, str]:
    told: dict[str, str] = {}
    while not reader.done:
        if reader.take("DATABASE"):
            told["database"] = reader.string().lower()
        elif reader.peek() in ("SCHEMA", "REGION", "CATALOG_ID", "CATALOG_ROLE"):
            reader.next()
            reader.string()  # there is one catalog here
        elif reader.take("IAM_ROLE"):
            told["role"] = "default" if reader.take("DEFAULT") else reader.string()
        elif reader.take("CREATE", "EXTERNAL", "DATABASE", "IF", "NOT", "EXISTS"):
            told["create"] = "yes"
        else:
            raise reader.error()
    return told


def _table(reader: Reader) -> CreateExternalTable:
    name = reader.name()
    columns: tuple[tuple[str, str], ...] = ()
    if reader.peek() == "(":
        columns = tuple(_columns(reader))
    partitions: tuple[tuple[str, str], ...] = ()
    if reader.take("PARTITIONED", "BY"):
        partitions = tuple(_columns(reader, typed=bool(columns)))
    told: dict[str, str] = {}
    properties: dict[str, dict[str, str]] = {"serde": {}, "table": {}}
    query = None
    while not reader.done:
        if reader.take("AS"):
            query = reader.rest()
        else:
            _clause(reader, told, properties)
    if "location" not in told:
        raise RedshiftError("CREATE EXTERNAL TABLE needs LOCATION", "42601")
    check_url(told["location"].rstrip("/") + "/")
    if not columns and query is None:
        raise RedshiftError("CREATE EXTERNAL TABLE needs columns", "42601")
    return CreateExternalTable(
        name, columns, partitions, told["location"], told.get("stored", "textfile"), told.get("serde"),
        told.get("input"), told.get("output"), told.get("delimiter"), properties["serde"], properties["table"], query,
    )  # fmt: skip


def _clause(reader: Reader, told: dict[str, str], properties: dict[str, dict[str, str]]) -> None:
    if reader.take("ROW", "FORMAT", "DELIMITED"):
        _delimited(reader, told)
    elif reader.take("ROW", "FORMAT", "SERDE"):
        told["serde"] = reader.string()
        if reader.take("WITH", "SERDEPROPERTIES"):
            properties["serde"] = _properties(reader)
    elif reader.take("STORED", "AS"):
        _stored(reader, told)
    elif reader.take("LOCATION"):
        told["location"] = reader.string()
    elif reader.take("TABLE", "PROPERTIES"):
        properties["table"] = _properties(reader)
    else:
        raise reader.error()


def _delimited(reader: Reader, told: dict[str, str]) -> None:
    while reader.peek() in ("FIELDS", "LINES", "COLLECTION", "MAP", "ESCAPED"):
        kind = reader.next().upper
        while reader.peek() in ("TERMINATED", "ITEMS", "KEYS", "BY"):
            reader.next()
        value = reader.string()
        if kind == "FIELDS":
            told["delimiter"] = value


def _stored(reader: Reader, told: dict[str, str]) -> None:
    if reader.take("INPUTFORMAT"):
        told["input"] = reader.string()
        reader.expect("OUTPUTFORMAT")
        told["output"] = reader.string()
        return
    kind = reader.next().upper
    if kind in _NOT_LOCAL:
        page = _SCHEMA_PAGE.replace("SCHEMA", "TABLE")
        raise NotSupportedLocallyError(f"External tables STORED AS {kind}", "Use PARQUET, ORC, AVRO or TEXTFILE.", page)
    if kind not in _FORMATS:
        reader.at -= 1
        raise reader.error()
    told["stored"] = kind.lower()


def _properties(reader: Reader) -> dict[str, str]:
    reader.expect("(")
    found: dict[str, str] = {}
    while True:
        key = reader.string()
        reader.expect("=")
        found[key] = reader.string()
        if not reader.take(","):
            break
    reader.expect(")")
    return found


def _columns(reader: Reader, *, typed: bool = True) -> list[tuple[str, str]]:
    reader.expect("(")
    found: list[tuple[str, str]] = []
    while True:
        name = reader.identifier()
        found.append((name, _type(reader) if typed else ""))
        if not reader.take(","):
            break
    reader.expect(")")
    return found


def _type(reader: Reader) -> str:
    """A type as the catalog writes it, nested ones with all of their parts."""
    made, depth = "", 0
    while not reader.done:
        word = reader.peek() or reader.tokens[reader.at].text
        if depth == 0 and word in (",", ")"):
            break
        token = reader.next().text.lower()
        depth += {"<": 1, "(": 1, ">": -1, ")": -1, "<>": 0}.get(token, 0)
        made += f" {token}" if made and made[-1].isalnum() and token[0].isalnum() else token
    return made


def is_external_alter(reader: Reader) -> bool:
    """Whether ALTER TABLE is one of partitions or of a place, which only external tables have."""
    words = [token.upper for token in reader.tokens]
    return words[:2] == ["ALTER", "TABLE"] and (
        "PARTITION" in words or "LOCATION" in words or ("SET" in words and "PROPERTIES" in words)
    )


def read_external_alter(reader: Reader) -> ExternalStatement:
    """Read ALTER TABLE of an external table."""
    reader.expect("ALTER", "TABLE")
    name = reader.name()
    if reader.take("ADD"):
        if_not_exists = reader.take("IF", "NOT", "EXISTS")
        found: list[tuple[dict[str, str], str]] = []
        while reader.take("PARTITION"):
            values = _values(reader)
            reader.expect("LOCATION")
            location = reader.string()
            check_url(location.rstrip("/") + "/")
            found.append((values, location))
        if not found:
            raise reader.error()
        return AddPartition(name, if_not_exists, tuple(found))
    if reader.take("DROP"):
        reader.expect("PARTITION")
        return DropPartition(name, _values(reader))
    reader.expect("SET")
    if reader.take("TABLE", "PROPERTIES"):
        return SetLocation(name, None, _properties(reader))
    reader.expect("LOCATION")
    location = reader.string()
    check_url(location.rstrip("/") + "/")
    return SetLocation(name, location, {})


def _values(reader: Reader) -> dict[str, str]:
    reader.expect("(")
    found: dict[str, str] = {}
    while True:
        name = reader.identifier()
        reader.expect("=")
        found[name] = reader.next().value
        if not reader.take(","):
            break
    reader.expect(")")
    return found
