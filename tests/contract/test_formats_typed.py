"""Parquet, ORC and Avro: formats that bring their schema."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from awsglue.dynamicframe import DynamicFrame

from tests.contract.reading import read, rows

DAY = dt.date(2020, 1, 2)
MOMENT = dt.datetime(2020, 1, 2, 3, 4, 5)


def typed(glue: Any) -> Any:
    """One record with a date, a timestamp, a decimal, and a nested list."""
    data = glue.spark_session.createDataFrame(
        [(1, DAY, MOMENT, Decimal("1.50"), [{"a": 1}])],
        "id int, day date, at timestamp, price decimal(10,2), list array<struct<a:int>>",
    )
    return DynamicFrame.fromDF(data, glue, "typed")


PLAIN = {"id": 1, "day": DAY, "at": MOMENT, "price": Decimal("1.50"), "list": [{"a": 1}]}
TEXT = {**PLAIN, "day": "2020-01-02", "at": "2020-01-02 03:04:05", "price": "1.50"}


@pytest.mark.parametrize(
    ("sink", "source", "options", "expected"),
    [
        pytest.param(
            "parquet",
            "parquet",
            {},
            PLAIN,
            id="parquet",
            marks=pytest.mark.page("aws-glue-programming-etl-format-parquet-home"),
        ),
        pytest.param(
            "glueparquet",
            "parquet",
            {"compression": "gzip", "blockSize": 1048576, "pageSize": 65536},
            PLAIN,
            id="glueparquet",
            marks=pytest.mark.page("aws-glue-programming-etl-format-parquet-home"),
        ),
        pytest.param(
            "parquet",
            "parquet",
            {"useGlueParquetWriter": True, "compression": "uncompressed"},
            PLAIN,
            id="the-glue-writer-by-option",
            marks=pytest.mark.page("aws-glue-programming-etl-format-parquet-home"),
        ),
        pytest.param(
            "orc", "orc", {}, PLAIN, id="orc", marks=pytest.mark.page("aws-glue-programming-etl-format-orc-home")
        ),
        pytest.param(
            "avro",
            "avro",
            {},
            TEXT,
            id="avro-1.7-writes-dates-as-text",
            marks=pytest.mark.page("aws-glue-programming-etl-format-avro-home"),
        ),
        pytest.param(
            "avro",
            "avro",
            {"version": "1.8"},
            PLAIN,
            id="avro-1.8-has-logical-types",
            marks=pytest.mark.page("aws-glue-programming-etl-format-avro-home"),
        ),
    ],
)
def test_what_is_written_reads_back(
    glue: Any, tmp_path: Path, sink: str, source: str, options: dict[str, Any], expected: dict[str, Any]
) -> None:
    out = str(tmp_path / "out")
    glue.write_dynamic_frame.from_options(typed(glue), "s3", {"path": out}, sink, options)
    more = {"version": options["version"]} if "version" in options else {}
    assert rows(read(glue, source, out, more)) == [expected]


@pytest.mark.page("aws-glue-programming-etl-format-avro-home")
def test_avro_1_7_reads_what_logical_types_are_made_of(glue: Any, tmp_path: Path) -> None:
    out = str(tmp_path / "out")
    glue.write_dynamic_frame.from_options(typed(glue), "s3", {"path": out}, "avro", {"version": "1.8"})
    (row,) = rows(read(glue, "avro", out))
    assert (row["day"], row["at"] % 10**6, bytes(row["price"])[-1]) == (18263, 0, 150)


@pytest.mark.page("aws-glue-programming-etl-format-avro-home")
def test_avro_of_an_unknown_version(glue: Any, tmp_path: Path) -> None:
    with pytest.raises(Exception, match="avro version 2"):
        glue.write_dynamic_frame.from_options(
            typed(glue), "s3", {"path": str(tmp_path / "o")}, "avro", {"version": "2"}
        )


@pytest.mark.parametrize("kind", ["parquet", "orc"])
@pytest.mark.page("aws-glue-programming-etl-format-parquet-home")
def test_a_missing_path_is_sparks_error(glue: Any, tmp_path: Path, kind: str) -> None:
    with pytest.raises(Exception, match=r"(?i)path does not exist"):
        read(glue, kind, str(tmp_path / "nowhere"))


@pytest.mark.page("aws-glue-programming-etl-format-parquet-home")
def test_options_of_sparks_reader_are_handed_on(glue: Any, tmp_path: Path, of_json: Any) -> None:
    for number, record in enumerate(({"id": 1}, {"id": 2, "new": "x"})):
        out = str(tmp_path / "p" / str(number))
        glue.write_dynamic_frame.from_options(of_json(record), "s3", {"path": out}, "parquet")
    frame = read(glue, "parquet", str(tmp_path / "p"), mergeSchema=True)
    assert rows(frame) == [{"id": 1, "new": None}, {"id": 2, "new": "x"}]


@pytest.mark.page("aws-glue-programming-etl-format-xml-home")
def test_a_format_without_a_writer_is_glues_error(glue: Any, tmp_path: Path, of_json: Any) -> None:
    with pytest.raises(Exception, match="Failed to load format with name xml"):
        glue.write_dynamic_frame.from_options(of_json({"a": 1}), "s3", {"path": str(tmp_path / "o")}, "xml")


@pytest.mark.page("aws-glue-programming-etl-partitions")
@pytest.mark.parametrize("kind", ["parquet", "json", "csv"])
def test_partition_keys_are_folders_and_leave_the_files(glue: Any, tmp_path: Path, of_json: Any, kind: str) -> None:
    frame = of_json({"id": 1, "type": "PushEvent"}, {"id": 2, "type": "Fork Event"})
    options = {"path": str(tmp_path / "out"), "partitionKeys": ["type"]}
    glue.write_dynamic_frame.from_options(frame, "s3", options, kind)
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["type=Fork Event", "type=PushEvent"]
    back = read(glue, kind, str(tmp_path / "out" / "type=PushEvent"), {"withHeader": True} if kind == "csv" else {})
    assert [set(row) for row in rows(back)] == [{"id"}]


@pytest.mark.page("aws-glue-programming-etl-format-parquet-home")
def test_a_sink_appends_and_leaves_what_is_there(glue: Any, tmp_path: Path, of_json: Any) -> None:
    out = tmp_path / "out"
    for record in ({"id": 1}, {"id": 2}):
        glue.write_dynamic_frame.from_options(of_json(record), "s3", {"path": str(out)}, "parquet")
    assert rows(read(glue, "parquet", str(out))) == [{"id": 1}, {"id": 2}]
    assert not [p for p in out.rglob("*") if p.name.startswith("_")]
