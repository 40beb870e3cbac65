"""Column statistics: kept as given, and measured from Parquet, CSV and JSON with the same numbers."""

from __future__ import annotations

import io
import json
import time
import uuid
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakeshift.local.server import LocalAws
from tests.local.catalog.test_partitions import code_of

_TYPES = {
    "n": "int",
    "x": "double",
    "ok": "boolean",
    "s": "string",
    "d": "date",
    "price": "decimal(10,2)",
    "at": "timestamp",
}
_ROWS: list[dict[str, Any]] = [
    {
        "n": 1,
        "x": 0.5,
        "ok": True,
        "s": "aé",
        "d": date(2020, 1, 2),
        "price": Decimal("1.50"),
        "at": datetime(2020, 1, 1),
    },
    {"n": 3, "x": -2.0, "ok": False, "s": "", "d": date(1969, 12, 31), "price": Decimal("-300.25"), "at": None},
    {"n": 3, "x": None, "ok": True, "s": "abcd", "d": None, "price": None, "at": datetime(2020, 1, 2)},
]
_DAY = 86_400
_WANTED: dict[str, dict[str, Any]] = {
    "n": {"MinimumValue": 1, "MaximumValue": 3, "NumberOfNulls": 0, "NumberOfDistinctValues": 2},
    "x": {"MinimumValue": -2.0, "MaximumValue": 0.5, "NumberOfNulls": 1, "NumberOfDistinctValues": 2},
    "ok": {"NumberOfTrues": 2, "NumberOfFalses": 1, "NumberOfNulls": 0},
    "s": {"MaximumLength": 4, "AverageLength": 7 / 3, "NumberOfNulls": 0, "NumberOfDistinctValues": 3},
    "d": {
        "MinimumValue": datetime(1969, 12, 31, tzinfo=UTC),
        "MaximumValue": datetime(2020, 1, 2, tzinfo=UTC),
        "NumberOfNulls": 1,
        "NumberOfDistinctValues": 2,
    },
    "price": {
        "MinimumValue": {"UnscaledValue": (-30025).to_bytes(2, "big", signed=True), "Scale": 2},
        "MaximumValue": {"UnscaledValue": (150).to_bytes(2, "big", signed=True), "Scale": 2},
        "NumberOfNulls": 1,
        "NumberOfDistinctValues": 2,
    },
    "at": {
        "MinimumValue": 1_577_836_800,
        "MaximumValue": 1_577_836_800 + _DAY,
        "NumberOfNulls": 1,
        "NumberOfDistinctValues": 2,
    },
}


def _parquet() -> bytes:
    stream = io.BytesIO()
    table = pa.Table.from_pylist(_ROWS)
    pq.write_table(table.set_column(0, "N", table["n"].cast(pa.int32())), stream)
    return stream.getvalue()


def _csv() -> bytes:
    head, *rows = ",".join(_TYPES), *("|".join(str(row[name]).removeprefix("None") for name in _TYPES) for row in _ROWS)
    return "\n".join([head, *rows, ""]).replace("|", ",").encode()


def _json() -> bytes:
    return "\n".join(json.dumps({**row, "S": row["s"], "s": None}, default=str) for row in _ROWS).encode()


_HIVE = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
_LAZY = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
_OPENX = "org.openx.data.jsonserde.JsonSerDe"


@pytest.fixture(scope="module")
def glue(local_aws: LocalAws) -> Any:
    boto3.client("s3").create_bucket(Bucket="measured")
    boto3.client("glue").create_database(DatabaseInput={"Name": "measured"})
    return boto3.client("glue")


def make_table(glue: Any, body: bytes | None, serde: dict[str, Any], **given: Any) -> dict[str, str]:
    name = f"t_{uuid.uuid4().hex[:8]}"
    for number in range(2 if body is not None else 0):  # what begins with an underscore is no data
        boto3.client("s3").put_object(Bucket="measured", Key=f"{name}/{'_' * number}part [1]", Body=body)
    stored = {
        "Columns": [{"Name": column, "Type": kind} for column, kind in _TYPES.items()],
        "Location": f"s3://measured/{name}",
        "SerdeInfo": serde,
    }
    glue.create_table(DatabaseName="measured", TableInput={"Name": name, "StorageDescriptor": stored, **given})
    return {"DatabaseName": "measured", "TableName": name}


def run(glue: Any, table: dict[str, str], **given: Any) -> dict[str, Any]:
    started = glue.start_column_statistics_task_run(**table, Role="r", **given)["ColumnStatisticsTaskRunId"]
    end = time.monotonic() + 20
    while True:
        found = glue.get_column_statistics_task_run(ColumnStatisticsTaskRunId=started)["ColumnStatisticsTaskRun"]
        if found["Status"] not in ("STARTING", "RUNNING"):
            return dict(found)
        assert time.monotonic() < end, "the run does not end"


def numbers(glue: Any, table: dict[str, str]) -> dict[str, dict[str, Any]]:
    told = glue.get_column_statistics_for_table(**table, ColumnNames=list(_TYPES))["ColumnStatisticsList"]
    return {
        one["ColumnName"]: next(value for name, value in one["StatisticsData"].items() if name != "Type")
        for one in told
    }


@pytest.mark.parametrize(
    ("body", "serde"),
    [
        pytest.param(_parquet(), {"SerializationLibrary": _HIVE}, id="parquet-columns-by-name-in-any-case"),
        pytest.param(
            _csv(),
            {"SerializationLibrary": _LAZY, "Parameters": {"field.delim": ",", "skip.header.line.count": "1"}},
            id="csv-with-a-header",
        ),
        pytest.param(
            _json(),
            {"SerializationLibrary": _OPENX, "Parameters": {"paths": "n,x,ok,S,d,price,at"}},
            id="json-keys-by-path",
        ),
    ],
)
def test_a_run_measures_every_column(glue: Any, body: bytes, serde: dict[str, Any]) -> None:
    table = make_table(glue, body, serde)
    done = run(glue, table)
    assert (done["Status"], done.get("ErrorMessage")) == ("SUCCEEDED", None)
    found = numbers(glue, table)
    assert found == {**_WANTED, "s": {**_WANTED["s"], "AverageLength": pytest.approx(7 / 3)}}


def test_a_run_of_some_columns_leaves_the_others(glue: Any) -> None:
    table = make_table(glue, _parquet(), {"SerializationLibrary": _HIVE})
    run(glue, table, ColumnNameList=["n"])
    assert list(numbers(glue, table)) == ["n"]
    runs = glue.get_column_statistics_task_runs(**table)["ColumnStatisticsTaskRuns"]
    assert [(one["Status"], one["ColumnNameList"]) for one in runs] == [("SUCCEEDED", ["n"])]
    assert (
        runs[0]["ColumnStatisticsTaskRunId"]
        in glue.list_column_statistics_task_runs(MaxResults=100)["ColumnStatisticsTaskRunIds"]
    )


def test_a_run_over_no_files_finds_no_values(glue: Any) -> None:
    table = make_table(glue, None, {"SerializationLibrary": _HIVE})
    assert run(glue, table)["Status"] == "SUCCEEDED"
    assert numbers(glue, table)["n"] == {"NumberOfNulls": 0, "NumberOfDistinctValues": 0}


@pytest.mark.parametrize(
    ("body", "serde", "text"),
    [
        (b"PAR1 no parquet", {"SerializationLibrary": _HIVE}, "cannot be read"),
        (b"x", {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.orc.OrcSerde"}, "OrcSerde are not supported"),
    ],
    ids=["damaged", "orc"],
)
def test_a_run_that_cannot_read_fails_and_writes_nothing(
    glue: Any, body: bytes, serde: dict[str, Any], text: str
) -> None:
    table = make_table(glue, body, serde)
    done = run(glue, table)
    assert done["Status"] == "FAILED"
    assert text in done["ErrorMessage"]
    assert numbers(glue, table) == {}


def test_a_run_needs_a_table_its_columns_and_something_to_stop(glue: Any) -> None:
    table = make_table(glue, None, {})
    missing = {"DatabaseName": "measured", "TableName": "nosuch"}
    assert code_of(glue.start_column_statistics_task_run, **missing, Role="r")[0] == "EntityNotFoundException"
    given = {**table, "Role": "r", "ColumnNameList": ["nosuch"]}
    assert code_of(glue.start_column_statistics_task_run, **given)[0] == "EntityNotFoundException"
    code, _ = code_of(glue.stop_column_statistics_task_run, **table)
    assert code == "ColumnStatisticsTaskNotRunningException"


def test_what_is_given_is_kept_until_it_is_deleted(glue: Any) -> None:
    table = make_table(glue, None, {})
    data = {"Type": "LONG", "LongColumnStatisticsData": {"NumberOfNulls": 1, "NumberOfDistinctValues": 2}}
    given = {"ColumnName": "n", "ColumnType": "int", "AnalyzedTime": 1, "StatisticsData": data}
    unknown = {**given, "ColumnName": "nosuch"}
    told = glue.update_column_statistics_for_table(**table, ColumnStatisticsList=[given, unknown])
    assert [error["ColumnStatistics"]["ColumnName"] for error in told["Errors"]] == ["nosuch"]
    told = glue.get_column_statistics_for_table(**table, ColumnNames=["n", "x"])
    assert [one["StatisticsData"] for one in told["ColumnStatisticsList"]] == [data]
    assert [(one["ColumnName"], one["Error"]["ErrorCode"]) for one in told["Errors"]] == [
        ("x", "EntityNotFoundException")
    ]
    bad = {**given, "StatisticsData": {"Type": "STRING", **{k: v for k, v in data.items() if k != "Type"}}}
    code, _ = code_of(glue.update_column_statistics_for_table, **table, ColumnStatisticsList=[bad])
    assert code == "InvalidInputException"
    for _ in range(2):  # deleting what is not there is no error
        glue.delete_column_statistics_for_table(**table, ColumnName="n")
    assert glue.get_column_statistics_for_table(**table, ColumnNames=["n"])["ColumnStatisticsList"] == []


def test_partitions_have_statistics_of_their_own(glue: Any) -> None:
    table = make_table(glue, None, {}, PartitionKeys=[{"Name": "year", "Type": "int"}])
    data = {"Type": "LONG", "LongColumnStatisticsData": {"NumberOfNulls": 1, "NumberOfDistinctValues": 2}}
    given = [{"ColumnName": "n", "ColumnType": "int", "AnalyzedTime": 1, "StatisticsData": data}]
    of = {**table, "PartitionValues": ["2020"]}
    code, _ = code_of(glue.update_column_statistics_for_partition, **of, ColumnStatisticsList=given)
    assert code == "EntityNotFoundException"
    glue.create_partition(**table, PartitionInput={"Values": ["2020"]})
    assert glue.update_column_statistics_for_partition(**of, ColumnStatisticsList=given)["Errors"] == []
    assert glue.get_column_statistics_for_partition(**of, ColumnNames=["n"])["ColumnStatisticsList"]
    glue.delete_column_statistics_for_partition(**of, ColumnName="n")
    told = glue.get_column_statistics_for_partition(**of, ColumnNames=["n"])
    assert (told["ColumnStatisticsList"], len(told["Errors"])) == ([], 1)
