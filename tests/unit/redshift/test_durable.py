"""What was committed is there after the process was killed, and nothing else is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from lakeshift.lake import FolderLake
from lakeshift.redshift import Warehouse

_KILLED = """
import os, signal, sys
from pathlib import Path
from lakeshift.lake import FolderLake
from lakeshift.redshift import Warehouse
warehouse = Warehouse(Path(sys.argv[1]) / "killed.duckdb", FolderLake(Path(sys.argv[1])))
session = warehouse.session("dev", "awsuser")
for sql in (
    "CREATE DATABASE second",
    "CREATE USER ann PASSWORD 'Abcdefg1'",
    "CREATE TABLE t AS SELECT 1 AS a",
    "BEGIN",
    "INSERT INTO t VALUES (2)",
    "CREATE TABLE u (a INTEGER)",
):
    session.execute(sql)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_killed_process_leaves_what_it_committed(tmp_path: Path) -> None:
    told = subprocess.run([sys.executable, "-c", _KILLED, str(tmp_path)], timeout=60, check=False, capture_output=True)
    assert told.returncode == -9, told.stderr
    warehouse = Warehouse(tmp_path / "killed.duckdb", FolderLake(tmp_path))
    session = warehouse.connect("dev", "awsuser")
    assert session.execute("SELECT a FROM t").rows == [(1,)]
    assert [relation.name for relation in session.catalog.relations()] == ["t"]
    assert "second" in warehouse.databases()
    assert warehouse.password_is_right("ann", "Abcdefg1")
    session.close()
    warehouse.close()
