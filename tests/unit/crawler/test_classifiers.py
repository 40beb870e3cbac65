"""What each classifier makes of bytes: types, damage, compression, custom classifiers, advice."""

from __future__ import annotations

import bz2
import gzip
import io
import json
from typing import Any, NamedTuple

import fastavro
import pyarrow as pa
import pytest

from lakeshift.crawler.custom import custom_classifiers
from lakeshift.crawler.globs import exclusion
from lakeshift.crawler.json_records import decode
from tests.unit.crawler.lakes import Lake, columns, lines
from tests.unit.crawler.packed import bson, lz4, orc, parquet, snappy_framed, snappy_hadoop, zipped

_CSV = b"id,name\n1,a\n2,b\n"


class Content(NamedTuple):
    data: bytes
    columns: dict[str, str]
    classification: str


_TABLE = pa.table(
    {
        "Id": pa.array([1, 2], pa.int32()),
        "big": pa.array([1, 2], pa.int64()),
        "at": pa.array([0, 1], pa.timestamp("us")),
        "price": pa.array([None, None], pa.decimal128(9, 7)),
        "tags": pa.array([["a"], []], pa.list_(pa.string())),
        "m": pa.array([[("k", "v")], []], pa.map_(pa.string(), pa.string())),
        "ok": pa.array([True, False]),
    }
)
_TABLE_COLUMNS = {
    "id": "int",
    "big": "bigint",
    "at": "timestamp",
    "price": "decimal(9,7)",
    "tags": "array<string>",
    "m": "map<string,string>",
    "ok": "boolean",
}
_TWO = {"id": "bigint", "name": "string"}
_ALL_TEXT = {"col0": "string", "col1": "string"}


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(Content(b'{"a":1}{"a":2}', {"a": "int"}, "json"), id="json-concatenated"),
        pytest.param(Content(b'{\n "a": 1\n}\n{\n "a": 2.5\n}', {"a": "double"}, "json"), id="json-pretty-printed"),
        pytest.param(Content(b'\xef\xbb\xbf{"a":true}', {"a": "boolean"}, "json"), id="json-with-a-bom"),
        pytest.param(Content(b'{"a":1}\r\n{"a":"x"}\r\n', {"a": "string"}, "json"), id="json-number-then-text"),
        pytest.param(
            Content(b'{"a":{"B":1}}\n{"a":{"c":[]}}', {"a": "struct<B:int,c:array<string>>"}, "json"), id="json-structs"
        ),
        pytest.param(Content(b'{"a":{"b":1}}\n{"a":3}', {"a": "string"}, "json"), id="json-struct-or-scalar"),
        pytest.param(Content(b'{"a":2147483648,"b":-2147483648}', {"a": "bigint", "b": "int"}, "json"), id="json-ints"),
        pytest.param(Content(b'{"a":1}\n{"a":2147483648}\n', {"a": "bigint"}, "json"), id="json-int-then-bigint"),
        pytest.param(Content(b'{"DT":1,"dt":"x"}', {"dt": "string"}, "json"), id="json-keys-fold"),
        pytest.param(Content(b"{}\n{}\n", {}, "json"), id="json-without-keys"),
        pytest.param(Content(b'broken {\n{"a":1}\n', {"a": "int"}, "json"), id="json-after-a-broken-first-line"),
        pytest.param(Content(_CSV, _TWO, "csv"), id="csv"),
        pytest.param(Content(_CSV.replace(b",", b"|"), _TWO, "csv"), id="csv-pipe"),
        pytest.param(Content(_CSV.replace(b",", b"\t"), _TWO, "csv"), id="csv-tab"),
        pytest.param(Content(_CSV.replace(b",", b"\x01"), _TWO, "csv"), id="csv-ctrl-a"),
        pytest.param(Content(b"1,a\n2,b\n", {"col0": "bigint", "col1": "string"}, "csv"), id="csv-without-header"),
        pytest.param(Content(b"c,n\nAA,x\nUA,y\n", _ALL_TEXT, "csv"), id="csv-all-text"),
        pytest.param(Content(b'id,t\n1,"a\nb"\n', {"id": "bigint", "t": "string"}, "csv"), id="csv-quoted-newline"),
        pytest.param(Content(b"f,ok\n1.5,true\n2,False\n", {"f": "double", "ok": "boolean"}, "csv"), id="csv-types"),
        pytest.param(Content(b"id,n\n1,caf\xe9\n2,x\n", {"id": "bigint", "n": "string"}, "csv"), id="csv-latin-1"),
        pytest.param(
            Content(
                bson({"Id": 7, "n": 1 << 40, "d": 1.5, "s": "x", "ok": True, "z": None, "tags": ["a"], "in": {"B": 1}})
                + bson({"Id": 8, "z": "now"}),
                {
                    "id": "int",
                    "n": "bigint",
                    "d": "double",
                    "s": "string",
                    "ok": "boolean",
                    "z": "string",
                    "tags": "array<string>",
                    "in": "struct<B:int>",
                },
                "bson",
            ),
            id="bson",
        ),
        pytest.param(Content(bson({"Id": 7})[:-2], {}, "UNKNOWN"), id="bson-cut"),
        pytest.param(
            Content(b"<a><row><id>1</id></row><row><id>2</id></row><x/></a>", {"id": "bigint"}, "xml"), id="xml"
        ),
        pytest.param(Content(b"<a><row><id>1</id></row><row>", {"id": "bigint"}, "xml"), id="xml-cut"),
        pytest.param(Content(b"\xe0\x01\x00\xea\x21\x01", {}, "UNKNOWN"), id="ion-is-unknown"),
        pytest.param(Content("id,n\n1,x\n2,y\n".encode("utf-16"), {}, "UNKNOWN"), id="utf-16-is-unknown"),
        pytest.param(Content(b"just some text\n", {}, "UNKNOWN"), id="text-is-unknown"),
        pytest.param(Content(b"\x00\x01\x02\xff", {}, "UNKNOWN"), id="bytes-are-unknown"),
        pytest.param(Content(gzip.compress(_CSV), _TWO, "csv"), id="gzip"),
        pytest.param(Content(gzip.compress(_CSV)[:-9], _TWO, "csv"), id="truncated-gzip"),
        pytest.param(Content(bz2.compress(_CSV), _TWO, "csv"), id="bzip2"),
        pytest.param(Content(zipped(_CSV, "x.csv"), _TWO, "csv"), id="zip"),
        pytest.param(Content(lz4(_CSV), _TWO, "csv"), id="lz4"),
        pytest.param(Content(snappy_framed(_CSV), _TWO, "csv"), id="snappy-framed"),
        pytest.param(Content(snappy_hadoop(_CSV), _TWO, "csv"), id="snappy-hadoop"),
        pytest.param(Content(zipped(_CSV, "x.csv", "y.csv"), {}, "UNKNOWN"), id="zip-of-two"),
        pytest.param(Content(parquet(_TABLE), _TABLE_COLUMNS, "parquet"), id="parquet"),
        pytest.param(Content(orc(_TABLE), _TABLE_COLUMNS, "orc"), id="orc"),
        pytest.param(Content(parquet(_TABLE)[:-5], {}, "UNKNOWN"), id="parquet-without-a-footer"),
    ],
)
def test_content(lake: Lake, case: Content) -> None:
    lake.put({"t/x": case.data}).crawl("t/")
    table = lake.catalog["t"].table
    assert (columns(table), table["Parameters"]["classification"]) == (case.columns, case.classification)


def test_parquet_counts_come_from_the_footer(lake: Lake) -> None:
    lake.put({"t/x.parquet": parquet(pa.table({"a": list(range(5000))}))}).crawl("t/")
    assert lake.catalog["t"].table["Parameters"]["recordCount"] == "5000"


def test_avro_keeps_its_schema_and_counts_its_blocks(lake: Lake) -> None:
    schema = {
        "type": "record",
        "name": "flight",
        "fields": [
            {"name": "Id", "type": ["null", "int"]},
            {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
            {"name": "tags", "type": {"type": "array", "items": "string"}},
        ],
    }
    out = io.BytesIO()
    fastavro.writer(out, schema, [{"Id": n, "at": 0, "tags": []} for n in range(50)])
    plan = lake.put({"t/x.avro": out.getvalue()}).crawl("t/")
    table = lake.catalog["t"].table
    assert columns(table) == {"id": "int", "at": "timestamp", "tags": "array<string>"}
    literal = json.loads(table["Parameters"]["avro.schema.literal"])
    assert [field["name"] for field in literal["fields"]] == ["Id", "at", "tags"]
    assert table["StorageDescriptor"]["SerdeInfo"]["Parameters"] == {
        "avro.schema.literal": table["Parameters"]["avro.schema.literal"]
    }
    assert plan.files[0].records == 50


@pytest.mark.parametrize(
    ("data", "whole", "records", "damaged"),
    [
        (b'{"a":1}\n{"a":2}\n{"a', False, 2, False),
        (b'{"a":1}\n{"a":2}\n{"a', True, 2, True),
        (b'{"a":1}\n{"a":\n{"a":3}\n', True, 1, True),
        (b'{"a":1}\nnonsense\n{"a":3}\n', True, 1, True),
        (b'{"a"\n{"a":2}\n', True, 1, True),
        (b"", True, 0, False),
        (b"12\n13\n", True, 0, True),
        (lines({"a": n} for n in range(1500)), True, 1000, False),
        (b"[" * 100_000, True, 0, True),
    ],
    ids=["cut", "truncated", "broken-line", "text-line", "broken-first", "empty", "numbers", "cap", "deep"],
)
def test_records_before_damage_count(data: bytes, whole: bool, records: int, damaged: bool) -> None:
    found = decode(data, whole=whole)
    assert (len(found.records), bool(found.damage)) == (records, damaged)


def test_a_first_record_over_a_mebibyte_is_still_read(lake: Lake) -> None:
    lake.put({"t/x.json": [{"a": "x" * (2 << 20), "b": 1}]}).crawl("t/")
    assert lake.tables()["t"] == {"a": "string", "b": "int"}


class Custom(NamedTuple):
    data: bytes
    classifier: dict[str, Any]
    columns: dict[str, str]
    classification: str


_NAMED = {"Name": "n", "Classification": "mine"}
_XML = b"<catalog><book><AnyCompany id='7'><author>a</author><title>t</title></AnyCompany></book></catalog>"


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(
            Custom(
                b"c,n\nAA,x\nUA,y\n",
                {"CsvClassifier": {"Name": "n", "ContainsHeader": "PRESENT"}},
                {"c": "string", "n": "string"},
                "csv",
            ),
            id="csv-header-present",
        ),
        pytest.param(
            Custom(
                b"id,n\n1,x\n2,y\n",
                {"CsvClassifier": {"Name": "n", "ContainsHeader": "PRESENT", "Header": ["other", "names"]}},
                {"id": "bigint", "n": "string"},
                "csv",
            ),
            id="csv-of-another-header-is-left-to-the-next",
        ),
        pytest.param(
            Custom(
                b'{"a":1,"b":"x"}\n{"a":2,"b":"y"}\n',
                {"CsvClassifier": {"Name": "n", "ContainsHeader": "PRESENT", "Header": ["carrier", "name"]}},
                {"a": "int", "b": "string"},
                "json",
            ),
            id="csv-with-a-header-leaves-json-alone",
        ),
        pytest.param(
            Custom(
                b"1,x\n2,y\n",
                {"CsvClassifier": {"Name": "n", "ContainsHeader": "ABSENT", "Header": ["k", "v"]}},
                {"k": "bigint", "v": "string"},
                "csv",
            ),
            id="csv-header-given",
        ),
        pytest.param(
            Custom(
                json.dumps([{"type": "a", "id": 1}, {"type": "b", "id": 2}]).encode(),
                {"JsonClassifier": {"Name": "n", "JsonPath": "$[*]"}},
                {"type": "string", "id": "int"},
                "json",
            ),
            id="GT24-json-path-spreads",
        ),
        pytest.param(
            Custom(
                b'{"identifiers":[{"identifier":"x"},{"identifier":"y"}]}',
                {"JsonClassifier": {"Name": "n", "JsonPath": "$.identifiers[*].identifier"}},
                {"record": "string"},
                "json",
            ),
            id="GT25-json-path-to-a-scalar",
        ),
        pytest.param(
            Custom(
                b'{"id":"x","n":1}\n{"id":"y","n":2}\n',
                {"JsonClassifier": {"Name": "n", "JsonPath": "$.id"}},
                {"record": "string"},
                "json",
            ),
            id="GT25-json-path-to-a-key",
        ),
        pytest.param(
            Custom(
                _XML,
                {"XMLClassifier": {**_NAMED, "RowTag": "AnyCompany"}},
                {"id": "bigint", "author": "string", "title": "string"},
                "mine",
            ),
            id="GT26-xml-row-tag",
        ),
        pytest.param(
            Custom(
                b"2017-03-29 12:00:00,123 [abc] INFO : hello there 12\n",
                {
                    "GrokClassifier": {
                        **_NAMED,
                        "GrokPattern": r"%{TIMESTAMP_ISO8601:timestamp} \[%{MESSAGEPREFIX:message_prefix}\] "
                        r"%{CRAWLERLOGLEVEL:loglevel} : %{GREEDYDATA:message}",
                        "CustomPatterns": "MESSAGEPREFIX [a-z]+\nCRAWLERLOGLEVEL (INFO|WARN)",
                    }
                },
                {"timestamp": "string", "message_prefix": "string", "loglevel": "string", "message": "string"},
                "mine",
            ),
            id="GT27-grok",
        ),
        pytest.param(
            Custom(
                b"7 x\n",
                {"GrokClassifier": {**_NAMED, "GrokPattern": "%{NUMBER:num:int} %{WORD:word}"}},
                {"num": "int", "word": "string"},
                "mine",
            ),
            id="GT27-grok-cast",
        ),
    ],
)
def test_custom_classifiers_come_first(lake: Lake, case: Custom) -> None:
    lake.put({"t/x": case.data}).crawl("t/", classifiers=(case.classifier,))
    table = lake.catalog["t"].table
    assert (columns(table), table["Parameters"]["classification"]) == (case.columns, case.classification)


_QUOTED = b'id,n\n1,"x"\n2,"y"\n'


@pytest.mark.parametrize(
    ("data", "given", "library"),
    [
        (_QUOTED, {}, "LazySimpleSerDe"),
        (_QUOTED, {"Serde": "LazySimpleSerDe"}, "LazySimpleSerDe"),
        (_QUOTED, {"Serde": "OpenCSVSerDe"}, "OpenCSVSerde"),
        (_QUOTED, {"Serde": "None"}, "OpenCSVSerde"),
        (_CSV, {"Serde": "None"}, "LazySimpleSerDe"),
    ],
    ids=["default", "lazy", "open", "chosen-for-quotes", "chosen-without"],
)
def test_the_serde_of_a_csv_classifier(lake: Lake, data: bytes, given: dict[str, str], library: str) -> None:
    lake.put({"t/x": data}).crawl("t/", classifiers=({"CsvClassifier": {"Name": "n", **given}},))
    assert lake.catalog["t"].table["StorageDescriptor"]["SerdeInfo"]["SerializationLibrary"].endswith(library)


@pytest.mark.parametrize(("off", "kind"), [(False, "bigint"), (True, "string")], ids=["trimmed", "not"])
def test_blanks_count_where_values_are_not_trimmed(lake: Lake, off: bool, kind: str) -> None:
    classifier = {"CsvClassifier": {"Name": "n", "DisableValueTrimming": off, "ContainsHeader": "PRESENT"}}
    lake.put({"t/x": b"id,n\n 1,x\n2,y\n"}).crawl("t/", classifiers=(classifier,))
    assert lake.tables()["t"]["id"] == kind


@pytest.mark.parametrize(
    "given", [{"Delimiter": ",", "QuoteSymbol": ","}, {"Delimiter": ",,"}], ids=["same-sign", "two-signs"]
)
def test_signs_that_cannot_be_told_apart_are_refused(given: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="character"):
        custom_classifiers([{"CsvClassifier": {"Name": "n", **given}}])


def test_a_self_closing_row_element_is_no_row(lake: Lake) -> None:
    classifier = {"XMLClassifier": {**_NAMED, "RowTag": "row"}}
    lake.put({"t/x.xml": b"<rows><row a='1'/></rows>"}).crawl("t/", classifiers=(classifier,))
    assert lake.catalog["t"].table["Parameters"]["classification"] == "UNKNOWN"


@pytest.mark.parametrize(
    ("line", "classification", "column"),
    [
        (
            '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a.gif HTTP/1.0" 200 2326 "http://x" "Mozilla"',
            "combined_apache",
            "clientip",
        ),
        ('127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a.gif HTTP/1.0" 200 2326', "apache", "response"),
        ("Apr  6 10:00:01 host1 kernel: [12345.678901] usb 1-1: new device", "linux_kernel", "uptime"),
        (
            "2013-05-24 20:18:01 10.0.0.1 GET /Default.htm - 80 - 172.224.24.114 Mozilla/4.0 200 0 0 7",
            "microsoft_log",
            "uristem",
        ),
        ("I, [1999-03-03T02:34:24.895701 #19074]  INFO -- Main: info.", "ruby_logger", "loglevel"),
        (
            "1066036250.603 310 192.0.67.5 TCP_MISS/200 12345 GET http://x/a.gif - DIRECT/193.0.0.1 image/gif",
            "squid",
            "elapsed",
        ),
        ('1339518083.107412 [0 127.0.0.1:60866] "keys" "*"', "redismonlog", "command"),
        ("[4018] 14 Nov 07:01:22.119 * Background saving terminated with success", "redislog", "message"),
        ("4018:M 14 Nov 2013 07:01:22.119 # Server started", "redislog", "pid"),
    ],
    ids=["combined", "common", "kernel", "iis", "ruby", "squid", "redis-monitor", "redis", "redis-new"],
)
def test_logs_are_known_without_a_classifier(lake: Lake, line: str, classification: str, column: str) -> None:
    head = "#Software: Microsoft Internet Information Services\n" if classification == "microsoft_log" else ""
    lake.put({"t/log": (head + f"{line}\n" * 3).encode()}).crawl("t/")
    assert lake.catalog["t"].table["Parameters"]["classification"] == classification
    assert column in lake.tables()["t"]


@pytest.mark.parametrize(
    ("objects", "code"),
    [
        ({"t/x.json": b'{"a":1}\n{"a'}, "damaged-json"),
        ({"t/x.json": b'[{"a":1}]'}, "top-level-array"),
        ({"t/x.json": b'{\n"a":1}'}, "pretty-printed-json"),
        ({"t/x.json": b'{"A":1,"a":2}'}, "duplicate-column"),
        ({"t/a=1/x.json": b'{"a":1}'}, "duplicate-column"),
        ({"t/x.csv": b"a,b\nx,y\nz,q\n"}, "header-lost"),
        ({"t/x.csv": b'a,b\n1,"y"\n2,z\n'}, "quoted-csv"),
        ({"t/x.csv": b"zip,b\n01234,y\n02345,z\n"}, "leading-zeros"),
        ({"t/x.bin": b"\x00\x01"}, "unreadable"),
        ({"t/x.csv": b"\xef\xbb\xbf" + _CSV}, "byte-order-mark"),
        ({"t/x.csv.gz": gzip.compress(_CSV * 99)[:-9]}, "truncated-archive"),
        ({"t/1/x.json": b'{"a":1}', "t/2/x.json": b'{"a":"x"}'}, "partition-schema-mismatch"),
        ({f"t/{n}.json": f'{{"c{n}":1}}'.encode() for n in range(51)}, "too-many-tables"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_will_bite_later_is_told_with_its_fix(lake: Lake, objects: dict[str, bytes], code: str) -> None:
    found = {advice.code: advice for advice in lake.put(objects).plan("t/").advice}
    assert code in found
    assert found[code].where.startswith("s3://b/t/")
    assert found[code].fix


_KEYS = [
    "departments/finance.json",
    "departments/market-us.json",
    "departments/market-emea.json",
    "departments/market-ap.json",
    "employees/hr.json",
    "employees/john.csv",
    "employees/jane.csv",
    "employees/juan.txt",
]


@pytest.mark.parametrize(
    ("pattern", "kept"),
    [
        ("departments/**", _KEYS[4:]),
        ("departments/market*", [_KEYS[0], *_KEYS[4:]]),
        ("**.csv", [key for key in _KEYS if not key.endswith("csv")]),
        ("employees/*.csv", [key for key in _KEYS if not key.endswith("csv")]),
        ("*.csv", _KEYS),
        ("*/{hr,juan}.???*", [key for key in _KEYS if "hr." not in key and "juan" not in key]),
        ("employees/[!j]*", [key for key in _KEYS if key != "employees/hr.json"]),
    ],
    ids=["GT38", "GT39", "GT40", "GT41", "within-a-folder", "braces", "not-in-brackets"],
)
def test_exclude_patterns(pattern: str, kept: list[str]) -> None:
    assert [key for key in _KEYS if not exclusion(pattern).match(key)] == kept


@pytest.mark.parametrize("pattern", ["a[b", "a{b"])
def test_an_open_bracket_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="does not close"):
        exclusion(pattern)
