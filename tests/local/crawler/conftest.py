"""Clients of the local AWS, a bucket and a database of one test, and crawls that are waited for."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from lakeshift.local.server import LocalAws
from tests.waiting import until


@pytest.fixture
def glue(local_aws: LocalAws) -> Any:
    return boto3.client("glue")


@pytest.fixture
def bucket(local_aws: LocalAws) -> str:
    name = f"crawl-{uuid.uuid4().hex[:12]}"
    boto3.client("s3").create_bucket(Bucket=name)
    return name


@pytest.fixture
def put(local_aws: LocalAws, bucket: str) -> Callable[[str, bytes], None]:
    assert local_aws.context is not None
    lake = local_aws.context.lake

    def write(key: str, data: bytes) -> None:
        lake.put(bucket, key, data)

    return write


@pytest.fixture
def database(glue: Any) -> str:
    name = f"db_{uuid.uuid4().hex[:12]}"
    glue.create_database(DatabaseInput={"Name": name})
    return name


def wait_ready(glue: Any, crawler: str) -> dict[str, Any]:
    """The crawler once it is READY; fails after 30 s."""

    def ready() -> Any:
        found = glue.get_crawler(Name=crawler)["Crawler"]
        return found if found["State"] == "READY" else None

    return dict(until(ready))


@pytest.fixture
def crawled(glue: Any, bucket: str, database: str) -> Callable[..., dict[str, Any]]:
    """Create (once) and run a crawler over the given folders of the bucket; returns the crawler when it is READY."""

    def run(*folders: str, name: str = "", **given: Any) -> dict[str, Any]:
        crawler = name or f"crawler-{database}"
        targets = {"S3Targets": [{"Path": f"s3://{bucket}/{folder}"} for folder in folders or ("",)]}
        if crawler not in glue.list_crawlers(MaxResults=1000)["CrawlerNames"]:
            glue.create_crawler(Name=crawler, Role="r", DatabaseName=database, Targets=targets, **given)
        glue.start_crawler(Name=crawler)
        return wait_ready(glue, crawler)

    return run
