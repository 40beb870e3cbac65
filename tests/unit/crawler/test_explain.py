"""What a dry crawl shows, against golden files; UPDATE_GOLDEN=1 writes them anew."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from lakeshift.crawler import Target
from lakeshift.crawler.explain import explain
from tests.unit.crawler.lakes import Lake

_GOLDEN = Path(__file__).parent / "golden"
_OLD = {"id": 1, "name": "x"}
_CSV = b'code,city\n"01",Oslo\n"02",Rome\n'


def golden(name: str, text: str) -> None:
    path = _GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.fixture
def drifted(lake: Lake) -> Lake:
    """Three include paths crawled once, and then: a new column, a new day, another format, a source that is gone."""
    lake.put({f"sales/2013/01/0{day}/x.json": _OLD for day in (1, 2)})
    lake.put({"gone/x.json": _OLD, "mixed/a.json": _OLD, "mixed/b.csv": _CSV, "mixed/c.bin": b"\0\1\2"})
    lake.crawl("sales/", "gone/", "mixed/")
    lake.files.delete("b", "gone/x.json")
    return lake.put({"sales/2013/01/03/x.json": {**_OLD, "price": 9.5, "id": "three"}, "mixed/d.json": [[1]]})


def test_every_decision_is_told(drifted: Lake) -> None:
    plan = drifted.plan("sales/", "gone/", Target("s3://b/mixed/", ("*.zip",)), run_id="run")
    golden("plan.txt", explain(json.loads(plan.to_json())))
    golden("plan.json", plan.to_json() + "\n")


def test_a_crawl_that_would_fail_says_why(drifted: Lake) -> None:
    plan = drifted.plan("mixed/", configuration={"CrawlerOutput": {"Tables": {"TableThreshold": 1}}})
    golden("plan_that_fails.txt", explain(json.loads(plan.to_json())))
