from __future__ import annotations

import uuid

import pytest

from lakeshift.local.server import LocalAws
from tests.local.events.helpers import Inbox


@pytest.fixture
def inbox(local_aws: LocalAws) -> Inbox:
    return Inbox()


@pytest.fixture
def source() -> str:
    return f"test.{uuid.uuid4().hex}"
