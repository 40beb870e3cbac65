"""Tables of a real PostgreSQL."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.glue_runtime.bookmarks import JdbcBookmark
from lakeshift.glue_runtime.engine import job
from lakeshift.sample.database import DATABASE, PASSWORD, USER, OperationalDatabase
from tests.bookmarked import Bookmarked

pytestmark = pytest.mark.spark


@pytest.fixture(scope="module")
def database(local_aws: Any) -> Iterator[OperationalDatabase]:
    """A server with table ``events`` of ten rows, and a Glue connection ``ops`` to it.

    Its folder is not pytest's, which is closed to the user that the server runs as.
    """
    home = tempfile.TemporaryDirectory(prefix="lakeshift-postgres-")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the server's wheel, about folders it does not use here
        server = OperationalDatabase(Path(home.name) / "data").start()
    rows = ", ".join(f"({i}, {i // 4}, 'e{i}')" for i in range(1, 11))
    server.psql(DATABASE, f"CREATE TABLE events (id int, day int, name text); INSERT INTO events VALUES {rows};")
    properties = {"JDBC_CONNECTION_URL": server.jdbc_url, "USERNAME": USER, "PASSWORD": PASSWORD}
    glue = boto3.client("glue")
    glue.create_connection(
        ConnectionInput={"Name": "ops", "ConnectionType": "JDBC", "ConnectionProperties": properties}
    )
    yield server
    glue.delete_connection(ConnectionName="ops")
    server.stop()
    home.cleanup()


def read(glue: Any, context: str = "", **options: Any) -> list[int]:
    given = {"useConnectionProperties": "true", "connectionName": "ops", "dbtable": "public.events", **options}
    frame = glue.create_dynamic_frame.from_options("postgresql", given, transformation_ctx=context)
    data = frame.toDF()
    return sorted(r.id for r in data.collect()) if "id" in data.columns else []


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="whole-table"),
        pytest.param({"hashfield": "name", "hashpartitions": "3"}, id="hashfield"),
        pytest.param({"hashexpression": "id"}, id="hashexpression"),
    ],
)
def test_every_row_is_read_once(glue: Any, database: Any, options: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/run-jdbc-parallel-read-job.html"""
    assert read(glue, **options) == list(range(1, 11))


@pytest.mark.parametrize(
    ("options", "tasks"),
    [
        pytest.param({"hashfield": "name", "hashpartitions": "3"}, 3, id="hashpartitions"),
        pytest.param({"hashexpression": "id"}, 7, id="seven-by-default"),
        pytest.param({}, 1, id="one-without-a-hash"),
        pytest.param({"sampleQuery": "select id from events where id > 8", "hashfield": "id"}, 1, id="sample-query"),
        pytest.param(
            {
                "sampleQuery": "select id from events where",
                "hashfield": "id",
                "hashpartitions": "2",
                "enablePartitioningForSampleQuery": True,
            },
            2,
            id="sample-query-in-parallel",
        ),
    ],
)
def test_parallel_reads(glue: Any, database: Any, options: dict[str, Any], tasks: int) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/run-jdbc-parallel-read-job.html"""
    given = {"useConnectionProperties": "true", "connectionName": "ops", "dbtable": "public.events", **options}
    frame = glue.create_dynamic_frame.from_options("postgresql", given)
    assert frame.getNumPartitions() == tasks
    assert frame.count() in (2, 10)


def test_sample_query(glue: Any, database: Any) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-connect-jdbc-home.html"""
    assert read(glue, sampleQuery="select id from events where id > 8") == [9, 10]


@pytest.mark.parametrize(
    ("keys", "order", "new", "expected"),
    [
        pytest.param(["id"], "asc", "(11, 9, 'x')", [11], id="one-key"),
        pytest.param(["day", "id"], "asc", "(12, 2, 'x'), (11, 9, 'y')", [11, 12], id="compound-key"),
        pytest.param(["id"], "desc", "(0, 0, 'x'), (11, 0, 'y')", [0], id="descending"),
    ],
)
def test_a_bookmark_by_keys_reads_each_row_once(
    glue: Any,
    database: OperationalDatabase,
    monkeypatch: Any,
    keys: list[str],
    order: str,
    new: str,
    expected: list[int],
) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/programming-etl-connect-bookmarks.html"""
    state = Bookmarked()
    monkeypatch.setattr(job, "current", state)
    options = {"jobBookmarkKeys": keys, "jobBookmarkKeysSortOrder": order}
    assert read(glue, "ctx", **options) == list(range(1, 11))
    state.next_run()
    assert read(glue, "ctx", **options) == []
    assert isinstance(state.jdbc("ctx"), JdbcBookmark)
    database.psql(DATABASE, f"INSERT INTO events VALUES {new};")
    try:
        assert read(glue, "ctx", **options) == expected
    finally:
        database.psql(DATABASE, "DELETE FROM events WHERE id < 1 OR id > 10;")


def test_frames_are_inserted(glue: Any, database: OperationalDatabase, of_json: Any) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-glue-context.html"""
    for number in (1, 2):
        glue.write_dynamic_frame.from_jdbc_conf(
            of_json({"id": number}), "ops", {"dbtable": "made", "database": DATABASE}
        )
    assert database.psql(DATABASE, "SELECT id FROM made ORDER BY id").split() == ["1", "2"]


def test_connection_properties_are_given_to_the_script(glue: Any, database: OperationalDatabase) -> None:
    found = glue.extract_jdbc_conf("ops")
    assert (found["user"], found["vendor"], found["url"]) == (USER, "postgresql", database.jdbc_url)


def test_another_engine_is_refused(glue: Any) -> None:
    with pytest.raises(NotSupportedLocallyError, match="oracle"):
        glue.create_dynamic_frame.from_options("jdbc", {"url": "jdbc:oracle:thin:@x", "dbtable": "t"})
