"""Crawler operations of the local Glue."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import camelcase_to_underscores, utcnow
from moto.glue.exceptions import CrawlerNotRunningException, CrawlerRunningException
from moto.glue.models import GlueBackend
from moto.glue.responses import GlueResponse

from lakeshift.local import clock
from lakeshift.local.context import LocalContext
from lakeshift.local.glue.catalog.lock import locked
from lakeshift.local.glue.catalog.pages import page
from lakeshift.local.glue.crawlers import run
from lakeshift.local.glue.crawlers.classifiers import ClassifierOperations, ClassifierResponses
from lakeshift.local.glue.crawlers.crawler import LocalCrawler
from lakeshift.local.glue.crawlers.filters import matching
from lakeshift.local.glue.crawlers.metrics import metrics
from lakeshift.local.glue.crawlers.schedules import ScheduleResponses
from lakeshift.local.glue.crawlers.validation import checked, unchanged
from lakeshift.local.glue.triggers.starting import Cause

__all__ = ["CrawlerOperations", "CrawlerResponses"]

_KEPT = timedelta(days=365)  # history that ListCrawls tells of
# After a change of these, what earlier crawls read says nothing any more.
_READ_ANEW = ("targets", "classifiers", "configuration", "recrawl_policy", "table_prefix", "database_name")


class CrawlerOperations(ClassifierOperations, GlueBackend):
    """What the backend does for crawlers."""

    local: LocalContext

    def create_crawler(self, **given: Any) -> None:
        """Store the crawler after its arguments are checked."""
        checked(self, given)
        super().create_crawler(**given)
        crawler = self.crawlers[given["name"]]
        crawler.__class__ = LocalCrawler
        crawler.set_schedule(given.get("schedule"))

    @locked
    def update_crawler(self, given: dict[str, Any]) -> None:
        """Change what is given and leave the rest; CrawlerRunningException while it crawls."""
        crawler = self.get_crawler(given["name"])
        if crawler.running:
            raise CrawlerRunningException(f"Crawler with name {crawler.name} is currently running")
        policy, recrawl = given.get("schema_change_policy"), given.get("recrawl_policy")
        whole = {"targets": crawler.targets, "recrawl_policy": crawler.recrawl_policy, "configuration": None}
        whole |= {name: value for name, value in given.items() if value is not None}
        checked(self, {**whole, "schema_change_policy": policy or crawler.policy})
        if (recrawl or crawler.recrawl_policy or {}).get("RecrawlBehavior") == "CRAWL_NEW_FOLDERS_ONLY":
            unchanged(crawler.targets, given.get("targets"))
        for name, value in given.items():
            if value is not None and name not in ("lake_formation_configuration", "schedule"):
                setattr(crawler, name, value)
        if given.get("schedule") is not None:
            crawler.set_schedule(given["schedule"])
        crawler.listed = crawler.listed and not any(given.get(name) for name in _READ_ANEW)
        crawler.version += 1
        crawler.last_updated = utcnow()

    @locked
    def start_crawler(self, name: str, cause: Cause | None = None) -> None:
        """Begin a crawl; CrawlerRunningException while one is under way."""
        crawler = self.get_crawler(name)
        if crawler.running:
            raise CrawlerRunningException(f"Crawler with name {name} has already started")
        run.start(self, crawler, cause)

    def stop_crawler(self, name: str) -> None:
        """Ask the crawl under way to stop; CrawlerNotRunningException where there is none."""
        running = self.get_crawler(name).running
        if running is None:
            raise CrawlerNotRunningException(f"Crawler with name {name} isn't running")
        running.stop_asked = True

    def delete_crawler(self, name: str) -> None:
        """Remove the crawler; CrawlerRunningException while it crawls."""
        if self.get_crawler(name).running:
            raise CrawlerRunningException(f"Crawler with name {name} is currently running")
        super().delete_crawler(name)


class CrawlerResponses(ClassifierResponses, ScheduleResponses, GlueResponse):
    """How the API answers for crawlers."""

    def update_crawler(self) -> EmptyResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_UpdateCrawler.html."""
        given = {camelcase_to_underscores(name): value for name, value in self.parameters.items()}
        self.glue_backend.update_crawler(given)
        return EmptyResult()

    def get_crawlers(self) -> ActionResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_GetCrawlers.html."""
        crawlers, token = page(self.glue_backend.get_crawlers(), self.parameters)
        return ActionResult({"Crawlers": [crawler.as_dict() for crawler in crawlers], "NextToken": token})

    def list_crawls(self) -> ActionResult:
        """Newest first, of the last 12 months; https://docs.aws.amazon.com/glue/latest/webapi/API_ListCrawls.html."""
        crawler = self.glue_backend.get_crawler(self.parameters["CrawlerName"])
        since = clock.now() - _KEPT
        recent = [crawl for crawl in reversed(crawler.crawls) if crawl.start_time >= since]
        found = matching(recent, self.parameters.get("Filters") or [])
        crawls, token = page(found, self.parameters, size=20)
        return ActionResult({"Crawls": [crawl.as_dict() for crawl in crawls], "NextToken": token})

    def get_crawler_metrics(self) -> ActionResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_GetCrawlerMetrics.html."""
        names = self.parameters.get("CrawlerNameList")
        crawlers = [item for item in self.glue_backend.get_crawlers() if not names or item.name in names]
        found, token = page(crawlers, self.parameters)
        return ActionResult({"CrawlerMetricsList": [metrics(crawler) for crawler in found], "NextToken": token})
