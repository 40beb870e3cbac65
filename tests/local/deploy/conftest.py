"""The emulators: the local AWS of the session, and one MiniStack for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lakeshift.deploy import AwsSession
from lakeshift.local.server import LocalAws
from tests.ministack import ministack


@pytest.fixture(scope="session")
def session(local_aws: LocalAws) -> AwsSession:
    """The local AWS."""
    return AwsSession("local", endpoint=local_aws.endpoint)


@pytest.fixture(scope="session")
def ministack_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AwsSession]:
    """MiniStack, for the whole session."""
    with ministack(tmp_path_factory.mktemp("ministack")) as endpoint:
        yield AwsSession("local", endpoint=endpoint)
