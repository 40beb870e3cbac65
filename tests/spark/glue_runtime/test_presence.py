"""Hidden fields stay within the engine: nothing that leaves it shows them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.spark

MIXED = ({"a": None, "s": {"x": None}, "n": 1}, {"s": {}, "n": 2}, {"a": 3, "s": {"x": 4}, "n": 3})


def written(folder: Path) -> list[Any]:
    parts = [p for p in sorted(folder.rglob("*")) if p.is_file() and not p.name.startswith((".", "_"))]
    return [json.loads(line) for part in parts for line in part.read_text(encoding="utf-8").splitlines()]


def test_no_sink_writes_a_hidden_field(of_json: Any, glue: Any, tmp_path: Path) -> None:
    frame = of_json(*MIXED)
    glue.write_dynamic_frame.from_options(frame, "s3", {"path": str(tmp_path / "p")}, "parquet")
    data = glue.spark_session.read.parquet(str(tmp_path / "p"))
    assert data.schema.simpleString() == "struct<a:int,s:struct<x:int>,n:int>"


def test_the_json_sink_leaves_explicit_nulls_out_where_keys_are_absent(of_json: Any, glue: Any, tmp_path: Path) -> None:
    """A difference: Spark's writer keeps all nulls or none."""
    glue.write_dynamic_frame.from_options(of_json(*MIXED), "s3", {"path": str(tmp_path / "j")}, "json")
    assert sorted(written(tmp_path / "j"), key=lambda r: r["n"]) == [
        {"s": {}, "n": 1},
        {"s": {}, "n": 2},
        {"a": 3, "s": {"x": 4}, "n": 3},
    ]


def test_a_spigot_shows_none(of_json: Any, tmp_path: Path) -> None:
    of_json(*MIXED).spigot(str(tmp_path / "s")).count()
    assert {key for record in written(tmp_path / "s") for key in record} == {"a", "s", "n"}


def test_a_function_of_the_rdd_itself_sees_records(of_json: Any) -> None:
    """Scripts sometimes reach for the private RDD: it is made for real then."""
    assert of_json(*MIXED)._rdd.map(lambda envelope: envelope["record"]).collect() == list(MIXED)
