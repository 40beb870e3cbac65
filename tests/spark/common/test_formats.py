from __future__ import annotations

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from common import formats

pytestmark = pytest.mark.spark

LINES = [
    ("an object", '{"a": 12, "b": "x"}', ("12", "x")),
    ("an unknown field is left out", '{"a": "1", "b": null, "c": [1]}', ("1", None)),
    ("an absent field is null", '{"b": "y"}', (None, "y")),
    ("a nested value keeps its text", '{"a": {"c":1}, "b": true}', ('{"c":1}', "true")),
    ("a point stays", '{"a": 12.0}', ("12.0", None)),
    ("no field at all", "{}", (None, None)),
    ("blanks around", '  {"a": "1"} ', ("1", None)),
    ("braces in a text", '{"a": "}{"}', ("}{", None)),
    ("truncated in a text", '{"a": "1", "b": "x', None),
    ("truncated after a field", '{"a": "1",', None),
    ("truncated before the end", '{"a": "1"', None),
    ("two objects", '{"a": "1"}{"a": "2"}', None),
    ("two objects with a comma", '{"a": "1"}, {"a": "2"}', None),
    ("something after it", '{"a": "1"} x', None),
    ("no json", "hello", None),
    ("a number", "12", None),
    ("null", "null", None),
    ("an array", '[{"a": "1"}]', None),
    ("a bracket that closes the array early", '{"a": "1"}], [{"a": "2"}', None),
]


def test_a_line_is_one_whole_object_or_malformed(spark: SparkSession) -> None:
    lines = spark.createDataFrame([(told, line) for told, line, _ in LINES], "told string, record string")
    rows = {row["told"]: row for row in formats.parse_json_lines(lines, ["a", "b"]).collect()}
    assert {told: row["raw"] and tuple(row["raw"]) for told, row in rows.items()} == {
        told: values for told, _, values in LINES
    }
    assert {told for told, row in rows.items() if row["reason"]} == {told for told, _, values in LINES if not values}
    assert {row["reason"] for row in rows.values()} == {None, "malformed_json"}


@pytest.mark.parametrize("kind", ["parquet", "orc"])
def test_json_lines_become_files_of_columns(spark: SparkSession, tmp_path: Path, kind: str) -> None:
    (tmp_path / "in.json").write_text('{"a": 1, "d": "x"}\n{"a": 2, "d": "y"}\n')
    rows = spark.read.schema("a int, d string").json(str(tmp_path / "in.json"))
    write = {"parquet": formats.write_parquet, "orc": formats.write_orc}[kind]
    write(formats.sized(rows, 2, ["d"]), str(tmp_path / kind), keys=["d"])
    assert len(list((tmp_path / kind).glob(f"d=x/*.{kind}"))) == 1
    assert sorted(spark.read.format(kind).load(str(tmp_path / kind)).collect()) == [(1, "x"), (2, "y")]


@pytest.mark.parametrize(
    ("rows", "files"), [pytest.param(1_000_000, 1, id="one-file"), pytest.param(1_000_001, 2, id="a-large-folder")]
)
def test_a_large_folder_is_not_the_work_of_one_task(spark: SparkSession, tmp_path: Path, rows: int, files: int) -> None:
    frame = spark.range(40).selectExpr("id", "'x' as d")
    formats.write_parquet(formats.sized(frame, rows, ["d"], ["id"]), str(tmp_path / "t"), mode="overwrite", keys=["d"])
    written = list((tmp_path / "t" / "d=x").glob("*.parquet"))
    assert len(written) == files
    for file in written:
        ids = [row["id"] for row in spark.read.parquet(str(file)).collect()]
        assert ids == sorted(ids)
    assert spark.read.parquet(str(tmp_path / "t")).count() == 40


def test_writing_twice_by_mistake_is_refused(spark: SparkSession, tmp_path: Path) -> None:
    rows = spark.range(1)
    formats.write_parquet(rows, str(tmp_path / "t"))
    with pytest.raises(Exception, match="already exists"):
        formats.write_parquet(rows, str(tmp_path / "t"))


@pytest.mark.parametrize(("rows", "files"), [(1, 1), (1_000_000, 1), (1_000_001, 2)])
def test_a_file_holds_about_a_million_rows(spark: SparkSession, rows: int, files: int) -> None:
    assert formats.sized(spark.range(10, numPartitions=4), rows).rdd.getNumPartitions() == files
