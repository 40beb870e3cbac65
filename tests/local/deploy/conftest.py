"""The emulators: the local AWS of the session, and one MiniStack for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lakeshift.deploy import AwsSession
from lakeshift.local.server import LocalAws
from tests.ministack import ministack


class NotedSession(AwsSession):
    """``calls`` are those that were sent: ``glue:CreateJob``, by the SDK's names."""

    def __init__(self, endpoint: str) -> None:
        super().__init__("local", endpoint=endpoint)
        self.calls: set[str] = set()

    def client(self, service: str) -> Any:
        """A client that notes its calls."""
        client = super().client(service)
        note = lambda model, **_: self.calls.add(f"{service}:{model.name}")  # noqa: E731 - the event's handler
        client.meta.events.register("before-call", note, unique_id=f"noted-{service}")
        return client


@pytest.fixture(scope="session")
def session(local_aws: LocalAws) -> NotedSession:
    """The local AWS."""
    return NotedSession(local_aws.endpoint)


@pytest.fixture(scope="session")
def ministack_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AwsSession]:
    """MiniStack, for the whole session."""
    with ministack(tmp_path_factory.mktemp("ministack")) as endpoint:
        yield AwsSession("local", endpoint=endpoint)
