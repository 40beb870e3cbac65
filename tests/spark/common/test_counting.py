from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from common import counting
from common.counting import CountedRows

pytestmark = pytest.mark.spark


def test_rows_are_counted_on_the_way_into_a_cache(spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = CountedRows(spark.range(100))
    kept = lines.frame.where("id % 2 = 0").groupBy((lines.frame.id % 7).alias("k")).count().persist()
    assert kept.where("k = 0").count() == 1
    monkeypatch.setattr(lines, "_source", None)  # no pass of its own
    assert lines.rows(accounted=100) == 100
    kept.unpersist()


def test_a_count_that_is_not_what_is_accounted_for_is_looked_at_again(spark: SparkSession) -> None:
    lines = CountedRows(spark.range(100))
    assert lines.frame.count() == 100
    assert lines.rows(accounted=99) == 100


def test_a_count_that_never_comes_is_not_waited_for(spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "_PATIENCE", 0.1)
    assert CountedRows(spark.range(100)).rows(accounted=100) == 100
