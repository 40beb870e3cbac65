"""What a crawler remembers outlives the server: folders it has read, its schedule, its history, the moved clock."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from lakeshift.lake import FolderLake
from lakeshift.local import process
from lakeshift.paths import StateFolder
from tests.local.crawler.conftest import wait_ready
from tests.waiting import until

_LINE = b'{"a": 1, "b": "x"}\n'
_DAILY = "cron(15 12 * * ? *)"


@pytest.fixture
def state(tmp_path: Path) -> Iterator[StateFolder]:
    state = StateFolder(tmp_path)
    yield state
    process.down(state)


def glue_of(state: StateFolder) -> Any:
    """Start the server, and a client of it."""
    given = {"aws_access_key_id": "local", "aws_secret_access_key": "local", "region_name": "us-east-1"}
    return boto3.client("glue", endpoint_url=process.up(state, 0)["endpoint"], **given)


def clock_of(glue: Any, body: bytes | None = None) -> float:
    url = f"{glue.meta.endpoint_url}/_lakeshift/clock"
    with urllib.request.urlopen(urllib.request.Request(url, body)) as answer:
        return float(json.load(answer)["offset_seconds"])


def test_a_crawler_goes_on_where_it_was(state: StateFolder) -> None:
    glue, lake = glue_of(state), FolderLake(state.create().buckets)
    (lake.root / "lake").mkdir(parents=True)
    lake.put("lake", "t/1/x.json", _LINE)
    glue.create_database(DatabaseInput={"Name": "d"})
    glue.create_crawler(
        Name="c",
        Role="r",
        DatabaseName="d",
        Targets={"S3Targets": [{"Path": "s3://lake/t/"}]},
        Schedule=_DAILY,
        RecrawlPolicy={"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"},
        SchemaChangePolicy={"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"},
    )
    glue.start_crawler(Name="c")
    wait_ready(glue, "c")
    clock_of(glue, b'{"advance_seconds": 3}')
    process.down(state)

    glue = glue_of(state)
    assert clock_of(glue) == 3
    assert glue.get_crawler(Name="c")["Crawler"]["Schedule"] == {"ScheduleExpression": _DAILY, "State": "SCHEDULED"}
    before = len(glue.list_crawls(CrawlerName="c")["Crawls"])
    lake.put("lake", "t/1/later.json", _LINE)
    lake.put("lake", "t/2/x.json", _LINE)
    glue.start_crawler(Name="c")
    assert wait_ready(glue, "c")["LastCrawl"]["Status"] == "SUCCEEDED"
    parts = glue.get_partitions(DatabaseName="d", TableName="t")["Partitions"]
    assert {part["Values"][0]: part["Parameters"]["objectCount"] for part in parts} == {"1": "1", "2": "1"}
    assert before >= 1
    assert len(glue.list_crawls(CrawlerName="c")["Crawls"]) == before + 1
    clock_of(glue, b'{"advance_seconds": 86400}')
    until(lambda: len(glue.list_crawls(CrawlerName="c")["Crawls"]) == before + 2)
    wait_ready(glue, "c")
