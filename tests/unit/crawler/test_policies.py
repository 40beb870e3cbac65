"""What a second crawl does to what the first one wrote."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from lakeshift.crawler import CrawlPlan, InvalidConfigurationError, Target, parse_configuration
from lakeshift.lake import FolderLake, ObjectInfo
from tests.unit.crawler.lakes import Lake

_OLD = {"a": 1, "b": "x"}
_WIDER = {"a": 1.5, "c": True}
_MERGE = {"CrawlerOutput": {"Tables": {"AddOrUpdateBehavior": "MergeNewColumns"}}}
_INHERIT = {"CrawlerOutput": {"Partitions": {"AddOrUpdateBehavior": "InheritFromTable"}}}


class Shuffled(FolderLake):
    """A lake whose listings come in any order."""

    def __init__(self, lake: FolderLake, seed: int) -> None:
        super().__init__(lake.root)
        self.dice = random.Random(seed)

    def list(self, bucket: str, prefix: str = "", start_after: str = "") -> Iterator[ObjectInfo]:
        found = [*super().list(bucket, prefix, start_after)]
        self.dice.shuffle(found)
        return iter(found)


@pytest.fixture
def mixed(lake: Lake) -> Lake:
    return lake.put(
        {
            **{f"t/{year}/{month}/x{n}.json": _OLD for year in (2012, 2013) for month in (1, 2) for n in (1, 2)},
            "t/2013/2/x2.json": {"b": 3, "a": 1 << 40, "z": None},
            "files/a.json": _OLD,
            "files/b.json": {"q": 1},
            "files/c.csv": b"x,y\n1,a\n2,b\n",
        }
    )


def test_crawling_twice_changes_nothing(mixed: Lake) -> None:
    assert mixed.crawl("t/", "files/").summary()["TABLE"] == {"ADD": 4}
    again = mixed.crawl("t/", "files/", run_id="another", now_millis=99)
    assert again.summary() == {"TABLE": {}, "PARTITION": {}}
    assert {table.because for table in again.tables} == {"nothing changed"}


def test_a_hundred_orders_of_the_listing_give_one_plan(mixed: Lake) -> None:
    def plan(files: FolderLake) -> CrawlPlan:
        return Lake(files).plan("t/", "files/")

    first = plan(mixed.files)
    assert all(plan(Shuffled(mixed.files, seed)) == first for seed in range(100))


def test_an_update_adds_removes_and_changes_columns(lake: Lake) -> None:
    lake.put({"t/a.json": _OLD}).crawl("t/")
    plan = lake.put({"t/a.json": _WIDER}).crawl("t/")
    assert lake.tables()["t"] == {"a": "double", "c": "boolean"}
    assert plan.tables[0].because == "adds c boolean; removes b; a: int to double"


def test_log_leaves_tables_and_still_adds_partitions(lake: Lake) -> None:
    lake.put({"t/1/a.json": _OLD}).crawl("t/")
    before = lake.catalog["t"].table
    plan = lake.put({"t/2/a.json": {**_OLD, "new": 1}}).crawl("t/", update="LOG")
    assert lake.catalog["t"].table == before
    assert plan.summary() == {"TABLE": {}, "PARTITION": {"ADD": 1}}


def test_merge_new_columns_only_adds(lake: Lake) -> None:
    lake.put({"t/a.json": _OLD}).crawl("t/")
    lake.put({"t/a.json": _WIDER}).crawl("t/", configuration=_MERGE)
    assert lake.tables()["t"] == {"a": "int", "b": "string", "c": "boolean"}


def test_merge_new_columns_deprecates_a_table_of_another_format(lake: Lake) -> None:
    lake.put({"t/a.json": _OLD}).crawl("t/")
    lake.files.delete("b", "t/a.json")
    lake.put({"t/a.csv": b"a,b\n1,x\n2,y\n"}).crawl("t/", configuration=_MERGE, now_millis=5)
    assert lake.catalog["t"].table["Parameters"]["DEPRECATED_BY_CRAWLER"] == "5"
    assert lake.catalog["t"].table["Parameters"]["classification"] == "json"


def test_partitions_carry_their_own_columns_unless_they_inherit(lake: Lake) -> None:
    lake.put({"t/1/a.json": _OLD, "t/2/a.json": {**_OLD, "late": 1}}).crawl("t/")
    own = lake.catalog["t"].partitions[("1",)]["StorageDescriptor"]["Columns"]
    assert [column["Name"] for column in own] == ["a", "b"]
    lake.crawl("t/", configuration=_INHERIT)
    own = lake.catalog["t"].partitions[("1",)]["StorageDescriptor"]["Columns"]
    assert [column["Name"] for column in own] == ["a", "b", "late"]


@pytest.mark.parametrize(
    ("delete", "tables", "partitions"),
    [
        ("DELETE_FROM_DATABASE", {"DELETE": 1, "UPDATE": 1}, {"DELETE": 1}),
        ("DEPRECATE_IN_DATABASE", {"UPDATE": 2}, {}),
        ("LOG", {"UPDATE": 1}, {}),
    ],
)
def test_what_is_gone(lake: Lake, delete: str, tables: dict[str, int], partitions: dict[str, int]) -> None:
    lake.put({"t/1/a.json": _OLD, "t/2/a.json": _OLD, "u/a.json": _OLD}).crawl("t/", "u/")
    lake.files.delete("b", "t/2/a.json")
    lake.files.delete("b", "u/a.json")
    assert lake.crawl("t/", "u/", delete=delete).summary() == {"TABLE": tables, "PARTITION": partitions}


def test_tables_of_others_are_left_alone(lake: Lake) -> None:
    lake.put({"t/a.json": _OLD}).crawl("t/", crawler="another")
    assert lake.plan("u/", delete="DELETE_FROM_DATABASE").tables == ()


def test_other_partition_keys_replace_the_old_ones(lake: Lake) -> None:
    lake.put({"t/1/a.json": _OLD}).crawl("t/")
    lake.files.delete("b", "t/1/a.json")
    plan = lake.put({"t/1/2/a.json": _OLD}).plan("t/")
    assert (plan.tables[0].action, [part.action for part in plan.tables[0].partitions]) == ("UPDATE", ["ADD"])


def test_a_sample_reads_a_few_files_of_each_folder_and_always_the_same(lake: Lake) -> None:
    lake.put({f"t/{part}/{n}.json": _OLD for part in (1, 2) for n in range(20)})
    read = [[file.path for file in lake.plan(Target("s3://b/t/", sample=3)).files] for _ in range(2)]
    assert len(read[0]) == 6
    assert read[0] == read[1]


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ("{", "Configuration is not valid JSON"),
        ("[]", "Configuration must be an object."),
        ("{}", 'Configuration needs "Version": 1.0.'),
        (
            '{"Version": 1.0, "CrawlerOutput": {"Partitions": {"UpdateBehavior": "x"}}}',
            "CrawlerOutput.Partitions contains unsupported keys: UpdateBehavior.",
        ),
        ('{"Version": 1.0, "Grouping": {"TableLevelConfiguration": 0}}', "TableLevelConfiguration must be"),
        ('{"Version": 1.0, "Grouping": {"TableGroupingPolicy": "All"}}', "TableGroupingPolicy must be"),
    ],
)
def test_a_wrong_configuration_is_refused(document: str, text: str) -> None:
    with pytest.raises(InvalidConfigurationError) as caught:
        parse_configuration(document)
    assert str(caught.value).startswith(text)


def test_the_plan_is_one_json_document_that_tells_why(mixed: Lake) -> None:
    told: dict[str, Any] = json.loads(mixed.plan("t/", "files/").to_json())
    assert {table["name"] for table in told["tables"]} == {"t", "a_json", "b_json", "c_csv"}
    texts = [decision["text"] for decision in told["decisions"] if decision["path"] == "s3://b/files/"]
    assert texts == ["3 files are a table each: different formats: json and csv [field.delim=,]"]
    assert {file["classifier"] for file in told["files"]} == {"json", "csv"}
