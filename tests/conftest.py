"""Fixtures shared by all tests: a local AWS in process, and no way off this machine."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lakeshift.local.server import LocalAws
from lakeshift.paths import StateFolder

_LOCAL = {"127.0.0.1", "::1", "localhost", "0.0.0.0", ""}


@pytest.fixture(autouse=True, scope="session")
def _no_call_leaves_the_machine() -> Iterator[None]:
    """Every connection of the test process goes to this machine, or the test fails."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in _LOCAL:
            raise AssertionError(f"a test tried to reach {address}")
        connect(self, address)

    socket.socket.connect = guarded  # type: ignore[method-assign]
    yield
    socket.socket.connect = connect  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def local_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """One local AWS for the whole session, on a free port; boto3 clients made in tests reach it by the environment."""
    home = tmp_path_factory.mktemp("lakeshift")
    before = dict(os.environ)
    with LocalAws(StateFolder(Path(home))) as aws:
        assert aws.context is not None
        os.environ.update(aws.context.job_environment())
        yield aws
    os.environ.clear()
    os.environ.update(before)
