"""The AWS CLI, unmodified: waits, pages, filters and errors of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest

from lakeshift.local.server import LocalAws

_AWS = str(Path(sys.executable).parent / "aws")


@pytest.fixture(scope="module")
def database(local_aws: LocalAws) -> str:
    return f"cli_{uuid.uuid4().hex[:8]}"


def aws(*words: str, code: int = 0) -> Any:
    done = subprocess.run([_AWS, "glue", *words], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout) if done.stdout.strip() else done.stderr.strip()


def test_a_table_with_partitions_comes_and_goes(database: str) -> None:
    aws("create-database", "--database-input", json.dumps({"Name": database}))
    keys = [{"Name": "year", "Type": "int"}]
    aws("create-table", "--database-name", database, "--table-input", json.dumps({"Name": "T", "PartitionKeys": keys}))
    where = ("--database-name", database, "--table-name", "t")
    inputs = json.dumps([{"Values": [str(year)]} for year in range(2000, 2030)])
    assert aws("batch-create-partition", *where, "--partition-input-list", inputs) == {"Errors": []}
    query = ("--query", "Partitions[].Values[0]", "--page-size", "7")
    wanted = "year between 2001 and 2019 and not year in (2005)"
    found = aws("get-partitions", *where, "--expression", wanted, *query)
    assert found == [str(year) for year in range(2001, 2020) if year != 2005]
    told = aws("get-table", "--database-name", database, "--name", "T")["Table"]
    assert (told["Name"], told["VersionId"], told["PartitionKeys"]) == ("t", "0", keys)
    refused = aws("get-table", "--database-name", database, "--name", "nosuch", code=255)
    assert "(EntityNotFoundException) when calling the GetTable operation: Table nosuch not found." in refused
    refused = aws("list-blueprints", code=255)
    assert "(OperationNotSupportedException)" in refused
    assert "glue:ListBlueprints is not supported locally." in refused
    aws("delete-database", "--name", database)
