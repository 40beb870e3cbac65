from __future__ import annotations

import threading

import pytest
from pyspark.sql import SparkSession

from common.side_by_side import side_by_side

pytestmark = pytest.mark.spark
PATIENCE = 60.0  # seconds until a test fails that would hang


def refuse(text: str) -> None:
    raise ValueError(text)


def test_works_return_in_their_order_whichever_ends_first(spark: SparkSession) -> None:
    second = threading.Event()

    def last() -> int:
        assert second.wait(PATIENCE)
        return spark.range(3).count()

    assert side_by_side(last, lambda: spark.range(2).collect() and second.set()) == [3, None]


def test_no_work_waits_for_another(spark: SparkSession) -> None:
    meeting = threading.Barrier(3, timeout=PATIENCE)
    assert sorted(side_by_side(meeting.wait, meeting.wait, meeting.wait)) == [0, 1, 2]


def test_a_failure_is_raised_once_the_others_are_over(spark: SparkSession) -> None:
    failed, over = threading.Event(), []

    def other() -> None:
        assert failed.wait(PATIENCE)
        over.append(spark.range(5).count())

    def fail() -> None:
        failed.set()
        refuse("no such table")

    with pytest.raises(ValueError, match="no such table"):
        side_by_side(other, fail)
    assert over == [5]


def test_of_two_failures_the_first_in_order_is_raised(spark: SparkSession) -> None:
    second = threading.Event()

    def first() -> None:
        assert second.wait(PATIENCE)
        refuse("the first")

    def fail() -> None:
        second.set()
        refuse("the second")

    with pytest.raises(ValueError, match="the first"):
        side_by_side(first, fail)


def test_a_thread_goes_on_with_the_properties_of_the_calling_one(spark: SparkSession) -> None:
    context = spark.sparkContext
    context.setLocalProperty("test.property", "given")
    try:
        assert side_by_side(lambda: context.getLocalProperty("test.property")) == ["given"]
    finally:
        context.setLocalProperty("test.property", None)  # type: ignore[arg-type]
