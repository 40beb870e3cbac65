"""DDL, SHOW, CREATE TABLE AS, INSERT INTO and UNLOAD of Athena."""

from __future__ import annotations

from typing import Any

import boto3
import pyarrow.parquet as pq
import pytest
from botocore.exceptions import ClientError

from lakeshift.local.server import LocalAws
from tests.local.athena.conftest import BUCKET, Athena, put_parquet


def _table(athena: Athena, name: str) -> dict[str, Any]:
    return dict(boto3.client("glue").get_table(DatabaseName=athena.database, Name=name)["Table"])


def test_created_table_is_in_the_catalog_and_shown_as_it_was_written(athena: Athena) -> None:
    told = athena.run(
        f"""CREATE EXTERNAL TABLE IF NOT EXISTS `t` (`A` int COMMENT 'the first', b decimal(8,2),
        c array<struct<d:int,e:string>>, f map<string,bigint>) COMMENT 'a table' PARTITIONED BY (dt string)
        STORED AS ORC LOCATION 's3://{BUCKET}/x/' TBLPROPERTIES ('orc.compress'='ZLIB')"""
    )
    assert (told["Status"]["State"], told["StatementType"]) == ("SUCCEEDED", "DDL"), told["Status"]
    table = _table(athena, "t")
    columns = [(one["Name"], one["Type"]) for one in table["StorageDescriptor"]["Columns"]]
    assert columns == [
        ("a", "int"),
        ("b", "decimal(8,2)"),
        ("c", "array<struct<d:int,e:string>>"),
        ("f", "map<string,bigint>"),
    ]
    assert table["StorageDescriptor"]["Columns"][0]["Comment"] == "the first"
    assert table["StorageDescriptor"]["SerdeInfo"]["SerializationLibrary"].endswith("OrcSerde")
    assert (table["Description"], table["Parameters"]["orc.compress"]) == ("a table", "ZLIB")
    lines = [row[0] for row in athena.rows("SHOW CREATE TABLE t")]
    assert lines[0] == f"CREATE EXTERNAL TABLE `{athena.database}.t`("
    assert "  `b` decimal(8,2), " in lines
    assert [row[0].split() for row in athena.rows("DESCRIBE t")][:2] == [
        ["a", "int", "the", "first"],
        ["b", "decimal(8,2)"],
    ]


def test_partitions_are_added_shown_and_dropped(athena: Athena) -> None:
    athena.run(
        f"CREATE EXTERNAL TABLE t (a int) PARTITIONED BY (y int, m string) STORED AS PARQUET LOCATION 's3://{BUCKET}/x/'"
    )
    athena.rows(
        "ALTER TABLE t ADD PARTITION (y=2013, m='01') PARTITION (y=2013, m='02') LOCATION 's3://elsewhere/there/'"
    )
    assert "AlreadyExists" in athena.fails("ALTER TABLE t ADD PARTITION (y=2013, m='01')")
    athena.rows("ALTER TABLE t ADD IF NOT EXISTS PARTITION (y=2013, m='01')")
    assert athena.rows("SHOW PARTITIONS t") == [["y=2013/m=01"], ["y=2013/m=02"]]
    athena.rows("ALTER TABLE t DROP PARTITION (y=2013, m='01')")
    found = boto3.client("glue").get_partitions(DatabaseName=athena.database, TableName="t")["Partitions"]
    assert [one["StorageDescriptor"]["Location"] for one in found] == ["s3://elsewhere/there/"]
    assert "doesn't contain all" in athena.fails("ALTER TABLE t ADD PARTITION (y=2013)")


def test_repair_finds_folders_once(athena: Athena) -> None:
    for day in ("a b", "c"):
        put_parquet(f"{athena.database}/r/Day={day}/part.parquet", a=[1])
    athena.run(
        f"CREATE EXTERNAL TABLE r (a bigint) PARTITIONED BY (day string) STORED AS PARQUET LOCATION 's3://{BUCKET}/{athena.database}/r/'"
    )
    lines = [row[0] for row in athena.rows("MSCK REPAIR TABLE r")]
    assert lines[1:] == [f"Repair: Added partition to metastore r:Day={day}" for day in ("a b", "c")]
    assert athena.rows("MSCK REPAIR TABLE r") == []
    assert athena.rows("SELECT a, day FROM r ORDER BY 2") == [["1", "a b"], ["1", "c"]]


def test_columns_and_properties_are_changed(athena: Athena) -> None:
    athena.run(f"CREATE EXTERNAL TABLE t (a int) STORED AS PARQUET LOCATION 's3://{BUCKET}/x/'")
    athena.rows("ALTER TABLE t ADD COLUMNS (b string, c double)")
    athena.rows("ALTER TABLE t SET TBLPROPERTIES ('k'='v')")
    assert [row[0].strip() for row in athena.rows("SHOW COLUMNS IN t")] == ["a", "b", "c"]
    assert ["k\tv"] in athena.rows("SHOW TBLPROPERTIES t")


def test_databases_and_tables_are_listed_and_dropped(athena: Athena) -> None:
    name = f"{athena.database}_more"
    athena.rows(f"CREATE DATABASE {name} COMMENT 'x'")
    assert [name] in athena.rows("SHOW DATABASES")
    assert "AlreadyExists" in athena.fails(f"CREATE SCHEMA {name}")
    athena.rows(f"CREATE TABLE {name}.t AS SELECT 1 AS a")
    assert athena.rows(f"SHOW TABLES IN {name} 't*'") == [["t"]]
    assert "is not empty" in athena.fails(f"DROP DATABASE {name}")
    athena.rows(f"DROP TABLE {name}.t")
    athena.rows(f"DROP DATABASE {name}")
    assert "Table not found" in athena.fails("DROP TABLE nothing")
    athena.rows("DROP TABLE IF EXISTS nothing")


def test_view_reads_what_it_was_made_of(athena: Athena) -> None:
    athena.rows("CREATE TABLE t AS SELECT 7 AS a")
    athena.rows("CREATE OR REPLACE VIEW v AS SELECT a + 1 AS b FROM t")
    assert athena.rows("SELECT v.b FROM v") == [["8"]]
    assert athena.rows("SHOW VIEWS") == [["v"]]
    assert "is a view" in athena.fails("DROP TABLE v")
    athena.rows("DROP VIEW v")
    assert athena.rows("SHOW VIEWS") == []


@pytest.mark.parametrize("form", ["PARQUET", "ORC", "JSON", "TEXTFILE"])
def test_created_table_as_holds_the_querys_rows(athena: Athena, form: str) -> None:
    told = athena.run(
        f"CREATE TABLE c WITH (format = '{form}', partitioned_by = ARRAY['dt']) AS SELECT * FROM (VALUES "
        "(1, 'x', 1.5e0, '2013-01-01'), (2, NULL, 2.5e0, '2013-01-02')) AS t(a, b, c, dt)"
    )
    assert told["Status"]["State"] == "SUCCEEDED", told["Status"]
    assert athena.rows("SELECT a, b, c, dt FROM c ORDER BY a") == [
        ["1", "x", "1.5", "2013-01-01"],
        ["2", None, "2.5", "2013-01-02"],
    ]
    assert athena.rows("SHOW PARTITIONS c") == [["dt=2013-01-01"], ["dt=2013-01-02"]]
    key = told["Statistics"]["DataManifestLocation"].removeprefix(f"s3://{BUCKET}/")
    files = boto3.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read().decode().split()
    assert [file.split("/")[-2] for file in files] == ["dt=2013-01-01", "dt=2013-01-02"]


def test_insert_adds_rows_and_partitions(athena: Athena) -> None:
    athena.rows("CREATE TABLE i WITH (partitioned_by = ARRAY['dt']) AS SELECT 1 AS a, 'x' AS dt")
    identifier = athena.run("INSERT INTO i SELECT a + 1, 'y' FROM i")["QueryExecutionId"]
    assert athena.client.get_query_results(QueryExecutionId=identifier)["UpdateCount"] == 1
    athena.rows("INSERT INTO i (dt, a) VALUES ('y', 3)")
    assert athena.rows("SELECT * FROM i ORDER BY 1") == [["1", "x"], ["2", "y"], ["3", "y"]]
    assert "mismatched column types" in athena.fails("INSERT INTO i SELECT 1")


def test_unload_writes_files_and_never_over_others(athena: Athena) -> None:
    place = f"s3://{BUCKET}/{athena.database}/u/"
    sql = f"UNLOAD (SELECT 1 AS a, 'x' AS b) TO '{place}' WITH (format = 'PARQUET', compression = 'GZIP')"
    assert athena.run(sql)["Status"]["State"] == "SUCCEEDED"
    assert "HIVE_PATH_ALREADY_EXISTS" in athena.fails(sql)
    (file,) = boto3.client("s3").list_objects_v2(Bucket=BUCKET, Prefix=f"{athena.database}/u/")["Contents"]
    body = boto3.client("s3").get_object(Bucket=BUCKET, Key=file["Key"])["Body"].read()
    import io

    assert pq.read_table(io.BytesIO(body)).to_pylist() == [{"a": 1, "b": "x"}]


REFUSED = {
    "a table of Iceberg": ("CREATE TABLE t WITH (table_type = 'ICEBERG') AS SELECT 1 AS a", "type ICEBERG"),
    "an unknown property": ("CREATE TABLE t WITH (bucketed_by = ARRAY['a']) AS SELECT 1 AS a", "bucketed_by"),
    "a format": ("CREATE TABLE t WITH (format = 'AVRO') AS SELECT 1 AS a", "The format AVRO"),
    "a table that is not external": ("CREATE TABLE t (a int) LOCATION 's3://b/'", "CREATE TABLE"),
    "a partition key that is not last": (
        "CREATE TABLE t WITH (partitioned_by = ARRAY['a']) AS SELECT 1 AS a, 2 AS b",
        "HIVE_COLUMN_ORDER_MISMATCH",
    ),
    "renaming a partition": (
        "ALTER TABLE t PARTITION (a='1') RENAME TO PARTITION (a='2')",
        "ALTER TABLE.*not supported",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_by_name_is(athena: Athena, name: str) -> None:
    import re

    sql, text = REFUSED[name]
    reason = athena.fails(sql)
    assert re.search(text, reason), reason


def test_named_queries_are_kept(athena: Athena, local_aws: LocalAws) -> None:
    made = athena.client.create_named_query(Name="n", Database=athena.database, QueryString="SELECT 1")["NamedQueryId"]
    athena.client.update_named_query(NamedQueryId=made, Name="n", QueryString="SELECT 2")
    told = athena.client.batch_get_named_query(NamedQueryIds=[made, "x"])
    assert [one["QueryString"] for one in told["NamedQueries"]] == ["SELECT 2"]
    athena.client.delete_named_query(NamedQueryId=made)
    with pytest.raises(ClientError, match="not found"):
        athena.client.delete_named_query(NamedQueryId=made)
