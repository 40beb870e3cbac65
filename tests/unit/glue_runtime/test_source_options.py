"""What options of sources mean, without Spark."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.glue_runtime.engine.dynamodb_tables import item_of, value_of
from lakeshift.glue_runtime.engine.format_options import codec, is_compressed, with_schema
from lakeshift.glue_runtime.engine.json_reader import json_path
from lakeshift.glue_runtime.engine.options import texts


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("$", []),
        ("$.a", [".a"]),
        ("$.a.b[*]", [".a", ".b", "*"]),
        ("$[*]", ["*"]),
        ("$[0].a", ["0", ".a"]),
        ("$['a b'].c", [".a b", ".c"]),
        ('$["a.b"]', [".a.b"]),
        ("$.*", [".*"]),
    ],
)
def test_json_paths(path: str, steps: list[str]) -> None:
    assert json_path(path) == steps


@pytest.mark.parametrize("path", ["$..a", "$.a[?(@.b > 1)]", "$.a[1:2]"])
def test_json_paths_that_are_refused(path: str) -> None:
    with pytest.raises(NotSupportedLocallyError, match="jsonPath"):
        json_path(path)


@pytest.mark.parametrize(
    ("value", "typed"),
    [
        (1, {"N": "1"}),
        (1.5, {"N": "1.5"}),
        ("x", {"S": "x"}),
        (True, {"BOOL": True}),
        (None, {"NULL": True}),
        ([1, "x"], {"L": [{"N": "1"}, {"S": "x"}]}),
        ({"a": {"b": 2**40}}, {"M": {"a": {"M": {"b": {"N": "1099511627776"}}}}}),
        (b"x", {"B": b"x"}),
    ],
)
def test_dynamodb_values_both_ways(value: Any, typed: dict[str, Any]) -> None:
    assert item_of(value) == typed
    assert value_of(typed) == value


def test_dynamodb_sets_are_lists_and_decimals_numbers() -> None:
    assert value_of({"NS": ["1", "2.5"]}) == [1, 2.5]
    assert value_of({"SS": ["a"]}) == ["a"]
    assert item_of(Decimal("1.50")) == {"N": "1.50"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, []), ("", []), ("a", ["a"]), ('["a", "b"]', ["a", "b"]), (["a"], ["a"]), (("a", "b"), ["a", "b"])],
)
def test_lists_in_options(value: Any, expected: list[str]) -> None:
    assert texts(value) == expected


@pytest.mark.parametrize(
    ("path", "options", "expected"),
    [
        ("a.json", {}, False),
        ("a.json.gz", {}, True),
        ("a.JSON.BZ2", {}, True),
        ("a.json", {"compressionType": "gzip"}, True),
        ("a.json", {"compressionType": "none"}, False),
    ],
)
def test_compressed_files(path: str, options: dict[str, str], expected: bool) -> None:
    assert is_compressed(path, options) is expected


def test_an_unknown_compression_is_refused() -> None:
    with pytest.raises(NotSupportedLocallyError, match="compressionType rar"):
        codec({"compressionType": "rar"})


def test_with_schema_in_the_words_of_gluetypes() -> None:
    field = {"name": "a", "container": {"dataType": "array", "elementType": {"dataType": "long"}}}
    schema = with_schema({"withSchema": {"dataType": "struct", "fields": [field]}})
    assert schema is not None
    assert schema.simpleString() == "struct<a:array<bigint>>"
