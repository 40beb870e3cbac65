"""Crawls that read only what is new, without a server."""

from __future__ import annotations

from typing import Any

from lakeshift.crawler import CrawlPlan, Since
from tests.unit.crawler.lakes import Lake

_AB = {"a": 1, "b": "x"}
_CD = {"c": 1.5, "d": True, "e": 1}


def since(lake: Lake, *paths: str, changed: set[str] | None = None, **given: Any) -> CrawlPlan:
    """The plan after a crawl of everything that there is now and what ``later`` adds."""
    return lake.plan(*paths, since=Since(changed=frozenset(f"s3://b/{key}" for key in changed or ())), **given)


def test_a_new_folder_beside_tables_is_a_table_of_its_own(lake: Lake) -> None:
    known = lake.put({"t/p/x.json": _AB, "t/q/x.json": _CD}).crawl("t/").folders
    assert sorted(lake.catalog) == ["p", "q"]
    plan = lake.put({"t/r/x.json": _AB}).plan("t/", since=Since(known=frozenset(known)), update="LOG", delete="LOG")
    assert [(table.action, table.name) for table in plan.tables] == [("ADD", "r")]


def test_new_folders_of_another_schema_are_not_added(lake: Lake) -> None:
    known = frozenset(lake.put({"t/1/x.json": _AB}).crawl("t/").folders)
    plan = lake.put({"t/2/x.json": _CD}).plan("t/", since=Since(known=known), update="LOG", delete="LOG")
    assert [(table.action, table.partitions) for table in plan.tables] == [("KEEP", ())]
    assert "only 0% of the new folders" in plan.tables[0].because


def test_a_known_folder_is_not_read(lake: Lake) -> None:
    known = frozenset(lake.put({"t/1/x.json": _AB}).crawl("t/").folders)
    plan = lake.put({"t/1/y.json": _CD}).plan("t/", since=Since(known=known), update="LOG", delete="LOG")
    assert (plan.files, plan.tables) == ((), ())
    assert plan.folders == ("s3://b/t/1/",)


def test_nothing_is_gone_where_not_everything_was_read(lake: Lake) -> None:
    lake.put({"t/1/x.json": _AB, "u/x.json": _AB}).crawl("t/", "u/")
    lake.files.delete("b", "u/x.json")
    assert since(lake, "t/", delete="DELETE_FROM_DATABASE").tables == ()


def test_an_event_below_an_unpartitioned_table_reads_it_whole(lake: Lake) -> None:
    lake.put({"u/x.json": _AB}).crawl("u/")
    lake.put({"u/y.json": {**_AB, "n": 1}})
    (table,) = since(lake, "u/", changed={"u/"}).tables
    assert (table.action, table.because) == ("UPDATE", "adds n int")
    lake.files.delete("b", "u/x.json")
    lake.files.delete("b", "u/y.json")
    (table,) = since(lake, "u/", changed={"u/"}, delete="DELETE_FROM_DATABASE").tables
    assert table.action == "DELETE"


def test_an_event_elsewhere_changes_nothing(lake: Lake) -> None:
    lake.put({"t/1/x.json": _AB}).crawl("t/")
    assert since(lake, "t/", changed={"other/"}).tables == ()


def test_events_add_update_and_remove_partitions_by_the_policy(lake: Lake) -> None:
    lake.put({f"t/{day}/x.json": _AB for day in (1, 2, 3)}).crawl("t/")
    lake.files.delete("b", "t/2/x.json")
    lake.put({"t/3/y.json": _AB, "t/4/x.json": _AB})
    changed = {"t/2/", "t/3/", "t/4/"}
    (table,) = since(lake, "t/", changed=changed, delete="DELETE_FROM_DATABASE").tables
    assert {part.values: part.action for part in table.partitions} == {
        ("2",): "DELETE",
        ("3",): "UPDATE",
        ("4",): "ADD",
    }
    (table,) = since(lake, "t/", changed=changed, delete="LOG").tables
    assert {part.action for part in table.partitions} == {"ADD", "UPDATE"}


def test_partitions_that_inherit_take_the_tables_columns(lake: Lake) -> None:
    inherit = {"CrawlerOutput": {"Partitions": {"AddOrUpdateBehavior": "InheritFromTable"}}}
    lake.put({"t/1/x.json": {**_AB, "old": 1}}).crawl("t/", configuration=inherit)
    lake.put({"t/2/x.json": _AB})
    (table,) = since(lake, "t/", changed={"t/2/"}, configuration=inherit).tables
    names = [column["Name"] for column in table.partitions[0].input["StorageDescriptor"]["Columns"]]
    assert names == ["a", "b", "old"]
