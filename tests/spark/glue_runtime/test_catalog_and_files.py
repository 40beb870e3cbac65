"""Tables of the catalog, CSV, partitions, sinks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from lakeshift.errors import NotSupportedLocallyError

pytestmark = pytest.mark.spark

LAZY = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
OPEN = "org.apache.hadoop.hive.serde2.OpenCSVSerde"
OPENX = "org.openx.data.jsonserde.JsonSerDe"
PARQUET = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"


@pytest.fixture
def lake(local_aws: Any) -> Iterator[Any]:
    """An empty bucket ``lake`` and database ``db``."""
    s3, catalog = boto3.client("s3"), boto3.client("glue")
    s3.create_bucket(Bucket="lake")
    catalog.create_database(DatabaseInput={"Name": "db"})
    yield s3
    for item in s3.list_objects_v2(Bucket="lake").get("Contents", ()):
        s3.delete_object(Bucket="lake", Key=item["Key"])
    s3.delete_bucket(Bucket="lake")
    for table in catalog.get_tables(DatabaseName="db")["TableList"]:
        catalog.delete_table(DatabaseName="db", Name=table["Name"])
    catalog.delete_database(Name="db")


def put(lake: Any, key: str, text: str) -> None:
    lake.put_object(Bucket="lake", Key=key, Body=text.encode())


def table(name: str, columns: dict[str, str], library: str, kind: str, **more: Any) -> None:
    """Create table db.``name`` over s3://lake/``name``/."""
    storage = {
        "Columns": [{"Name": n, "Type": t} for n, t in columns.items()],
        "Location": f"s3://lake/{name}/",
        "SerdeInfo": {"SerializationLibrary": library, "Parameters": more.get("serde", {})},
    }
    made = {
        "Name": name,
        "StorageDescriptor": storage,
        "Parameters": {"classification": kind, **more.get("parameters", {})},
        "PartitionKeys": [{"Name": n, "Type": t} for n, t in more.get("keys", {}).items()],
    }
    boto3.client("glue").create_table(DatabaseName="db", TableInput=made)


def partition(name: str, *values: str, location: str) -> None:
    storage = {"Columns": [], "Location": location, "SerdeInfo": {}}
    boto3.client("glue").create_partition(
        DatabaseName="db", TableName=name, PartitionInput={"Values": list(values), "StorageDescriptor": storage}
    )


def test_csv_cells_that_do_not_fit_the_catalog_make_a_choice(glue: Any, lake: Any, tree: Any) -> None:
    """The Medicare data of
    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-ResolveChoice.html
    """
    put(lake, "medicare/a.csv", 'Id,Name,Charge\n10001,"SOUTHEAST, AL",$32963.07\n10005,x,1\nINC,y,\n')
    columns = {"provider id": "bigint", "name": "string", "charge": "string"}
    table("medicare", columns, LAZY, "csv", serde={"field.delim": ","}, parameters={"skip.header.line.count": "1"})
    frame = glue.create_dynamic_frame.from_catalog(database="db", table_name="medicare")
    assert tree(frame)[1:4] == ["|-- provider id: choice", "|    |-- long", "|    |-- string"]
    resolved = frame.resolveChoice(specs=[("provider id", "cast:long")]).toDF()
    assert [tuple(r) for r in resolved.collect()] == [
        (10001, "SOUTHEAST, AL", "$32963.07"),
        (10005, "x", "1"),
        (None, "y", ""),
    ]


def test_open_csv_serde_has_its_own_quote_and_escape(glue: Any, lake: Any) -> None:
    """https://docs.aws.amazon.com/athena/latest/ug/csv-serde.html"""
    put(lake, "airlines/a.csv", "'9E';'Endeavor; Air'\n'AA';'it\\'s'\n")
    serde = {"separatorChar": ";", "quoteChar": "'", "escapeChar": "\\"}
    table("airlines", {"carrier": "string", "name": "string"}, OPEN, "csv", serde=serde)
    rows = glue.create_dynamic_frame.from_catalog(database="db", table_name="airlines").toDF().collect()
    assert [tuple(r) for r in rows] == [("9E", "Endeavor; Air"), ("AA", "it's")]


@pytest.mark.parametrize(
    ("predicate", "days"),
    [
        pytest.param("", ["01", "02", "03", "04", "05"], id="none-lists-the-table-once"),
        pytest.param("day >= '04'", ["04", "05"], id="range"),
        pytest.param("year == 2013 and day in ('01')", ["01"], id="typed-keys"),
        pytest.param("day = '9'", [], id="nothing"),
    ],
)
def test_push_down_predicate_chooses_partitions(glue: Any, lake: Any, predicate: str, days: list[str]) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-partitions.html"""
    table("events", {"id": "int"}, OPENX, "json", keys={"year": "int", "day": "string"})
    for day in ("01", "02", "03", "04", "05"):
        put(lake, f"events/2013/{day}/e.json", json.dumps({"Id": int(day)}) + "\n")
        partition("events", "2013", day, location=f"s3://lake/events/2013/{day}/")
    put(lake, "events/2013/99/unknown.json", '{"Id": 99}\n')
    frame = glue.create_dynamic_frame.from_catalog(
        database="db", table_name="events", push_down_predicate=predicate
    ).toDF()
    assert sorted(tuple(r) for r in frame.collect()) == [(int(day), 2013, day) for day in days]
    assert frame.columns == (["id", "year", "day"] if days else [])


@pytest.mark.parametrize(
    ("folder", "values", "by_folders"),
    [
        pytest.param("day=2013-01-01/region=JFK", ("2013-01-01", "JFK"), True, id="folders named by keys and values"),
        pytest.param("day=2013-01-01/region=__HIVE_DEFAULT_PARTITION__", ("2013-01-01", None), True, id="no value"),
        pytest.param("day=2013-01-01/region=007", ("2013-01-01", "007"), True, id="a text of digits"),
        pytest.param("day=2013-01-01/region=a%3Ab", ("2013-01-01", "a:b"), False, id="a value that is escaped"),
        pytest.param("2013/JFK", ("2013-01-01", "JFK"), False, id="folders named otherwise"),
        pytest.param("day=2013-01-01/region=JFK/deep=1", ("2013-01-01", "JFK"), False, id="files further below"),
        pytest.param("day=2012-12-31/region=JFK", ("2013-01-01", "JFK"), False, id="the catalog says otherwise"),
    ],
)
def test_keys_of_parquet_are_those_of_the_catalog_wherever_its_files_lie(
    glue: Any, lake: Any, folder: str, values: tuple[str, str | None], by_folders: bool
) -> None:
    glue.spark_session.range(2).selectExpr("id").write.parquet(f"s3://lake/facts/{folder}")
    table("facts", {"id": "bigint"}, PARQUET, "parquet", keys={"day": "date", "region": "string"})
    shown = [value or "__HIVE_DEFAULT_PARTITION__" for value in values]
    place = folder.removesuffix("/deep=1")
    partition("facts", *shown, location=f"s3://lake/facts/{place}/")
    frame = glue.create_dynamic_frame.from_catalog(database="db", table_name="facts").toDF()
    rows = [(row["id"], str(row["day"]), row["region"]) for row in frame.orderBy("id").collect()]
    assert rows == [(0, *values), (1, *values)]
    assert ("_metadata" not in frame._jdf.queryExecution().analyzed().toString()) is by_folders


def test_missing_table_is_glues_own_error(glue: Any, lake: Any) -> None:
    with pytest.raises(boto3.client("glue").exceptions.ClientError, match="EntityNotFoundException"):
        glue.create_dynamic_frame.from_catalog(database="db", table_name="nowhere")


def test_whole_lines_with_their_file(glue: Any, lake: Any) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-format-csv-home.html"""
    put(lake, "lines/2013/01/a.json", '{"a": "x, \\"y\\""\n\n "tail" \n')
    put(lake, "lines/2013/02/b.json", "second\n")
    frame = glue.create_dynamic_frame.from_options(
        "s3",
        {"paths": ["s3://lake/lines"], "recurse": True},
        "csv",
        {"separator": "\u0001", "quoteChar": -1, "withHeader": False, "attachFilename": "source_file"},
    )
    assert sorted(tuple(r) for r in frame.toDF().collect()) == [
        (' "tail" ', "s3://lake/lines/2013/01/a.json"),
        ("second", "s3://lake/lines/2013/02/b.json"),
        ('{"a": "x, \\"y\\""', "s3://lake/lines/2013/01/a.json"),
    ]


@pytest.mark.parametrize(
    ("text", "options", "columns", "rows"),
    [
        pytest.param("a,b\n1,\n", {"withHeader": True}, ["a", "b"], [("1", "")], id="header"),
        pytest.param("1,x\n2,y\n", {}, ["col0", "col1"], [("1", "x"), ("2", "y")], id="no-header"),
        pytest.param('"a|b"|"say ""x"""\n', {"separator": "|"}, ["col0", "col1"], [("a|b", 'say "x"')], id="quotes"),
        pytest.param(
            "1|2\n3|4|5\n",
            {"separator": "|", "quoteChar": -1},
            ["col0", "col1", "col2"],
            [("1", "2", None), ("3", "4", "5")],
            id="no-quoting-takes-the-widest-line",
        ),
    ],
)
def test_csv_by_options_is_all_text(
    glue: Any, write: Any, text: str, options: dict[str, Any], columns: list[str], rows: list[Any]
) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-format-csv-home.html"""
    frame = glue.create_dynamic_frame.from_options("s3", {"paths": [write("a.csv", text)]}, "csv", options).toDF()
    assert frame.columns == columns
    assert [tuple(r) for r in frame.collect()] == rows


def sink(glue: Any, kind: str, table_name: str, keys: list[str], behaviour: str = "UPDATE_IN_DATABASE") -> Any:
    made = glue.getSink(
        connection_type="s3",
        path=f"s3://lake/{table_name}/",
        enableUpdateCatalog=True,
        updateBehavior=behaviour,
        partitionKeys=keys,
    )
    made.setFormat(kind)
    made.setCatalogInfo(catalogDatabase="db", catalogTableName=table_name)
    return made


@pytest.mark.parametrize("kind", ["glueparquet", "json", "csv"])
def test_sink_creates_the_table_that_reads_back_the_same(glue: Any, lake: Any, of_json: Any, kind: str) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/update-from-job.html"""
    frame = of_json({"id": 1, "d": "2013-01-01"}, {"id": 2, "d": "2013-01-02"})
    sink(glue, kind, "target", ["d"]).writeFrame(frame)
    back = glue.create_dynamic_frame.from_catalog(database="db", table_name="target").toDF()
    assert sorted(tuple(r) for r in back.collect()) == [(1, "2013-01-01"), (2, "2013-01-02")]
    found = boto3.client("glue").get_partitions(DatabaseName="db", TableName="target")["Partitions"]
    assert sorted((p["Values"][0], p["StorageDescriptor"]["Location"]) for p in found) == [
        ("2013-01-01", "s3://lake/target/d=2013-01-01/"),
        ("2013-01-02", "s3://lake/target/d=2013-01-02/"),
    ]


@pytest.mark.parametrize(
    ("behaviour", "columns", "partitions"),
    [("UPDATE_IN_DATABASE", ["id", "new"], ["1", "2"]), ("LOG", ["id"], ["1"])],
)
def test_update_behaviour_for_a_new_column(
    glue: Any, lake: Any, write: Any, behaviour: str, columns: list[str], partitions: list[str]
) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/update-from-job.html"""
    for number, record in enumerate(({"id": 1, "d": "1"}, {"id": 2, "new": "x", "d": "2"})):
        path = write(f"{number}/a.json", json.dumps(record) + "\n")
        frame = glue.create_dynamic_frame.from_options("s3", {"paths": [path]}, "json")
        sink(glue, "glueparquet", "target", ["d"], behaviour).writeFrame(frame)
    found = boto3.client("glue").get_table(DatabaseName="db", Name="target")["Table"]
    assert [c["Name"] for c in found["StorageDescriptor"]["Columns"]] == columns
    values = boto3.client("glue").get_partitions(DatabaseName="db", TableName="target")["Partitions"]
    assert sorted(p["Values"][0] for p in values) == partitions


def test_partition_keys_that_are_not_the_tables_are_an_error(glue: Any, lake: Any, of_json: Any) -> None:
    sink(glue, "glueparquet", "target", ["d"]).writeFrame(of_json({"id": 1, "d": "1"}))
    with pytest.raises(ValueError, match="do not match"):
        sink(glue, "glueparquet", "target", ["id"]).writeFrame(of_json({"id": 1, "d": "1"}))


def test_json_sink_leaves_absent_keys_out(glue: Any, lake: Any, of_json: Any) -> None:
    frame = of_json({"a": 1}, {"a": 2, "b": 3})
    glue.write_dynamic_frame.from_options(frame, "s3", {"path": "s3://lake/out"}, "json")
    lines = [
        line
        for item in lake.list_objects_v2(Bucket="lake", Prefix="out/")["Contents"]
        for line in lake.get_object(Bucket="lake", Key=item["Key"])["Body"].read().decode().splitlines()
    ]
    assert sorted(lines) == ['{"a":1}', '{"a":2,"b":3}']


def test_column_without_a_type_is_left_out_of_files(glue: Any, lake: Any, of_json: Any) -> None:
    frame = of_json({"a": 1, "n": None})
    glue.write_dynamic_frame.from_options(frame, "s3", {"path": "s3://lake/out"}, "parquet")
    assert glue.spark_session.read.parquet("s3://lake/out").columns == ["a"]


def test_write_from_catalog_appends_to_the_tables_place(glue: Any, lake: Any, of_json: Any) -> None:
    table("target", {"id": "int"}, PARQUET, "parquet")
    for _ in range(2):
        glue.write_dynamic_frame.from_catalog(of_json({"id": 1}), database="db", table_name="target")
    assert glue.create_dynamic_frame.from_catalog(database="db", table_name="target").count() == 2


def test_match_catalog_casts_choices_to_the_tables_types(glue: Any, lake: Any, of_json: Any, tree: Any) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-ResolveChoice.html"""
    table("typed", {"v": "double"}, LAZY, "csv")
    frame = of_json({"v": 1, "w": 1}, {"v": "2.5", "w": "x"})
    resolved = frame.resolveChoice(choice="match_catalog", database="db", table_name="typed")
    assert tree(resolved) == ["root", "|-- v: double", "|-- w: choice", "|    |-- int", "|    |-- string"]


@pytest.mark.parametrize(
    ("call", "feature"),
    [
        (lambda g, p: g.create_dynamic_frame.from_options("documentdb", {"a": 1}), "documentdb"),
        (lambda g, p: g.start_transaction(True), "Transactions"),
        (
            lambda g, p: g.create_dynamic_frame.from_options("s3", {"paths": [p], "compressionType": "lzo"}, "json"),
            "lzo",
        ),
    ],
    ids=["documentdb", "transactions", "lzo"],
)
def test_what_is_not_there_is_refused_by_name(glue: Any, write: Any, call: Any, feature: str) -> None:
    with pytest.raises(NotSupportedLocallyError, match=feature):
        call(glue, write("x/x.txt", "x"))
