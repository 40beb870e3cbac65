"""An enforcing emulator, what the references in policies stand for there, and the recorded calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from tests.local.permissions.calling import Emulator
from tests.local.permissions.needed import local_values, read_recorded
from tests.ministack import ministack


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with ministack(tmp_path_factory.mktemp("ministack"), AUTH="true") as endpoint:
        one = Emulator(endpoint)
        for zone in ("raw", "clean", "marts", "ops"):
            one.client("s3").create_bucket(Bucket=f"lakeshift-local-{zone}")
        yield one
        one.close()


@pytest.fixture(scope="session")
def values() -> Mapping[str, str]:
    return local_values()


@pytest.fixture(scope="session")
def recorded() -> Mapping[str, list[str]]:
    return read_recorded()
