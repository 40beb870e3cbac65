"""The latest version is the last one written, whatever the clocks of files and removals say."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from lakeshift.local.s3.store import _in_order

NOON = datetime(2026, 1, 1, 12)


@pytest.mark.parametrize(
    "milliseconds",
    [
        pytest.param([0, 10, 20], id="clocks-agree"),
        pytest.param([0, 3, 0], id="a-file-that-looks-older-than-the-removal-before-it"),
        pytest.param([5, 5, 5], id="one-tick-of-the-clock"),
        pytest.param([9, 5, 7], id="a-clock-that-was-turned-back"),
    ],
)
def test_each_version_is_later_than_the_one_before(milliseconds: list[int]) -> None:
    versions = [SimpleNamespace(last_modified=NOON + timedelta(milliseconds=m)) for m in milliseconds]
    _in_order(versions)  # type: ignore[arg-type]
    times = [version.last_modified for version in versions]
    assert times == sorted(set(times))
    assert times[0] == NOON + timedelta(milliseconds=milliseconds[0])
