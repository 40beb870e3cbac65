"""Descriptions of services: read once by a worker, whatever session asks for them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import boto3
import pytest
from botocore.loaders import JSONFileLoader

from lakeshift.glue_runtime import service_models


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each file that is there was read; what ``load`` puts in place is taken back at the end."""
    counted: Counter[str] = Counter()
    original = JSONFileLoader.load_file

    def count(loader: JSONFileLoader, path: str) -> object:
        found = original(loader, path)
        counted[path] += found is not None
        return found

    monkeypatch.setattr(JSONFileLoader, "load_file", count)
    service_models.load()
    return counted


@pytest.mark.parametrize("service", ["s3", "glue", "cloudwatch", "redshift-data"])
def test_a_client_of_another_session_reads_no_file_again(read: Counter[str], service: str) -> None:
    before = +read
    client = boto3.Session("other", "keys").client(service, region_name="eu-west-1")
    assert read == before
    assert client.meta.region_name == "eu-west-1"


def test_a_file_that_is_not_there_yet_is_looked_for_again(read: Counter[str], tmp_path: Path) -> None:
    place = tmp_path / "model"
    assert JSONFileLoader().load_file(str(place)) is None
    place.with_suffix(".json").write_text('{"a": 1}')
    assert JSONFileLoader().load_file(str(place)) == {"a": 1}
