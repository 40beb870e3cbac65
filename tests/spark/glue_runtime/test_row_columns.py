"""Map by single columns gives what Map of whole records gives: schema, records, error records."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lakeshift.glue_runtime.engine import row_functions
from lakeshift.glue_runtime.engine.row_columns import map_columns

pytestmark = pytest.mark.spark


@dataclass(frozen=True)
class Case:
    """``by_columns``: whether single columns are enough."""

    name: str
    records: tuple[dict[str, Any], ...]
    function: Callable[[Any], Any]
    by_columns: bool = True


def adds(record: Any) -> Any:
    record["m"] = record["n"] * 2
    return record


def takes_away(record: Any) -> Any:
    del record["n"]
    return record


def grows(record: Any) -> Any:
    record["n"] = record["n"] * 2**30
    return record


def overflows(record: Any) -> Any:
    record["n"] = record["n"] * 2**62
    return record


def of_many_types(record: Any) -> Any:
    n = record["n"]
    record["v"] = (
        n, 2**40, 1.5, "x", n > 3, None, dt.date(2013, 1, n + 1), dt.datetime(2013, 1, 1, n, tzinfo=dt.UTC)
    )[n]  # fmt: skip
    return record


def sometimes_sets(record: Any) -> Any:
    if record["n"] > 2:
        record["v"] = None if record["n"] > 4 else "x"
    return record


def looks(record: Any) -> Any:
    record["has"] = "a" in record
    record["is"] = record.get("a", "absent")
    return record


def fails(record: Any) -> Any:
    record["m"] = 6 / (record["n"] - 2)
    return record


def always_fails(record: Any) -> Any:
    record["m"] = record["nowhere"]
    return record


def lists(record: Any) -> Any:
    record["v"] = [record["n"]]
    return record


def clears(record: Any) -> Any:
    del record["n"]
    return record


def fails_on_four(record: Any) -> Any:
    record["m"] = 6 / (record["n"] - 4)
    return record


NUMBERS = tuple({"n": n, "s": "x"} for n in range(8))
SIZES = ({"n": 1, "big": 1}, {"n": 2, "big": 2**40}, {"n": 3})
MIXED = (
    {"n": 1, "a": None, "s": {"x": None, "y": 1.5}},
    {"n": 2, "s": {"y": 2.5}},
    {"n": 3, "a": 3, "s": {"x": 4, "y": None}, "t": "x"},
    {"n": 4, "a": "x", "s": None},
)
PLAIN = tuple({k: v for k, v in record.items() if k != "a" or v != "x"} for record in MIXED)
ARRAYS = (
    {"n": 1, "tags": ["a", None], "ints": [1, 2], "none": [None], "empty": [], "reals": [1.5]},
    {"n": 2, "ints": None, "reals": []},
)
DEEP = ({"n": 1, "items": [{"a": 1}, {}]}, {"n": 2, "items": [{"a": None}]})

CASES = (
    Case("a-new-field", NUMBERS, adds),
    Case("a-field-taken-away", NUMBERS, takes_away),
    Case("a-field-grows-to-long", NUMBERS, grows),
    Case("a-field-of-int-and-long-stays-a-choice", SIZES, adds),
    Case("untouched-choices-stay", MIXED, adds),
    Case("a-choice-of-which-one-type-is-left", MIXED, fails_on_four),
    Case("untouched-arrays", ARRAYS, adds),
    Case("untouched-arrays-of-structs-cross-as-a-whole", DEEP, adds, by_columns=False),
    Case("more-than-64-bits", NUMBERS, overflows, by_columns=False),
    Case("values-of-many-types", NUMBERS, of_many_types),
    Case("a-field-that-is-absent-null-or-there", NUMBERS, sometimes_sets),
    Case("untouched-structs-with-absent-keys-and-nulls", PLAIN, adds),
    Case("an-absent-key-is-no-null", PLAIN, looks),
    Case("a-choice-is-touched", MIXED, looks, by_columns=False),
    Case("errors-keep-the-whole-record", PLAIN, fails),
    Case("all-records-fail", NUMBERS, always_fails),
    Case("a-list-is-set", NUMBERS, lists, by_columns=False),
    Case("nothing-is-left", ({"n": 1}, {"n": 2}), clears, by_columns=False),
)


def seen(frame: Any) -> tuple[str, list[str], list[str]]:
    """Schema, records and error records of a frame."""
    errors = frame.errorsAsDynamicFrame().toDF().collect() if frame.errorsCount() else []
    told = [str((row.error.msg, row.error.dynamicRecord)) for row in errors]
    records = sorted(frame._jdf.showString(100).splitlines())
    return frame._jdf.schema().treeString(), records, sorted(told)


def both(frame: Any, function: Callable[[Any], Any], monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Any, bool]:
    """What Map leaves by columns where it can, and of whole records; and whether it could."""
    taken: list[bool] = []

    def spy(*given: Any) -> Any:
        made = map_columns(*given)
        taken.append(made is not None)
        return made

    monkeypatch.setattr(row_functions, "map_columns", spy)
    ours = seen(frame.map(function))
    monkeypatch.setattr(row_functions, "map_columns", lambda *_: None)
    return ours, seen(frame.map(function)), taken[0]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_single_columns_give_what_whole_records_give(case: Case, of_json: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, whole, taken = both(of_json(*case.records), case.function, monkeypatch)
    assert ours == whole
    assert taken is case.by_columns


def test_every_plain_type_of_a_data_frame(glue: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from awsglue.dynamicframe import DynamicFrame

    data = glue.spark_session.range(1, 5).selectExpr(
        "id n",
        "cast(id as byte) b",
        "cast(id as short) h",
        "cast(id as float) f",
        "id * 0.5D d",
        "id % 2 = 0 t",
        "id * 1500000000 big",
        "date'1969-12-31' day",
        "timestamp'1960-01-02 03:04:05.678901' at",
        "cast(id * 12.5 as decimal(20, 3)) money",
        "binary('x') bytes",
        "array(id, 3000000000) longs",
        "if(id = 2, null, named_struct('x', id, 'y', 'z')) s",
        "cast(null as string) never",
    )
    ours, whole, taken = both(DynamicFrame.fromDF(data, glue, ""), adds, monkeypatch)
    assert ours == whole
    assert taken
    assert "|-- big: choice" in ours[0]


def test_columns_that_cross_keep_their_values(glue: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from awsglue.dynamicframe import DynamicFrame

    def copies(record: Any) -> Any:
        record["at2"] = record["at"]
        record["day2"] = record["day"]
        record["d2"] = record["d"]
        record["t2"] = record["t"]
        record["big2"] = record["big"]
        return record

    data = glue.spark_session.range(1, 5).selectExpr(
        "timestamp'1960-01-02 03:04:05.678901' at", "if(id = 1, null, date'1969-12-31') day",
        "if(id = 2, double('nan'), if(id = 3, null, id * 0.5D)) d", "if(id = 3, null, id % 2 = 0) t",
        "if(id = 4, null, 9007199254740993) big", "id",
    )  # fmt: skip
    ours, whole, taken = both(DynamicFrame.fromDF(data, glue, ""), copies, monkeypatch)
    assert ours == whole
    assert taken
    assert any('"big2": 9007199254740993' in record and '"d2": NaN' in record for record in ours[1])


def of_data(glue: Any, data: Any) -> Any:
    from awsglue.dynamicframe import DynamicFrame

    return DynamicFrame.fromDF(data, glue, "")


@pytest.fixture
def small_batches(glue: Any) -> Iterator[None]:
    """Three records a batch, so that a partition has several."""
    conf, key = glue.spark_session.conf, "spark.sql.execution.arrow.maxRecordsPerBatch"
    before = conf.get(key)
    conf.set(key, "3")
    yield
    conf.set(key, before)


def by_part(record: Any) -> Any:
    """Another type in each of four partitions of ten; the last record fails."""
    n = record["id"]
    record["v"] = ("x", n, 1.5, None)[n // 10] if n < 39 else n["none"]
    return record


@pytest.mark.usefixtures("small_batches")
def test_types_that_differ_by_partition_and_an_error_in_the_last(glue: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    data = glue.spark_session.range(0, 40, 1, 4).selectExpr("id", "id * 1.0D d", "if(id < 39, null, 'seen') late")
    ours, whole, taken = both(of_data(glue, data), by_part, monkeypatch)
    assert ours == whole
    assert taken
    assert "late" in ours[0]
    assert len(ours[1]) == 39
    assert len(ours[2]) == 1


@pytest.mark.usefixtures("small_batches")
def test_partitions_without_records(glue: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    data = glue.spark_session.range(0, 40, 1, 4).selectExpr("id n", "'x' s").where("n between 12 and 13 or n = 35")
    ours, whole, taken = both(of_data(glue, data), adds, monkeypatch)
    assert ours == whole
    assert taken
    assert len(ours[1]) == 3


def test_no_records(glue: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    data = glue.spark_session.range(5).selectExpr("id n", "'x' s").where("n > 9")
    ours, whole, taken = both(of_data(glue, data), adds, monkeypatch)
    assert ours == whole
    assert taken


@pytest.mark.usefixtures("small_batches")
def test_the_function_is_called_once_a_record_and_its_results_stay_with_their_rows(glue: Any, tmp_path: Path) -> None:
    calls = tmp_path / "calls"

    def notes(record: Any) -> Any:
        with calls.open("a") as file:
            file.write("x\n")
        record["same"] = record["r"]
        record["chance"] = random.random()
        return record

    # The order of the input and its values are others at every computation.
    data = glue.spark_session.range(0, 40, 1, 4).selectExpr("id", "rand() r", "'x' s").repartition(3)
    mapped = of_data(glue, data).map(notes)
    first, second = mapped.toDF().collect(), mapped.toDF().collect()
    assert first == second
    assert all(row.same == row.r for row in first)
    assert sorted(row.id for row in first) == list(range(40))
    # Few columns, of the one kind or the other, or none, and a reader that stops before the end.
    chances = {row.id: row.chance for row in first}
    assert {row.id: row.chance for row in mapped.toDF().select("chance", "id").collect()} == chances
    assert {row.chance for row in mapped.toDF().select("chance").collect()} == set(chances.values())
    assert mapped.toDF().select("s").limit(2).count() == mapped.toDF().select("chance").limit(2).count() == 2
    assert {row.chance for row in mapped.toDF().select("chance").limit(1).collect()} <= set(chances.values())
    assert mapped.count() == 40
    assert mapped.errorsCount() == 0
    assert calls.read_text().count("x") == 40


def test_a_map_of_a_map(glue: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    mapped = of_data(glue, glue.spark_session.range(0, 8, 1, 2).selectExpr("id n", "'x' s")).map(sometimes_sets)
    ours, whole, taken = both(mapped, looks, monkeypatch)
    assert ours == whole
    assert taken
