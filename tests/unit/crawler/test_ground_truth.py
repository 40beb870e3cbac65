"""What AWS wrote for known inputs: published tables and documented cases, rebuilt with synthetic content."""

from __future__ import annotations

import gzip
import json
from typing import Any, NamedTuple

import pytest

from lakeshift.crawler import Target
from lakeshift.crawler.names import hashed_name, table_name
from lakeshift.crawler.statistics import FileCount, fold
from tests.unit.crawler.lakes import Lake, columns, lines

_JSON_A_B = {"A": 1, "B": 2}
_JSON_C_D = {"C": 3, "D": 4}


class Published(NamedTuple):
    sizes: tuple[int, ...]
    decoded: int
    size_key: int
    records: int
    average: int


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(Published((293777,), 956, 293777, 956, 307), id="GT1-one-file-below-1000-records"),
        # Nine files, 6,871,328 bytes, 81,273 rows: AWS wrote 9007. Their sizes one by one are made up, the rest is not.
        pytest.param(
            Published(
                (790981, 787587, 720777, 758817, 760552, 747783, 754879, 712996, 836956), 1000, 6871328, 9007, 761
            ),
            id="GT2-nine-files-over-1000-records",
        ),
        pytest.param(Published((1150000, 1150000, 998200), 1000, 3298200, 3194, 1032), id="GT3-files-over-1-MiB"),
    ],
)
def test_statistics_reproduce_published_tables(case: Published) -> None:
    found = fold(FileCount.sampled(size, min(size, 1 << 20), case.decoded) for size in case.sizes)
    assert (found.size, found.records, found.average) == (case.size_key, case.records, case.average)


def test_gt6_csv_to_the_byte_count(lake: Lake) -> None:
    header = "id,location_id,attention,address_1,address_2,city,state_province,postal_code,country"
    rows = [f"{n},{n},Somebody,1 Street,,Redwood City,CA,94025-9881,US" for n in range(1, 22)]
    body = "\r\n".join([header, *rows])
    body += "x" * (1608 - len(body))  # no line end after the last row
    lake.put({"mail_addresses/mail_addresses.csv": body.encode()}).crawl("mail_addresses/")
    table = lake.catalog["mail_addresses"].table
    kinds = columns(table)
    assert [name for name, kind in kinds.items() if kind == "bigint"] == ["id", "location_id"]
    assert sum(kind == "string" for kind in kinds.values()) == 7
    assert table["StorageDescriptor"]["SerdeInfo"] == {
        "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
        "Parameters": {"field.delim": ","},
    }
    wanted = {
        "areColumnsQuoted": "false",
        "averageRecordSize": "80",
        "columnsOrdered": "true",
        "delimiter": ",",
        "objectCount": "1",
        "recordCount": "20",
        "sizeKey": "1608",
        "skip.header.line.count": "1",
    }
    assert {key: table["Parameters"].get(key) for key in wanted} == wanted


def test_gt7_a_taken_table_name_gets_the_hash_of_its_place(lake: Lake) -> None:
    assert hashed_name("landing", "stedi-supraja", "accelerometer/landing/") == (
        "landing_6b3cb3b3e420d6357a73bb3830f52087"
    )
    lake.put({"customer/landing/2023/01/a.json": _JSON_A_B, "accelerometer/landing/2023/01/a.json": _JSON_A_B})
    lake.crawl("customer/landing/", crawler="another")
    lake.crawl("accelerometer/landing/")
    assert sorted(lake.catalog) == ["landing", hashed_name("landing", "b", "accelerometer/landing/")]
    assert [key["Name"] for key in lake.catalog["landing"].table["PartitionKeys"]] == ["partition_0", "partition_1"]


class Layout(NamedTuple):
    objects: dict[str, Any]
    targets: tuple[str, ...]
    tables: dict[str, tuple[str, ...]]
    configuration: Any = None


_PERSON = {"id": "1", "family_name": "x"}
_EVENT = {"when": "2013", "what": "y"}
_CSV = b"a,b\n1,x\n2,y\n"

LAYOUTS = [
    pytest.param(
        Layout(
            {
                f"sales/year=2019/month={month}/day={day}/{day}.json": _JSON_A_B
                for month in ("Jan", "Feb")
                for day in (1, 2)
            },
            ("sales/",),
            {"sales": ("year", "month", "day")},
        ),
        id="GT9-key-value-folders",
    ),
    pytest.param(
        Layout(
            {
                f"folder1/{table}/{part}/file.json": _JSON_A_B
                for table, part in (
                    ("table1", "partition1"),
                    ("table1", "partition2"),
                    ("table1", "partition3"),
                    ("table2", "partition4"),
                    ("table2", "partition5"),
                )
            },
            ("folder1/",),
            {"folder1": ("partition_0", "partition_1")},
        ),
        id="GT10-similar-folders-are-one-table",
    ),
    pytest.param(
        Layout(
            {f"folder1/{table}/p{n}/file.json": _JSON_A_B for table in ("table1", "table2") for n in (1, 2)},
            ("folder1/table1/", "folder1/table2"),
            {"table1": ("partition_0",), "table2": ("partition_0",)},
        ),
        id="GT11-two-include-paths",
    ),
    pytest.param(
        Layout(
            {"table1/year=2017/data1.json": _JSON_A_B, "table1/year=2018/data2.json": _JSON_C_D},
            ("table1/",),
            {"year_2017": (), "year_2018": ()},
        ),
        id="GT12-unlike-schemas-are-tables",
    ),
    pytest.param(
        Layout(
            {"table1/year=2017/data1.json": _JSON_A_B, "table1/year=2018/data2.json": _JSON_C_D},
            ("table1/",),
            {"table1": ("year",)},
            {"Grouping": {"TableGroupingPolicy": "CombineCompatibleSchemas"}},
        ),
        id="GT13-combine-compatible-schemas",
    ),
    pytest.param(
        Layout(
            {"all/persons.json": _PERSON, "all/events.json": _EVENT, "all/areas.json": {"area": 1}},
            ("all/",),
            {"persons_json": (), "events_json": (), "areas_json": ()},
        ),
        id="GT15-unlike-files-of-one-folder",
    ),
    pytest.param(
        Layout({"medicare/Medicare_Hospital_Provider.csv": _CSV}, ("medicare/",), {"medicare": ()}),
        id="GT16-named-for-the-folder",
    ),
    pytest.param(Layout({"medicare/one.csv": _CSV}, ("medicare/one.csv",), {}), id="GT16-a-file-is-no-path"),
    pytest.param(
        Layout(
            {f"raw_statistics/region={region}/{region}videos.csv": _CSV for region in ("ca", "de")},
            ("raw_statistics/",),
            {"raw_statistics": ("region",)},
        ),
        id="GT17-csv-by-region",
    ),
    pytest.param(
        Layout(
            {"t/a.json": _JSON_A_B, "t/x/b.json": _JSON_A_B, "t/y/c.json": _JSON_A_B},
            ("t/",),
            {"a_json": (), "x": (), "y": ()},
        ),
        id="GT18-files-beside-folders",
    ),
    pytest.param(
        Layout({"t/empty": b"", "t/x/b.json": _JSON_A_B, "t/y/c.json": _JSON_A_B}, ("t/",), {"x": (), "y": ()}),
        id="GT18-empty-files-beside-folders",
    ),
    pytest.param(
        Layout(
            {f"mydataset/{a}/{b}/x.json": _JSON_A_B for a in ("a", "c") for b in ("b", "d")},
            ("mydataset/",),
            {"a": ("partition_0",), "c": ("partition_0",)},
            {"Grouping": {"TableLevelConfiguration": 3}},
        ),
        id="GT19-table-level",
    ),
    pytest.param(
        Layout(
            {"feeds/nyc/1/x.json": _JSON_A_B, "feeds/nyc/2/x.json": _JSON_C_D, "feeds/bos/1/x.json": _JSON_A_B},
            ("feeds/",),
            {"nyc": ("partition_0",), "bos": ("partition_0",)},
            {"Grouping": {"TableGroupingPolicy": "CombineCompatibleSchemas", "TableLevelConfiguration": 3}},
        ),
        id="GT20-table-level-and-combine",
    ),
    pytest.param(
        Layout({"t/a/x.json": _JSON_A_B, "t/b/x.csv": _CSV}, ("t/",), {"a": (), "b": ()}), id="formats-do-not-mix"
    ),
    pytest.param(
        Layout({"t/a/x.json": _JSON_A_B, "t/b/2013/x.json": _JSON_A_B}, ("t/",), {"a": (), "b": ("partition_0",)}),
        id="unequal-depths-do-not-mix",
    ),
    pytest.param(
        Layout(
            {**{f"t/{n}/x.json": _JSON_A_B for n in range(9)}, "t/9/x.json": _JSON_C_D},
            ("t/",),
            {"t": ("partition_0",)},
        ),
        id="a-majority-of-nine-in-ten-is-one-table",
    ),
    pytest.param(
        Layout({"t/_SUCCESS": b"", "t/x/a.json": _JSON_A_B, "t/y/a.json": _JSON_A_B}, ("t/",), {"t": ("partition_0",)}),
        id="a-success-marker-is-no-file",
    ),
    pytest.param(
        Layout({"t/a=1/x.json": _JSON_A_B, "t/b=2/x.json": _JSON_A_B}, ("t/",), {"t": ("partition_0",)}),
        id="keys-that-disagree-name-nothing",
    ),
    pytest.param(Layout({"x.json": _JSON_A_B}, ("",), {"b": ()}), id="a-bucket-names-its-table"),
    pytest.param(
        Layout({"t/x/a.json": _JSON_A_B, "t/y/a.json": b"\xff\xfe\x00nothing\x00"}, ("t/",), {"t": ("partition_0",)}),
        id="an-unknown-folder-is-left-out",
    ),
]


@pytest.mark.parametrize("case", LAYOUTS)
def test_folders_become_tables_and_partitions(lake: Lake, case: Layout) -> None:
    lake.put(case.objects).crawl(*case.targets, configuration=case.configuration)
    found = {name: tuple(key["Name"] for key in held.table["PartitionKeys"]) for name, held in lake.catalog.items()}
    assert found == case.tables


def test_gt18_more_tables_than_the_threshold_fail_and_write_nothing(lake: Lake) -> None:
    lake.put({"t/a.json": _PERSON, "t/b.json": _EVENT})
    plan = lake.plan("t/", configuration={"CrawlerOutput": {"Tables": {"TableThreshold": 1}}})
    assert plan.failure == (
        "The number of tables detected by crawler: 2 is greater than the table threshold value provided: 1. "
        "Failing crawler without writing to Data Catalog."
    )
    assert plan.tables == ()


def test_gt21_csv_names_are_trimmed_and_lowered_and_dollars_stay_text(lake: Lake) -> None:
    body = b"DRG Definition,Provider Id, Total Discharges , Average Covered Charges \nx,10001,91,$32963.07\n"
    lake.put({"medicare/m.csv": body + b"y,10002,14,$15131.85\n"}).crawl("medicare/")
    assert lake.tables()["medicare"] == {
        "drg definition": "string",
        "provider id": "bigint",
        "total discharges": "bigint",
        "average covered charges": "string",
    }


def test_gt23_a_top_level_array_is_one_column_and_one_record(lake: Lake) -> None:
    body = json.dumps([{"type": "a", "id": "b"}, {"type": "c", "id": "d"}]).encode()
    lake.put({"w/slweather.json": body, "w/other.json": [{"x": 1}]}).crawl("w/")
    table = lake.catalog["slweather_json"].table
    assert columns(table) == {"array": "array<struct<type:string,id:string>>"}
    assert table["StorageDescriptor"]["Location"] == "s3://b/w/slweather.json"
    assert table["StorageDescriptor"]["SerdeInfo"]["Parameters"] == {"paths": "array"}
    assert table["Parameters"]["recordCount"] == "1"
    assert table["Parameters"]["averageRecordSize"] == str(len(body))


def test_gt28_compressed_sizes_and_uncompressed_averages(lake: Lake) -> None:
    tweet = {"id": 12345678901, "small": 3, "geo": None, "user": {"Name": "x"}, "box": [[[1.5, 2.5]]], "p": "y" * 4000}
    body = lines([tweet])
    packed = gzip.compress(body)
    lake.put({"tweets/t.json.gz": packed}).crawl("tweets/")
    table = lake.catalog["tweets"].table
    assert columns(table) == {
        "id": "bigint",
        "small": "int",
        "geo": "string",
        "user": "struct<Name:string>",
        "box": "array<array<array<double>>>",
        "p": "string",
    }
    parameters = table["Parameters"]
    assert (parameters["compressionType"], parameters["sizeKey"]) == ("gzip", str(len(packed)))
    assert (parameters["averageRecordSize"], parameters["recordCount"]) == (str(len(body)), "1")
    assert table["StorageDescriptor"]["Compressed"] is True


def test_gt33_csv_timestamps_and_dates_stay_text(lake: Lake) -> None:
    lake.put({"t/x.csv": b"pulled_at;n\n2024-01-01 10:00:00;1\n2024-01-02 10:00:00;2\n"}).crawl("t/")
    assert lake.tables()["t"] == {"pulled_at": "string", "n": "bigint"}
    assert lake.catalog["t"].table["Parameters"]["delimiter"] == ";"


def test_gt34_exclusions_are_kept_on_the_table(lake: Lake) -> None:
    lake.put({"path/a.json": _JSON_A_B, "path/b.zip": b"PK"})
    lake.crawl(Target("s3://b/path/", ("*.zip",)))
    assert lake.catalog["path"].table["Parameters"]["exclusions"] == '["s3://b/path/*.zip"]'
    assert lake.catalog["path"].table["Parameters"]["objectCount"] == "1"


def test_gt36_a_table_whose_data_is_gone_is_deprecated(lake: Lake) -> None:
    lake.put({"t/a.json": _JSON_A_B}).crawl("t/")
    lake.files.delete("b", "t/a.json")
    lake.crawl("t/", now_millis=1700000000000)
    assert lake.catalog["t"].table["Parameters"]["DEPRECATED_BY_CRAWLER"] == "1700000000000"


def test_gt37_partitioned_tables_are_indexed(lake: Lake) -> None:
    plan = lake.put({"t/x/a.json": _JSON_A_B}).crawl("t/")
    assert plan.tables[0].index
    assert plan.tables[0].input["Parameters"]["partition_filtering.enabled"] == "true"
    lake.catalog.clear()
    assert not lake.plan("t/", configuration={"CreatePartitionIndex": False}).tables[0].index


@pytest.mark.parametrize(
    ("folder", "name"),
    [("persons.json", "persons_json"), ("year=2017", "year_2017"), ("My-Data", "my_data"), ("é", "_")],
)
def test_table_names(folder: str, name: str) -> None:
    assert table_name(folder) == name
    assert table_name(folder, "p_") == f"p_{name}"
