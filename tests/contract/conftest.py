"""Where the session of the contract comes from: the Glue container (GLUE_CONTRACT=container), or our engine.

The same cases run on both; no case imports anything of ours. In the container:
``GLUE_CONTRACT=container python3 -m pytest --confcutdir tests/contract tests/contract``.
"""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

CONTAINER = os.environ.get("GLUE_CONTRACT") == "container"
HERE = Path(__file__).parent


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "page(slug): the page of the Glue guide that a contract test reproduces")
    config.addinivalue_line("markers", "needs_catalog: reads or writes the Data Catalog")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every contract test is a Spark test and names its page."""
    for item in items:
        if not item.path.is_relative_to(HERE):
            continue
        item.add_marker("spark")
        case = getattr(getattr(item, "callspec", None), "params", {}).get("case")
        if not getattr(case, "page", "") and item.get_closest_marker("page") is None:
            raise pytest.UsageError(f"{item.nodeid} names no page: give its Case one, or pytest.mark.page(slug)")
        if CONTAINER and item.get_closest_marker("needs_catalog"):
            item.add_marker(pytest.mark.skip(reason="the container has no catalog without an account"))


@pytest.fixture(scope="session")
def glue(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The one GlueContext of the session."""
    if CONTAINER:
        from awsglue.context import GlueContext
        from pyspark import SparkContext

        yield GlueContext(SparkContext.getOrCreate())
        return
    from tests.glue_session import INTERPRETED, glue_session

    aws = request.getfixturevalue("local_aws")
    with glue_session(aws.state.root, tmp_path_factory.mktemp("spark"), INTERPRETED) as context:
        yield context


@pytest.fixture(scope="session")
def spark(glue: Any) -> Any:
    """Its SparkSession."""
    return glue.spark_session


@pytest.fixture(scope="session")
def of_json(glue: Any, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """Return the DynamicFrame of some JSON records, given as objects or as raw text; equal ones are read once."""
    folder = tmp_path_factory.mktemp("json")
    number = itertools.count()
    known: dict[str, Any] = {}

    def frame(*records: Any) -> Any:
        text = "".join((r if isinstance(r, str) else json.dumps(r)) + "\n" for r in records)
        if text not in known:
            path = folder / str(next(number))
            path.mkdir()
            (path / "records.json").write_text(text, encoding="utf-8")
            known[text] = glue.create_dynamic_frame.from_options("s3", {"paths": [str(path)]}, "json")
        return known[text]

    return frame


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], str]:
    """Write a text file below the test's folder and return its path."""

    def written(name: str, text: str) -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return str(path)

    return written


@pytest.fixture(scope="session")
def catalog_table(glue: Any) -> Callable[[str, str, dict[str, str]], None]:
    """Make a table of the Data Catalog: database, name, columns by type."""
    import boto3

    client = boto3.client("glue")

    def make(database: str, name: str, columns: dict[str, str]) -> None:
        client.create_database(DatabaseInput={"Name": database})
        described = [{"Name": column, "Type": kind} for column, kind in columns.items()]
        storage = {"Columns": described, "Location": f"s3://{database}/{name}/"}
        client.create_table(DatabaseName=database, TableInput={"Name": name, "StorageDescriptor": storage})

    return make
