"""Tables of the Data Catalog as sources, and Iceberg tables both ways."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.reading import rows

pytestmark = [pytest.mark.needs_catalog, pytest.mark.page("aws-glue-programming-etl-partitions")]

LAZY = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
JSON = "org.openx.data.jsonserde.JsonSerDe"
BUCKET = "contract-catalog"


@pytest.fixture(scope="module")
def aws(glue: Any) -> Iterator[Any]:
    """The client maker, with a bucket and a database."""
    import boto3

    boto3.client("s3").create_bucket(Bucket=BUCKET)
    boto3.client("glue").create_database(DatabaseInput={"Name": "contract"})
    yield boto3
    s3, catalog = boto3.client("s3"), boto3.client("glue")
    for table in catalog.get_tables(DatabaseName="contract")["TableList"]:
        catalog.delete_table(DatabaseName="contract", Name=table["Name"])
    catalog.delete_database(Name="contract")
    for item in s3.list_objects_v2(Bucket=BUCKET).get("Contents", ()):
        s3.delete_object(Bucket=BUCKET, Key=item["Key"])


def table(aws: Any, name: str, kind: str, columns: dict[str, str], text: str = "", **more: Any) -> None:
    """A table over s3://bucket/name/, with one file of ``text``."""
    storage = {
        "Columns": [{"Name": n, "Type": t} for n, t in columns.items()],
        "Location": f"s3://{BUCKET}/{name}/",
        "SerdeInfo": {"SerializationLibrary": more.get("serde", LAZY), "Parameters": more.get("serde_parameters", {})},
    }
    made = {
        "Name": name,
        "StorageDescriptor": storage,
        "PartitionKeys": [{"Name": n, "Type": t} for n, t in more.get("keys", {}).items()],
        "Parameters": {"classification": kind, **more.get("parameters", {})},
    }
    aws.client("glue").create_table(DatabaseName="contract", TableInput=made)
    if text:
        aws.client("s3").put_object(Bucket=BUCKET, Key=f"{name}/a.txt", Body=text.encode())


@pytest.fixture(scope="module")
def events(aws: Any) -> str:
    """A table of JSON with six partitions; the records of each tell which it is; one has a key of its own, too."""
    table(aws, "events", "json", {"id": "int"}, serde=JSON, keys={"year": "int", "day": "string"})
    for year in (2016, 2017):
        for day in ("01", "02", "03"):
            place = f"s3://{BUCKET}/events/{year}/{day}/"
            storage = {"Columns": [], "Location": place, "SerdeInfo": {}}
            part = {"Values": [str(year), day], "StorageDescriptor": storage}
            aws.client("glue").create_partition(DatabaseName="contract", TableName="events", PartitionInput=part)
            body = f'{{"Id": {year}{day}}}\n'.encode()
            aws.client("s3").put_object(Bucket=BUCKET, Key=f"events/{year}/{day}/a.json", Body=body)
    return "events"


@pytest.mark.parametrize(
    ("predicate", "expression", "expected"),
    [
        pytest.param("(year=='2017' and day=='02')", "", [201702], id="push-down"),
        pytest.param("year > 2016", "", [201701, 201702, 201703], id="keys-have-their-types"),
        pytest.param("day in ('01', '03') and year = 2016", "", [201601, 201603], id="in"),
        pytest.param("", "year='2017'", [201701, 201702, 201703], id="catalog-predicate"),
        pytest.param("day='01'", "year='2017'", [201701], id="both"),
        pytest.param("", "", [201601, 201602, 201603, 201701, 201702, 201703], id="neither"),
    ],
)
def test_predicates_choose_partitions(
    glue: Any, events: str, predicate: str, expression: str, expected: list[int]
) -> None:
    frame = glue.create_dynamic_frame.from_catalog(
        database="contract",
        table_name=events,
        push_down_predicate=predicate,
        additional_options={"catalogPartitionPredicate": expression} if expression else {},
    )
    found = rows(frame)
    assert sorted(row["id"] for row in found) == expected
    assert all(row["id"] == int(f"{row['year']}{row['day']}") for row in found)


@pytest.mark.page("aws-glue-programming-etl-format-csv-home")
@pytest.mark.parametrize(
    ("columns", "text", "more", "expected"),
    [
        pytest.param({"a": "int", "b": "double"}, "1,2.5\n", {}, [(1, 2.5)], id="types-of-the-catalog"),
        pytest.param({"a": "int", "b": "string"}, ",\n", {}, [(None, "")], id="an-empty-cell"),
        pytest.param({"a": "int", "b": "string"}, "1\n", {}, [(1, "")], id="a-short-record"),
        pytest.param({"a": "int"}, "1,x,y\n", {}, [(1,)], id="a-long-record"),
        pytest.param(
            {"a": "int"}, "x\ny\n1\n", {"parameters": {"skip.header.line.count": "2"}}, [(1,)], id="skips-lines"
        ),
        pytest.param({"a": "date"}, "2020-01-02\n", {}, [("2020-01-02",)], id="date"),
        pytest.param({"a": "decimal(10,2)"}, "1.5\n", {}, [("1.50",)], id="decimal"),
        pytest.param(
            {"a": "string", "b": "string"},
            '"x\ny",z\n',
            {"parameters": {"multiLine": "true"}},
            [("x\ny", "z")],
            id="multi-line",
        ),
        pytest.param({"a": "boolean"}, "true\n", {}, [(True,)], id="boolean"),
    ],
)
def test_csv_is_typed_by_the_catalog(
    glue: Any,
    aws: Any,
    columns: dict[str, str],
    text: str,
    more: dict[str, Any],
    expected: list[Any],
    request: pytest.FixtureRequest,
) -> None:
    name = "csv_" + request.node.callspec.id.replace("-", "_")
    table(aws, name, "csv", columns, text, serde=LAZY, serde_parameters={"field.delim": ","}, **more)
    frame = glue.create_dynamic_frame.from_catalog(database="contract", table_name=name)
    plain = (bool, int, float, str, type(None))
    found = [tuple(v if isinstance(v, plain) else str(v) for v in row.values()) for row in rows(frame)]
    assert found == expected


@pytest.mark.page("aws-glue-programming-etl-format-xml-home")
def test_xml_and_grok_tables_bring_their_options(glue: Any, aws: Any) -> None:
    table(aws, "books", "xml", {}, "<x><r><a>1</a></r></x>", parameters={"rowTag": "r"})
    grok = {"input.format": "%{WORD:verb} %{NUMBER:size:int}"}
    table(aws, "logs", "grokLog", {}, "GET 5\n", serde_parameters=grok)
    found = [rows(glue.create_dynamic_frame.from_catalog(database="contract", table_name=n)) for n in ("books", "logs")]
    assert found == [[{"a": 1}], [{"verb": "GET", "size": 5}]]


@pytest.mark.page("aws-glue-api-crawler-pyspark-extensions-glue-context")
def test_sample_and_schema_of_a_table(glue: Any, events: str) -> None:
    sample = glue.create_sample_dynamic_frame_from_catalog(database="contract", table_name=events, num=2)
    assert sample.count() == 2
    schema = glue.get_catalog_schema_as_spark_schema("contract", events)
    assert list(schema.fieldNames()) == ["id", "year", "day"]


@pytest.mark.page("aws-glue-api-crawler-pyspark-extensions-dynamic-frame-reader")
@pytest.mark.parametrize(
    ("database", "name"), [("contract", "nowhere"), ("nowhere", "events")], ids=["table", "database"]
)
def test_a_missing_table_or_database(glue: Any, aws: Any, database: str, name: str) -> None:
    with pytest.raises(Exception, match="EntityNotFoundException"):
        glue.create_dynamic_frame.from_catalog(database=database, table_name=name)


@pytest.mark.page("aws-glue-programming-etl-connect-jdbc-home")
def test_a_missing_connection(glue: Any, aws: Any) -> None:
    options = {"useConnectionProperties": "true", "connectionName": "nowhere", "dbtable": "t"}
    with pytest.raises(Exception, match="EntityNotFoundException"):
        glue.create_dynamic_frame.from_options("postgresql", options)


@pytest.mark.page("aws-glue-programming-etl-format-iceberg")
def test_iceberg_data_frames(glue: Any, aws: Any, spark: Any) -> None:
    settings = {
        "spark.sql.catalog.glue_catalog": "org.apache.iceberg.spark.SparkCatalog",
        "spark.sql.catalog.glue_catalog.type": "hadoop",
        "spark.sql.catalog.glue_catalog.warehouse": f"s3://{BUCKET}/warehouse",
    }
    for key, value in settings.items():
        spark.conf.set(key, value)
    spark.sql("CREATE TABLE glue_catalog.contract.ice (id BIGINT, name STRING) USING iceberg")
    table(aws, "ice", "", {"id": "bigint", "name": "string"}, parameters={"table_type": "ICEBERG"})
    for number in (1, 2):
        data = spark.createDataFrame([(number, "x")], "id long, name string")
        glue.write_data_frame.from_catalog(frame=data, database="contract", table_name="ice")
    back = glue.create_data_frame.from_catalog(database="contract", table_name="ice")
    assert sorted(tuple(row) for row in back.collect()) == [(1, "x"), (2, "x")]
    assert spark.sql("SELECT count(*) FROM glue_catalog.contract.ice.snapshots").first()[0] == 2
