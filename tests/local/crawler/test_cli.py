"""The verb ``crawl`` against a running local AWS."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from lakeshift.cli.main import EX_UNAVAILABLE, main
from lakeshift.local.server import LocalAws

Put = Callable[[str, bytes], None]


@pytest.fixture
def crawler(
    local_aws: LocalAws, glue: Any, put: Put, database: str, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> str:
    monkeypatch.setenv("LAKESHIFT_HOME", str(local_aws.state.root))
    put("t/2013/x.json", b'{"a": 1}\n')
    targets = {"S3Targets": [{"Path": f"s3://{bucket}/t/"}]}
    glue.create_crawler(Name=database, Role="r", DatabaseName=database, Targets=targets)
    return database


def test_a_dry_crawl_explains_and_writes_nothing(glue: Any, crawler: str, capsys: Any) -> None:
    assert main(["crawl", crawler, "--dry"]) == 0
    told = capsys.readouterr().out
    assert "+ t at s3://" in told
    assert told.endswith("Tables: 1 to add; partitions: 1 to add.\n")
    assert main(["crawl", crawler, "--dry", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["tables"][0]["name"] == "t"
    assert glue.get_tables(DatabaseName=crawler)["TableList"] == []
    assert glue.list_crawls(CrawlerName=crawler)["Crawls"] == []


def test_a_crawl_prints_its_log_and_how_it_ended(glue: Any, crawler: str, capsys: Any) -> None:
    assert main(["crawl", crawler]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"BENCHMARK : Running Start Crawl for Crawler {crawler}"
    assert f"INFO : Created table t in database {crawler}" in lines
    assert lines[-1] == f"{crawler}: SUCCEEDED"
    assert [table["Name"] for table in glue.get_tables(DatabaseName=crawler)["TableList"]] == ["t"]
    glue.update_crawler(Name=crawler, Targets={"S3Targets": [{"Path": "s3://no-such-bucket-at-all/"}]})
    assert main(["crawl", crawler, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["last_crawl"]["Status"] == "FAILED"


@pytest.mark.usefixtures("crawler")
@pytest.mark.parametrize("arguments", [["crawl", "nosuch"], ["crawl", "nosuch", "--dry"]], ids=["run", "dry"])
def test_an_unknown_crawler_is_told_with_those_there_are(arguments: list[str], crawler: str, capsys: Any) -> None:
    assert main(arguments) == EX_UNAVAILABLE
    told = capsys.readouterr().err
    assert "nosuch" in told
    assert crawler in told
