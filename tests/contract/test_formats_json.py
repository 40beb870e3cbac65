"""JSON as AWS Glue reads it.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-format-json-home.html
"""

from __future__ import annotations

import bz2
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.contract.reading import folder_of, read, rows

pytestmark = pytest.mark.page("aws-glue-programming-etl-format-json-home")

NESTED = '{"id": 1, "name": "x", "records": [{"a": 1}, {"a": 2}], "deep": {"er": {"a": 3}}, "o dd": {"a": 4}}'


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        pytest.param("$.deep", NESTED, [{"er": {"a": 3}}], id="an-object"),
        pytest.param("$.deep.er", NESTED, [{"a": 3}], id="an-object-in-an-object"),
        pytest.param("$.records[*]", NESTED, [{"a": 1}, {"a": 2}], id="elements-of-an-array"),
        pytest.param("$.records", NESTED, [{"a": 1}, {"a": 2}], id="an-array-is-its-elements"),
        pytest.param("$.records[1]", NESTED, [{"a": 2}], id="one-element"),
        pytest.param("$['o dd']", NESTED, [{"a": 4}], id="a-quoted-name"),
        pytest.param("$[*]", '[{"a": 1},\n {"a": 2}]', [{"a": 1}, {"a": 2}], id="elements-of-the-document"),
        pytest.param("$.nowhere", NESTED, [], id="what-is-nowhere-gives-no-record"),
        pytest.param("$.deep.er", NESTED + "\n" + NESTED, [{"a": 3}, {"a": 3}], id="in-every-document-of-a-file"),
    ],
)
def test_json_path_names_the_records(glue: Any, tmp_path: Path, path: str, text: str, expected: list[Any]) -> None:
    frame = read(glue, "json", folder_of(tmp_path, a_json=text), {"jsonPath": path})
    assert rows(frame) == expected


@pytest.mark.parametrize(
    ("name", "content", "options"),
    [
        pytest.param("a_json", b'{"id": 1}\n{"id": 2}\n', {}, id="plain"),
        pytest.param("a_json.gz", gzip.compress(b'{"id": 1}\n{"id": 2}\n'), {}, id="gzip-by-name"),
        pytest.param("a_json.bz2", bz2.compress(b'{"id": 1}\n{"id": 2}\n'), {}, id="bzip2-by-name"),
        pytest.param(
            "a_dat", gzip.compress(b'{"id": 1}\n{"id": 2}\n'), {"compressionType": "gzip"}, id="gzip-by-option"
        ),
        pytest.param(
            "a_dat", bz2.compress(b'{"id": 1}\n{"id": 2}\n'), {"compressionType": "bzip2"}, id="bzip2-by-option"
        ),
        pytest.param("a_json", b'\xef\xbb\xbf{"id": 1}\n{"id": 2}\n', {}, id="byte-order-mark"),
        pytest.param("a_json", b'{"id": 1}\r\n{"id": 2}\r\n', {}, id="windows-line-ends"),
    ],
)
def test_bytes_of_a_file(glue: Any, tmp_path: Path, name: str, content: bytes, options: dict[str, Any]) -> None:
    frame = read(glue, "json", folder_of(tmp_path, **{name: content}), **options)
    assert rows(frame) == [{"id": 1}, {"id": 2}]


def test_multiline_records(glue: Any, tmp_path: Path) -> None:
    path = folder_of(tmp_path, a_json=json.dumps([{"id": 1}, {"id": 2}], indent=2))
    assert rows(read(glue, "json", path, {"multiline": True})) == [{"id": 1}, {"id": 2}]


def test_with_schema_takes_the_fields_and_types_it_names(glue: Any, tmp_path: Path) -> None:
    schema = {
        "type": "struct",
        "fields": [
            {"name": "id", "type": "long", "nullable": True, "metadata": {}},
            {"name": "name", "type": "string", "nullable": True, "metadata": {}},
        ],
    }
    path = folder_of(tmp_path, a_json='{"id": 1, "name": "x", "other": 2}\n{"id": 2, "name": 5}\n')
    frame = read(glue, "json", path, {"withSchema": json.dumps(schema)})
    assert rows(frame) == [{"id": 1, "name": "x"}, {"id": 2, "name": "5"}]
    assert frame.toDF().dtypes == [("id", "bigint"), ("name", "string")]


def test_with_schema_casts_to_types_that_json_has_not(glue: Any, tmp_path: Path, spark: Any) -> None:
    kinds = {"day": "date", "price": "decimal(10,2)", "n": "smallint", "at": "timestamp"}
    schema = spark.createDataFrame([], ", ".join(f"{n} {k}" for n, k in kinds.items())).schema
    text = '{"day": "2020-01-02", "price": 1.5, "n": 7, "at": "2020-01-02T03:04:05Z"}\n'
    frame = read(glue, "json", folder_of(tmp_path, a_json=text), {"withSchema": json.dumps(schema.jsonValue())})
    assert dict(frame.toDF().dtypes) == kinds
    (row,) = rows(frame)
    assert [str(row[name]) for name in kinds] == ["2020-01-02", "1.50", "7", "2020-01-02 03:04:05"]


def test_optimize_performance_reads_the_same(glue: Any, tmp_path: Path) -> None:
    path = folder_of(tmp_path, a_json='{"id": 1}\n')
    assert rows(read(glue, "json", path, {"optimizePerformance": True})) == [{"id": 1}]


def test_fields_keep_the_order_of_the_file_and_their_case(glue: Any, tmp_path: Path) -> None:
    frame = read(glue, "json", folder_of(tmp_path, a_json='{"b": 1, "A": 2, "a": 3}\n'))
    assert [field.name for field in frame.schema()] == ["b", "A", "a"]


def test_text_beyond_ascii(glue: Any, tmp_path: Path) -> None:
    frame = read(glue, "json", folder_of(tmp_path, a_json='{"ключ": "Zürich \\u2713 日本"}\n'))
    assert rows(frame) == [{"ключ": "Zürich ✓ 日本"}]


@pytest.mark.page("aws-glue-api-crawler-pyspark-extensions-dynamic-frame")
def test_malformed_records_are_error_records(glue: Any, tmp_path: Path) -> None:
    frame = read(glue, "json", folder_of(tmp_path, a_json='{"id": 1}\n{"id": 2,, }\n{"id": 3}\n', b_json='{"id": '))
    assert rows(frame) == [{"id": 1}, {"id": 3}]
    assert frame.errorsCount() == 2
    texts = sorted(row.error.input for row in frame.errorsAsDynamicFrame().toDF().collect())
    assert texts == ['{"id": ', '{"id": 2,, }']


def test_sink_writes_a_record_a_line(glue: Any, tmp_path: Path, of_json: Any) -> None:
    frame = of_json({"family_name": "Collins", "given_name": "Michael", "birth_date": "1944-10-15"})
    out = tmp_path / "out"
    glue.write_dynamic_frame.from_options(frame, "s3", {"path": str(out)}, "json")
    (file,) = [p for p in out.iterdir() if not p.name.startswith(".")]
    assert file.read_text() == '{"family_name":"Collins","given_name":"Michael","birth_date":"1944-10-15"}\n'
    assert file.name.startswith("run-")


def test_sink_compresses(glue: Any, tmp_path: Path, of_json: Any) -> None:
    out = tmp_path / "out"
    glue.write_dynamic_frame.from_options(of_json({"a": 1}), "s3", {"path": str(out), "compression": "gzip"}, "json")
    (file,) = [p for p in out.iterdir() if not p.name.startswith(".")]
    assert gzip.decompress(file.read_bytes()) == b'{"a":1}\n'
