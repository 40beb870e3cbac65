"""Published tables rebuilt whole: the same facts in synthetic bytes, and what AWS wrote of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pytest

from tests.unit.crawler.lakes import Lake, columns
from tests.unit.crawler.packed import avro, orc, parquet

_STATISTICS = ("objectCount", "sizeKey", "recordCount", "averageRecordSize")


def filled(line: Mapping[str, Any], size: int, lines: int) -> bytes:
    """``lines`` lines of JSON that are ``size`` bytes together, padded by blanks within the braces."""
    text = json.dumps(line, separators=(",", ":")).encode()
    width, rest = divmod(size, lines)
    assert width > len(text)

    def padded(length: int) -> bytes:
        return text[:-1] + b" " * (length - 1 - len(text)) + b"}\n"

    return padded(width) * (lines - 1) + padded(width + rest)


def statistics(table: Mapping[str, Any]) -> dict[str, str]:
    return {name: table["Parameters"][name] for name in _STATISTICS}


def test_gt1_customers(lake: Lake) -> None:
    first = {
        "customerName": "x", "email": "e", "phone": "8015551212", "birthDay": "1900-01-01", "serialNumber": "s",
        "registrationDate": 1655564376361, "lastUpdateDate": 1655564376361,
    }  # fmt: skip
    shared = {f"shareWith{whom}AsOfDate": 1655564376361 for whom in ("Research", "Public", "Friends")}
    tail = json.dumps({**first, **shared}, separators=(",", ":")).encode() + b"\n"
    lake.put({"customer/landing/customer-1691348231425.json": filled(first, 293777 - len(tail), 955) + tail})
    lake.crawl("customer/landing/")
    table = lake.catalog["landing"].table
    assert statistics(table) == {
        "objectCount": "1",
        "sizeKey": "293777",
        "recordCount": "956",
        "averageRecordSize": "307",
    }
    assert columns(table) == {
        **dict.fromkeys(("customername", "email", "phone", "birthday", "serialnumber"), "string"),
        **dict.fromkeys(("registrationdate", "lastupdatedate"), "bigint"),
        **dict.fromkeys(("sharewithresearchasofdate", "sharewithpublicasofdate", "sharewithfriendsasofdate"), "bigint"),
    }
    paths = table["StorageDescriptor"]["SerdeInfo"]["Parameters"]["paths"].split(",")
    assert paths == sorted([*first, *shared])
    told = {name: table["Parameters"][name] for name in ("classification", "compressionType", "typeOfData")}
    assert told == {"classification": "json", "compressionType": "none", "typeOfData": "file"}


def test_gt2_accelerometers_with_awss_own_wrong_count(lake: Lake) -> None:
    sizes = (790981, 787587, 720777, 758817, 760552, 747783, 754879, 712996, 836956)
    line = {"user": "a", "timestamp": 1655564444103, "x": 1.0, "y": -1.0, "z": 0.0}
    assert sum(sizes) == 6871328
    lake.put({f"accelerometer/landing/{at}.json": filled(line, size, 9030) for at, size in enumerate(sizes)})
    lake.crawl("accelerometer/landing/")
    table = lake.catalog["landing"].table
    assert statistics(table) == {
        "objectCount": "9",
        "sizeKey": "6871328",
        "recordCount": "9007",
        "averageRecordSize": "761",
    }
    assert columns(table) == {"user": "string", "timestamp": "bigint", "x": "double", "y": "double", "z": "double"}
    assert table["StorageDescriptor"]["SerdeInfo"]["Parameters"] == {"paths": "timestamp,user,x,y,z"}


def test_gt3_step_trainers(lake: Lake) -> None:
    line = {"sensorReadingTime": 1655564444103, "serialNumber": "s", "distanceFromObject": 231}
    sizes = (1150000, 1150000, 998200)
    lake.put({f"step_trainer/landing/{at}.json": filled(line, size, 9000) for at, size in enumerate(sizes)})
    lake.crawl("step_trainer/landing/")
    table = lake.catalog["landing"].table
    assert statistics(table) == {
        "objectCount": "3",
        "sizeKey": "3298200",
        "recordCount": "3194",
        "averageRecordSize": "1032",
    }
    assert columns(table) == {"sensorreadingtime": "bigint", "serialnumber": "string", "distancefromobject": "int"}


def test_gt17_videos(lake: Lake) -> None:
    names = (
        "video_id,trending_date,title,channel_title,category_id,publish_time,tags,views,likes,dislikes,comment_count,"
        "thumbnail_link,comments_disabled,ratings_disabled,video_error_or_removed,description"
    )
    row = "a{0},17.14.11,T,C,10,2017-11-10T17:00:03.000Z,x|y,17158579,787425,43420,125882,http,False,True,False,d"
    comment = "# as the data set has it"
    body = "\n".join([names, *(row.format(at) for at in range(5)), comment, row.format(9), ""])
    lake.put({f"raw_statistics/region={code}/{code}videos.csv": body.encode() for code in ("ca", "de", "fr")})
    lake.crawl("raw_statistics/")
    table = lake.catalog["raw_statistics"].table
    found = columns(table)
    assert found.pop("region/") == "string"
    assert len(found) == 16
    numbers = ("category_id", "views", "likes", "dislikes", "comment_count")
    truths = ("comments_disabled", "ratings_disabled", "video_error_or_removed")
    assert {name: found[name] for name in numbers} == dict.fromkeys(numbers, "bigint")
    assert {name: found[name] for name in truths} == dict.fromkeys(truths, "boolean")
    assert (found["trending_date"], found["publish_time"]) == ("string", "string")
    told = {
        name: table["Parameters"][name] for name in ("areColumnsQuoted", "commentCharacter", "skip.header.line.count")
    }
    assert told == {"areColumnsQuoted": "false", "commentCharacter": "#", "skip.header.line.count": "1"}
    assert table["StorageDescriptor"]["SerdeInfo"]["SerializationLibrary"].endswith("LazySimpleSerDe")


def test_gt22_legislators(lake: Lake) -> None:
    person = {
        "family_name": "x", "name": "y", "links": [{"note": "n", "url": "u"}], "gender": "female", "image": "i",
        "identifiers": [{"scheme": "s", "identifier": "1"}], "other_names": [{"note": "n", "name": "m", "lang": "l"}],
        "sort_name": "x", "images": [{"url": "u"}], "given_name": "g", "birth_date": "1944-10-15", "id": "1",
        "contact_details": [{"type": "fax", "value": "1"}], "death_date": "1994-02-03",
    }  # fmt: skip
    role = ("person_id", "organization_id", "role", "area_id", "legislative_period_id", "start_date", "end_date", "on")
    lake.put({"all/persons.json": [person], "all/memberships.json": [dict.fromkeys(role, "x")]})
    lake.put({"all/organizations.json": [{"seats": 435, "type": "lower house"}]})
    lake.crawl("all/")
    tables = lake.tables()
    assert tables["persons_json"] == {
        **dict.fromkeys(person, "string"),
        "links": "array<struct<note:string,url:string>>",
        "identifiers": "array<struct<scheme:string,identifier:string>>",
        "other_names": "array<struct<note:string,name:string,lang:string>>",
        "images": "array<struct<url:string>>",
        "contact_details": "array<struct<type:string,value:string>>",
    }
    assert tables["memberships_json"] == dict.fromkeys(role, "string")
    assert tables["organizations_json"]["seats"] == "int"


def test_gt29_flights_as_avro_parquet_and_json(lake: Lake) -> None:
    fields = [{"name": "yr", "type": ["null", "int"]}, {"name": "carrier", "type": ["null", "string"]}]
    rows = [{"yr": 2013, "carrier": "UA"}]
    marker = {"markers": [{"name": "m", "position": [1.5], "location": [2.5]}]}
    for year in (2012, 2013):
        lake.put({f"flight/avro/year={year}/x.avro": avro(fields, rows)})
        lake.put({f"flight/parquet/year={year}/x.parquet": parquet(pa.table({"yr": [2013]}))})
    lake.put({"flight/markers/x.json": [marker]}).crawl("flight/avro/", "flight/parquet/", "flight/markers/")
    table = lake.catalog["avro"].table
    storage = table["StorageDescriptor"]
    assert columns(table) == {"yr": "int", "carrier": "string", "year/": "string"}
    assert storage["InputFormat"].endswith("AvroContainerInputFormat")
    assert storage["OutputFormat"].endswith("AvroContainerOutputFormat")
    literal = table["Parameters"]["avro.schema.literal"]
    assert storage["SerdeInfo"] == {
        "SerializationLibrary": "org.apache.hadoop.hive.serde2.avro.AvroSerDe",
        "Parameters": {"avro.schema.literal": literal},
    }
    assert (storage["NumberOfBuckets"], storage["Compressed"], storage["Parameters"]) == (
        -1,
        False,
        table["Parameters"],
    )
    assert (table["Owner"], table["Retention"]) == ("owner", 0)
    serde = lake.catalog["parquet"].table["StorageDescriptor"]["SerdeInfo"]
    assert serde["SerializationLibrary"].endswith("ParquetHiveSerDe")
    assert serde["Parameters"] == {"serialization.format": "1"}
    assert lake.tables()["markers"] == {
        "markers": "array<struct<name:string,position:array<double>,location:array<double>>>"
    }


def test_gt30_changesets_as_orc(lake: Lake) -> None:
    table = pa.table(
        {
            "id": pa.array([1], pa.int64()),
            "tags": pa.array([[("k", "v")]], pa.map_(pa.string(), pa.string())),
            "min_lat": pa.array([None], pa.decimal128(9, 7)),
            "created_at": pa.array([0], pa.timestamp("ms")),
            "open": [True],
        }
    )
    lake.put({"changesets/x.orc": orc(table)}).crawl("changesets/")
    assert lake.tables()["changesets"] == {
        "id": "bigint",
        "tags": "map<string,string>",
        "min_lat": "decimal(9,7)",
        "created_at": "timestamp",
        "open": "boolean",
    }
    storage = lake.catalog["changesets"].table["StorageDescriptor"]
    assert storage["SerdeInfo"]["SerializationLibrary"].endswith("OrcSerde")
    assert storage["InputFormat"].endswith("OrcInputFormat")


def test_gt31_taxis_as_parquet_with_a_prefix(lake: Lake) -> None:
    rows = pa.table(
        {
            "VendorID": pa.array(range(40), pa.int64()),
            "fare": pa.array([1.5] * 40),
            "at": pa.array([0] * 40, pa.timestamp("us")),
        }
    )
    for month in (1, 2):
        lake.put({f"yellow/year=2013/month={month:02}/x.parquet": parquet(rows)})
    lake.crawl("yellow/", table_prefix="part")
    assert lake.tables() == {
        "partyellow": {"vendorid": "bigint", "fare": "double", "at": "timestamp", "year/": "string", "month/": "string"}
    }
    found = statistics(lake.catalog["partyellow"].table)
    assert (found["objectCount"], found["recordCount"]) == ("2", "80")
    assert int(found["averageRecordSize"]) != int(found["sizeKey"]) // 80  # bytes of the row groups, without footers


@pytest.mark.parametrize(
    ("delimiter", "told"), [(b";", ";"), (b"|", "|"), (b"\t", "\t")], ids=["semicolon", "pipe", "tab"]
)
def test_gt33_delimiters_and_names_of_a_superstore(lake: Lake, delimiter: bytes, told: str) -> None:
    rows = [b"Postal Code", b"Sub-Category", b"Order Date"], [b"42420", b"Chairs", b"11/8/2016"]
    body = b"".join(delimiter.join(row) + b"\n" for row in (*rows, rows[1]))
    lake.put({"superstore/x.csv": body}).crawl("superstore/")
    assert lake.tables()["superstore"] == {"postal code": "bigint", "sub-category": "string", "order date": "string"}
    assert lake.catalog["superstore"].table["Parameters"]["delimiter"] == told
