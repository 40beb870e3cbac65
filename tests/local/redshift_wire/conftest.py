"""A warehouse on a port, and drivers that connect to it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from lakeshift.lake import FolderLake
from lakeshift.local.redshift_wire import Front, Listener
from lakeshift.local.redshift_wire.login import Credentials
from lakeshift.local.redshift_wire.tls import tls_context
from lakeshift.redshift import Warehouse

PASSWORD = "Passw0rd"
_NUMBERS = itertools.count(1)


@dataclass
class Wire:
    """A listener and a database of its own for each test."""

    port: int
    database: str
    warehouse: Warehouse
    credentials: Credentials
    folder: Path

    def facts(self, **more: Any) -> dict[str, Any]:
        """What psycopg and psycopg2 connect with."""
        return {
            "host": "127.0.0.1",
            "port": self.port,
            "dbname": self.database,
            "user": "awsuser",
            "password": PASSWORD,
            "sslmode": "disable",
            **more,
        }

    def connect(self, **more: Any) -> psycopg.Connection[Any]:
        """psycopg 3, every statement its own transaction."""
        return psycopg.connect(**self.facts(**more), autocommit=True)


@pytest.fixture(scope="module")
def listener(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Listener, Front, Warehouse, Path]]:
    folder = tmp_path_factory.mktemp("wire")
    (folder / "s3").mkdir()
    warehouse = Warehouse(folder / "wire.duckdb", FolderLake(folder / "s3"))
    warehouse.provision("dev", "awsuser", PASSWORD)
    front = Front("wire", lambda: warehouse, Credentials(), lambda: tls_context(folder))
    made = Listener(front, 0)
    yield made, front, warehouse, folder
    made.close()
    warehouse.close()


@pytest.fixture
def wire(listener: tuple[Listener, Front, Warehouse, Path]) -> Wire:
    made, front, warehouse, folder = listener
    database = f"wire{next(_NUMBERS)}"
    warehouse.session(database, "awsuser").close()
    return Wire(made.port, database, warehouse, front.credentials, folder)
