"""Schedules fire by the clock that a test or a user can move."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

from lakeshift.local import clock
from lakeshift.local.server import LocalAws
from tests.local.crawler.test_crawlers import _TARGETS, refused
from tests.waiting import until

_DAILY = "cron(15 12 * * ? *)"
_DAY = 24 * 3600.0


def test_a_schedule_fires_when_the_clock_reaches_it(glue: Any, database: str) -> None:
    glue.create_crawler(Name=database, Role="r", DatabaseName=database, Targets=_TARGETS, Schedule=_DAILY)
    crawler = glue.get_crawler(Name=database)["Crawler"]
    assert crawler["Schedule"] == {"ScheduleExpression": _DAILY, "State": "SCHEDULED"}
    before = clock.now()
    clock.advance(_DAY)
    until(lambda: len(glue.list_crawls(CrawlerName=database)["Crawls"]) == 1)
    crawl = glue.list_crawls(CrawlerName=database)["Crawls"][0]
    assert crawl["StartTime"].timestamp() >= before.timestamp() + _DAY - 1
    glue.update_crawler_schedule(CrawlerName=database, Schedule="")
    clock.advance(366 * _DAY)
    assert glue.list_crawls(CrawlerName=database)["Crawls"] == []  # history is of 12 months
    assert "Schedule" not in glue.get_crawler(Name=database)["Crawler"]


def test_a_schedule_can_be_stopped_and_started(glue: Any, database: str) -> None:
    glue.create_crawler(Name=database, Role="r", DatabaseName=database, Targets=_TARGETS)
    assert refused(glue.start_crawler_schedule, CrawlerName=database)[0] == "NoScheduleException"
    assert refused(glue.stop_crawler_schedule, CrawlerName=database)[0] == "SchedulerNotRunningException"
    code, text = refused(glue.update_crawler_schedule, CrawlerName=database, Schedule="rate(1 hour)")
    assert (code, text[:32]) == ("InvalidInputException", "Invalid schedule cron expression")
    glue.update_crawler_schedule(CrawlerName=database, Schedule=_DAILY)
    assert refused(glue.start_crawler_schedule, CrawlerName=database)[0] == "SchedulerRunningException"
    glue.stop_crawler_schedule(CrawlerName=database)
    assert glue.get_crawler(Name=database)["Crawler"]["Schedule"]["State"] == "NOT_SCHEDULED"
    glue.update_crawler(Name=database, Description="still off")
    glue.start_crawler_schedule(CrawlerName=database)
    assert glue.get_crawler(Name=database)["Crawler"]["Schedule"]["State"] == "SCHEDULED"
    glue.delete_crawler(Name=database)


def test_the_clock_is_moved_over_http(local_aws: LocalAws) -> None:
    def ask(body: bytes | None = None) -> dict[str, Any]:
        request = urllib.request.Request(f"{local_aws.endpoint}/_lakeshift/clock", body)
        with urllib.request.urlopen(request) as answer:
            return dict(json.load(answer))

    before = ask()["offset_seconds"]
    assert ask(b'{"advance_seconds": 60}')["offset_seconds"] == before + 60
