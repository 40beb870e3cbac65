"""Avro's rules of resolution, case by case."""

from __future__ import annotations

from typing import Any

import pytest

from lakeshift.local.glue.registry.avro import can_read, fault


def record(*fields: Any, name: str = "r", **more: Any) -> dict[str, Any]:
    return {"type": "record", "name": name, "fields": [{"name": n, "type": t, **m} for n, t, m in fields], **more}


_A = ("a", "int", {})
_ENUM = {"type": "enum", "name": "e", "symbols": ["X", "Y"]}
_LIST: dict[str, Any] = record(("next", ["null", "list"], {}), name="list")


@pytest.mark.parametrize(
    ("reader", "writer", "reads"),
    [
        pytest.param("int", "int", True, id="same"),
        pytest.param("long", "int", True, id="promoted"),
        pytest.param("int", "long", False, id="not-demoted"),
        pytest.param("string", "bytes", True, id="bytes-as-string"),
        pytest.param({"type": "string", "logicalType": "uuid"}, "string", True, id="logical-type-is-its-type"),
        pytest.param(["null", "int"], "int", True, id="into-a-union"),
        pytest.param("int", ["null", "int"], False, id="out-of-a-union-that-may-be-null"),
        pytest.param(["null", "long"], ["null", "int"], True, id="union-branch-by-branch"),
        pytest.param(record(_A), record(_A, ("b", "int", {})), True, id="a-field-less"),
        pytest.param(record(_A, ("b", "int", {"default": 1})), record(_A), True, id="a-new-field-with-default"),
        pytest.param(record(_A, ("b", "int", {})), record(_A), False, id="a-new-field-without"),
        pytest.param(record(("z", "int", {"aliases": ["a"]})), record(_A), True, id="renamed-by-alias"),
        pytest.param(record(_A, name="x.r"), record(_A, name="y.r"), True, id="namespaces-do-not-matter"),
        pytest.param(record(_A, name="r"), record(_A, name="s"), False, id="another-name"),
        pytest.param(_ENUM, {**_ENUM, "symbols": ["X"]}, True, id="more-symbols"),
        pytest.param({**_ENUM, "symbols": ["X"]}, _ENUM, False, id="fewer-symbols"),
        pytest.param({**_ENUM, "symbols": ["X"], "default": "X"}, _ENUM, True, id="fewer-symbols-with-default"),
        pytest.param({"type": "array", "items": "long"}, {"type": "array", "items": "int"}, True, id="array"),
        pytest.param({"type": "map", "values": "int"}, {"type": "map", "values": "string"}, False, id="map"),
        pytest.param(
            {"type": "fixed", "name": "f", "size": 4}, {"type": "fixed", "name": "f", "size": 8}, False, id="fixed"
        ),
        pytest.param(_LIST, _LIST, True, id="a-type-that-holds-itself"),
    ],
)
def test_resolution(reader: Any, writer: Any, reads: bool) -> None:
    assert can_read(reader, writer) is reads


@pytest.mark.parametrize(
    ("schema", "good"),
    [
        (record(_A), True),
        ("int", True),
        ({"type": "record", "fields": []}, False),
        ({"type": "nosuch"}, False),
        (1, False),
    ],
)
def test_what_is_no_schema_is_told(schema: Any, good: bool) -> None:
    assert (fault(schema) is None) is good
