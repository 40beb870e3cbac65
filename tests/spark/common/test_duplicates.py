from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from common import duplicates

pytestmark = pytest.mark.spark

SCHEMA = "id string, at int, record string, source_file string, reason string"


def flagged(spark: SparkSession, rows: list[tuple[object, ...]], held: list[tuple[str, int]] | None) -> set[str]:
    """The records flagged as duplicates; a row is (id, at, record, reason)."""
    frame = spark.createDataFrame([(key, at, record, "f", reason) for key, at, record, reason in rows], SCHEMA)
    told = duplicates.flag_duplicates(frame, "id", "at", tie="record")
    if held is not None:
        known = duplicates.newest_held(spark.createDataFrame(held, "id string, at int"), frame, "id", "at")
        told = duplicates.flag_held(told, "id", "at", known)
    assert told.count() == len(rows)
    return {row["record"] for row in told.where("duplicate").collect()}


CASES = [
    pytest.param([("a", 1, "r1", None), ("b", 1, "r2", None)], None, set(), id="different_keys_are_no_duplicates"),
    pytest.param([("a", 1, "r1", None), ("a", 2, "r2", None)], None, {"r1"}, id="newest_of_a_batch_stays"),
    pytest.param([("a", 1, "r1", None), ("a", 1, "r2", None)], None, {"r2"}, id="equal_versions_keep_first_by_tie"),
    pytest.param([("a", 2, "r1", None)], [("a", 2)], {"r1"}, id="held_in_same_version"),
    pytest.param([("a", 1, "r1", None)], [("a", 2)], {"r1"}, id="held_in_newer_version"),
    pytest.param([("a", 3, "r1", None)], [("a", 2), ("a", 1)], set(), id="newer_than_all_held_is_taken"),
    pytest.param(
        [("a", 3, "r1", None), ("a", 2, "r2", None)], [("a", 2)], {"r2"}, id="only_the_newest_of_a_batch_is_taken"
    ),
    pytest.param([("a", 1, "r1", None)], [("b", 9)], set(), id="another_key_held_does_not_matter"),
    pytest.param([("a", 1, "r1", "bad"), ("a", 1, "r2", "bad")], [("a", 1)], set(), id="rejected_are_never_duplicates"),
    pytest.param([("a", 9, "r1", "bad"), ("a", 1, "r2", None)], None, set(), id="rejected_do_not_shadow_good"),
    pytest.param([(None, 1, "r1", "bad"), (None, 1, "r2", "bad")], [("a", 1)], set(), id="rejected_without_key"),
]


@pytest.mark.parametrize(("rows", "held", "expected"), CASES)
def test_held_in_the_same_or_a_newer_version_is_a_duplicate(spark, rows, held, expected) -> None:
    assert flagged(spark, rows, held) == expected


def test_a_line_that_quarantine_holds_from_the_same_file_is_a_duplicate(spark: SparkSession) -> None:
    frame = spark.createDataFrame(
        [("x", "f1", "bad", False), ("x", "f2", "bad", False), ("y", "f1", None, False), ("z", "f1", None, True)],
        "record string, source_file string, reason string, duplicate boolean",
    )
    held = spark.createDataFrame(
        [("x", "bad", "f1"), ("y", "bad", "f1")], "record string, reason string, source_file string"
    )
    told = duplicates.flag_held_records(frame, held).where("duplicate").select("record", "source_file").collect()
    assert set(told) == {("x", "f1"), ("z", "f1")}


UNVERSIONED = [
    pytest.param([("a", 1.0, "r1")], None, {"r1": "new"}, id="unknown_key_is_new"),
    pytest.param([("a", 1.0, "r1"), ("a", 1.0, "r2")], None, {"r1": "new", "r2": "dup"}, id="same_twice_in_batch"),
    pytest.param([("a", 1.0, "r1"), ("a", 2.0, "r2")], None, {"r1": "new", "r2": "c"}, id="other_content_conflicts"),
    pytest.param([("a", 1.0, "r1")], [("a", 1.0)], {"r1": "dup"}, id="held_with_same_content"),
    pytest.param([("a", 1.0, "r1")], [("a", 2.0)], {"r1": "c"}, id="held_with_other_content"),
    pytest.param([("a", None, "r1")], [("a", None)], {"r1": "dup"}, id="null_equals_null"),
    pytest.param([("a", None, "r1")], [("a", 0.0)], {"r1": "c"}, id="null_is_not_zero"),
]


@pytest.mark.parametrize(("rows", "held", "expected"), UNVERSIONED)
def test_a_record_without_version_is_new_equal_or_in_conflict(spark, rows, held, expected) -> None:
    frame = spark.createDataFrame([(*row, None) for row in rows], "id string, v double, record string, reason string")
    known = None if held is None else spark.createDataFrame(held, "id string, v double")
    told = duplicates.settle_unversioned(frame, ["id"], ["v"], tie="record", conflict="c", held=known).collect()
    assert {row["record"]: row["reason"] or ("dup" if row["duplicate"] else "new") for row in told} == expected


def test_newest_keeps_one_row_a_key_with_its_columns(spark: SparkSession) -> None:
    frame = spark.createDataFrame([("a", 1, "x"), ("a", 2, "y"), ("b", 1, "z")], "id string, at int, v string")
    assert set(duplicates.newest(frame, "id", "at").collect()) == {("a", 2, "y"), ("b", 1, "z")}
