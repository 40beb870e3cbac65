"""Redshift's data types: as written, as the catalog names them, and what holds them in the engine.

https://docs.aws.amazon.com/redshift/latest/dg/c_Supported_data_types.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final, NoReturn

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.redshift.errors import RedshiftError, syntax_error
from lakeshift.redshift.tokens import Reader

__all__ = ["MAX_VARCHAR", "SqlType", "from_engine_type", "is_type_word", "parse_type", "read_type", "refuse_interval"]

MAX_VARCHAR: Final = 65535
_MAX_CHAR: Final = 4096
_MAX_VARBYTE: Final = 1_024_000

# As written, in capitals -> as the catalog names it.
_NAMES: Final = {
    "SMALLINT": "smallint",
    "INT2": "smallint",
    "INTEGER": "integer",
    "INT": "integer",
    "INT4": "integer",
    "BIGINT": "bigint",
    "INT8": "bigint",
    "DECIMAL": "numeric",
    "NUMERIC": "numeric",
    "DEC": "numeric",
    "REAL": "real",
    "FLOAT4": "real",
    "DOUBLE PRECISION": "double precision",
    "FLOAT8": "double precision",
    "FLOAT": "double precision",
    "BOOLEAN": "boolean",
    "BOOL": "boolean",
    "CHAR": "character",
    "CHARACTER": "character",
    "NCHAR": "character",
    "BPCHAR": "character",
    "VARCHAR": "character varying",
    "CHARACTER VARYING": "character varying",
    "NVARCHAR": "character varying",
    "TEXT": "character varying",
    "DATE": "date",
    "TIMESTAMP": "timestamp without time zone",
    "TIMESTAMP WITHOUT TIME ZONE": "timestamp without time zone",
    "TIMESTAMPTZ": "timestamp with time zone",
    "TIMESTAMP WITH TIME ZONE": "timestamp with time zone",
    "TIME": "time without time zone",
    "TIME WITHOUT TIME ZONE": "time without time zone",
    "TIMETZ": "time with time zone",
    "TIME WITH TIME ZONE": "time with time zone",
    "VARBYTE": "binary varying",
    "VARBINARY": "binary varying",
    "BINARY VARYING": "binary varying",
    "SUPER": "super",
}
# As the wire protocol and the Data API name them.
_WIRE: Final = {
    "smallint": "int2",
    "integer": "int4",
    "bigint": "int8",
    "numeric": "numeric",
    "real": "float4",
    "double precision": "float8",
    "boolean": "bool",
    "character": "bpchar",
    "character varying": "varchar",
    "date": "date",
    "timestamp without time zone": "timestamp",
    "timestamp with time zone": "timestamptz",
    "time without time zone": "time",
    "time with time zone": "timetz",
    "binary varying": "varbyte",
    "super": "super",
    "interval": "interval",
    "unknown": "unknown",
}
# What holds them in DuckDB; numeric is built from its precision and scale.
_ENGINE: Final = {
    "smallint": "SMALLINT",
    "integer": "INTEGER",
    "bigint": "BIGINT",
    "real": "FLOAT",
    "double precision": "DOUBLE",
    "boolean": "BOOLEAN",
    "character": "VARCHAR",
    "character varying": "VARCHAR",
    "date": "DATE",
    "timestamp without time zone": "TIMESTAMP",
    "timestamp with time zone": "TIMESTAMPTZ",
    "time without time zone": "TIME",
    "time with time zone": "TIMETZ",
    "binary varying": "BLOB",
    "super": "JSON",
    "interval": "INTERVAL",
    "unknown": "VARCHAR",
}
# What a result column of DuckDB is; anything nested is SUPER.
_FROM_ENGINE: Final = {
    "TINYINT": "smallint",
    "SMALLINT": "smallint",
    "INTEGER": "integer",
    "BIGINT": "bigint",
    "UINTEGER": "bigint",
    "USMALLINT": "integer",
    "UTINYINT": "smallint",
    "FLOAT": "real",
    "DOUBLE": "double precision",
    "BOOLEAN": "boolean",
    "VARCHAR": "character varying",
    "DATE": "date",
    "TIMESTAMP": "timestamp without time zone",
    "TIMESTAMP_NS": "timestamp without time zone",
    "TIMESTAMP_S": "timestamp without time zone",
    "TIMESTAMP_MS": "timestamp without time zone",
    "TIMESTAMP WITH TIME ZONE": "timestamp with time zone",
    "TIME": "time without time zone",
    "TIME WITH TIME ZONE": "time with time zone",
    "BLOB": "binary varying",
    "JSON": "super",
    "VARIANT": "super",
    "INTERVAL": "interval",
}


# Redshift has these, we do not.
_ELSEWHERE: Final = frozenset({"GEOMETRY", "GEOGRAPHY", "HLLSKETCH", "REGCLASS", "OID", "NAME"})
_PAGE: Final = "https://docs.aws.amazon.com/redshift/latest/dg/c_Supported_data_types.html"
# INTERVAL is no type of a column, but literals and casts have it.
_FIRST_WORDS: Final = frozenset({name.split()[0] for name in _NAMES} | {"INTERVAL", *_ELSEWHERE})


@dataclass(frozen=True, slots=True)
class SqlType:
    """A type: catalog ``name``, ``length`` in bytes of text and bytes, ``precision`` and ``scale`` of numerics."""

    name: str
    length: int | None = None
    precision: int | None = None
    scale: int | None = None

    def __deepcopy__(self, _memo: object) -> SqlType:
        return self  # nodes of a tree carry it, and trees are copied

    @property
    def wire(self) -> str:
        """The short name clients see, such as ``int4`` or ``varchar``."""
        return _WIRE[self.name]

    @property
    def engine(self) -> str:
        """The type that holds it in DuckDB."""
        return f"DECIMAL({self.precision},{self.scale})" if self.name == "numeric" else _ENGINE[self.name]

    @property
    def is_text(self) -> bool:
        """Whether it is CHAR or VARCHAR."""
        return self.name in ("character", "character varying")

    def __str__(self) -> str:
        """As PG_TABLE_DEF prints it, such as ``numeric(8,2)``."""
        if self.name == "numeric":
            return f"numeric({self.precision},{self.scale})"
        return f"{self.name}({self.length})" if self.length is not None else self.name


def is_type_word(word: str) -> bool:
    """Whether a type's name begins with the word."""
    return word.upper().split()[0] in _FIRST_WORDS


def parse_type(text: str) -> SqlType:
    """The type written as ``text``; raises RedshiftError for one that Redshift does not have."""
    reader = Reader(text)
    found = read_type(reader)
    reader.end()
    return found


def read_type(reader: Reader) -> SqlType:
    """Read a type where it stands in a statement."""
    written = reader.identifier().upper()
    if (written, reader.peek()) in (("DOUBLE", "PRECISION"), ("CHARACTER", "VARYING"), ("BINARY", "VARYING")):
        written += f" {reader.next().upper}"
    arguments = _arguments(reader)
    for zone in ("WITHOUT", "WITH"):
        if written in ("TIME", "TIMESTAMP") and reader.take(zone, "TIME", "ZONE"):
            written += f" {zone} TIME ZONE"
            break
    if written == "INTERVAL":
        refuse_interval()
    if written in _ELSEWHERE:
        raise NotSupportedLocallyError(f"The type {written}", "Keep the value as VARCHAR or VARBYTE.", _PAGE)
    if written not in _NAMES:
        raise RedshiftError(f'type "{written.lower()}" does not exist', "42704")
    return _build(written, _NAMES[written], arguments)


def refuse_interval() -> NoReturn:
    """Raise for what would keep an interval: its two kinds have rules of their own that the engine's one has not."""
    instead = "Keep months or microseconds as BIGINT, or begin and end; literals of INTERVAL work in queries."
    raise NotSupportedLocallyError("A column or variable of type INTERVAL", instead, _PAGE)


def _arguments(reader: Reader) -> list[int]:
    if not reader.take("("):
        return []
    found = [-1 if reader.take("MAX") else reader.integer()]
    while reader.take(","):
        found.append(reader.integer())
    reader.expect(")")
    return found


def _build(written: str, name: str, arguments: list[int]) -> SqlType:
    if name == "numeric":
        precision, scale = [*arguments, *[18, 0][len(arguments) :]][:2]
        if not 1 <= precision <= 38:
            raise RedshiftError(f"NUMERIC precision {precision} must be between 1 and 38", "22023")
        if not 0 <= scale <= min(precision, 37):
            raise RedshiftError(f"NUMERIC scale {scale} must be between 0 and precision {precision}", "22023")
        return SqlType(name, precision=precision, scale=scale)
    if name in ("character", "character varying", "binary varying"):
        return SqlType(name, length=_length(written, name, arguments))
    if name == "double precision" and written == "FLOAT" and arguments:
        return SqlType("real" if arguments[0] <= 24 else name)
    if arguments:
        raise syntax_error("(")
    return SqlType(name)


def _length(written: str, name: str, arguments: list[int]) -> int:
    limit = {"character": _MAX_CHAR, "character varying": MAX_VARCHAR}.get(name, _MAX_VARBYTE)
    default = {"CHAR": 1, "CHARACTER": 1, "NCHAR": 1, "VARBYTE": 64000, "VARBINARY": 64000}.get(written, 256)
    if written == "TEXT":  # whatever length is written, TEXT is VARCHAR(256)
        return 256
    length = (limit if arguments[0] == -1 else arguments[0]) if arguments else default
    if length < 1:
        raise RedshiftError(f"length for type {name} must be at least 1", "22023")
    if length > limit:
        raise RedshiftError(f"length for type {name} cannot exceed {limit}", "22023")
    return length


@cache
def from_engine_type(engine: str) -> SqlType:
    """The Redshift type of a result column that DuckDB calls ``engine``."""
    decimal = re.fullmatch(r"DECIMAL\((\d+),\s*(\d+)\)", engine)
    if decimal:
        return SqlType("numeric", precision=int(decimal[1]), scale=int(decimal[2]))
    if engine in ("HUGEINT", "UHUGEINT", "UBIGINT"):
        return SqlType("numeric", precision=38, scale=0)
    if engine in ('"NULL"', "NULL"):
        return SqlType("unknown")
    return SqlType(_FROM_ENGINE.get(engine, "super"))
