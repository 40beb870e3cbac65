"""Reading JSON as Glue's reader does."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytestmark = pytest.mark.spark


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        pytest.param([{"a": 1}, {"a": 2}], ["|-- a: int"], id="small-integer-is-int"),
        pytest.param([{"a": 2**40}], ["|-- a: long"], id="large-integer-is-long"),
        pytest.param([{"a": 1.5}], ["|-- a: double"], id="fraction-is-double"),
        pytest.param([{"a": 1}, {"a": "x"}], ["|-- a: choice", "|    |-- int", "|    |-- string"], id="int-and-string"),
        pytest.param([{"a": 1}, {"a": 2**40}], ["|-- a: choice", "|    |-- int", "|    |-- long"], id="int-and-long"),
        pytest.param([{"a": 1}, {"a": None}], ["|-- a: int"], id="null-makes-no-choice"),
        pytest.param([{"a": None}], ["|-- a: null"], id="only-null-is-null"),
        pytest.param([{"a": {"b": True}}], ["|-- a: struct", "|    |-- b: boolean"], id="struct"),
        pytest.param(
            [{"l": [{"price": 100.0}, {"price": "$100.00"}]}],
            [
                "|-- l: array",
                "|    |-- element: struct",
                "|    |    |-- price: choice",
                "|    |    |    |-- double",
                "|    |    |    |-- string",
            ],
            id="choice-inside-array-of-structs",
        ),
    ],
)
def test_schema_is_that_of_the_records(of_json: Any, tree: Any, records: list[Any], expected: list[str]) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-types.html"""
    assert tree(of_json(*records)) == ["root", *expected]


def test_malformed_record_is_an_error_and_swallows_the_next_line(of_json: Any, shown: Any) -> None:
    """The example of errorsAsDynamicFrame:
    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-dynamic-frame.html
    """
    frame = of_json(
        {"id": 1, "name": "george", "surname": "washington", "height": 178},
        '{"id": 2, "name": "benjamin", "surname": "franklin",',
        {"id": 3, "name": "alexander", "surname": "hamilton", "height": 171},
        {"id": 4, "name": "john", "surname": "jay", "height": 190},
    )
    assert [r["id"] for r in shown(frame)] == [1, 4]
    assert frame.errorsCount() == 1
    (error,) = shown(frame.errorsAsDynamicFrame())
    assert error["error"]["dynamicRecord"] == {"id": 2, "name": "benjamin", "surname": "franklin"}
    assert error["error"]["input"].startswith('{"id": 2, "name": "benjamin"')


@pytest.mark.parametrize(
    ("text", "ids", "errors"),
    [
        pytest.param('{"id": 1, "s": "cut in\n{"id": 2}\n', [2], 1, id="cut-inside-a-string-keeps-the-next"),
        pytest.param('{"id": 1}\n\n{"id": 2}', [1, 2], 0, id="blank-line-and-no-last-newline"),
        pytest.param('{"id": 1} {"id": 2}\n', [1, 2], 0, id="two-on-a-line"),
        pytest.param('{\n "id": 1\n}\n{"id":\n2}\n', [1, 2], 0, id="pretty-printed"),
        pytest.param('[{"id": 1},\n{"id": 2}]\n', [1, 2], 0, id="top-level-array"),
        pytest.param('{"id": 1}\nnot json\n{"id": 2}\n', [1, 2], 1, id="garbage-line"),
        pytest.param('{"id": 1}\n{"id": 2', [1], 1, id="cut-at-the-end-of-the-file"),
        pytest.param('{"id": 1}\n"text"\n{"id": 2}\n', [1, 2], 1, id="a-value-that-is-no-object"),
    ],
)
def test_records_are_a_stream(of_json: Any, text: str, ids: list[int], errors: int) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-format-json-home.html"""
    frame = of_json(text.removesuffix("\n"))
    assert [row.id for row in frame.toDF().collect()] == ids
    assert frame.errorsCount() == errors


def test_malformed_record_leaves_no_trace_in_the_schema(of_json: Any, tree: Any) -> None:
    frame = of_json({"id": 1}, '{"id": "x", "other": 1, "s": "cut', {"id": 2})
    assert tree(frame) == ["root", "|-- id: int"]


def test_absent_key_is_not_a_null(of_json: Any, shown: Any) -> None:
    records = [{"a": 1, "b": 1}, {"a": 2}, {"a": None, "b": 2}]
    assert shown(of_json(*records)) == records


def test_attach_filename_adds_the_file(glue: Any, write: Any) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-format.html"""
    path = write("a b+c.json", json.dumps({"id": 1}) + "\n")
    frame = glue.create_dynamic_frame.from_options("s3", {"paths": [path]}, "json", {"attachFilename": "source"})
    assert [tuple(r) for r in frame.toDF().collect()] == [(1, f"file:{path}")]
