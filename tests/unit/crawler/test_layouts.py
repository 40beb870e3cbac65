"""What lies in a folder, and the tables it becomes: formats, compressions, grouping, names, drift, odd files.

With those of test_ground_truth they are more than sixty. Each is crawled twice: the second crawl changes nothing.
"""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple

import pyarrow as pa
import pytest

from lakeshift.crawler import Target
from tests.unit.crawler.lakes import Lake, columns, lines
from tests.unit.crawler.packed import PACKERS, avro, bson, orc, parquet

_AB = {"a": 1, "b": "x"}
_CD = {"c": 1.5, "d": True}
_AB_TYPES = {"a": "int", "b": "string"}
_CD_TYPES = {"c": "double", "d": "boolean"}
_CSV = b"id,name\n1,x\n2,y\n"
_CSV_TYPES = {"id": "bigint", "name": "string"}
_ROWS = pa.table({"a": pa.array([1, 2], pa.int32()), "b": ["x", "y"]})
_COMBINE = {"Grouping": {"TableGroupingPolicy": "CombineCompatibleSchemas"}}
_PART = {"partition_0/": "string"}


class Layout(NamedTuple):
    objects: dict[str, Any]
    tables: dict[str, dict[str, str]]
    targets: tuple[Any, ...] = ("t/",)
    configuration: Any = None
    options: dict[str, Any] = {}


def days(number: int, record: Any = _AB) -> dict[str, Any]:
    return {f"t/{day:02}/x.json": record for day in range(number)}


def second(name: str, prefix: str) -> str:
    """The second table of a name, by where it lies."""
    return f"{name}_{hashlib.md5(f'b/{prefix}'.encode(), usedforsecurity=False).hexdigest()}"


LAYOUTS = {
    # formats
    "json-lines": Layout({"t/x.json": [_AB, _AB]}, {"t": _AB_TYPES}),
    "json-without-an-ending": Layout({"t/x": [_AB]}, {"t": _AB_TYPES}),
    "json-named-csv": Layout({"t/x.csv": [_AB]}, {"t": _AB_TYPES}),
    "csv": Layout({"t/x.csv": _CSV}, {"t": _CSV_TYPES}),
    "csv-named-json": Layout({"t/x.json": _CSV}, {"t": _CSV_TYPES}),
    "parquet": Layout({"t/x.parquet": parquet(_ROWS)}, {"t": _AB_TYPES}),
    "orc": Layout({"t/x.orc": orc(_ROWS)}, {"t": _AB_TYPES}),
    "avro": Layout({"t/x.avro": avro([{"name": "A", "type": "long"}], [{"A": 1}])}, {"t": {"a": "bigint"}}),
    "bson": Layout({"t/x.bson": bson({"A": 1}) * 3}, {"t": {"a": "int"}}),
    "xml": Layout({"t/x.xml": b"<l><o><id>7</id></o><o><id>8</id></o></l>"}, {"t": {"id": "bigint"}}),
    "parquet-of-one-row-group-and-two": Layout(
        {"t/1/x": parquet(_ROWS), "t/2/x": parquet(_ROWS, row_group_size=1)}, {"t": {**_AB_TYPES, **_PART}}
    ),
    # compressions
    **{f"csv-{name}": Layout({"t/x": pack(_CSV)}, {"t": _CSV_TYPES}) for name, pack in PACKERS.items()},
    **{f"json-{name}": Layout({"t/x": pack(lines([_AB]))}, {"t": _AB_TYPES}) for name, pack in PACKERS.items()},
    "parquet-compressed-inside": Layout({"t/x": parquet(_ROWS, compression="zstd")}, {"t": _AB_TYPES}),
    "gzip-beside-plain-is-two-tables": Layout(
        {"t/a/x.csv": _CSV, "t/b/x.csv.gz": PACKERS["gzip"](_CSV)}, {"a": _CSV_TYPES, "b": _CSV_TYPES}
    ),
    # grouping
    "one-folder-deep": Layout(days(3), {"t": {**_AB_TYPES, **_PART}}),
    "key-value-folders-lose-their-case": Layout({"t/Year=2013/x.json": _AB}, {"t": {**_AB_TYPES, "year/": "string"}}),
    "a-key-without-a-value": Layout({"t/year=/x.json": _AB}, {"t": {**_AB_TYPES, "year/": "string"}}),
    "a-value-that-holds-an-equals": Layout({"t/k=a=b/x.json": _AB}, {"t": {**_AB_TYPES, "k/": "string"}}),
    "named-and-unnamed-levels": Layout(
        {"t/year=2013/07/x.json": _AB}, {"t": {**_AB_TYPES, "year/": "string", "partition_1/": "string"}}
    ),
    "files-of-one-schema-are-one-table": Layout({f"t/{at}.json": _AB for at in range(9)}, {"t": _AB_TYPES}),
    "files-of-two-schemas-are-a-table-each": Layout(
        {"t/1.json": _AB, "t/2.json": _CD}, {"1_json": _AB_TYPES, "2_json": _CD_TYPES}
    ),
    "files-of-two-schemas-combined": Layout(
        {"t/1.json": _AB, "t/2.json": _CD}, {"t": {**_AB_TYPES, **_CD_TYPES}}, configuration=_COMBINE
    ),
    "two-formats-are-never-combined": Layout(
        {"t/1.json": _AB, "t/2.csv": _CSV}, {"1_json": _AB_TYPES, "2_csv": _CSV_TYPES}, configuration=_COMBINE
    ),
    "seven-of-ten-is-no-majority": Layout(
        {**days(7), **{f"t/{day}/x.json": _CD for day in (70, 80, 90)}},
        {**{f"{day:02}": _AB_TYPES for day in range(7)}, **{str(day): _CD_TYPES for day in (70, 80, 90)}},
    ),
    "eight-of-ten-is-a-majority": Layout(
        {**days(8), **{f"t/{day}/x.json": _CD for day in (80, 90)}}, {"t": {**_AB_TYPES, **_CD_TYPES, **_PART}}
    ),
    "six-clusters-are-too-many": Layout(
        {**{f"t/{at:02}/x.json": _AB for at in range(30)}, **{f"t/z{at}/x.json": {f"c{at}": 1} for at in range(5)}},
        {**{f"{at:02}": _AB_TYPES for at in range(30)}, **{f"z{at}": {f"c{at}": "int"} for at in range(5)}},
    ),
    "two-include-paths-of-one-name": Layout(
        {"x/t/a.json": _AB, "y/t/a.json": _CD},
        {"t": _AB_TYPES, second("t", "y/t/"): _CD_TYPES},
        ("x/t/", "y/t/"),
    ),
    "an-include-path-without-a-slash": Layout(days(1), {"t": {**_AB_TYPES, **_PART}}, ("t",)),
    "a-longer-name-is-no-part-of-a-shorter": Layout({"t/x.json": _AB, "tt/x.json": _CD}, {"t": _AB_TYPES}),
    "the-whole-bucket": Layout({"u/x.json": _AB, "v/x.json": _CD}, {"u": _AB_TYPES, "v": _CD_TYPES}, ("",)),
    "the-whole-bucket-alike": Layout({"u/x.json": _AB, "v/x.json": _AB}, {"b": {**_AB_TYPES, **_PART}}, ("",)),
    "a-table-level-below-the-root": Layout(
        {f"t/{a}/{b}/x.json": _AB for a in "pq" for b in "rs"},
        {**dict.fromkeys("rs", _AB_TYPES), **{second(name, f"t/q/{name}/"): _AB_TYPES for name in "rs"}},
        configuration={"Grouping": {"TableLevelConfiguration": 4}},
    ),
    # names
    "a-dash-and-a-dot": Layout({"my-t.v1/x.json": _AB}, {"my_t_v1": _AB_TYPES}, ("my-t.v1/",)),
    "capitals": Layout({"Sales/x.json": _AB}, {"sales": _AB_TYPES}, ("Sales/",)),
    "a-prefix": Layout(days(1), {"raw_t": {**_AB_TYPES, **_PART}}, options={"table_prefix": "raw_"}),
    "columns-of-blanks-and-signs": Layout(
        {"t/x.csv": b" Total % ,Name (first),a.b-c\n1,x,2\n2,y,3\n"},
        {"t": {"total %": "bigint", "name (first)": "string", "a.b-c": "bigint"}},
    ),
    "an-empty-last-header": Layout(
        {"t/x.csv": b"id,n,\n1,x,2\n2,y,3\n"}, {"t": {**{"id": "bigint", "n": "string"}, "col2": "bigint"}}
    ),
    # drift
    "a-column-that-came-later": Layout(
        {**days(3), "t/09/x.json": {**_AB, "late": None}}, {"t": {**_AB_TYPES, "late": "string", **_PART}}
    ),
    "a-number-that-became-text": Layout(
        {**days(1), "t/09/x.json": {"a": "one", "b": "x"}}, {"t": {"a": "string", "b": "string", **_PART}}
    ),
    "a-number-that-grew": Layout(
        {**days(1), "t/09/x.json": {"a": 1 << 40, "b": "x"}}, {"t": {"a": "bigint", "b": "string", **_PART}}
    ),
    "a-struct-that-grew": Layout(
        {"t/1/x.json": {"s": {"p": 1}}, "t/2/x.json": {"s": {"p": 1.5, "q": []}}},
        {"t": {"s": "struct<p:double,q:array<string>>", **_PART}},
    ),
    "other-columns-in-another-order": Layout(
        {"t/1/x.json": _AB, "t/2/x.json": {"b": "x", "a": 1}}, {"t": {**_AB_TYPES, **_PART}}
    ),
    # odd files
    "empty-files-are-no-data": Layout({"t/1/x.json": _AB, "t/1/y.json": b""}, {"t": {**_AB_TYPES, **_PART}}),
    "only-empty-files": Layout({"t/1/x.json": b""}, {}),
    "nothing-at-all": Layout({}, {}),
    "success-and-hidden-files": Layout(
        {"t/_SUCCESS": b"", "t/_committed_1": b"{}", "t/.part.crc": b"crc", "t/x_$folder$": b"", "t/1/x.json": _AB},
        {"t": {**_AB_TYPES, **_PART}},
    ),
    "a-folder-marker": Layout({"t/1/": b"", "t/1/x.json": _AB}, {"t": {**_AB_TYPES, **_PART}}),
    "binary-beside-data": Layout({"t/1/x.json": _AB, "t/1/y.bin": b"\0\1\2"}, {"t": {**_AB_TYPES, **_PART}}),
    "only-binary": Layout({"t/y.bin": b"\0\1\2"}, {"t": {}}),
    "keys-of-odd-characters": Layout(
        {"t/a b/ü%20+&?#.json": _AB, "t/ /x.json": _AB, "t/'\"/x.json": _AB}, {"t": {**_AB_TYPES, **_PART}}
    ),
    "excluded-files": Layout(
        {"t/1/x.json": _AB, "t/1/y.tmp": _CD}, {"t": {**_AB_TYPES, **_PART}}, (Target("s3://b/t/", ("**.tmp",)),)
    ),
    "excluded-folders": Layout(
        {"t/1/x.json": _AB, "t/old/x.json": _CD}, {"t": {**_AB_TYPES, **_PART}}, (Target("s3://b/t/", ("old/**",)),)
    ),
    "a-file-at-the-root-of-partitions": Layout(
        {"t/readme.json": _CD, "t/1/x.json": _AB, "t/2/x.json": _AB},
        {"readme_json": _CD_TYPES, "1": _AB_TYPES, "2": _AB_TYPES},
    ),
    "unequal-depths": Layout({"t/p/x.json": _AB, "t/q/r/x.json": _AB}, {"p": _AB_TYPES, "q": {**_AB_TYPES, **_PART}}),
    "very-deep": Layout(
        {"t/" + "/".join("abcdefghij") + "/x.json": _AB},
        {"t": {**_AB_TYPES, **{f"partition_{at}/": "string" for at in range(10)}}},
    ),
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=list(LAYOUTS))
def test_a_layout_becomes_these_tables_and_stays(lake: Lake, layout: Layout) -> None:
    given = {"configuration": layout.configuration, **layout.options}
    lake.put(layout.objects).crawl(*layout.targets, **given)
    assert {name: columns(held.table) for name, held in lake.catalog.items()} == layout.tables
    again = lake.crawl(*layout.targets, run_id="another", now_millis=2, **given)
    assert again.summary() == {"TABLE": {}, "PARTITION": {}}
