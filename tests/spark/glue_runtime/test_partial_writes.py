"""A run that ends at any point leaves no half-written partition that the catalog, or a reader, can see."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from lakeshift.glue_runtime.engine import catalog_source, sinks
from lakeshift.glue_runtime.engine.companion import companion

pytestmark = pytest.mark.spark

BUCKET = "partial"


class KilledError(BaseException):
    """The process ends here."""


@pytest.fixture
def lake(local_aws: Any) -> Iterator[Any]:
    s3, catalog = boto3.client("s3"), boto3.client("glue")
    s3.create_bucket(Bucket=BUCKET)
    catalog.create_database(DatabaseInput={"Name": "partial"})
    yield s3
    for table in catalog.get_tables(DatabaseName="partial")["TableList"]:
        catalog.delete_table(DatabaseName="partial", Name=table["Name"])
    catalog.delete_database(Name="partial")
    for item in s3.list_objects_v2(Bucket=BUCKET).get("Contents", ()):
        s3.delete_object(Bucket=BUCKET, Key=item["Key"])
    s3.delete_bucket(Bucket=BUCKET)


def write(glue: Any, frame: Any) -> None:
    sink = glue.getSink("s3", path=f"s3://{BUCKET}/t/", enableUpdateCatalog=True, partitionKeys=["d"])
    sink.setFormat("glueparquet")
    sink.setCatalogInfo(catalogDatabase="partial", catalogTableName="t")
    sink.writeFrame(frame)


def seen(glue: Any) -> tuple[int, list[str]]:
    """Rows and partitions that the catalog shows."""
    try:
        rows = glue.create_dynamic_frame.from_catalog(database="partial", table_name="t").count()
    except boto3.client("glue").exceptions.EntityNotFoundException:
        return 0, []
    found = boto3.client("glue").get_partitions(DatabaseName="partial", TableName="t")["Partitions"]
    return rows, sorted(p["Values"][0] for p in found)


def objects(lake: Any) -> list[str]:
    return [item["Key"] for item in lake.list_objects_v2(Bucket=BUCKET).get("Contents", ())]


def test_killed_before_the_files_are_moved_nothing_is_seen(
    glue: Any, lake: Any, of_json: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = of_json({"id": 1, "d": "1"}, {"id": 2, "d": "2"})

    def killed(*_given: Any) -> Any:
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(sinks, "companion", killed)
        with pytest.raises(KilledError):
            write(glue, frame)
    assert (seen(glue), objects(lake)) == ((0, []), [])
    write(glue, frame)
    assert seen(glue) == (2, ["1", "2"])


def test_killed_before_the_catalog_knows_the_partition_is_added_by_the_next_run(
    glue: Any, lake: Any, of_json: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(glue, of_json({"id": 1, "d": "1"}))
    second = of_json({"id": 2, "d": "2"})

    def killed(*_given: Any) -> Any:
        raise KilledError

    from lakeshift.glue_runtime.binding import sink

    with monkeypatch.context() as patch:
        patch.setattr(sink, "update_catalog", killed)
        with pytest.raises(KilledError):
            write(glue, second)
    assert seen(glue) == (1, ["1"])


def test_only_the_folders_of_chosen_partitions_are_listed(
    glue: Any, lake: Any, of_json: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-partitions.html"""
    write(glue, of_json(*[{"id": i, "d": str(i)} for i in range(5)]))
    listed: list[str] = []
    real = catalog_source.list_files

    def noted(paths: Any, **options: Any) -> Any:
        listed.extend(paths)
        return real(paths, **options)

    monkeypatch.setattr(catalog_source, "list_files", noted)
    frame = glue.create_dynamic_frame.from_catalog(
        database="partial", table_name="t", push_down_predicate="d in ('1', '3')"
    )
    assert frame.count() == 2
    assert listed == [f"s3://{BUCKET}/t/d=1/", f"s3://{BUCKET}/t/d=3/"]


def test_a_large_file_is_read_in_pieces_and_every_record_once(
    glue: Any, write: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lakeshift.glue_runtime.engine import file_groups

    monkeypatch.setattr(file_groups, "SMALLEST_CUT", 1000)
    monkeypatch.setattr(file_groups, "OPEN_COST", 1)
    path = write("a.json", "".join(f'{{"id": {i}, "t": "{"x" * (i % 90)}"}}\n' for i in range(500)))
    options = {"paths": [path], "groupFiles": "inPartition", "groupSize": "2000"}
    frame = glue.create_dynamic_frame.from_options("s3", options, "json")
    assert frame.getNumPartitions() > 10
    assert sorted(row.id for row in frame.toDF().collect()) == list(range(500))
    pretty = write("b.json", "{\n" + '"id": 1,\n' * 500 + '"t": {\n"id": 2}\n}\n')
    whole = glue.create_dynamic_frame.from_options("s3", {**options, "paths": [pretty]}, "json")
    assert (whole.getNumPartitions(), whole.count(), whole.errorsCount()) == (1, 1, 0)
    assert companion(glue.spark_session, "JsonRecords")
