"""A warehouse on a lake of its own for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lakeshift.lake import FolderLake
from lakeshift.redshift import Session, Warehouse
from tests.unit.redshift.loading import LoadBench, open_warehouse

ROLE = "IAM_ROLE 'arn:aws:iam::123456789012:role/copy'"


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """One warehouse for tests that each take a database of their own."""
    home = tmp_path_factory.mktemp("warehouse")
    (home / "s3" / "bucket").mkdir(parents=True)
    warehouse = Warehouse(home / "wh.duckdb", FolderLake(home / "s3"))
    yield warehouse
    warehouse.close()


@pytest.fixture
def session(shared: Warehouse, request: pytest.FixtureRequest) -> Iterator[Session]:
    made = shared.session(f"db{abs(hash(request.node.nodeid))}", "tester")
    yield made
    made.close()


@pytest.fixture
def bucket(shared: Warehouse, request: pytest.FixtureRequest) -> Path:
    """A fresh folder of the bucket; ``s3://bucket/<its name>/``."""
    folder = shared.lake.root / "bucket" / f"t{abs(hash(request.node.nodeid))}"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture
def rows(session: Session) -> Callable[[str], list[tuple[Any, ...]]]:
    def run(sql: str) -> list[tuple[Any, ...]]:
        return session.execute(sql).rows

    return run


@pytest.fixture(scope="module")
def load_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """One warehouse with the bucket ``data`` for a module's tests of loading."""
    made = open_warehouse(tmp_path_factory.mktemp("warehouse"))
    yield made
    made.close()


@pytest.fixture
def bench(load_warehouse: Warehouse) -> Iterator[LoadBench]:
    """A database of its own and an empty bucket."""
    made = LoadBench(load_warehouse)
    yield made
    made.session.close()
