"""Delta and Iceberg tables: what their own metadata says, and what is refused or damaged."""

from __future__ import annotations

import io
import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pytest

from lakeshift.crawler import DeltaTarget, IcebergTarget
from lakeshift.crawler.delta import delta_type
from lakeshift.crawler.iceberg import iceberg_type
from lakeshift.crawler.types import render
from tests.unit.crawler.lakes import Lake, columns, lines

_FIELDS = [
    {"name": "Id", "type": "long", "nullable": False, "metadata": {"comment": "the key"}},
    {"name": "at", "type": "timestamp", "nullable": True, "metadata": {}},
    {"name": "day", "type": "date", "nullable": True, "metadata": {}},
]
_SCHEMA = json.dumps({"type": "struct", "fields": _FIELDS})


def commit(*actions: dict[str, Any]) -> bytes:
    return lines(actions)


def added(path: str, day: str | None) -> dict[str, Any]:
    return {"add": {"path": path, "partitionValues": {"day": day}, "size": 1, "dataChange": True}}


def log(version: int) -> str:
    return f"sales/_delta_log/{version:020}.json"


_TEXT = pa.string()
_CHECKPOINT = pa.schema(
    [
        ("metaData", pa.struct({"id": _TEXT, "schemaString": _TEXT, "partitionColumns": pa.list_(_TEXT)})),
        ("protocol", pa.struct({"minReaderVersion": pa.int32(), "minWriterVersion": pa.int32()})),
        ("add", pa.struct({"path": _TEXT, "partitionValues": pa.map_(_TEXT, _TEXT)})),
        ("remove", pa.struct({"path": _TEXT})),
    ]
)


@pytest.fixture
def sales(lake: Lake) -> Lake:
    start = (
        {"commitInfo": {"timestamp": 1000}},
        {"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}},
        {"metaData": {"id": "x", "schemaString": _SCHEMA, "partitionColumns": ["day"]}},
        added("day=2013-01-01/a%20b.parquet", "2013-01-01"),
    )
    later = (
        {"commitInfo": {"timestamp": 2000}},
        added("day=2013-01-02/c.parquet", "2013-01-02"),
        added("day=__HIVE_DEFAULT_PARTITION__/n.parquet", None),
        {"remove": {"path": "day=2013-01-01/a%20b.parquet"}},
        added("day=2013-01-01/d.parquet", "2013-01-01"),
    )
    return lake.put({log(0): commit(*start), log(1): commit(*later)})


def test_a_native_delta_table_is_its_log(sales: Lake) -> None:
    sales.crawl(DeltaTarget("s3://b/sales/", native=True))
    table = sales.catalog["sales"].table
    assert columns(table) == {"id": "bigint", "at": "timestamp", "day": "date"}
    assert table["StorageDescriptor"]["Columns"][0]["Comment"] == "the key"
    wanted = {
        "classification": "delta",
        "table_type": "delta",
        "spark.sql.sources.provider": "delta",
        "delta.lastUpdateVersion": "1",
        "delta.lastCommitTimestamp": "2000",
        "spark.sql.sources.schema.part.0": _SCHEMA,
    }
    assert {name: table["Parameters"][name] for name in wanted} == wanted
    assert table["StorageDescriptor"]["Location"] == "s3://b/sales/"
    assert sales.crawl(DeltaTarget("s3://b/sales/", native=True)).summary() == {"TABLE": {}, "PARTITION": {}}


def test_a_symlink_table_lists_the_live_files(sales: Lake) -> None:
    plan = sales.crawl(DeltaTarget("s3://b/sales", manifest=True))
    held = sales.catalog["sales"]
    assert columns(held.table) == {"id": "bigint", "at": "timestamp", "day/": "date"}
    assert held.table["StorageDescriptor"]["InputFormat"].endswith("SymlinkTextInputFormat")
    assert sorted(held.partitions) == [("2013-01-01",), ("2013-01-02",), ("__HIVE_DEFAULT_PARTITION__",)]
    first = held.partitions["2013-01-01",]["StorageDescriptor"]["Location"]
    assert first == "s3://b/sales/_symlink_format_manifest/day=2013-01-01/"
    told = {write.key: write.text for write in plan.writes}
    assert told["sales/_symlink_format_manifest/day=2013-01-01/manifest"] == "s3://b/sales/day=2013-01-01/d.parquet\n"
    assert sales.plan(DeltaTarget("s3://b/sales/")).writes == ()


def test_a_checkpoint_stands_for_what_was_before_it(sales: Lake) -> None:
    rows = pa.Table.from_pylist(
        [
            {"metaData": {"id": "x", "schemaString": _SCHEMA, "partitionColumns": ["day"]}},
            {"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}},
            {"add": {"path": "day=2013-01-09/z.parquet", "partitionValues": [("day", "2013-01-09")]}},
        ],
        _CHECKPOINT,
    )
    packed = io.BytesIO()
    pa.parquet.write_table(rows, packed)
    sales.put({"sales/_delta_log/00000000000000000001.checkpoint.parquet": packed.getvalue()})
    sales.files.delete("b", log(0))
    sales.put({log(2): commit(added("day=2013-01-10/y.parquet", "2013-01-10"))}).crawl(DeltaTarget("s3://b/sales/"))
    assert sorted(sales.catalog["sales"].partitions) == [("2013-01-09",), ("2013-01-10",)]


@pytest.mark.parametrize(
    ("objects", "text"),
    [
        ({}, "There is no Delta table at s3://b/none/"),
        ({"none/_delta_log/00000000000000000000.json": b"{"}, "Version 0 of the Delta table s3://b/none/ is damaged"),
        ({"none/_delta_log/00000000000000000001.json": b"{}"}, "The Delta log of s3://b/none/ lacks version 0"),
        (
            {
                "none/_delta_log/00000000000000000000.json": commit(
                    {"metaData": {"schemaString": _SCHEMA}}, {"protocol": {"minReaderVersion": 9}}
                )
            },
            "needs reader version 9",
        ),
    ],
    ids=["none", "damaged", "a-gap", "too-new"],
)
def test_a_delta_table_that_cannot_be_read_is_said_so(lake: Lake, objects: dict[str, bytes], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        lake.put(objects).plan(DeltaTarget("s3://b/none/"))


def test_delta_types() -> None:
    nested = {"type": "struct", "fields": [{"name": "n", "type": {"type": "array", "elementType": "short"}}]}
    kind = {"type": "map", "keyType": "string", "valueType": nested}
    assert render(delta_type(kind)) == "map<string,struct<n:array<smallint>>>"
    assert delta_type("decimal(10,2)") == "decimal(10,2)"


def metadata(*fields: dict[str, Any], **more: Any) -> bytes:
    schemas = [{"schema-id": 0, "fields": []}, {"schema-id": 1, "fields": list(fields)}]
    given = {"format-version": 2, "location": "s3://b/lake/db/orders", "current-schema-id": 1, "schemas": schemas}
    return json.dumps({**given, **more}).encode()


_ID = {"id": 1, "name": "Id", "required": True, "type": "long", "doc": "the key"}
_ZONED = {"id": 2, "name": "at", "required": False, "type": "timestamptz"}


@pytest.fixture
def orders(lake: Lake) -> Lake:
    snapshot = {"snapshot-id": 7, "summary": {"total-records": "12", "total-data-files": "3"}}
    old, new = metadata(_ID), metadata(_ID, _ZONED, **{"current-snapshot-id": 7, "snapshots": [snapshot]})
    return lake.put(
        {
            "lake/db/orders/metadata/00000-aa.metadata.json": old,
            "lake/db/orders/metadata/00010-bb.metadata.json": new,
            "lake/db/orders/metadata/snap-7.avro": b"Obj",
            "lake/db/orders/data/x.parquet": b"PAR1",
            "lake/other/metadata/v2.metadata.json": metadata(_ID),
        }
    )


def test_iceberg_tables_are_found_and_registered_with_their_newest_metadata(orders: Lake) -> None:
    plan = orders.crawl(IcebergTarget("s3://b/lake/"))
    assert sorted(orders.catalog) == ["orders", "other"]
    table = orders.catalog["orders"].table
    assert columns(table) == {"id": "bigint", "at": "timestamp"}
    assert table["Parameters"]["metadata_location"] == "s3://b/lake/db/orders/metadata/00010-bb.metadata.json"
    assert table["Parameters"]["table_type"] == "ICEBERG"
    first = table["StorageDescriptor"]["Columns"][0]
    assert (first["Comment"], first["Parameters"]["iceberg.field.optional"]) == ("the key", "false")
    assert any("snapshot 7, 12 records in 3 files" in decision.text for decision in plan.decisions)


def test_a_new_snapshot_moves_the_pointer(orders: Lake) -> None:
    orders.crawl(IcebergTarget("s3://b/lake/db/orders/"))
    assert orders.crawl(IcebergTarget("s3://b/lake/db/orders/")).summary()["TABLE"] == {}
    orders.put({"lake/db/orders/metadata/00011-cc.metadata.json": metadata(_ID)})
    orders.crawl(IcebergTarget("s3://b/lake/db/orders/"))
    assert orders.catalog["orders"].table["Parameters"]["metadata_location"].endswith("00011-cc.metadata.json")
    assert columns(orders.catalog["orders"].table) == {"id": "bigint"}


def test_depth_and_exclusions_leave_iceberg_tables_out(orders: Lake) -> None:
    plan = orders.plan(IcebergTarget("s3://b/lake/", depth=1))
    assert [table.name for table in plan.tables] == ["other"]
    assert any("MaximumTraversalDepth" in decision.text for decision in plan.decisions)
    plan = orders.plan(IcebergTarget("s3://b/lake/", ("other/**",)))
    assert [table.name for table in plan.tables] == ["orders"]


@pytest.mark.parametrize(
    ("data", "text"),
    [(b"{", "cannot be read"), (metadata(**{"format-version": 3}), "has format version 3")],
    ids=["damaged", "too-new"],
)
def test_iceberg_metadata_that_cannot_be_read_is_said_so(lake: Lake, data: bytes, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        lake.put({"t/metadata/v1.metadata.json": data}).plan(IcebergTarget("s3://b/t/"))


def test_iceberg_types() -> None:
    inner = {"type": "struct", "fields": [{"id": 3, "name": "n", "required": True, "type": "fixed[4]"}]}
    kind = {"type": "map", "key": "string", "value": {"type": "list", "element": inner}}
    assert render(iceberg_type(kind)) == "map<string,array<struct<n:binary>>>"
    assert iceberg_type("decimal(10, 2)") == "decimal(10,2)"
