"""Format conversion: what becomes of each JSON value under the two deserializers, and what the files hold."""

from __future__ import annotations

import base64
import io
import json
import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import orc

from lakeshift.local.firehose.deserialize import Column, SerDe, rows
from lakeshift.local.firehose.destination import read
from lakeshift.local.firehose.failures import FailedRecord, Record
from lakeshift.local.firehose.hive_types import SchemaError, parse
from lakeshift.local.firehose.joda import PatternError, compile_pattern
from lakeshift.local.firehose.objects import Batch, Output, Schema, outputs
from tests.unit.firehose.test_destination import DYNAMIC, converting

OPENX, HIVE = SerDe(), SerDe(openx=False)
SECOND = 1_000_000_000


def value(kind: str, given: str, serde: SerDe = OPENX) -> Any:
    return rows(b'{"c": %s}' % given.encode(), [Column("c", parse(kind))], serde)[0]["c"]


BOTH = {
    "a number": ("int", "7", 7),
    "null": ("int", "null", None),
    "a text": ("string", '"x"', "x"),
    "a number as text": ("string", "1.5", "1.5"),
    "a flag as text": ("string", "true", "true"),
    "a decimal keeps its digits": ("decimal(20,10)", "1234567890.0123456789", Decimal("1234567890.0123456789")),
    "a decimal is rounded": ("decimal(4,1)", "1.25", Decimal("1.3")),
    "the widest decimal": ("decimal(38,0)", "9" * 38, Decimal("9" * 38)),
    "a double": ("double", "1e3", 1000.0),
    "a flag": ("boolean", "false", False),
    "a day": ("date", '"2013-7-4"', date(2013, 7, 4)),
    "a list": ("array<int>", "[1,null]", [1, None]),
    "a struct lacks a member": ("struct<a:int,b:string>", '{"a":1,"c":2}', {"a": 1, "b": None}),
    "an empty struct": ("struct<a:int>", "{}", {"a": None}),
    "a struct's member in another case": ("struct<camelCase:int>", '{"CamelCase":1}', {"camelCase": 1}),
    "a map": ("map<string,int>", '{"k":1}', [("k", 1)]),
    "a time": ("timestamp", '"2013-07-04 05:06:07.123456789"', 1372914367 * SECOND + 123456789),
    "varchar is cut": ("varchar(2)", '"abc"', "ab"),
}


@pytest.mark.parametrize("serde", [OPENX, HIVE], ids=["OpenX", "Hive"])
@pytest.mark.parametrize(("kind", "given", "expected"), BOTH.values(), ids=BOTH)
def test_both_deserializers_read(kind: str, given: str, expected: Any, serde: SerDe) -> None:
    assert value(kind, given, serde) == expected


OPENX_ALONE = {
    "a number in a text": ("int", '"7"', 7),
    "a flag in a text": ("boolean", '"TRUE"', True),
    "one element for a list": ("array<string>", '"a"', ["a"]),
    "a list for a struct, by position": ("struct<a:int,b:int>", "[1,2,3]", {"a": 1, "b": 2}),
    "nested JSON as text, with low keys": ("string", '{"A": {"B": [1, 2.5]}}', '{"a":{"b":[1,2.5]}}'),
    "a map's keys are low": ("map<string,int>", '{"Key":1}', [("key", 1)]),
    "ISO 8601": ("timestamp", '"2017-02-07T15:13:01.39256Z"', 1486480381 * SECOND + 392560000),
    "one-digit fields": ("timestamp", '"2013-7-4 5:6:7"', 1372914367 * SECOND),
    "epoch seconds": ("timestamp", "1518033528", 1518033528 * SECOND),
    "epoch milliseconds": ("timestamp", "1518033528123", 1518033528 * SECOND + 123000000),
    "epoch seconds with a fraction": ("timestamp", "1518033528.123", 1518033528 * SECOND + 123000000),
    "epoch seconds as text": ("timestamp", '"1518033528"', 1518033528 * SECOND),
}


@pytest.mark.parametrize(("kind", "given", "expected"), OPENX_ALONE.values(), ids=OPENX_ALONE)
def test_openx_reads(kind: str, given: str, expected: Any) -> None:
    assert value(kind, given) == expected


MISMATCHES = {
    "letters for a number": (OPENX, "double", '"oops"', 'Data does not match the schema. For input string: "oops"'),
    "a number out of range": (OPENX, "tinyint", "128", "Data does not match the schema. Value 128 is out of range"),
    "a fraction for an integer": (OPENX, "int", "1.5", "Data does not match the schema. Value 1.5 is out of range"),
    "too many digits": (OPENX, "decimal(3,1)", "99.96", "Data does not match the schema. Value 99.96 is out of range"),
    "a number for a struct": (
        OPENX,
        "struct<a:int>",
        "42",
        "Data does not match the schema. Data is not JSONObject  but java.lang.Long with value 42",
    ),
    "a list for a map": (OPENX, "map<string,int>", "[]", "Data does not match the schema."),
    "an object for a number": (OPENX, "int", "{}", "Data does not match the schema."),
    "no time": (OPENX, "timestamp", '"soon"', 'Data does not match the schema. For input string: "soon"'),
    "no such day": (OPENX, "timestamp", '"2013-02-30 00:00:00"', "Data does not match the schema."),
    "Hive: a text for a number": (
        HIVE,
        "int",
        '"7"',
        "Data does not match the schema. Current token (VALUE_STRING) not numeric, can not use numeric value accessors",
    ),
    "Hive: nested JSON for a text": (
        HIVE,
        "string",
        '{"inner":1}',
        "One or more fields have incorrect format. Exception when validating field (root)",
    ),
    "Hive: no list": (HIVE, "array<int>", "1", "Data does not match the schema. java.io.IOException: Start of Array"),
    "Hive: no struct": (HIVE, "struct<a:int>", "[1]", "Data does not match the schema. java.io.IOException: Start of"),
    "Hive: ISO 8601": (HIVE, "timestamp", '"2017-02-07T15:13:01Z"', "Data does not match the schema. Timestamp format"),
}


@pytest.mark.parametrize(("serde", "kind", "given", "said"), MISMATCHES.values(), ids=MISMATCHES)
def test_a_value_that_does_not_fit_fails_its_record(serde: SerDe, kind: str, given: str, said: str) -> None:
    with pytest.raises(FailedRecord) as failed:
        value(kind, given, serde)
    assert (failed.value.code, str(failed.value)[: len(said)]) == ("DataFormatConversion.MalformedData", said)


BROKEN = {
    "no JSON": (b"{", "DataFormatConversion.ParseError"),
    "no UTF-8": (b'{"c":"\xff"}', "DataFormatConversion.ParseError"),
    "NaN": (b'{"c":NaN}', "DataFormatConversion.ParseError"),
    "nothing": (b" \n", "DataFormatConversion.MalformedData"),
    "a list of documents": (b'[{"c":1},{"c":2}]', "DataFormatConversion.MalformedData"),
    "a number": (b"1", "DataFormatConversion.MalformedData"),
    "a second document that is broken": (b'{"c":1}{"c"', "DataFormatConversion.ParseError"),
    "deep nesting": (b"[" * 100_000, "DataFormatConversion.ParseError"),
}


@pytest.mark.parametrize(("data", "code"), BROKEN.values(), ids=BROKEN)
def test_a_record_that_is_no_document_fails(data: bytes, code: str) -> None:
    with pytest.raises(FailedRecord) as failed:
        rows(data, [Column("c", parse("int"))], OPENX)
    assert failed.value.code == code


def test_documents_that_follow_one_another_are_rows() -> None:
    found = rows(b'{"c":1}{"c":2}\n {"C":3}', [Column("c", parse("int"))], OPENX)
    assert [row["c"] for row in found] == [1, 2, 3]


KEYS = {
    "as it is": (SerDe(), b'{"Name": "x"}', "x"),
    "case matters": (SerDe(ignore_case=False), b'{"Name": "x"}', None),
    "mapped": (SerDe(keys={"name": "ts"}), b'{"ts": "x"}', "x"),
    "mapped in another case": (SerDe(keys={"name": "TS"}), b'{"Ts": "x"}', "x"),
    "dots": (SerDe(dots=True, keys={"name": "a_b"}), b'{"a.b": "x"}', "x"),
    "dots stay": (SerDe(keys={"name": "a_b"}), b'{"a.b": "x"}', None),
}


@pytest.mark.parametrize(("serde", "data", "expected"), KEYS.values(), ids=KEYS)
def test_a_column_finds_its_key(serde: SerDe, data: bytes, expected: str | None) -> None:
    assert rows(data, [Column("name", parse("string"))], serde)[0]["name"] == expected


PATTERNS = {
    "yyyy-MM-dd'T'HH:mm:ssZ": ("2013-07-04T05:06:07+0200", datetime(2013, 7, 4, 3, 6, 7)),
    "yyyy/M/d H:m:s.SSS": ("2013/7/4 5:6:7.250", datetime(2013, 7, 4, 5, 6, 7, 250000)),
    "dd MMM yyyy hh:mm a": ("04 Jul 2013 05:06 PM", datetime(2013, 7, 4, 17, 6)),
    "EEE MMM dd HH:mm:ss z yyyy": ("Thu Jul 04 05:06:07 UTC 2013", datetime(2013, 7, 4, 5, 6, 7)),
    "yyyy-DDD": ("2013-185", datetime(2013, 7, 4)),
    "millis": ("1372914367000", datetime(2013, 7, 4, 5, 6, 7)),
}


@pytest.mark.parametrize(("pattern", "case"), PATTERNS.items(), ids=PATTERNS)
def test_joda_patterns_read_times(pattern: str, case: tuple[str, datetime]) -> None:
    given, expected = case
    assert compile_pattern(pattern)(given) == int((expected - datetime(1970, 1, 1)).total_seconds() * 1000) * 1_000_000


def test_the_first_format_that_fits_reads_a_time_of_the_hive_serde() -> None:
    serde = SerDe(openx=False, formats=("yyyy/MM/dd", "millis"))
    assert value("timestamp", "1000", serde) == SECOND
    with pytest.raises(FailedRecord, match="no number of milliseconds"):
        value("timestamp", '"x"', serde)


def test_a_letter_that_is_not_supported_is_told() -> None:
    with pytest.raises(PatternError, match="'G'"):
        compile_pattern("G")


@pytest.mark.parametrize(
    "text", ["uniontype<int,string>", "array<int", "map<array<int>,int>", "decimal(39,0)", "x", ""]
)
def test_a_type_that_cannot_be_written_is_told(text: str) -> None:
    with pytest.raises(SchemaError):
        parse(text)


COLUMNS = [
    Column("station", parse("string")),
    Column("at", parse("timestamp")),
    Column("wind", parse("struct<speed:double,gusts:array<double>>")),
    Column("tags", parse("map<string,string>")),
    Column("fee", parse("decimal(10,2)")),
]
ROW = (
    b'{"station":"JFK","at":"2013-07-04 05:06:07","wind":{"speed":1.5,"gusts":[2,3]},"tags":{"a":"b"},"fee":1.5,"x":1}'
)
TABLE = {"databaseName": "raw", "tableName": "weather", "versionId": "LATEST"}


def delivered(configuration: dict[str, Any], *data: bytes, columns: list[Column] = COLUMNS) -> list[Output]:
    records = [Record(one, 1372914367000, str(n)) for n, one in enumerate(data)]
    return outputs(Batch("weather", "1", uuid.UUID(int=7), records), read(configuration), Schema(columns, TABLE))


def _parquet(body: bytes) -> Any:
    return pq.read_table(io.BytesIO(body))


def _orc(body: bytes) -> Any:
    return orc.ORCFile(pa.BufferReader(body)).read()


@pytest.mark.parametrize(
    ("serializer", "reader", "extension"),
    [
        ({"ParquetSerDe": {}}, _parquet, ".parquet"),
        ({"ParquetSerDe": {"Compression": "GZIP", "WriterVersion": "V2"}}, _parquet, ".parquet"),
        ({"OrcSerDe": {"BloomFilterColumns": ["station"]}}, _orc, ".orc"),
        ({"OrcSerDe": {"Compression": "ZLIB", "FormatVersion": "V0_11"}}, _orc, ".orc"),
    ],
    ids=["Parquet", "Parquet with options", "ORC", "ORC with options"],
)  # fmt: skip
def test_rows_come_back_from_the_file(serializer: dict[str, Any], reader: Any, extension: str) -> None:
    (output,) = delivered(converting(serializer), ROW, b'{"station":"LGA"}')
    assert output.key.endswith(extension)
    first, second = reader(output.body).to_pylist()
    assert first == {
        "station": "JFK",
        "at": datetime(2013, 7, 4, 5, 6, 7),
        "wind": {"speed": 1.5, "gusts": [2.0, 3.0]},
        "tags": [("a", "b")],
        "fee": Decimal("1.50"),
    }
    assert second["station"] == "LGA" and second["at"] is None


def test_parquet_times_are_int96_and_pages_are_packed_by_snappy() -> None:
    (output,) = delivered(converting(), ROW)
    chunk = pq.ParquetFile(io.BytesIO(output.body)).metadata.row_group(0).column(1)
    assert (chunk.physical_type, chunk.compression) == ("INT96", "SNAPPY")


def test_records_that_do_not_convert_go_to_the_errors_with_the_documented_document() -> None:
    configuration = {**converting(), "Prefix": "w/", "ErrorOutputPrefix": "e/!{firehose:error-output-type}/"}
    good, bad = delivered(configuration, ROW, b"broken", b'{"fee":"oops"}')
    assert (good.records, bad.records, bad.failed) == (1, 2, "format-conversion-failed")
    assert bad.key.startswith("e/format-conversion-failed/weather-1-2013-07-04-05-06-07-")
    first, second = map(json.loads, bad.body.splitlines())
    assert first["lastErrorCode"] == "DataFormatConversion.ParseError"
    assert second == {
        "attemptsMade": 1,
        "arrivalTimestamp": 1372914367000,
        "lastErrorCode": "DataFormatConversion.MalformedData",
        "lastErrorMessage": 'Data does not match the schema. For input string: "oops"',
        "attemptEndingTimestamp": 1372914367000,
        "rawData": base64.b64encode(b'{"fee":"oops"}').decode(),
        "sequenceNumber": "2",
        "subSequenceNumber": None,
        "dataCatalogTable": TABLE,
    }


def test_only_bad_records_make_no_file_but_the_errors() -> None:
    (bad,) = delivered(converting(), b"broken")
    assert bad.failed == "format-conversion-failed"


def test_partitions_are_converted_each_by_itself() -> None:
    configuration = {**DYNAMIC, **converting(), "Prefix": DYNAMIC["Prefix"]}
    columns = [Column("d", parse("int"))]
    written = delivered(configuration, b'{"d":1}', b'{"d":2}', b'{"d":1}', b'{"d":"x"}', columns=columns)
    found = {one.key.split("/")[1]: _parquet(one.body).to_pylist() for one in written if one.failed is None}
    assert found == {"1": [{"d": 1}, {"d": 1}], "2": [{"d": 2}]}
    assert [one.failed for one in written if one.failed] == ["format-conversion-failed"]


def test_a_repeated_conversion_writes_the_same_bytes() -> None:
    again = [delivered(converting(), ROW, b"broken") for _ in range(2)]
    assert again[0] == again[1]
