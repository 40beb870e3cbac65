"""Crawls that may not read, that parse much, that fail while they write: through the API."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import boto3
import pytest

from lakeshift.crawler import classify_all
from lakeshift.lake import FolderLake
from lakeshift.local.glue.crawlers import apply, pool
from lakeshift.local.server import LocalAws
from tests.local.crawler.test_recrawl import log_of

_LINE = b'{"a": 1, "b": "x"}\n'
Put = Callable[[str, bytes], None]
Crawled = Callable[..., dict[str, Any]]


def deny(bucket: str, action: str, resource: str) -> None:
    statement = {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": f"arn:aws:s3:::{resource}"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    boto3.client("s3").put_bucket_policy(Bucket=bucket, Policy=policy)


def test_objects_that_may_not_be_read_are_named_and_left_out(
    glue: Any, put: Put, crawled: Crawled, database: str, bucket: str
) -> None:
    put("t/open/x.json", _LINE)
    put("t/secret/x.json", _LINE)
    deny(bucket, "s3:GetObject", f"{bucket}/t/secret/*")
    crawler = crawled("t/")
    assert crawler["LastCrawl"]["Status"] == "SUCCEEDED"
    parts = glue.get_partitions(DatabaseName=database, TableName="t")["Partitions"]
    assert [part["Values"] for part in parts] == [["open"]]
    errors = [line for line in log_of(crawler["Name"]) if line.startswith("ERROR")]
    assert len(errors) == 1
    assert f"access-denied at s3://{bucket}/t/secret/x.json: Access Denied" in errors[0]


def test_a_bucket_that_may_not_be_listed_fails_the_crawl(
    glue: Any, put: Put, crawled: Crawled, database: str, bucket: str
) -> None:
    put("t/x.json", _LINE)
    deny(bucket, "s3:ListBucket", bucket)
    last = crawled("t/")["LastCrawl"]
    assert last["Status"] == "FAILED"
    assert last["ErrorMessage"].startswith("Access Denied (Service: Amazon S3; Status Code: 403;")
    assert bucket in last["ErrorMessage"]
    assert glue.get_tables(DatabaseName=database)["TableList"] == []


def test_a_table_that_came_while_the_crawler_ran_fails_it_before_anything_is_written(
    glue: Any, put: Put, crawled: Crawled, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put("t/a.json", b'{"a":1}')
    put("t/b.json", b'{"b":1}')
    check = apply._check

    def slow(backend: Any, name: str, table: Any) -> None:
        if table.name == "b_json":
            backend.create_table(name, "b_json", {"Name": "b_json"})
        check(backend, name, table)

    monkeypatch.setattr(apply, "_check", slow)
    last = crawled("t/")["LastCrawl"]
    assert (last["Status"], "b_json" in last["ErrorMessage"]) == ("FAILED", True)
    assert [table["Name"] for table in glue.get_tables(DatabaseName=database)["TableList"]] == ["b_json"]


@pytest.fixture
def closed_pool() -> Iterator[None]:
    yield
    pool.close()


@pytest.mark.usefixtures("closed_pool")
def test_much_is_parsed_in_other_processes_with_the_same_answer(
    local_aws: LocalAws, put: Put, crawled: Crawled, database: str, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert local_aws.context is not None
    lake: FolderLake = local_aws.context.lake
    for number in range(3):
        put(f"t/{number}/x.csv", b"id,name\n" + b"1,x\n" * 40_000)
    monkeypatch.setattr(pool, "ABOVE", 200_000)
    monkeypatch.setattr(pool, "_BATCH_BYTES", 100_000)
    batches: list[int] = []
    workers = pool._workers

    class Spy:
        def submit(self, work: Any, lake: Any, infos: Any, definitions: Any) -> Any:
            batches.append(len(infos))
            return workers().submit(work, lake, infos, definitions)

    monkeypatch.setattr(pool, "_workers", Spy)
    infos = list(lake.list(bucket, "t/"))
    definition = {"CsvClassifier": {"Name": "mine", "ContainsHeader": "PRESENT"}}
    assert pool.pooled_classify_all(lake, infos, [definition]) == classify_all(lake, infos, [definition])
    assert crawled("t/")["LastCrawl"]["Status"] == "SUCCEEDED"
    assert batches == [1, 1, 1] * 2
    monkeypatch.setattr(pool, "ABOVE", 1 << 30)
    pool.pooled_classify_all(lake, infos, [definition])
    assert len(batches) == 6


@pytest.mark.usefixtures("closed_pool")
def test_a_crawl_outlives_its_workers(
    local_aws: LocalAws, put: Put, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert local_aws.context is not None
    put("t/x.json", _LINE)
    infos = list(local_aws.context.lake.list(bucket, "t/"))
    monkeypatch.setattr(pool, "ABOVE", 0)
    monkeypatch.setattr(pool, "_workers", _killed)
    assert [reading.classification for reading in pool.pooled_classify_all(local_aws.context.lake, infos, [])] == [
        "json"
    ]


def _killed() -> Any:
    raise BrokenProcessPool("a worker was killed")
