"""Queries of Athena over the Glue catalog: types, dialect, formats, partitions, errors."""

from __future__ import annotations

import json
import time
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from lakeshift.local.server import LocalAws
from tests.local.athena.conftest import BUCKET, Athena, put, put_parquet

# Expression, text, type.
EXPRESSIONS = {
    "integer": ("7 / 2", "3", "integer"),
    "bigint": ("bigint '5000000000'", "5000000000", "bigint"),
    "double": ("1.5e0", "1.5", "double"),
    "a large double": ("1e10", "1.0E10", "double"),
    "decimal": ("decimal '1.50'", "1.50", "decimal"),
    "boolean": ("1 < 2", "true", "boolean"),
    "text": ("upper('abc')", "ABC", "varchar"),
    "null": ("CAST(NULL AS varchar)", None, "varchar"),
    "date": ("date '2013-01-02'", "2013-01-02", "date"),
    "timestamp": ("timestamp '2013-01-02 03:04:05.678'", "2013-01-02 03:04:05.678", "timestamp"),
    "array": ("ARRAY[1, 2]", "[1, 2]", "array"),
    "map": ("MAP(ARRAY['a'], ARRAY[1])", "{a=1}", "map"),
    "date_format": ("date_format(timestamp '2013-01-02 03:04:05', '%Y/%m')", "2013/01", "varchar"),
    "date_add": ("date_add('day', 1, date '2013-01-31')", "2013-02-01", "date"),
    "date_diff": ("date_diff('day', date '2013-01-01', date '2013-01-31')", "30", "bigint"),
    "date_parse": ("date_parse('2013-01-02', '%Y-%m-%d')", "2013-01-02 00:00:00.000", "timestamp"),
    "json_extract_scalar": ("json_extract_scalar('{\"a\": {\"b\": 7}}', '$.a.b')", "7", "varchar"),
    "regexp_like": ("regexp_like('abc', 'b.')", "true", "boolean"),
    "split": ("split('a,b', ',')[2]", "b", "varchar"),
    "element_at": ("element_at(ARRAY[1, 2], 2)", "2", "integer"),
    "cardinality": ("cardinality(ARRAY[1, 2])", "2", "bigint"),
    "coalesce": ("coalesce(NULL, 3)", "3", "integer"),
    "try_cast": ("try_cast('x' AS integer)", None, "integer"),
    "if": ("if(1 > 2, 'a', 'b')", "b", "varchar"),
}


@pytest.fixture(scope="module")
def expressions(flights: Athena) -> dict[str, tuple[str | None, str]]:
    """All of them in one query: cell and type by name."""
    items = ", ".join(f'{sql} AS "{name}"' for name, (sql, *_) in EXPRESSIONS.items())
    told = flights.run(f"SELECT {items}")
    assert told["Status"]["State"] == "SUCCEEDED", told["Status"]
    result = flights.client.get_query_results(QueryExecutionId=told["QueryExecutionId"])["ResultSet"]
    cells = [cell.get("VarCharValue") for cell in result["Rows"][1]["Data"]]
    kinds = [column["Type"] for column in result["ResultSetMetadata"]["ColumnInfo"]]
    return dict(zip(EXPRESSIONS, zip(cells, kinds, strict=True), strict=True))


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_expression(expressions: dict[str, tuple[str | None, str]], name: str) -> None:
    assert expressions[name] == EXPRESSIONS[name][1:]


QUERIES = {
    "a star has the partition keys last": (
        "SELECT * FROM flights ORDER BY dt, origin",
        [["EWR", "2", "2013-01-01"], ["JFK", None, "2013-01-01"], ["LGA", "-6", "2013-01-02"]],
    ),
    "NULL is last": ("SELECT origin FROM flights ORDER BY delay DESC", [["EWR"], ["LGA"], ["JFK"]]),
    "the path of a row": (
        'SELECT count(DISTINCT "$path") FROM flights WHERE "$path" LIKE \'s3://%dt=2013-01-0_/%\'',
        [["2"]],
    ),
    "a common table expression": (
        "WITH late AS (SELECT * FROM flights WHERE delay > 0) SELECT origin, dt FROM late",
        [["EWR", "2013-01-01"]],
    ),
    "UNNEST": (
        "SELECT origin, n FROM flights CROSS JOIN UNNEST(ARRAY[1, 2]) AS t(n) WHERE dt = '2013-01-02'",
        [["LGA", "1"], ["LGA", "2"]],
    ),
    "approx_distinct and array_agg": (
        "SELECT approx_distinct(origin), array_agg(origin ORDER BY origin) FROM flights",
        [["3", "[EWR, JFK, LGA]"]],
    ),
    "a join of partitions": (
        "SELECT a.origin FROM flights a JOIN flights b ON a.dt = b.dt AND b.origin = 'JFK' ORDER BY 1",
        [["EWR"], ["JFK"]],
    ),
    "a window": (
        "SELECT origin, row_number() OVER (ORDER BY origin DESC) FROM flights ORDER BY 2 LIMIT 1",
        [["LGA", "1"]],
    ),
}


@pytest.mark.parametrize("name", QUERIES)
def test_query_with(flights: Athena, name: str) -> None:
    sql, rows = QUERIES[name]
    assert flights.rows(sql) == rows


def test_other_partitions_are_not_read(flights: Athena) -> None:
    all_of_it, one_day, none = (
        flights.run(f"SELECT count(*) FROM flights f {where}")["Statistics"]["DataScannedInBytes"]
        for where in ("", "WHERE f.dt > '2013-01-01' AND delay < 0", "WHERE dt = 'never'")
    )
    assert none == 0 < one_day < all_of_it


FAILURES = {
    "an unknown table": ("SELECT * FROM nothing", "TABLE_NOT_FOUND"),
    "an unknown column": ("SELECT nothing FROM flights", "COLUMN_NOT_FOUND"),
    "a function of the engine alone": ("SELECT list_zip(ARRAY[1], ARRAY[2])", "FUNCTION_NOT_FOUND.*not registered"),
    "a file of this machine": (
        "SELECT * FROM read_csv('/etc/passwd')",
        "FUNCTION_NOT_FOUND|not supported|not registered",
    ),
    "no SQL": ("SELEC 1", "mismatched input 'SELEC'"),
    "a division by zero": ("SELECT 1 / (delay - delay) FROM flights WHERE delay = 2", "DIVISION_BY_ZERO"),
    "a bad cast": ("SELECT CAST(origin AS integer) FROM flights", "INVALID_CAST_ARGUMENT"),
    "DELETE": ("DELETE FROM flights", "DELETE.*not supported locally"),
    "EXPLAIN": ("EXPLAIN SELECT 1", "EXPLAIN.*not supported locally"),
    "another catalog": ("SELECT * FROM other.db.t", "data catalog other.*not supported locally"),
    "too few parameters": ("SELECT ?", "Incorrect number of parameters|expected 1"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_failure_is_told_for(flights: Athena, name: str) -> None:
    import re

    sql, text = FAILURES[name]
    parameters: dict[str, Any] = {"ExecutionParameters": ["1", "2"]} if name == "too few parameters" else {}
    reason = flights.fails(sql, **parameters)
    assert re.search(text, reason), reason


FORMATS: dict[str, tuple[str, bytes, list[list[str | None]]]] = {
    "delimited text, NULL where a number is none": (
        "a int, b string) ROW FORMAT DELIMITED FIELDS TERMINATED BY ','",
        b"1,x\nbad,\\N\n",
        [["1", "x"], [None, None]],
    ),
    "CSV with quotes and a header": (
        "a string, b int) ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde' WITH SERDEPROPERTIES "
        "('separatorChar'=';', 'quoteChar'='\"')",
        b'a;b\n"x;y";7\n',
        [["x;y", "7"]],
    ),
    "JSON lines": (
        "a int, b struct<c:string>) ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'",
        b'{"a": 1, "b": {"c": "x"}}\n{"a": 2}\n',
        [["1", "{c=x}"], ["2", None]],
    ),
}


@pytest.mark.parametrize("name", FORMATS)
def test_format(athena: Athena, name: str) -> None:
    columns, data, rows = FORMATS[name]
    place = f"{athena.database}/t"
    put(f"{place}/data.txt", data)
    header = " TBLPROPERTIES ('skip.header.line.count'='1')" if "header" in name else ""
    told = athena.run(f"CREATE EXTERNAL TABLE t ({columns} LOCATION 's3://{BUCKET}/{place}/'{header}")
    assert told["Status"]["State"] == "SUCCEEDED", told["Status"]
    assert athena.rows("SELECT * FROM t") == rows


def test_unknown_serde_is_refused_by_name(athena: Athena) -> None:
    athena.run(
        f"CREATE EXTERNAL TABLE t (a string) ROW FORMAT SERDE 'com.amazonaws.glue.serde.GrokSerDe' LOCATION "
        f"'s3://{BUCKET}/x/'"
    )
    assert "The SerDe com.amazonaws.glue.serde.GrokSerDe of Athena is not supported locally" in athena.fails(
        "SELECT * FROM t"
    )


def test_projected_partitions_need_no_catalog(athena: Athena) -> None:
    for day in ("2013/01/01", "2013/01/02"):
        put_parquet(f"{athena.database}/p/{day}/part.parquet", a=[int(day[-1])])
    athena.run(
        f"""CREATE EXTERNAL TABLE p (a bigint) PARTITIONED BY (day string) STORED AS PARQUET
        LOCATION 's3://{BUCKET}/{athena.database}/p/' TBLPROPERTIES ('projection.enabled'='true',
        'projection.day.type'='date', 'projection.day.range'='2013/01/01,2013/01/31',
        'projection.day.format'='yyyy/MM/dd', 'storage.location.template'='s3://{BUCKET}/{athena.database}/p/${{day}}')"""
    )
    assert athena.rows("SELECT a, day FROM p WHERE day >= '2013/01/02'") == [["2", "2013/01/02"]]
    assert len(athena.rows("SHOW PARTITIONS p")) == 31


# What a client sees of an execution.


def test_result_file_and_its_metadata_lie_at_the_output_location(flights: Athena) -> None:
    told = flights.run("SELECT origin, delay FROM flights WHERE dt = '2013-01-01' ORDER BY 1")
    key = told["ResultConfiguration"]["OutputLocation"].removeprefix(f"s3://{BUCKET}/")
    s3 = boto3.client("s3")
    assert s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == b'"origin","delay"\n"EWR","2"\n"JFK",\n'
    metadata = json.loads(s3.get_object(Bucket=BUCKET, Key=f"{key}.metadata")["Body"].read())
    assert [(column["Name"], column["Type"]) for column in metadata] == [("origin", "varchar"), ("delay", "bigint")]


def test_same_token_is_one_query(flights: Athena) -> None:
    token = "x" * 32
    assert flights.start("SELECT 1", ClientRequestToken=token) == flights.start("SELECT 1", ClientRequestToken=token)


def test_results_come_in_pages(flights: Athena) -> None:
    told = flights.run("SELECT n FROM UNNEST(sequence(1, 2500)) AS t(n) ORDER BY n")
    pages = list(flights.client.get_paginator("get_query_results").paginate(QueryExecutionId=told["QueryExecutionId"]))
    assert [len(page["ResultSet"]["Rows"]) for page in pages] == [1000, 1000, 501]


def test_running_query_can_be_stopped(flights: Athena) -> None:
    numbers = "UNNEST(sequence(1, 100000))"
    identifier = flights.start(f"SELECT count(*) FROM {numbers} a(n), {numbers} b(n) WHERE (a.n * b.n) % 7 = 3")
    end = time.monotonic() + 10
    while (
        flights.client.get_query_execution(QueryExecutionId=identifier)["QueryExecution"]["Status"]["State"]
        != "RUNNING"
    ):
        assert time.monotonic() < end
    flights.client.stop_query_execution(QueryExecutionId=identifier)
    told = flights.client.get_query_execution(QueryExecutionId=identifier)["QueryExecution"]
    assert told["Status"]["State"] == "CANCELLED"


def test_batch_get_tells_the_unknown_apart(flights: Athena) -> None:
    known = flights.run("SELECT 1")["QueryExecutionId"]
    told = flights.client.batch_get_query_execution(QueryExecutionIds=[known, "nothing"])
    assert [one["QueryExecutionId"] for one in told["QueryExecutions"]] == [known]
    assert [one["QueryExecutionId"] for one in told["UnprocessedQueryExecutionIds"]] == ["nothing"]
    assert known in flights.client.list_query_executions()["QueryExecutionIds"]


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no output location": ({"ResultConfiguration": {}}, "No output location provided"),
    "a bucket that is not there": (
        {"ResultConfiguration": {"OutputLocation": "s3://no-such-bucket/"}},
        "no-such-bucket",
    ),
    "an unknown work group": ({"WorkGroup": "nothing"}, "WorkGroup nothing is not found"),
    "an empty query": ({"QueryString": " "}, "QueryString"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_start_is_refused_for(flights: Athena, name: str) -> None:
    changes, text = REFUSED[name]
    request = {"QueryString": "SELECT 1", "ResultConfiguration": {"OutputLocation": f"s3://{BUCKET}/r/"}, **changes}
    with pytest.raises(ClientError, match=f"InvalidRequestException.*{text}"):
        flights.client.start_query_execution(**request)


def test_work_group_says_where_results_go(flights: Athena, athena_bucket: str) -> None:
    place = f"s3://{athena_bucket}/by-group/"
    flights.client.create_work_group(
        Name="group",
        Configuration={"ResultConfiguration": {"OutputLocation": place}, "EnforceWorkGroupConfiguration": True},
    )
    told = flights.run("SELECT 1", WorkGroup="group")
    assert told["ResultConfiguration"]["OutputLocation"].startswith(place)


def test_prepared_statements_take_parameters(flights: Athena) -> None:
    flights.client.create_prepared_statement(
        StatementName="by_day", WorkGroup="primary", QueryStatement="SELECT origin FROM flights WHERE dt = ? ORDER BY 1"
    )
    assert flights.rows("EXECUTE by_day USING '2013-01-02'") == [["LGA"]]
    assert flights.rows("EXECUTE by_day", ExecutionParameters=["'2013-01-01'"]) == [["EWR"], ["JFK"]]
    assert "by_day" in str(flights.client.list_prepared_statements(WorkGroup="primary"))
    flights.client.delete_prepared_statement(StatementName="by_day", WorkGroup="primary")
    assert "Prepared statement not found" in flights.fails("EXECUTE by_day USING '1'")


def test_parameter_that_is_no_literal_is_refused(flights: Athena) -> None:
    assert "is not a literal" in flights.fails("SELECT ?", ExecutionParameters=["1 UNION SELECT 2"])


def test_catalog_calls_answer_from_glue(flights: Athena, local_aws: LocalAws) -> None:
    given = {"CatalogName": "AwsDataCatalog", "DatabaseName": flights.database}
    table = flights.client.get_table_metadata(TableName="flights", **given)["TableMetadata"]
    assert [one["Name"] for one in table["Columns"]] == ["origin", "delay"]
    assert [one["Name"] for one in flights.client.list_table_metadata(**given)["TableMetadataList"]] == ["flights"]
    with pytest.raises(ClientError, match="MetadataException"):
        flights.client.get_table_metadata(TableName="nothing", **given)
