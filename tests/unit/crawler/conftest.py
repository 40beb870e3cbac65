"""A lake in a temporary folder, and crawls of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakeshift.lake import FolderLake
from tests.unit.crawler.lakes import Lake


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    (tmp_path / "b").mkdir()
    return Lake(FolderLake(tmp_path))
