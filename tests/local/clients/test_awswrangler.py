"""aws-sdk-pandas, unmodified: data sets with tables and partitions, and its functions on the catalog."""

from __future__ import annotations

import uuid
from typing import Any

import boto3
import pandas as pd
import pytest

from lakeshift.local.server import LocalAws

wr = pytest.importorskip("awswrangler")

_FRAME = pd.DataFrame({"a": [1, 2, 3], "p": ["x", "y", "x"]})


@pytest.fixture
def database(local_aws: LocalAws) -> str:
    name = f"wr_{uuid.uuid4().hex[:8]}"
    boto3.client("s3").create_bucket(Bucket=name.replace("_", "-"))
    wr.catalog.create_database(name, description="of a test")
    return name


@pytest.fixture
def place(database: str) -> dict[str, Any]:
    path = f"s3://{database.replace('_', '-')}/t/"
    return {"path": path, "dataset": True, "database": database, "table": "T1", "partition_cols": ["p"]}


def rows(database: str, **given: Any) -> list[list[Any]]:
    found = wr.s3.read_parquet_table(database=database, table="t1", validate_schema=False, **given).sort_values("a")
    return [[int(row["a"]), str(row["p"])] for _, row in found.iterrows()]


def test_a_data_set_is_written_read_appended_to_and_overwritten(database: str, place: dict[str, Any]) -> None:
    wr.s3.to_parquet(_FRAME, mode="overwrite", **place)
    assert rows(database) == [[1, "x"], [2, "y"], [3, "x"]]
    more = pd.DataFrame({"a": [9], "p": ["z"], "n": ["new"]})
    wr.s3.to_parquet(more, mode="append", catalog_versioning=True, **place)
    assert wr.catalog.get_table_types(database, "t1") == {"a": "bigint", "n": "string", "p": "string"}
    assert wr.catalog.get_table_number_of_versions(database, "t1") == 2
    assert rows(database, partition_filter=lambda partition: partition["p"] == "z") == [[9, "z"]]
    wr.s3.to_parquet(pd.DataFrame({"a": [7], "p": ["x"]}), mode="overwrite_partitions", **place)
    assert rows(database) == [[2, "y"], [7, "x"], [9, "z"]]


def test_partitions_are_found_added_and_removed(database: str, place: dict[str, Any]) -> None:
    wr.s3.to_parquet(_FRAME, mode="overwrite", **place)
    where, path = {"database": database, "table": "t1"}, place["path"]
    assert wr.catalog.get_parquet_partitions(**where, expression="p='x'") == {f"{path}p=x/": ["x"]}
    wr.catalog.add_parquet_partitions(**where, partitions_values={f"{path}p=q/": ["q"]})
    assert sorted(value for values in wr.catalog.get_partitions(**where).values() for value in values) == [
        "q",
        "x",
        "y",
    ]
    wr.catalog.delete_partitions(**where, partitions_values=[["q"]])
    wr.catalog.delete_all_partitions(**where)
    assert wr.catalog.get_partitions(**where) == {}


def test_tables_of_every_format_are_found_and_changed(database: str, place: dict[str, Any]) -> None:
    given = {**place, "partition_cols": None}
    wr.s3.to_parquet(_FRAME, **given)
    wr.s3.to_csv(_FRAME, index=False, **{**given, "table": "c", "path": place["path"].replace("/t/", "/c/")})
    json = {**given, "table": "j", "path": place["path"].replace("/t/", "/j/")}
    wr.s3.to_json(_FRAME, orient="records", lines=True, index=False, **json)
    assert sorted(wr.catalog.tables(database=database)["Table"]) == ["c", "j", "t1"]
    found = [one for one in wr.catalog.search_tables(text="t1") if one["DatabaseName"] == database]
    assert [table["Name"] for table in found] == ["t1"]
    found = wr.catalog.get_tables(database=database, name_contains="1")
    assert [table["Name"] for table in found] == ["t1"]
    wr.catalog.upsert_table_parameters({"owner": "me"}, database, "t1")
    assert wr.catalog.get_table_parameters(database, "t1")["owner"] == "me"
    wr.catalog.add_column(database, "t1", "m", "int", column_comment="of m")
    wr.catalog.delete_column(database, "t1", "p")
    assert list(wr.catalog.get_table_types(database, "t1")) == ["a", "m"]
    assert wr.catalog.delete_table_if_exists(database, "t1")
    assert not wr.catalog.does_table_exist(database, "t1")
    wr.catalog.delete_database(database)
    assert database not in list(wr.catalog.databases(limit=1000)["Database"])
