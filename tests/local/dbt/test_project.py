"""A small dbt project on the local Redshift: by dbt where it is installed, and the statements it sends always."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from lakeshift.lake import FolderLake
from lakeshift.local.redshift_wire import Front, Listener
from lakeshift.local.redshift_wire.login import Credentials
from lakeshift.local.redshift_wire.tls import tls_context
from lakeshift.redshift import Warehouse

_HERE = Path(__file__).parent
_DBT = Path(os.environ.get("LAKESHIFT_DBT") or _HERE.parents[2] / ".venv-dbt" / "bin" / "dbt").absolute()
_PASSWORD = "Passw0rd"


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    (tmp_path / "s3").mkdir()
    warehouse = Warehouse(tmp_path / "dbt.duckdb", FolderLake(tmp_path / "s3"))
    warehouse.provision("dev", "awsuser", _PASSWORD)
    listener = Listener(Front("dbt", lambda: warehouse, Credentials(), lambda: tls_context(tmp_path)), 0)
    yield listener.port
    listener.close()
    warehouse.close()


@pytest.fixture
def connection(port: int) -> Iterator[psycopg.Connection[Any]]:
    facts = {"host": "127.0.0.1", "port": port, "dbname": "dev", "user": "awsuser", "password": _PASSWORD}
    with psycopg.connect(**facts, sslmode="disable", autocommit=True) as made:  # type: ignore[arg-type]
        yield made


def _answers(connection: psycopg.Connection[Any]) -> dict[str, Any]:
    queries = {
        "seeds": "SELECT count(*) FROM dbt.flights",
        "table": "SELECT origin, flights FROM dbt.delays ORDER BY 1",
        "view": "SELECT name FROM dbt.named_delays ORDER BY 1",
        "late view": "SELECT flight_id FROM dbt.late_view ORDER BY 1",
        "incremental": "SELECT flight_date::VARCHAR, flights FROM dbt.by_day ORDER BY 1",
        "snapshot": "SELECT faa, altitude, dbt_valid_to IS NULL FROM dbt.airports_history ORDER BY 1, 2",
    }
    return {name: connection.execute(sql).fetchall() for name, sql in queries.items()}


_EXPECTED = {
    "seeds": [(4,)],
    "table": [("EWR", 1), ("JFK", 2), ("LGA", 1)],
    "view": [("John F Kennedy Intl",), ("La Guardia",), ("Newark Liberty Intl",)],
    "late view": [("AA-1141-JFK",), ("UA-1545-EWR",)],
    "incremental": [("2013-01-01", 2), ("2013-01-02", 2)],
    # JFK was raised by a metre between the two snapshots: its old row ended.
    "snapshot": [("EWR", 18, True), ("JFK", 13, False), ("JFK", 14, True), ("LGA", 22, True)],
}


@pytest.mark.skipif(not _DBT.exists(), reason="dbt is not installed: `make test-dbt` installs it and runs this")
def test_dbt_seeds_runs_tests_and_snapshots(port: int, connection: psycopg.Connection[Any], tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(_HERE / "project", project)
    environment = {
        **os.environ,
        "DBT_PORT": str(port),
        "DBT_PASSWORD": _PASSWORD,
        "DBT_PROFILES_DIR": str(project),
        "DBT_LOG_PATH": os.environ.get("DBT_LOG_PATH", str(tmp_path / "logs")),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }

    def dbt(*command: str) -> None:
        told = subprocess.run(
            [_DBT, "--no-use-colors", *command],
            cwd=project,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert told.returncode == 0, told.stdout[-3000:]

    for command in ("seed", "run", "test", "snapshot"):
        dbt(command)
    connection.execute("UPDATE dbt.airports SET altitude = altitude + 1 WHERE faa = 'JFK'")
    dbt("run", "--select", "by_day")
    dbt("snapshot")
    assert _answers(connection) == _EXPECTED


def test_what_dbt_sends_runs(connection: psycopg.Connection[Any]) -> None:
    """The statements of the test above, as dbt 1.10 sent them."""
    connection.autocommit = False
    for statement in (_HERE / "statements.sql").read_text(encoding="utf-8").split("\n-- next\n"):
        if statement.strip().upper() in ("COMMIT", "ROLLBACK"):
            connection.commit()
        elif statement.strip().upper() != "BEGIN":
            connection.execute(statement.encode())
    connection.commit()
    assert _answers(connection) == _EXPECTED
