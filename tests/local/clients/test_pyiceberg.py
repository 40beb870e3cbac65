"""PyIceberg's Glue catalog, unmodified: what it writes it reads, and of two commits at once one is refused."""

from __future__ import annotations

import uuid
from typing import Any

import boto3
import pyarrow as pa
import pytest

from lakeshift.local.server import LocalAws

pyiceberg = pytest.importorskip("pyiceberg")

from pyiceberg.catalog.glue import GlueCatalog  # noqa: E402 - what may not be installed
from pyiceberg.exceptions import (  # noqa: E402
    CommitFailedException,
    NamespaceNotEmptyError,
    NoSuchTableError,
    TableAlreadyExistsError,
)
from pyiceberg.types import DoubleType  # noqa: E402

_ROWS = pa.table({"a": [1, 2], "b": ["x", "y"]})


@pytest.fixture(scope="module")
def properties(local_aws: LocalAws) -> dict[str, str]:
    boto3.client("s3").create_bucket(Bucket="pyiceberg")
    return {
        "warehouse": "s3://pyiceberg/warehouse",
        "glue.endpoint": local_aws.endpoint,
        "s3.endpoint": local_aws.endpoint,
        "client.access-key-id": "local",
        "client.secret-access-key": "local",
        "client.region": "us-east-1",
        "py-io-impl": "pyiceberg.io.pyarrow.PyArrowFileIO",
    }


@pytest.fixture
def catalog(properties: dict[str, str]) -> GlueCatalog:
    return GlueCatalog("local", **properties)


@pytest.fixture
def namespace(catalog: GlueCatalog) -> str:
    name = f"ice_{uuid.uuid4().hex[:8]}"
    catalog.create_namespace(name, {"comment": "of a test"})
    return name


def rows(table: Any) -> list[dict[str, Any]]:
    return sorted(table.scan().to_arrow().to_pylist(), key=lambda row: row["a"])


def test_a_table_is_created_appended_to_evolved_and_dropped(catalog: GlueCatalog, namespace: str) -> None:
    assert catalog.load_namespace_properties(namespace)["comment"] == "of a test"
    table = catalog.create_table((namespace, "t"), _ROWS.schema)
    with pytest.raises(TableAlreadyExistsError):
        catalog.create_table((namespace, "t"), _ROWS.schema)
    table.append(_ROWS)
    with table.update_schema() as change:
        change.add_column("c", DoubleType())
    table.append(pa.table({"a": [3], "b": ["z"], "c": [1.5]}))
    assert rows(catalog.load_table((namespace, "t"))) == [
        {"a": 1, "b": "x", "c": None},
        {"a": 2, "b": "y", "c": None},
        {"a": 3, "b": "z", "c": 1.5},
    ]
    told = boto3.client("glue").get_table(DatabaseName=namespace, Name="t")["Table"]
    assert [column["Name"] for column in told["StorageDescriptor"]["Columns"]] == ["a", "b", "c"]
    assert told["Parameters"]["table_type"] == "ICEBERG"
    with pytest.raises(NamespaceNotEmptyError):
        catalog.drop_namespace(namespace)
    renamed = catalog.rename_table((namespace, "t"), (namespace, "u"))
    assert catalog.list_tables(namespace) == [(namespace, "u")]
    assert len(rows(renamed)) == 3
    catalog.drop_table((namespace, "u"))
    with pytest.raises(NoSuchTableError):
        catalog.load_table((namespace, "u"))
    catalog.drop_namespace(namespace)


def test_of_two_commits_at_once_one_is_refused_and_loses_nothing(
    catalog: GlueCatalog, properties: dict[str, str], namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog.create_table((namespace, "t"), _ROWS.schema)
    slow, fast = GlueCatalog("slow", **properties), GlueCatalog("fast", **properties)
    table = slow.load_table((namespace, "t"))
    update = slow.glue.update_table

    def overtaken(**given: Any) -> Any:
        """Between what the slow one read and its update, the other commits."""
        monkeypatch.undo()
        fast.load_table((namespace, "t")).append(_ROWS.slice(0, 1))
        return update(**given)

    monkeypatch.setattr(slow.glue, "update_table", overtaken)
    with pytest.raises(CommitFailedException, match="Glue detected concurrent update"):
        table.append(_ROWS.slice(1, 1))
    assert rows(catalog.load_table((namespace, "t"))) == [{"a": 1, "b": "x"}]
    slow.load_table((namespace, "t")).append(_ROWS.slice(1, 1))
    assert rows(catalog.load_table((namespace, "t"))) == _ROWS.to_pylist()
