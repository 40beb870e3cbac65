"""What __NAME__ makes of rows, on rows of its own."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from jobs import __NAME__

pytestmark = pytest.mark.spark


def test_rows_are_counted_by_key_and_those_without_one_left_out(spark: SparkSession) -> None:
    rows = spark.createDataFrame([("A", 1), ("A", 2), ("B", 3), (None, 4)], "__KEY__ string, other int")
    counts = {row["__KEY__"]: row["row_count"] for row in __NAME__.transform(rows).collect()}
    assert counts == {"A": 2, "B": 1}


def test_columns_are_those_of_the_target_in_its_order(spark: SparkSession) -> None:
    rows = spark.createDataFrame([("A",)], "__KEY__ string")
    names = [field.split()[0] for field in __NAME__.SCHEMA.split(", ")]
    assert __NAME__.transform(rows).columns == names
