"""What the tests' own createDataFrame makes is what Spark's makes."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from chispa import assert_df_equality
from pyspark.errors import PySparkTypeError
from pyspark.sql import DataFrame, SparkSession

from tests.spark.local_rows import local_rows

pytestmark = pytest.mark.spark
Create = Callable[..., DataFrame]


@pytest.fixture
def plain(spark: SparkSession) -> Create:
    return functools.partial(SparkSession.createDataFrame, spark)


def _is_local(frame: DataFrame) -> bool:
    plan: Any = frame._jdf
    return bool(plan.queryExecution().logical().getClass().getSimpleName() == "LocalRelation")


@pytest.mark.parametrize(
    ("data", "schema", "local"),
    [
        pytest.param([("a", 1), (None, None)], "t string, n int", True, id="texts-numbers-and-nulls"),
        pytest.param([(2**40, 0.5, False, date(2013, 1, 1))], "l bigint, d double, b boolean, at date", True, id="all"),
        pytest.param([(datetime(2013, 1, 1, tzinfo=UTC),)], "at timestamp", False, id="a-time-is-left-to-spark"),
        pytest.param([(["a"],)], "many array<string>", False, id="nested-values-are-left-to-spark"),
        pytest.param([{"t": "a"}], "t string", False, id="a-dictionary-is-no-tuple"),
        pytest.param([], "t string", False, id="no-rows"),
    ],
)
def test_rows_are_those_that_spark_makes(
    spark: SparkSession, plain: Create, data: list[Any], schema: str, local: bool
) -> None:
    made = local_rows(spark, plain)(data, schema)
    assert _is_local(made) == local
    assert_df_equality(made, plain(data, schema))


def test_a_wrong_value_is_refused_as_spark_does(spark: SparkSession, plain: Create) -> None:
    with pytest.raises(PySparkTypeError, match="CANNOT_ACCEPT_OBJECT_IN_TYPE"):
        local_rows(spark, plain)([("no number",)], "n int").collect()
