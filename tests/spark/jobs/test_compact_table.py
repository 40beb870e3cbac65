"""The rewriting of compact_table by Spark: Parquet with a column that came later, and JSON lines byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from jobs.compact_table import rewriter


@pytest.mark.spark
def test_parquet_files_of_two_schemas_become_one_with_every_row(spark: SparkSession, tmp_path: Path) -> None:
    source, target = tmp_path / "day=1", str(tmp_path / "new")
    spark.range(5).selectExpr("id", "map('k', id) AS tags").coalesce(1).write.mode("append").parquet(str(source))
    spark.range(5, 9).selectExpr("id", "map('k', id) AS tags", "'x' AS late").coalesce(1).write.mode("append").parquet(
        str(source)
    )
    read, written = rewriter(spark)("parquet", [str(path) for path in source.glob("*.parquet")], target, 1)
    assert read == written
    assert read[0] == 9
    rows = spark.read.parquet(target)
    assert (rows.columns, rows.where("late = 'x'").count()) == (["id", "tags", "late"], 4)


@pytest.mark.spark
def test_json_lines_stay_byte_for_byte(spark: SparkSession, tmp_path: Path) -> None:
    lines = ['{"b": 1,  "a": "é"}', "{broken", '{"n": 1.50}']
    for number, line in enumerate(lines):
        (tmp_path / f"{number}.json").write_text(line + "\n", encoding="utf-8")
    urls = [str(path) for path in tmp_path.glob("*.json")]
    read, written = rewriter(spark)("json", urls, str(tmp_path / "new"), 1)
    assert read == written
    (part,) = (tmp_path / "new").glob("part-*")
    assert sorted(part.read_text(encoding="utf-8").splitlines()) == sorted(lines)
