"""A client of Glue and a database of its own for each test."""

from __future__ import annotations

import uuid
from typing import Any

import boto3
import pytest

from lakeshift.local.server import LocalAws


@pytest.fixture(scope="session")
def glue(local_aws: LocalAws) -> Any:
    return boto3.client("glue")


@pytest.fixture
def database(glue: Any) -> str:
    name = f"db_{uuid.uuid4().hex[:8]}"
    glue.create_database(DatabaseInput={"Name": name})
    return name
