from __future__ import annotations

import pytest
from chispa import assert_df_equality
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812

from common.keeping import kept

pytestmark = pytest.mark.spark


@pytest.fixture
def rows(spark: SparkSession) -> DataFrame:
    return spark.createDataFrame(
        [("a", 1, True, 1.5), ("b", None, None, None), (None, None, None, None)], "t string, n int, b boolean, d double"
    )


def test_kept_rows_are_the_same_rows(rows: DataFrame) -> None:
    assert_df_equality(kept(rows), rows, ignore_row_order=True)


def test_they_are_computed_once(spark: SparkSession, rows: DataFrame) -> None:
    computed = spark.sparkContext.accumulator(0)

    def told(text: str) -> str:
        computed.add(1)
        return text

    held = kept(rows.select(F.udf(told)("t").alias("t"), "n"))
    assert [held.count(), held.where("n is null").count(), len(held.collect())] == [3, 2, 3]
    assert computed.value == 3
