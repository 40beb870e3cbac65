"""Spark SQL over the Data Catalog (--enable-glue-datacatalog), in a session of its own beside the others'.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-glue-data-catalog-hive.html
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest

from lakeshift.glue_runtime.spark_settings import catalog_conf

pytestmark = pytest.mark.spark

Sql = Callable[[str], list[tuple[Any, ...]]]

_HIVE = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
_OPENX = "org.openx.data.jsonserde.JsonSerDe"
_SIMPLE = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
_QUOTED = "org.apache.hadoop.hive.serde2.OpenCSVSerde"


@pytest.fixture(scope="module")
def spark(glue: Any) -> Iterator[Any]:
    from pyspark.sql import SparkSession

    s3, client = boto3.client("s3"), boto3.client("glue")
    s3.create_bucket(Bucket="spark-sql")
    client.create_database(DatabaseInput={"Name": "sql_db", "LocationUri": "s3://spark-sql/db/"})
    context = glue.spark_session.sparkContext
    conf = context._jsc.sc().conf()
    given = catalog_conf(os.environ)
    for key, value in given.items():
        conf.set(key, value)
    before = glue.spark_session._jsparkSession
    session = context._jvm.SparkSession(context._jsc.sc(), context._jvm.java.util.HashMap())
    session.sessionState()
    yield SparkSession(context, session)
    for key in given:
        conf.remove(key)
    context._jvm.SparkSession.setActiveSession(before)
    context._jvm.SparkSession.setDefaultSession(before)
    SparkSession._instantiatedSession = glue.spark_session


@pytest.fixture(scope="module")
def sql(spark: Any) -> Sql:
    def rows(text: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in spark.sql(text).collect()]

    return rows


def table(name: str, columns: dict[str, str], library: str, *, keys: tuple[str, ...] = (), **more: Any) -> None:
    """A table as a crawler leaves it."""
    storage = {
        "Columns": [{"Name": n, "Type": kind} for n, kind in columns.items()],
        "Location": f"s3://spark-sql/{name}/",
        "SerdeInfo": {"SerializationLibrary": library, "Parameters": more.get("serde", {})},
    }
    given = {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "StorageDescriptor": storage,
        "PartitionKeys": [{"Name": key, "Type": "string"} for key in keys],
        "Parameters": more.get("parameters", {}),
    }
    boto3.client("glue").create_table(DatabaseName="sql_db", TableInput=given)


def put(key: str, text: str) -> None:
    boto3.client("s3").put_object(Bucket="spark-sql", Key=key, Body=text.encode())


def partition(name: str, value: str, place: str) -> None:
    storage = {"Location": place, "SerdeInfo": {}, "Columns": []}
    boto3.client("glue").create_partition(
        DatabaseName="sql_db", TableName=name, PartitionInput={"Values": [value], "StorageDescriptor": storage}
    )


def test_crawled_json_is_read_by_names_in_any_case_and_by_its_partitions(spark: Any, sql: Sql) -> None:
    table("readings", {"station": "string", "temp": "double"}, _OPENX, keys=("day",))
    put("readings/a/1.json", '{"Station": "EWR", "TEMP": 1.5}\n{"station": "JFK"}\n')
    put("readings/elsewhere/2.json", '{"station": "LGA", "temp": 3}\n')
    partition("readings", "1", "s3://spark-sql/readings/a/")
    partition("readings", "2", "s3://spark-sql/readings/elsewhere/")
    assert sorted(sql("select * from sql_db.readings")) == [("EWR", 1.5, "1"), ("JFK", None, "1"), ("LGA", 3.0, "2")]
    pruned = spark.table("sql_db.readings").where("day = '2'")
    assert [path.rpartition("/")[2] for path in pruned.inputFiles()] == ["2.json"]
    assert [tuple(r) for r in pruned.collect()] == [("LGA", 3.0, "2")]
    assert sql("show partitions sql_db.readings") == [("day=1",), ("day=2",)]


def test_a_line_that_is_no_json_ends_the_query_unless_the_table_says_otherwise(sql: Sql) -> None:
    put("strict/1.json", '{"n": 1}\n{"n": \n')
    table("strict", {"n": "int"}, _OPENX)
    with pytest.raises(Exception, match="Row is not a valid JSON Object"):
        sql("select * from sql_db.strict")
    put("lenient/1.json", '{"n": 1}\n{"n": \n')
    table("lenient", {"n": "int"}, _OPENX, serde={"ignore.malformed.json": "true"})
    assert sql("select * from sql_db.lenient") == [(1,), (None,)]


@pytest.mark.parametrize(
    ("name", "serde", "text", "rows"),
    [
        pytest.param(
            "simple",
            (_SIMPLE, {"field.delim": ","}),
            'n,t\n1,"a\n\\N,\nx,b,c\n',
            [(1, '"a'), (None, ""), (None, "b")],
            id="lazy-simple-has-no-quotes-and-backslash-N-is-null",
        ),
        pytest.param(
            "quoted",
            (_QUOTED, {"separatorChar": ";", "quoteChar": "'"}),
            "n;t\n1;'a;b'\n2;\n",
            [(1, "a;b"), (2, "")],
            id="open-csv-has-quotes",
        ),
    ],
)
def test_crawled_text_is_read_by_position(
    sql: Sql, name: str, serde: tuple[str, dict[str, str]], text: str, rows: list[tuple[Any, ...]]
) -> None:
    put(f"{name}/1.csv", text)
    table(name, {"n": "int", "t": "string"}, serde[0], serde=serde[1], parameters={"skip.header.line.count": "1"})
    assert sql(f"select * from sql_db.{name}") == rows
    assert sql(f"select t from sql_db.{name}") == [(t,) for _, t in rows]
    with pytest.raises(Exception, match="INSERT into a table of text lines is not supported locally"):
        sql(f"insert into sql_db.{name} values (1, 'x')")


def test_a_table_made_by_sql_is_in_the_data_catalog_with_its_partitions(sql: Sql) -> None:
    sql("create table sql_db.made (n int, City string, day string) using parquet partitioned by (day)")
    sql("insert into sql_db.made values (1, 'EWR', 'mon'), (2, 'JFK', 'tue')")
    sql("insert overwrite sql_db.made partition (day = 'mon') values (3, 'LGA')")
    assert sorted(sql("select * from sql_db.made")) == [(2, "JFK", "tue"), (3, "LGA", "mon")]
    client = boto3.client("glue")
    seen = client.get_table(DatabaseName="sql_db", Name="made")["Table"]
    assert [(c["Name"], c["Type"]) for c in seen["StorageDescriptor"]["Columns"]] == [("n", "int"), ("city", "string")]
    assert [c["Name"] for c in seen["PartitionKeys"]] == ["day"]
    assert seen["StorageDescriptor"]["SerdeInfo"]["SerializationLibrary"] == _HIVE
    assert (seen["TableType"], seen["StorageDescriptor"]["Location"]) == ("MANAGED_TABLE", "s3://spark-sql/db/made")
    found = client.get_partitions(DatabaseName="sql_db", TableName="made")["Partitions"]
    assert sorted(p["StorageDescriptor"]["Location"] for p in found) == [
        "s3://spark-sql/db/made/day=mon",
        "s3://spark-sql/db/made/day=tue",
    ]
    sql("alter table sql_db.made drop partition (day = 'mon')")
    sql("alter table sql_db.made add columns (extra double)")
    assert sql("select * from sql_db.made") == [(2, "JFK", None, "tue")]
    sql("drop table sql_db.made")
    assert "Contents" not in boto3.client("s3").list_objects_v2(Bucket="spark-sql", Prefix="db/made/")


def test_an_overwrite_of_a_crawled_table_replaces_only_the_partitions_that_it_writes(sql: Sql) -> None:
    table("crawled", {"n": "int"}, _HIVE, keys=("day",))
    sql("insert into sql_db.crawled values (1, 'mon'), (2, 'tue')")
    sql("insert overwrite sql_db.crawled values (3, 'tue')")
    assert sorted(sql("select * from sql_db.crawled")) == [(1, "mon"), (3, "tue")]


def test_ctas_save_as_table_and_repair(spark: Any, sql: Sql) -> None:
    sql("create table sql_db.ctas using csv location 's3://spark-sql/ctas/' as select 1 as N, 'x' as t")
    assert spark.table("sql_db.ctas").columns == ["N", "t"]
    assert sql("select * from sql_db.ctas") == [(1, "x")]
    spark.range(3).selectExpr("id", "id % 2 as part").write.partitionBy("part").saveAsTable("sql_db.saved")
    spark.range(3, 5).selectExpr("id", "id % 2 as part").write.mode("append").insertInto("sql_db.saved")
    assert sorted(sql("select * from sql_db.saved")) == [(0, 0), (1, 1), (2, 0), (3, 1), (4, 0)]
    sql("create table sql_db.repaired (id bigint, part bigint) stored as parquet location 's3://spark-sql/db/saved'")
    with pytest.raises(Exception, match="not a partitioned table"):
        sql("msck repair table sql_db.repaired")
    sql("drop table sql_db.repaired")
    assert len(sql("select * from sql_db.saved")) == 5  # an external table's files stay
    sql(
        "create external table sql_db.repaired (id bigint) partitioned by (part bigint) stored as parquet"
        " location 's3://spark-sql/db/saved'"
    )
    assert sql("select * from sql_db.repaired") == []
    sql("msck repair table sql_db.repaired")
    assert sql("select count(*) from sql_db.repaired where part = 1") == [(2,)]


def test_names_are_looked_up_as_sql_does(spark: Any, sql: Sql) -> None:
    sql("create table sql_db.named (n int comment 'a number') using orc")
    assert ("sql_db",) in sql("show databases")
    assert ("sql_db", "named", False) in sql("show tables in sql_db like 'nam*'")
    assert ("n", "int", "a number") in sql("describe sql_db.named")
    assert spark.catalog.databaseExists("sql_db")
    assert not spark.catalog.databaseExists("nothing")
    assert spark.catalog.tableExists("sql_db.named")
    with pytest.raises(Exception, match="TABLE_OR_VIEW_NOT_FOUND"):
        sql("select * from sql_db.nothing")
    with pytest.raises(Exception, match="TABLE_OR_VIEW_ALREADY_EXISTS"):
        sql("create table sql_db.named (n int) using orc")
    sql("use sql_db")
    sql("insert into named values (1)")
    spark.range(5).createOrReplaceTempView("named")
    assert sql("select count(*) from named") == [(5,)]
    assert sql("select count(*) from sql_db.named") == [(1,)]
    spark.catalog.dropTempView("named")
    sql("use default")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("create table sql_db.hive (n int)", "in a Hive format is not supported locally.*STORED AS PARQUET"),
        ("create view sql_db.v as select 1 as n", "CREATE VIEW sql_db.v in the Data Catalog is not supported"),
        ("create table default.placeless (n int) using parquet", "has no place in S3"),
        ("select * from sql_db.ice", "Iceberg's table sql_db.ice by spark_catalog.*glue_catalog.sql_db.ice"),
        ("select * from sql_db.grok", "SerDe com.example.Grok.*from_catalog"),
        ("insert into sql_db.lines values ('x')", "INSERT into a table of text lines.*Write Parquet"),
        (
            "create table sql_db.dealt (n int) using parquet clustered by (n) into 2 buckets",
            "CLUSTERED BY / bucketBy of .*Write without buckets",
        ),
        ("alter table sql_db.lines rename to sql_db.more_lines", "ALTER TABLE ... RENAME.*make a new table"),
        ("analyze table sql_db.lines compute statistics", "ANALYZE TABLE.*Leave it out"),
        (
            "load data inpath 's3://spark-sql/x' into table sql_db.lines",
            "LOAD DATA is not supported for datasource tables",
        ),
        ("create function sql_db.f as 'com.example.F'", "CREATE FUNCTION in the Data Catalog.*TEMPORARY"),
    ],
)
def test_what_cannot_be_done_is_refused_by_name(sql: Sql, text: str, message: str) -> None:
    client = boto3.client("glue")
    if not client.get_tables(DatabaseName="sql_db", Expression="ice")["TableList"]:
        table("ice", {"n": "int"}, _HIVE, parameters={"table_type": "ICEBERG"})
        table("grok", {"n": "int"}, "com.example.Grok")
        table("lines", {"s": "string"}, _SIMPLE)
    with pytest.raises(Exception, match=message):
        sql(text)
