"""Redshift's types as written, as shown, as held by the engine."""

from __future__ import annotations

import pytest

from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.types import SqlType, from_engine_type, parse_type

WRITTEN: list[tuple[str, str, str, str]] = [
    ("smallint", "smallint", "int2", "SMALLINT"),
    ("INT2", "smallint", "int2", "SMALLINT"),
    ("int", "integer", "int4", "INTEGER"),
    ("integer", "integer", "int4", "INTEGER"),
    ("bigint", "bigint", "int8", "BIGINT"),
    ("decimal", "numeric(18,0)", "numeric", "DECIMAL(18,0)"),
    ("numeric(8)", "numeric(8,0)", "numeric", "DECIMAL(8,0)"),
    ("numeric(38, 37)", "numeric(38,37)", "numeric", "DECIMAL(38,37)"),
    ("real", "real", "float4", "FLOAT"),
    ("float(24)", "real", "float4", "FLOAT"),
    ("float(25)", "double precision", "float8", "DOUBLE"),
    ("float", "double precision", "float8", "DOUBLE"),
    ("double precision", "double precision", "float8", "DOUBLE"),
    ("bool", "boolean", "bool", "BOOLEAN"),
    ("char", "character(1)", "bpchar", "VARCHAR"),
    ("char(4096)", "character(4096)", "bpchar", "VARCHAR"),
    ("bpchar", "character(256)", "bpchar", "VARCHAR"),
    ("varchar", "character varying(256)", "varchar", "VARCHAR"),
    ("varchar(max)", "character varying(65535)", "varchar", "VARCHAR"),
    ("character varying(9)", "character varying(9)", "varchar", "VARCHAR"),
    ("text", "character varying(256)", "varchar", "VARCHAR"),
    ("text(9)", "character varying(256)", "varchar", "VARCHAR"),
    ("date", "date", "date", "DATE"),
    ("timestamp", "timestamp without time zone", "timestamp", "TIMESTAMP"),
    ("timestamp without time zone", "timestamp without time zone", "timestamp", "TIMESTAMP"),
    ("timestamp with time zone", "timestamp with time zone", "timestamptz", "TIMESTAMPTZ"),
    ("timestamptz", "timestamp with time zone", "timestamptz", "TIMESTAMPTZ"),
    ("time with time zone", "time with time zone", "timetz", "TIMETZ"),
    ("timetz", "time with time zone", "timetz", "TIMETZ"),
    ("varbyte", "binary varying(64000)", "varbyte", "BLOB"),
    ("binary varying(1024000)", "binary varying(1024000)", "varbyte", "BLOB"),
    ("super", "super", "super", "JSON"),
]


@pytest.mark.parametrize(("written", "shown", "wire", "engine"), WRITTEN, ids=[case[0] for case in WRITTEN])
def test_type(written: str, shown: str, wire: str, engine: str) -> None:
    found = parse_type(written)
    assert (str(found), found.wire, found.engine) == (shown, wire, engine)


REFUSED = [
    ("no such type", "uuid", 'type "uuid" does not exist', "42704"),
    ("precision has a limit", "numeric(39,0)", "NUMERIC precision 39 must be between 1 and 38", "22023"),
    ("precision has a floor", "numeric(0)", "NUMERIC precision 0 must be between 1 and 38", "22023"),
    ("scale stays within precision", "numeric(4,5)", "NUMERIC scale 5 must be between 0 and precision 4", "22023"),
    ("scale has a limit", "numeric(38,38)", "NUMERIC scale 38 must be between 0 and precision 38", "22023"),
    ("VARCHAR has a limit", "varchar(65536)", "length for type character varying cannot exceed 65535", "22023"),
    ("CHAR has a limit", "char(4097)", "length for type character cannot exceed 4096", "22023"),
    ("VARBYTE has a limit", "varbyte(1024001)", "length for type binary varying cannot exceed 1024000", "22023"),
    ("a length is at least one", "varchar(0)", "length for type character varying must be at least 1", "22023"),
    ("an integer has no length", "int(4)", 'syntax error at or near "("', "42601"),
    ("nothing after the type", "int int", 'syntax error at or near "int"', "42601"),
    ("nothing at all", "", "syntax error at end of input", "42601"),
]


@pytest.mark.parametrize(
    ("written", "text", "state"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_refused(written: str, text: str, state: str) -> None:
    with pytest.raises(RedshiftError) as caught:
        parse_type(written)
    assert (str(caught.value), caught.value.sqlstate) == (text, state)


FROM_ENGINE = [
    ("DECIMAL(8,2)", SqlType("numeric", precision=8, scale=2)),
    ("DECIMAL(8, 2)", SqlType("numeric", precision=8, scale=2)),
    ("HUGEINT", SqlType("numeric", precision=38, scale=0)),
    ("TINYINT", SqlType("smallint")),
    ("VARCHAR", SqlType("character varying")),
    ("TIMESTAMP WITH TIME ZONE", SqlType("timestamp with time zone")),
    ('"NULL"', SqlType("unknown")),
    ("JSON", SqlType("super")),
    ("STRUCT(a INTEGER)", SqlType("super")),
    ("INTEGER[]", SqlType("super")),
]


@pytest.mark.parametrize(("engine", "expected"), FROM_ENGINE, ids=[case[0] for case in FROM_ENGINE])
def test_from_engine(engine: str, expected: SqlType) -> None:
    assert from_engine_type(engine) == expected


def test_only_char_and_varchar_are_text() -> None:
    assert [name for name in ("char(2)", "varchar", "text", "varbyte", "super", "int") if parse_type(name).is_text] == [
        "char(2)",
        "varchar",
        "text",
    ]
