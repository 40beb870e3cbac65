"""The Redshift Data API, by boto3, against the local AWS."""

from __future__ import annotations

import itertools
import json
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from botocore.exceptions import ClientError

from lakeshift.local.server import LocalAws
from tests.waiting import until

CLUSTER = "data-api-tests"
_OVER = ("FINISHED", "FAILED", "ABORTED")
_SQL = Path(__file__).parents[3] / "sql" / "redshift"
_NUMBERS = itertools.count(1)


@dataclass
class Api:
    """A client, and a database of its own for each test."""

    client: Any
    database: str

    @property
    def target(self) -> dict[str, str]:
        return {"ClusterIdentifier": CLUSTER, "Database": self.database, "DbUser": "awsuser"}

    def wait(self, identifier: str) -> dict[str, Any]:
        def over() -> Any:
            told = self.client.describe_statement(Id=identifier)
            return told if told["Status"] in _OVER else None

        return dict(until(over))

    def execute(self, sql: str, **more: Any) -> dict[str, Any]:
        return self.wait(self.client.execute_statement(Sql=sql, **{**self.target, **more})["Id"])

    def batch(self, *sqls: str, **more: Any) -> dict[str, Any]:
        return self.wait(self.client.batch_execute_statement(Sqls=list(sqls), **{**self.target, **more})["Id"])

    def rows(self, sql: str, **more: Any) -> list[list[Any]]:
        told = self.execute(sql, **more)
        assert told["Status"] == "FINISHED", told
        pages = self.client.get_paginator("get_statement_result").paginate(Id=told["Id"])
        return [[_plain(field) for field in record] for page in pages for record in page["Records"]]


def _plain(field: dict[str, Any]) -> Any:
    return None if field.get("isNull") else next(iter(field.values()))


@pytest.fixture(scope="module")
def cluster(local_aws: LocalAws) -> Iterator[str]:
    redshift = boto3.client("redshift")
    redshift.create_cluster(
        ClusterIdentifier=CLUSTER,
        NodeType="ra3.large",
        ClusterType="single-node",
        MasterUsername="awsuser",
        MasterUserPassword="Not-used-1",
        DBName="dev",
    )
    yield CLUSTER
    redshift.delete_cluster(ClusterIdentifier=CLUSTER, SkipFinalClusterSnapshot=True)


@pytest.fixture
def api(cluster: str) -> Api:
    return _with_database(f"db{next(_NUMBERS)}")


def _with_database(name: str) -> Api:
    client = boto3.client("redshift-data")
    made = Api(client, "dev").execute(f"CREATE DATABASE {name}")
    assert made["Status"] == "FINISHED", made
    return Api(client, name)


@pytest.fixture(scope="module")
def bucket(local_aws: LocalAws) -> str:
    boto3.client("s3").create_bucket(Bucket="data-api-tests")
    return "data-api-tests"


def _count_to(api: Api, rows: int) -> None:
    """Table ``t`` with the numbers from 0 in ``n``; ``rows`` is a square."""
    side = math.isqrt(rows)
    numbers = ", ".join(f"({number})" for number in range(side))
    told = api.batch(
        "CREATE TEMP TABLE one (n INTEGER)",
        f"INSERT INTO one VALUES {numbers}",
        f"CREATE TABLE t AS SELECT a.n * {side} + b.n AS n FROM one a CROSS JOIN one b",
    )
    assert told["Status"] == "FINISHED", told


# ExecuteStatement and DescribeStatement.


def test_reply_repeats_what_was_asked(api: Api) -> None:
    reply = api.client.execute_statement(Sql="SELECT 1", **api.target)
    assert {key: reply[key] for key in api.target} == api.target
    assert reply["Id"]
    assert reply["CreatedAt"]


def test_describe_tells_a_statement_that_went_well(api: Api) -> None:
    told = api.execute("SELECT 1 AS one", StatementName="first")
    expected = {"Status": "FINISHED", "HasResultSet": True, "ResultRows": 1, "QueryString": "SELECT 1 AS one"}
    assert {key: told[key] for key in expected} == expected
    assert told["ResultSize"] > 0
    assert told["Duration"] > 0
    assert told["RedshiftQueryId"] > 0
    assert told["RedshiftPid"] > 0
    assert "Error" not in told


def test_describe_tells_a_statement_that_failed(api: Api) -> None:
    told = api.execute("SELECT * FROM nowhere")
    assert told["Status"] == "FAILED"
    assert told["Error"].startswith('ERROR: relation "nowhere" does not exist')
    assert told["HasResultSet"] is False


TOUCHED = {
    "INSERT": ("INSERT INTO t VALUES (4, 'd'), (5, 'e')", 2),
    "UPDATE": ("UPDATE t SET b = 'z' WHERE a > 1", 2),
    "UPDATE FROM": ("UPDATE t SET b = s.b FROM s WHERE t.a = s.a", 2),
    "DELETE": ("DELETE FROM t WHERE a < 3", 2),
    "DELETE USING": ("DELETE FROM t USING s WHERE t.a = s.a", 2),
    "DELETE of nothing": ("DELETE FROM t WHERE a > 99", 0),
    "MERGE": (
        "MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN UPDATE SET b = s.b "
        "WHEN NOT MATCHED THEN INSERT VALUES (s.a, s.b)",
        3,
    ),
    "INSERT of a query": ("INSERT INTO t SELECT a + 10, b FROM s", 3),
}


@pytest.mark.parametrize("verb", TOUCHED)
@pytest.mark.parametrize("way", ["alone", "in a batch"])
def test_result_rows_are_the_rows_touched(api: Api, verb: str, way: str) -> None:
    api.batch(
        "CREATE TABLE t (a INTEGER, b VARCHAR(9))",
        "INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c')",
        "CREATE TABLE s (a INTEGER, b VARCHAR(9))",
        "INSERT INTO s VALUES (2, 'x'), (3, 'y'), (9, 'z')",
    )
    sql, rows = TOUCHED[verb]
    told = api.execute(sql) if way == "alone" else api.batch(sql, "SELECT 1")["SubStatements"][0]
    assert (told["Status"], told["ResultRows"], told["HasResultSet"]) == ("FINISHED", rows, False)


def test_values_come_in_the_field_of_their_type(api: Api) -> None:
    sql = (
        "SELECT 1::INTEGER AS i, 2::BIGINT AS b, 0.5::DOUBLE PRECISION AS d, 'x'::VARCHAR(3) AS v, true AS f, "
        "NULL::INTEGER AS n, 1.50::DECIMAL(6, 2) AS m, DATE '2013-01-02' AS day, TIMESTAMP '2013-01-02 05:17:00' AS at"
    )
    told = api.execute(sql)
    result = api.client.get_statement_result(Id=told["Id"])
    assert result["TotalNumRows"] == 1
    assert result["Records"] == [
        [
            *({"longValue": 1}, {"longValue": 2}, {"doubleValue": 0.5}, {"stringValue": "x"}, {"booleanValue": True}),
            *({"isNull": True}, {"stringValue": "1.50"}, {"stringValue": "2013-01-02"}),
            {"stringValue": "2013-01-02 05:17:00"},
        ]
    ]
    names = [(column["name"], column["typeName"]) for column in result["ColumnMetadata"]]
    assert names[:5] == [("i", "int4"), ("b", "int8"), ("d", "float8"), ("v", "varchar"), ("f", "bool")]
    assert [column["typeName"] for column in result["ColumnMetadata"]][6:] == ["numeric", "date", "timestamp"]


def test_result_comes_in_pages_of_a_thousand(api: Api) -> None:
    _count_to(api, 2500)
    told = api.execute("SELECT n FROM t ORDER BY n")
    pages = list(api.client.get_paginator("get_statement_result").paginate(Id=told["Id"]))
    assert [len(page["Records"]) for page in pages] == [1000, 1000, 500]
    assert [record[0]["longValue"] for page in pages for record in page["Records"]] == list(range(2500))


def test_csv_result_is_read_with_v2(api: Api) -> None:
    told = api.execute("SELECT 1 AS a, 'x,y' AS b, NULL AS c", ResultFormat="CSV")
    result = api.client.get_statement_result_v2(Id=told["Id"])
    assert result["ResultFormat"] == "CSV"
    assert [record["CSVRecords"] for record in result["Records"]] == ['a,b,c\r\n1,"x,y",\r\n']
    with pytest.raises(ClientError, match="ValidationException"):
        api.client.get_statement_result(Id=told["Id"])


def test_named_parameters_are_values_whatever_they_hold(api: Api) -> None:
    text = "'; DROP TABLE t; --"
    parameters = [{"name": "text", "value": text}, {"name": "number", "value": "7"}]
    assert api.rows("SELECT :text, :number::INTEGER + 1", Parameters=parameters) == [[text, 8]]


def test_query_without_rows_has_a_result(api: Api) -> None:
    assert api.rows("SELECT 1 WHERE false") == []


# BatchExecuteStatement.


def test_batch_is_one_transaction(api: Api) -> None:
    api.execute("CREATE TABLE t (a INTEGER NOT NULL)")
    told = api.batch("INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (NULL)", "INSERT INTO t VALUES (3)")
    assert told["Status"] == "FAILED"
    assert [part["Status"] for part in told["SubStatements"]] == ["FINISHED", "FAILED", "ABORTED"]
    assert told["Error"] == told["SubStatements"][1]["Error"]
    assert api.rows("SELECT count(*) FROM t") == [[0]]


def test_batch_gives_each_result_by_its_own_identifier(api: Api) -> None:
    told = api.batch("SELECT 1", "SELECT 2")
    identifiers = [part["Id"] for part in told["SubStatements"]]
    assert identifiers == [f"{told['Id']}:1", f"{told['Id']}:2"]
    records = [api.client.get_statement_result(Id=one)["Records"] for one in identifiers]
    assert records == [[[{"longValue": 1}]], [[{"longValue": 2}]]]
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        api.client.get_statement_result(Id=told["Id"])


def test_temporary_table_lives_as_long_as_its_batch(api: Api) -> None:
    told = api.batch("CREATE TEMP TABLE t (a INTEGER)", "INSERT INTO t VALUES (1)", "SELECT * FROM t")
    assert told["Status"] == "FINISHED"
    assert api.execute("SELECT * FROM t")["Status"] == "FAILED"


def test_kept_session_has_its_temporary_table_still(api: Api) -> None:
    told = api.execute("CREATE TEMP TABLE t (a INTEGER)", SessionKeepAliveSeconds=60)
    second = api.wait(api.client.execute_statement(Sql="INSERT INTO t VALUES (1)", SessionId=told["SessionId"])["Id"])
    assert second["Status"] == "FINISHED"


# ClientToken.


def test_same_token_and_request_are_one_statement(api: Api) -> None:
    api.execute("CREATE TABLE t (a INTEGER)")
    request = {"Sql": "INSERT INTO t VALUES (1)", "ClientToken": f"{api.database}-once", **api.target}
    first, second = (api.client.execute_statement(**request)["Id"] for _ in range(2))
    api.wait(first)
    assert first == second
    assert api.rows("SELECT count(*) FROM t") == [[1]]


def test_secrets_reach_the_warehouse_and_no_record(api: Api) -> None:
    user, secret = f"u_{api.database}", "Abcdefg1"
    made = f"CREATE USER {user} PASSWORD '{secret}'"
    told = [api.execute(made, ClientToken=f"{user}-once"), api.batch(f"DROP USER {user}", made)]
    assert [one["Status"] for one in told] == ["FINISHED", "FINISHED"]
    assert secret not in json.dumps(told, default=str)
    stored = api.rows(f"SELECT passwd FROM pg_shadow WHERE usename = '{user}'")
    assert len(stored) == 1


def test_same_token_with_another_statement_is_refused(api: Api) -> None:
    token = f"{api.database}-twice"
    api.execute("SELECT 1", ClientToken=token)
    with pytest.raises(ClientError, match=r"ValidationException.*ClientToken"):
        api.client.execute_statement(Sql="SELECT 2", ClientToken=token, **api.target)


# CancelStatement.

_LONG = "SELECT count(*) FROM t a, t b, t c, t d, t e WHERE (a.n + b.n + c.n + d.n + e.n) % 7 = 3"


@pytest.fixture
def running(api: Api) -> str:
    """A statement that would take hours."""
    _count_to(api, 2500)
    identifier = str(api.client.execute_statement(Sql=_LONG, **api.target)["Id"])
    end = time.monotonic() + 10
    while api.client.describe_statement(Id=identifier)["Status"] != "STARTED":
        assert time.monotonic() < end, "it did not start"
        time.sleep(0.01)
    return identifier


def test_cancelled_statement_is_aborted(api: Api, running: str) -> None:
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        api.client.get_statement_result(Id=running)
    assert api.client.cancel_statement(Id=running)["Status"] is True
    assert api.wait(running)["Status"] == "ABORTED"
    assert api.rows("SELECT count(*) FROM t") == [[2500]]


def test_statement_that_is_over_cannot_be_cancelled(api: Api) -> None:
    told = api.execute("SELECT 1")
    with pytest.raises(ClientError, match="already in FINISHED state"):
        api.client.cancel_statement(Id=told["Id"])


# What is refused at once.

REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown cluster": ({"ClusterIdentifier": "no-such-cluster"}, "endpoint doesn't exist"),
    "a cluster that is a path": ({"ClusterIdentifier": "../../etc"}, "endpoint doesn't exist"),
    "no database": ({"Database": ""}, "Database is missing"),
    "a database that is a statement": ({"Database": 'x"; DROP'}, "not a valid name"),
    "an empty statement": ({"Sql": "   "}, "between 1 and 100000 bytes"),
    "a statement over 100 kB": ({"Sql": f"SELECT '{'x' * 100_000}'"}, "between 1 and 100000 bytes"),
    "one parameter twice": (
        {"Sql": "SELECT :a", "Parameters": [{"name": "a", "value": "1"}, {"name": "a", "value": "2"}]},
        "different names",
    ),
    "an unknown session": ({"SessionId": "00000000-0000-0000-0000-000000000000", "ClusterIdentifier": None}, "Session"),
    "a cluster and a workgroup": ({"WorkgroupName": "workgroup"}, "not both"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_execute_is_refused_for(api: Api, case: str) -> None:
    changes, message = REFUSED[case]
    request = {"Sql": "SELECT 1", **api.target, **changes}
    if changes.get("SessionId"):
        request = {"Sql": "SELECT 1", "SessionId": changes["SessionId"]}
    with pytest.raises(ClientError, match=f"ValidationException.*{message}"):
        api.client.execute_statement(**request)


def test_batch_of_forty_one_is_refused(api: Api) -> None:
    with pytest.raises(ClientError, match="ValidationException"):
        api.client.batch_execute_statement(Sqls=["SELECT 1"] * 41, **api.target)


@pytest.mark.parametrize("call", ["describe_statement", "get_statement_result", "cancel_statement"])
def test_unknown_statement_is_not_found(api: Api, call: str) -> None:
    with pytest.raises(ClientError, match=r"ResourceNotFoundException.*Query does not exist"):
        getattr(api.client, call)(Id="00000000-0000-0000-0000-000000000000")


# Lists.


def test_statements_are_listed_the_newest_first(api: Api) -> None:
    for number in (1, 2):
        api.execute(f"SELECT {number}", StatementName=f"{api.database}-listed-{number}")
    found = api.client.list_statements(StatementName=f"{api.database}-listed", MaxResults=10)["Statements"]
    assert [one["QueryString"] for one in found] == ["SELECT 2", "SELECT 1"]


def test_schemas_tables_and_columns_are_told(api: Api) -> None:
    api.batch("CREATE SCHEMA flights", "CREATE TABLE flights.t (a INTEGER NOT NULL, b VARCHAR(9) DEFAULT 'x')")
    assert "flights" in api.client.list_schemas(**api.target)["Schemas"]
    assert api.client.list_schemas(SchemaPattern="fli%", **api.target)["Schemas"] == ["flights"]
    tables = api.client.list_tables(SchemaPattern="flights", **api.target)["Tables"]
    assert tables == [{"schema": "flights", "name": "t", "type": "TABLE"}]
    columns = api.client.describe_table(Schema="flights", Table="t", **api.target)["ColumnList"]
    told = [(one["name"], one["typeName"], one["nullable"], one["length"]) for one in columns]
    assert told == [("a", "int4", 0, 0), ("b", "varchar", 1, 9)]


def test_databases_are_told(api: Api) -> None:
    api.execute("SELECT 1")
    assert api.database in api.client.list_databases(**api.target)["Databases"]


# A cluster's data goes with the cluster.


def test_deleted_cluster_leaves_nothing_behind(local_aws: LocalAws) -> None:
    redshift, client = boto3.client("redshift"), boto3.client("redshift-data")
    request = {"NodeType": "ra3.large", "ClusterType": "single-node", "MasterUsername": "awsuser"}
    target = {"ClusterIdentifier": "short-lived", "Database": "dev", "DbUser": "awsuser"}
    statuses = []
    for _ in range(2):
        redshift.create_cluster(ClusterIdentifier="short-lived", MasterUserPassword="Not-used-1", **request)
        statuses.append(Api(client, "dev").execute("CREATE TABLE t (a INTEGER)", **target)["Status"])
        redshift.delete_cluster(ClusterIdentifier="short-lived", SkipFinalClusterSnapshot=True)
    assert statuses == ["FINISHED", "FINISHED"]
    with pytest.raises(ClientError, match="endpoint doesn't exist"):
        client.execute_statement(Sql="SELECT 1", **target)


# The sample's own SQL, in the order of its folders.

_RUN = "2013-01-02T00:00:00Z"
_ROLE = "arn:aws:iam::000000000000:role/warehouse"


def _statements(text: str) -> list[str]:
    lines = [line for line in text.splitlines() if not line.startswith("--")]
    return [part.strip() for part in "\n".join(lines).split(";") if part.strip()]


def _deploy(api: Api) -> None:
    files = [file for folder in ("schemas", "tables", "views") for file in sorted((_SQL / folder).glob("*.sql"))]
    told = api.batch(*(one for file in files for one in _statements(file.read_text(encoding="utf-8"))))
    assert told["Status"] == "FINISHED", [part.get("Error") for part in told["SubStatements"]]


def _carriers(bucket: str, key: str, names: dict[str, str]) -> str:
    """A load set of airlines with its manifest; the manifest's URL."""
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"carrier": list(names), "name": list(names.values())}), sink)
    data = sink.getvalue().to_pybytes()
    s3 = boto3.client("s3")
    s3.put_object(Bucket=bucket, Key=f"{key}.parquet", Body=data)
    entry = {"url": f"s3://{bucket}/{key}.parquet", "mandatory": True, "meta": {"content_length": len(data)}}
    s3.put_object(Bucket=bucket, Key=f"{key}.manifest", Body=json.dumps({"entries": [entry]}).encode())
    return f"s3://{bucket}/{key}.manifest"


def _load(load_set: str, manifest: str, run: str, rows: int) -> list[str]:
    values = {"manifest": manifest, "iam_role": _ROLE, "pipeline_run_id": run, "load_set": load_set, "rows": str(rows)}
    text = ";\n".join(
        (_SQL / name).read_text(encoding="utf-8")
        for name in (f"copy/{load_set}.sql", f"merge/{load_set}.sql", "merge/load_history.sql")
    )
    for name, value in values.items():
        text = text.replace(f"${{{name}}}", value)
    return _statements(text)


@pytest.fixture(scope="module")
def deployed(cluster: str) -> Api:
    """The sample's empty warehouse, for tests that leave it so."""
    api = _with_database("deployed")
    _deploy(api)
    return api


def test_sample_is_deployed_twice_without_harm(deployed: Api) -> None:
    _deploy(deployed)
    tables = deployed.rows("SELECT table_schema, count(*) FROM svv_tables GROUP BY 1 ORDER BY 1")
    assert tables == [["flights", 12], ["staging", 5]]


@pytest.mark.parametrize("question", sorted(file.name for file in (_SQL / "answers").glob("*.sql")))
def test_sample_answers_are_valid_on_an_empty_warehouse(deployed: Api, question: str) -> None:
    for statement in _statements((_SQL / "answers" / question).read_text(encoding="utf-8")):
        assert deployed.rows(statement) == []


@pytest.mark.parametrize("file", sorted(file.name for file in (_SQL / "maintenance").glob("*.sql")))
def test_sample_maintenance_runs_outside_of_a_transaction(deployed: Api, file: str) -> None:
    for statement in _statements((_SQL / "maintenance" / file).read_text(encoding="utf-8")):
        told = deployed.execute(statement)
        assert told["Status"] == "FINISHED", told["Error"]


@pytest.mark.parametrize("load_set", sorted(file.stem for file in (_SQL / "copy").glob("*.sql")))
def test_sample_merge_of_an_empty_staging_changes_nothing(deployed: Api, load_set: str) -> None:
    told = deployed.batch(*_statements((_SQL / f"merge/{load_set}.sql").read_text(encoding="utf-8")))
    assert (told["Status"], {part["ResultRows"] for part in told["SubStatements"]}) == ("FINISHED", {0})


def test_sample_load_replaces_known_rows_and_adds_new_ones(api: Api, bucket: str) -> None:
    _deploy(api)
    first = _carriers(bucket, f"{api.database}/1", {"AA": "American", "UA": "United"})
    second = _carriers(bucket, f"{api.database}/2", {"UA": "United Air Lines", "DL": "Delta"})
    for number, manifest in enumerate((first, second), start=1):
        told = api.batch(*_load("airlines", manifest, f"run-{number}", 2))
        assert told["Status"] == "FINISHED", told.get("Error")
        touched = [part["ResultRows"] for part in told["SubStatements"]]
        # emptied, copied, known already; merged; versions ended and begun; noted
        assert touched == ([0, 2, 0, 2, 0, 2, 1] if number == 1 else [2, 2, 0, 2, 1, 2, 1])
    found = api.rows("SELECT carrier, name FROM flights.dim_carriers ORDER BY 1")
    assert found == [["AA", "American"], ["DL", "Delta"], ["UA", "United Air Lines"]]


def test_load_tried_again_after_a_lost_reply_counts_once(api: Api, bucket: str) -> None:
    _deploy(api)
    manifest = _carriers(bucket, f"{api.database}/1", {"AA": "American"})
    for _ in range(2):  # the second time the first one's reply was lost
        assert api.batch(*_load("airlines", manifest, _RUN, 1))["Status"] == "FINISHED"
    assert api.rows("SELECT carrier, name FROM flights.dim_carriers") == [["AA", "American"]]
    history = api.rows("SELECT pipeline_run_id, load_set, manifest, rows_loaded FROM flights.load_history")
    assert history == [[_RUN, "airlines", manifest, 1]]


def test_load_that_fails_leaves_staging_target_and_history(api: Api, bucket: str) -> None:
    _deploy(api)
    api.batch(*_load("airlines", _carriers(bucket, f"{api.database}/1", {"AA": "American"}), "run-1", 1))
    broken = _carriers(bucket, f"{api.database}/2", {"TOO LONG A CODE": "Somebody"})
    told = api.batch(*_load("airlines", broken, "run-2", 1))
    assert told["Status"] == "FAILED"
    assert "longer than the length defined in the table" in told["Error"]
    for table in ("staging.airlines", "flights.dim_carriers"):
        assert api.rows(f"SELECT carrier FROM {table}") == [["AA"]]
    assert api.rows("SELECT pipeline_run_id FROM flights.load_history") == [["run-1"]]


def test_loads_of_one_run_are_refused_together(api: Api, bucket: str) -> None:
    _deploy(api)
    good = _carriers(bucket, f"{api.database}/1", {"AA": "American"})
    bad = f"s3://{bucket}/{api.database}/no.manifest"
    told = api.batch(*_load("airlines", good, _RUN, 1), *_load("planes", bad, _RUN, 1))
    assert told["Status"] == "FAILED"
    assert api.rows("SELECT count(*) FROM flights.dim_carriers") == [[0]]
    assert api.rows("SELECT count(*) FROM flights.load_history") == [[0]]


# Sessions, users and events.


def test_kept_session_keeps_its_transaction_and_is_listed(api: Api) -> None:
    told = api.execute("BEGIN", SessionKeepAliveSeconds=60)
    session = told["SessionId"]
    for sql in ("CREATE TABLE t (a INTEGER)", "INSERT INTO t VALUES (1)"):
        assert api.wait(api.client.execute_statement(Sql=sql, SessionId=session)["Id"])["Status"] == "FINISHED"
    assert api.execute("SELECT * FROM t")["Status"] == "FAILED"
    listed = api.client.list_sessions(SessionId=session)["Sessions"]
    assert [(one["Status"], one["Database"]) for one in listed] == [("AVAILABLE", api.database)]
    api.wait(api.client.execute_statement(Sql="COMMIT", SessionId=session)["Id"])
    assert api.rows("SELECT a FROM t") == [[1]]


def test_writers_of_one_table_wait_for_each_other(api: Api) -> None:
    api.execute("CREATE TABLE t AS SELECT 0 AS a")
    session = api.execute("BEGIN", SessionKeepAliveSeconds=60)["SessionId"]
    api.wait(api.client.execute_statement(Sql="UPDATE t SET a = a + 1", SessionId=session)["Id"])
    waiting = [api.client.execute_statement(Sql="UPDATE t SET a = a + 1", **api.target)["Id"] for _ in range(12)]
    assert api.rows("SELECT a FROM t") == [[0]]  # readers do not wait
    api.wait(api.client.execute_statement(Sql="COMMIT", SessionId=session)["Id"])
    assert {api.wait(one)["Status"] for one in waiting} == {"FINISHED"}
    assert api.rows("SELECT a FROM t") == [[13]]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"DbUser": "stranger"}, 'FATAL: user "stranger" does not exist'),
        ({"Database": "nothing"}, 'FATAL: database "nothing" does not exist'),
    ],
    ids=["an unknown user", "an unknown database"],
)
def test_statement_fails_for(api: Api, changes: dict[str, str], text: str) -> None:
    told = api.execute("SELECT 1", **changes)
    assert (told["Status"], told["Error"]) == ("FAILED", text)


def test_batch_in_auto_commit_keeps_what_came_before_the_error(api: Api) -> None:
    told = api.batch("CREATE TABLE t (a INTEGER NOT NULL)", "INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (NULL)",
                     ExecutionMode="AUTO_COMMIT")  # fmt: skip
    assert (told["Status"], told["ExecutionMode"]) == ("FAILED", "AUTO_COMMIT")
    assert api.rows("SELECT a FROM t") == [[1]]


def test_secret_logs_in_with_its_password(api: Api) -> None:
    secrets = boto3.client("secretsmanager")
    statuses = {}
    for name, password in (("right", "Not-used-1"), ("wrong", "Not-used-2")):
        document = json.dumps({"username": "awsuser", "password": password})
        arn = secrets.create_secret(Name=f"{api.database}-{name}", SecretString=document)["ARN"]
        target = {"ClusterIdentifier": CLUSTER, "Database": api.database, "SecretArn": arn}
        told = api.wait(api.client.execute_statement(Sql="SELECT 1", **target)["Id"])
        statuses[name] = (told["Status"], told.get("Error"))
    refused = 'FATAL: password authentication failed for user "awsuser"'
    assert statuses == {"right": ("FINISHED", None), "wrong": ("FAILED", refused)}


def test_event_tells_that_a_statement_is_over(api: Api) -> None:
    events, queues = boto3.client("events"), boto3.client("sqs")
    queue = queues.create_queue(QueueName=f"{api.database}-events")["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = json.dumps({"source": ["aws.redshift-data"], "detail": {"statementName": [api.database]}})
    events.put_rule(Name=api.database, EventPattern=pattern)
    events.put_targets(Rule=api.database, Targets=[{"Id": "1", "Arn": arn}])
    told = api.execute("SELECT 1", StatementName=api.database, WithEvent=True)
    (message,) = queues.receive_message(QueueUrl=queue, WaitTimeSeconds=10)["Messages"]
    event = json.loads(message["Body"])
    assert event["detail-type"] == "Redshift Data Statement Status Change"
    assert (event["detail"]["statementId"], event["detail"]["state"]) == (told["Id"], "FINISHED")
    events.remove_targets(Rule=api.database, Ids=["1"])
    events.delete_rule(Name=api.database)
