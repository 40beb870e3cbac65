"""COPY case by case: file and options in, rows or the row of STL_LOAD_ERRORS out."""

from __future__ import annotations

import bz2
import datetime as dt
import gzip
import io
import json
from decimal import Decimal
from typing import Any

import fastavro
import pyarrow as pa
import pytest

from lakeshift.redshift import RedshiftError
from tests.unit.redshift.loading import LoadBench

AB = "a INTEGER, b VARCHAR(20)"
DAY = dt.date(2013, 1, 2)
AT = dt.datetime(2013, 1, 2, 5, 17, 3)

# columns, options, file, rows by their first column
GOOD: dict[str, tuple[str, str, bytes | str, list[tuple[Any, ...]]]] = {
    # delimited text
    "last line without its end": (AB, "", "1|x\n2|y", [(1, "x"), (2, "y")]),
    "windows line ends": (AB, "", "1|x\r\n2|y\r\n", [(1, "x"), (2, "y")]),
    "delimiter in octal": (AB, r"DELIMITER '\037'", "1\x1fx\n", [(1, "x")]),
    "delimiter tab by its mark": (AB, r"DELIMITER '\t'", "1\tx\n", [(1, "x")]),
    "delimiter comma without csv": (AB, "DELIMITER ','", '1,"x"\n', [(1, '"x"')]),
    "delimiter of a pattern": (AB, "DELIMITER '.' REMOVEQUOTES", "1.'x.y'\n", [(1, "x.y")]),
    "format delimiter": (AB, "FORMAT AS DELIMITER ';'", "1;x\n", [(1, "x")]),
    "quotes stay without removequotes": (AB, "", '1|"x"\n', [(1, '"x"')]),
    "removequotes double": (AB, "REMOVEQUOTES", '1|"x"\n', [(1, "x")]),
    "removequotes keeps a delimiter inside": (AB, "REMOVEQUOTES", '1|"x|y"\n', [(1, "x|y")]),
    "removequotes of an empty text": (AB, "REMOVEQUOTES", '1|""\n', [(1, "")]),
    "removequotes and emptyasnull": (AB, "REMOVEQUOTES EMPTYASNULL", '1|""\n', [(1, None)]),
    "removequotes leaves a quote inside": (AB, "REMOVEQUOTES", "1|x'y\n", [(1, "x'y")]),
    "escape of the delimiter": (AB, "ESCAPE", "1|x\\|y\n", [(1, "x|y")]),
    "escape of a line break": (AB, "ESCAPE", "1|x\\\ny\n2|z\n", [(1, "x\ny"), (2, "z")]),
    "escape of the backslash": (AB, "ESCAPE", "1|x\\\\y\n", [(1, "x\\y")]),
    "escape of the backslash before the delimiter": (AB, "ESCAPE", "1|x\\\\|\n", [(1, "x\\")]),
    "escape of any letter": (AB, "ESCAPE", "1|x\\qy\n", [(1, "xqy")]),
    "escape keeps the null mark": (AB, "ESCAPE", "1|\\N\n", [(1, None)]),
    "escaped null mark is text": (AB, "ESCAPE", "1|\\\\N\n", [(1, "\\N")]),
    "backslash without escape": (AB, "", "1|x\\y\n", [(1, "x\\y")]),
    "the null mark by default": (AB, "", "\\N|\\N\n", [(None, None)]),
    "null as empty": (AB, "NULL AS ''", "1|\n", [(1, None)]),
    "null as the null mark": (AB, r"NULL AS '\N'", "1|\\N\n", [(1, None)]),
    "null as a zero byte": (AB, r"NULL AS '\0'", "1|\0\n", [(1, None)]),
    "null as three octal zeros": (AB, r"NULL AS '\000'", "1|\0\n", [(1, None)]),
    "zero byte is a character": (AB, "", "1|x\0y\n", [(1, "x\0y")]),
    "null as replaces the mark": (AB, "NULL AS 'NA'", "1|\\N\n", [(1, "\\N")]),
    "null as counts whole fields": (AB, "NULL AS 'NA'", "1|NAB\n", [(1, "NAB")]),
    "empty number is null": (AB, "", "|x\n", [(None, "x")]),
    "blank number is null": (AB, "", "  |x\n", [(None, "x")]),
    "blanks around a number": (AB, "", " 7 |x\n", [(7, "x")]),
    "blanks stay in text": (AB, "", "1| x \n", [(1, " x ")]),
    "blanksasnull leaves the empty text": (AB, "BLANKSASNULL", "1|\n", [(1, "")]),
    "trimblanks leaves leading blanks": (AB, "TRIMBLANKS", "1| x \n", [(1, " x")]),
    "blank line of a single text column": ("a VARCHAR(9)", "", "x\n\ny\n", [("",), ("x",), ("y",)]),
    "ignoreblanklines in csv": (AB, "CSV IGNOREBLANKLINES", "1,x\n\n\n2,y\n", [(1, "x"), (2, "y")]),
    "ignoreheader of two": (AB, "IGNOREHEADER 2", "h\nh|h\n1|x\n", [(1, "x")]),
    "ignoreheader as text": (AB, "IGNOREHEADER AS '1'", "h|h\n1|x\n", [(1, "x")]),
    "fillrecord with emptyasnull": (AB, "FILLRECORD EMPTYASNULL", "1\n", [(1, None)]),
    "fillrecord of a number": ("a INTEGER, b INTEGER", "FILLRECORD", "1\n", [(1, None)]),
    "fillrecord in csv": (AB, "CSV FILLRECORD", "1\n2,x\n", [(1, ""), (2, "x")]),
    "truncatecolumns by whole characters": ("a VARCHAR(4)", "TRUNCATECOLUMNS", "ééé\n", [("éé",)]),
    "four-byte characters": ("a VARCHAR(4)", "", "😀\n", [("😀",)]),
    "char loses its blanks": ("a CHAR(5)", "", "ab   \n", [("ab",)]),
    # csv
    "csv field of quotes only": ("a VARCHAR(9)", "CSV", '""""\n', [('"',)]),
    "csv blanks outside of quotes": (AB, "CSV", "1, x\n", [(1, " x")]),
    "csv line break and windows line ends": (AB, "CSV", '1,"x\r\ny"\r\n', [(1, "x\r\ny")]),
    "csv blank line inside of quotes": (AB, "CSV IGNOREBLANKLINES", '1,"x\n\ny"\n\n2,z\n', [(1, "x\n\ny"), (2, "z")]),
    "csv null as": (AB, "CSV NULL AS 'NULL'", "1,NULL\n", [(1, None)]),
    "csv with a pipe": (AB, "CSV DELIMITER '|'", '1|"x|y"\n', [(1, "x|y")]),
    "csv quote by its mark": (AB, r"CSV QUOTE AS '\''", "1,'x,y'\n", [(1, "x,y")]),
    # fixed width
    "fixedwidth": (AB, "FIXEDWIDTH 'a:3,b:4'", "  1xyz \n 12ab\n", [(1, "xyz "), (12, "ab")]),
    "fixedwidth by numbers": (AB, "FIXEDWIDTH '0:2, 1:2'", " 7xy\n", [(7, "xy")]),
    "fixedwidth counts characters": (AB, "FIXEDWIDTH 'a:1,b:2'", "1éé\n", [(1, "éé")]),
    "fixedwidth with trimblanks": (AB, "FIXEDWIDTH 'a:1,b:4' TRIMBLANKS", "1x   \n", [(1, "x")]),
    # packing and encoding
    "gzip in two members": (AB, "GZIP", gzip.compress(b"1|x\n") + gzip.compress(b"2|y\n"), [(1, "x"), (2, "y")]),
    "bzip2": (AB, "BZIP2", bz2.compress(b"1|x\n"), [(1, "x")]),
    "zstd": (AB, "ZSTD", pa.Codec("zstd").compress(b"1|x\n", asbytes=True), [(1, "x")]),
    "utf16 with its mark": (AB, "ENCODING UTF16", "1|é\n".encode("utf-16"), [(1, "é")]),
    "utf16le": (AB, "ENCODING AS utf16le", "1|é\n".encode("utf-16-le"), [(1, "é")]),
    "utf16be": (AB, "CSV ENCODING UTF16BE", "1,é\n".encode("utf-16-be"), [(1, "é")]),
    "iso88591": (AB, "ENCODING ISO88591", "1|é\n".encode("latin-1"), [(1, "é")]),
    "acceptinvchars": (AB, "ACCEPTINVCHARS", b"1|x\xff\xfey\n", [(1, "x??y")]),
    "acceptinvchars with its own mark": (AB, "ACCEPTINVCHARS AS '^'", b"1|\xe9\n", [(1, "^")]),
    "acceptinvchars in csv": (AB, "CSV ACCEPTINVCHARS '_'", b'1,"\xe9,"\n', [(1, "_,")]),
    # numbers
    "plus sign": ("a INTEGER", "", "+7\n", [(7,)]),
    "smallest smallint": ("a SMALLINT", "", "-32768\n", [(-32768,)]),
    "decimal is cut": ("a DECIMAL(6,2)", "", "1.239\n-1.239\n", [(Decimal("-1.23"),), (Decimal("1.23"),)]),
    "roundec": ("a DECIMAL(6,2)", "ROUNDEC", "1.235\n", [(Decimal("1.24"),)]),
    "decimal without a point": ("a DECIMAL(6,2)", "", "12\n", [(Decimal("12.00"),)]),
    "decimal with a bare point": ("a DECIMAL(6,2)", "", ".5\n", [(Decimal("0.50"),)]),
    "decimal of no scale is cut": ("a DECIMAL(6,0)", "", "12.9\n", [(Decimal("12"),)]),
    "double with an exponent": ("a DOUBLE PRECISION", "", "1.5e3\n", [(1500.0,)]),
    "real": ("a REAL", "", "0.5\n", [(0.5,)]),
    "every spelling of true": ("a BOOLEAN", "", "t\nTRUE\ny\nYes\n1\n", [(True,)] * 5),
    "every spelling of false": ("a BOOLEAN", "", "f\nfalse\nN\nno\n0\n", [(False,)] * 5),
    "time": ("a TIME", "", "05:17:03\n", [(dt.time(5, 17, 3),)]),
    "varbyte in hexadecimal": ("a VARBYTE", "", "616263\n", [(b"abc",)]),
    # dates and times
    "date": ("a DATE", "", "2013-01-02\n", [(DAY,)]),
    "date of a timestamp": ("a DATE", "", "2013-01-02 05:17:03\n", [(DAY,)]),
    "dateformat with slashes": ("a DATE", "DATEFORMAT AS 'MM/DD/YYYY'", "01/02/2013\n", [(DAY,)]),
    "dateformat with a month's name": ("a DATE", "DATEFORMAT 'DD-Mon-YYYY'", "02-Jan-2013\n", [(DAY,)]),
    "dateformat without marks": ("a DATE", "DATEFORMAT 'YYYYMMDD'", "20130102\n", [(DAY,)]),
    "dateformat auto of many": (
        "a DATE",
        "DATEFORMAT 'auto'",
        "20130102\n01/02/2013\nJan-02-2013\n2013.002\nJ2456295\n",
        [(DAY,)] * 5,
    ),
    "timestamp": ("a TIMESTAMP", "", "2013-01-02 05:17:03\n", [(AT,)]),
    "timestamp with a fraction": (
        "a TIMESTAMP",
        "",
        "2013-01-02 05:17:03.250\n",
        [(AT.replace(microsecond=250000),)],
    ),
    "timestamp of a date": ("a TIMESTAMP", "", "2013-01-02\n", [(dt.datetime(2013, 1, 2),)]),
    "timestamp of iso 8601": ("a TIMESTAMP", "TIMEFORMAT 'auto'", "2013-01-02T05:17:03Z\n", [(AT,)]),
    "timeformat": (
        "a TIMESTAMP",
        "TIMEFORMAT 'MM.DD.YYYY HH:MI:SS'",
        "01.02.2013 17:17:03\n",
        [(AT.replace(hour=17),)],
    ),
    "timeformat with a half day": (
        "a TIMESTAMP",
        "TIMEFORMAT 'YYYY-MM-DD HH12:MI:SS AM'",
        "2013-01-02 05:17:03 PM\n",
        [(AT.replace(hour=17),)],
    ),
    "timeformat leaves the fraction": (
        "a TIMESTAMP",
        "TIMEFORMAT 'YYYY-MM-DD HH:MI:SS'",
        "2013-01-02 05:17:03.25\n",
        [(AT.replace(microsecond=250000),)],
    ),
    "timeformat auto of many": (
        "a TIMESTAMP",
        "TIMEFORMAT 'auto'",
        "20130102 051703\n02 Jan 05:17:03 2013\n01/02/2013 05:17:03.00\n",
        [(AT,)] * 3,
    ),
    "epochsecs with a fraction": (
        "a TIMESTAMP",
        "TIMEFORMAT 'epochsecs'",
        "1357103823.5\n",
        [(AT.replace(microsecond=500000),)],
    ),
    "epochmillisecs": ("a TIMESTAMP", "TIMEFORMAT 'epochmillisecs'", "1357103823000\n", [(AT,)]),
    "timestamptz": ("a TIMESTAMPTZ", "", "2013-01-02 05:17:03+00\n", [(AT.replace(tzinfo=dt.UTC),)]),
    "acceptanydate": ("a DATE", "ACCEPTANYDATE", "2013-02-31\n2013-01-02\n", [(DAY,), (None,)]),
    "acceptanydate of a timestamp": ("a TIMESTAMP", "ACCEPTANYDATE", "never\n", [(None,)]),
    # json
    "json on several lines": (AB, "JSON 'auto'", '{"a": 1,\n "b": "x"}\n{"a": 2,\n "b": "y"}', [(1, "x"), (2, "y")]),
    "json objects on one line": (AB, "JSON 'auto'", '{"a":1,"b":"x"}{"a":2,"b":"y"}', [(1, "x"), (2, "y")]),
    "json null": (AB, "JSON 'auto'", '{"a": null, "b": null}\n', [(None, None)]),
    "json number and truth in text": (AB, "JSON 'auto'", '{"a": 1, "b": true}\n', [(1, "true")]),
    "json object in text": (AB, "JSON 'auto'", '{"a": 1, "b": {"x": [1]}}\n', [(1, '{"x":[1]}')]),
    "json key in capitals is another": (AB, "JSON 'auto'", '{"a": 1, "B": "x"}\n', [(1, None)]),
    "json auto ignorecase": (AB, "JSON 'auto ignorecase'", '{"A": 1, "B": "x"}\n{"a": 2}\n', [(1, "x"), (2, None)]),
    "json unicode": (AB, "JSON 'auto'", '{"a": 1, "b": "\\u00e9"}\n', [(1, "é")]),
    "json empty text": (AB, "JSON 'auto' EMPTYASNULL", '{"a": 1, "b": ""}\n', [(1, None)]),
    "json gzip": (AB, "JSON 'auto' GZIP", gzip.compress(b'{"a": 1, "b": "x"}'), [(1, "x")]),
    "json without an option": (AB, "FORMAT JSON", '{"a": 1, "b": "x"}', [(1, "x")]),
    "json noshred": ("a SUPER", "JSON 'noshred'", '{"x":{"y":1}}\n', [('{"x":{"y":1}}',)]),
    "json timeformat": ("a TIMESTAMP", "JSON 'auto' TIMEFORMAT 'epochmillisecs'", '{"a": 1357103823000}', [(AT,)]),
    # super in text
    "super in delimited text": ("a SUPER", "", '{"x":1}\n', [('{"x":1}',)]),
    "recorded only": (AB, "COMPUPDATE OFF STATUPDATE ON COMPROWS 1000 REGION 'us-east-1'", "1|x\n", [(1, "x")]),
    "compupdate preset": (AB, "COMPUPDATE PRESET STATUPDATE", "1|x\n", [(1, "x")]),
}


def _plain(value: Any) -> Any:
    return value.replace(": ", ":") if isinstance(value, str) and value.startswith("{") else value


@pytest.mark.parametrize("case", GOOD)
def test_file_becomes_rows(bench: LoadBench, case: str) -> None:
    columns, options, data, rows = GOOD[case]
    bench.run(f"CREATE TABLE t ({columns})")
    bench.put("in/1", data)
    assert bench.copy("t", "in/", options).row_count == len(rows)
    found = bench.rows("SELECT * FROM t ORDER BY 1 NULLS LAST")
    assert [tuple(map(_plain, row)) for row in found] == rows
    assert bench.errors() == []


# columns, options, file, (line, column, code) of each error, part of the first reason
BAD: dict[str, tuple[str, str, bytes | str, list[tuple[int, str, int]], str]] = {
    "letter in a number": (AB, "", "1x|y\n", [(1, "a", 1207)], "Invalid digit, Value 'x', Pos 1, Type: Integer"),
    "underscore in a number": (AB, "", "1_000|y\n", [(1, "a", 1207)], "Value '_', Pos 1"),
    "exponent in a whole number": (AB, "", "1e3|y\n", [(1, "a", 1207)], "Value 'e'"),
    "bigint overflow": ("a BIGINT", "", "9223372036854775808\n", [(1, "a", 1222)], "8 bytes"),
    "decimal overflow": ("a DECIMAL(4,2)", "", "100\n", [(1, "a", 1204)], "Overflow for NUMERIC(4,2)"),
    "no decimal": ("a DECIMAL(4,2)", "", "1,5\n", [(1, "a", 1207)], "Type: Decimal"),
    "no float": ("a REAL", "", "one\n", [(1, "a", 1207)], "Type: Float"),
    "double overflow": ("a DOUBLE PRECISION", "", "1e999\n", [(1, "a", 1208)], "Double"),
    "no boolean": ("a BOOLEAN", "", "2\n", [(1, "a", 1210)], "Unknown boolean format"),
    "date too short": ("a DATE", "", "20130102\n", [(1, "a", 1205)], "length must be 10 or more"),
    "date that is none": ("a DATE", "", "2013-02-31\n", [(1, "a", 1205)], "Invalid Date Format"),
    "date of another format": ("a DATE", "DATEFORMAT 'MM/DD/YYYY'", "2013-01-02\n", [(1, "a", 1205)], "[MM/DD/YYYY]"),
    "timestamp of another format": ("a TIMESTAMP", "", "01/02/2013\n", [(1, "a", 1206)], "YYYY-MM-DD HH24:MI:SS"),
    "no epoch": ("a TIMESTAMP", "TIMEFORMAT 'epochsecs'", "now\n", [(1, "a", 1206)], "[epochsecs]"),
    "text over its bytes": ("a VARCHAR(3)", "", "éé\n", [(1, "a", 1204)], "String length exceeds DDL length"),
    "char over its bytes": ("a CHAR(3)", "", "abcd\n", [(1, "a", 1204)], "String length exceeds DDL length"),
    "char of several bytes": ("a CHAR(3)", "", "é\n", [(1, "a", 1215)], "Invalid char: c3 a9"),
    "broken utf-8": (AB, "", b"1|ok\n2|\xff\n", [(2, "b", 1220)], "Bad UTF8 hex sequence: ff"),
    "cut utf-8 at the end": (AB, "CSV", b"1,\xe2\x82", [(1, "b", 1220)], "e2 82"),
    "broken utf-8 in a number": (AB, "ACCEPTINVCHARS", b"\xff|x\n", [(1, "a", 1220)], "ff"),
    "null into not null": ("a INTEGER NOT NULL, b INTEGER", "", "\\N|1\n", [(1, "a", 1213)], "not-null field"),
    "emptyasnull into not null": ("a VARCHAR(3) NOT NULL", "EMPTYASNULL CSV", '""\n', [(1, "a", 1213)], "not-null"),
    "blank line": (AB, "", "1|x\n\n2|y\n", [(2, "", 1201)], "Delimiter not found"),
    "blank line in csv": (AB, "CSV", "1,x\n\n2,y\n", [(2, "", 1201)], "Delimiter not found"),
    "too few": (AB, "", "1|x\n2\n", [(2, "", 1201)], "Delimiter not found"),
    "too many": (AB, "", "1|x|y|z\n", [(1, "", 1202)], "Extra column(s) found"),
    "too many in csv": (AB, "CSV FILLRECORD", "1,x,y\n", [(1, "", 1202)], "Extra column(s) found"),
    "fixedwidth too long": (AB, "FIXEDWIDTH 'a:1,b:2'", "1xyz\n", [(1, "", 1202)], "Extra"),
    "fixedwidth too short": (AB, "FIXEDWIDTH 'a:3,b:2'", "1\n", [(1, "", 1203)], "fewer columns"),
    "open quote with removequotes": (AB, "REMOVEQUOTES", '1|"x\n', [(1, "b", 1214)], "not closed"),
    "open quote in csv": (AB, "CSV", '1,"x\n2,y\n', [(1, "", 1214)], "Invalid quote formatting for CSV"),
    "broken json": (AB, "JSON 'auto'", '{"a": 1}\n{"a"\n', [(2, "", 1216)], "Invalid JSON"),
    "json array by names": (AB, "JSON 'auto'", "[1, 2]\n", [(1, "", 1216)], "Invalid JSON"),
    "json text in a number": (AB, "JSON 'auto'", '{"a": "one"}\n', [(1, "a", 1207)], "Invalid digit"),
    "broken super": ("a SUPER", "", "{x\n", [(1, "a", 1224)], "well-formed JSON"),
    "varbyte that is no hexadecimal": ("a VARBYTE", "", "xyz\n", [(1, "a", 1223)], "varbyte"),
    "first bad column of a row only": ("a INTEGER, b INTEGER", "", "x|y\n", [(1, "a", 1207)], "Invalid digit"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_row_is_told_and_nothing_is_loaded(bench: LoadBench, case: str) -> None:
    columns, options, data, told, reason = BAD[case]
    bench.run(f"CREATE TABLE t ({columns})")
    bench.put("in/1", data)
    with pytest.raises(RedshiftError, match=r"Load into table 't' failed\.  Check 'stl_load_errors'"):
        bench.copy("t", "in/", options)
    assert bench.errors() == told
    assert reason in bench.rows("SELECT err_reason FROM stl_load_errors")[0][0]
    assert bench.rows("SELECT error_code, line_number FROM sys_load_error_detail") == [(told[0][2], told[0][0])]
    assert bench.rows("SELECT count(*) FROM t") == [(0,)]


@pytest.mark.parametrize("case", [name for name in BAD if name not in ("open quote in csv",)])
def test_bad_row_is_left_out_where_maxerror_allows_it(bench: LoadBench, case: str) -> None:
    columns, options, data, told, _ = BAD[case]
    bench.run(f"CREATE TABLE t ({columns})")
    bench.put("in/1", data)
    count = bench.copy("t", "in/", f"{options} MAXERROR 10").row_count
    assert bench.errors() == told
    assert bench.rows("SELECT loaded_rows, error_count, status FROM sys_load_history") == [(count, 1, "completed")]


# jsonpaths: columns, paths, file, rows
PATHS: dict[str, tuple[str, Any, str, list[tuple[Any, ...]]]] = {
    "dots": (AB, ["$.n", "$.x.y"], '{"n": 1, "x": {"y": "z"}}', [(1, "z")]),
    "brackets": (AB, ["$['n']", "$['x']['y'][0]"], '{"n": 1, "x": {"y": ["z"]}}', [(1, "z")]),
    "an array": (AB, ["$[0]", "$[1]"], '[1, "x"]\n[2, "y"]', [(1, "x"), (2, "y")]),
    "a key with a dot": (AB, ["$['a.b']", '$["c d"]'], '{"a.b": 1, "c d": "x"}', [(1, "x")]),
    "a path that is not there": (AB, ["$.n", "$.gone"], '{"n": 1}', [(1, None)]),
}


@pytest.mark.parametrize("case", PATHS)
def test_jsonpaths_point_at_values(bench: LoadBench, case: str) -> None:
    columns, paths, data, rows = PATHS[case]
    bench.run(f"CREATE TABLE t ({columns})")
    bench.put("in/1", data)
    bench.put("paths.json", json.dumps({"jsonpaths": paths}))
    bench.copy("t", "in/", "JSON 's3://data/paths.json'")
    assert bench.rows("SELECT * FROM t ORDER BY 1") == rows


BAD_PATHS = {
    "another number of them": (["$.a"], "JSONPath size: 1, Number of columns in table or column list: 2"),
    "no dollar": (["a", "$.b"], "Invalid JSONPath format: a"),
    "a wildcard": (["$.*", "$.b"], "Invalid JSONPath format"),
    "no list": ("$.a", "has no array 'jsonpaths'"),
}


@pytest.mark.parametrize("case", BAD_PATHS)
def test_broken_jsonpaths_are_refused(bench: LoadBench, case: str) -> None:
    paths, message = BAD_PATHS[case]
    bench.run(f"CREATE TABLE t ({AB})")
    bench.put("in/1", "{}")
    bench.put("paths.json", json.dumps({"jsonpaths": paths}))
    with pytest.raises(RedshiftError) as caught:
        bench.copy("t", "in/", "JSON 's3://data/paths.json'")
    assert message in str(caught.value)


def avro(schema: dict[str, Any], records: list[dict[str, Any]]) -> bytes:
    target = io.BytesIO()
    fastavro.writer(target, fastavro.parse_schema(schema), records, codec="deflate")
    return target.getvalue()


AVRO = {
    "type": "record",
    "name": "r",
    "fields": [
        {"name": "a", "type": "int"},
        {"name": "b", "type": ["null", "string"]},
        {"name": "t", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "x", "type": {"type": "array", "items": "int"}},
    ],
}
RECORDS = [{"a": 1, "b": "é", "t": AT.replace(tzinfo=dt.UTC), "x": [1]}, {"a": 2, "b": None, "t": 0, "x": []}]


def test_avro_by_names_with_times_as_they_are_stored(bench: LoadBench) -> None:
    bench.run("CREATE TABLE t (a INTEGER, b VARCHAR(9), t TIMESTAMP, x SUPER)")
    bench.put("in/1", avro(AVRO, RECORDS))
    assert bench.copy("t", "in/", "FORMAT AVRO 'auto' TIMEFORMAT 'epochmillisecs'").row_count == 2
    found = bench.rows("SELECT * FROM t ORDER BY a")
    assert found[0][:3] == (1, "é", AT)
    assert found[1][1:3] == (None, dt.datetime(1970, 1, 1))


def test_avro_by_paths(bench: LoadBench) -> None:
    bench.run(f"CREATE TABLE t ({AB})")
    bench.put("in/1", avro(AVRO, RECORDS[:1]))
    bench.put("paths.json", json.dumps({"jsonpaths": ["$.x[0]", "$.b"]}))
    bench.copy("t", "in/", "AVRO 's3://data/paths.json'")
    assert bench.rows("SELECT * FROM t") == [(1, "é")]


def test_avro_that_is_none_is_named(bench: LoadBench) -> None:
    bench.run(f"CREATE TABLE t ({AB})")
    bench.put("in/1", "no avro")
    with pytest.raises(RedshiftError, match="s3://data/in/1 is not a valid Avro file"):
        bench.copy("t", "in/", "FORMAT AVRO 'auto'")


# options, file, part of the message: what stops a load as a whole
STOPPED: dict[str, tuple[str, bytes, str]] = {
    "gzip that is none": ("GZIP", b"1|x\n", "is not a gzip file"),
    "gzip that is cut": ("GZIP", gzip.compress(b"1|x\n")[:-9], "is not a gzip file"),
    "bzip2 that is none": ("BZIP2", b"1|x\n", "is not a bzip2 file"),
    "zstd that is none": ("ZSTD", b"1|x\n", "is not a zstd file"),
    "utf16 that is none": ("ENCODING UTF16LE", b"1|x", "Encoding of the file is not the same"),
    "fixedwidth of another number of columns": ("FIXEDWIDTH 'a:1'", b"1\n", "specification has 1 columns"),
    "fixedwidth without widths": ("FIXEDWIDTH 'a'", b"1\n", "Invalid fixedwidth"),
    "noshred into two columns": ("JSON 'noshred'", b"{}", "one SUPER column"),
    "an unknown way of json": ("JSON 'automatic'", b"{}", "Invalid JSON option"),
    "jsonpaths that are not there": ("JSON 's3://data/none'", b"{}", "does not exist"),
}


@pytest.mark.parametrize("case", STOPPED)
def test_load_stops_for(bench: LoadBench, case: str) -> None:
    options, data, message = STOPPED[case]
    bench.run(f"CREATE TABLE t ({AB})")
    bench.put("in/1", data)
    with pytest.raises(RedshiftError) as caught:
        bench.copy("t", "in/", options)
    assert message in str(caught.value)
    assert bench.rows("SELECT count(*) FROM t") == [(0,)]
    assert [path.name for path in bench.lake.root.iterdir()] == ["data"]


def test_there_are_120_cases_at_least() -> None:
    assert len(GOOD) + len(BAD) + len(PATHS) + len(BAD_PATHS) + len(STOPPED) >= 120
