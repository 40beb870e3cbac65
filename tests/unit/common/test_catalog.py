from __future__ import annotations

import pytest

from common import catalog
from tests.unit.common.fakes import FakeGlue

COLUMNS = [("id", "string"), ("n", "int")]


def test_a_table_is_created_then_pointed_elsewhere() -> None:
    glue = FakeGlue()
    assert catalog.table_location(glue, "db", "t") is None
    catalog.put_table(glue, "db", "t", COLUMNS, "s3://b/t/snapshot=1", keys=[("day", "date")])
    catalog.put_table(glue, "db", "t", COLUMNS, "s3://b/t/snapshot=2/", keys=[("day", "date")])
    assert catalog.table_location(glue, "db", "t") == "s3://b/t/snapshot=2"
    table = glue.tables["db", "t"]
    assert table["PartitionKeys"] == [{"Name": "day", "Type": "date"}]
    assert table["StorageDescriptor"]["Columns"] == [{"Name": "id", "Type": "string"}, {"Name": "n", "Type": "int"}]
    assert table["StorageDescriptor"]["Location"] == "s3://b/t/snapshot=2/"


def test_partitions_are_registered_a_hundred_at_a_time_and_only_once() -> None:
    glue = FakeGlue()
    folders = {f"{n:03}": f"s3://b/t/day={n:03}" for n in range(250)}
    catalog.add_partitions(glue, "db", "t", COLUMNS, folders)
    catalog.add_partitions(glue, "db", "t", COLUMNS, folders)
    assert glue.calls == [100, 100, 50] * 2
    assert glue.partitions["db", "t", "007"]["StorageDescriptor"]["Location"] == "s3://b/t/day=007/"


def test_a_refused_partition_is_named() -> None:
    with pytest.raises(RuntimeError, match=r"db\.t \['2'\].*InternalServiceException"):
        catalog.add_partitions(FakeGlue(refuse="2"), "db", "t", COLUMNS, {"1": "s3://b/1", "2": "s3://b/2"})
