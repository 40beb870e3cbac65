"""A crawler whose state is that of its crawls."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from moto.glue.models import FakeCrawler

from lakeshift.crawler import CrawlOptions, parse_configuration
from lakeshift.local import clock
from lakeshift.local.glue.crawlers.history import Crawl

__all__ = ["LocalCrawler"]

_DEFAULT_POLICY: Final = {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "DEPRECATE_IN_DATABASE"}


class LocalCrawler(FakeCrawler):
    """https://docs.aws.amazon.com/glue/latest/webapi/API_Crawler.html."""

    crawls: list[Crawl]
    remembered: frozenset[str] = frozenset()  # URLs of the folders that earlier crawls have read
    listed: bool = False  # a crawl has listed everything since the crawler was last changed
    schedule_on: bool = True
    scheduled_at: datetime | None = None  # when its schedule was given, by the local AWS's clock

    @property
    def status(self) -> str:
        """READY, RUNNING or STOPPING."""
        running = self.running
        if running is None:
            return "READY"
        return "STOPPING" if running.stop_asked else "RUNNING"

    @property
    def running(self) -> Crawl | None:
        """The crawl under way."""
        return self.crawls[-1] if self.crawls and self.crawls[-1].state == "RUNNING" else None

    def as_dict(self) -> dict[str, Any]:
        """A Crawler in the shape of the Glue API."""
        running = self.running
        ended = next((crawl for crawl in reversed(self.crawls) if crawl.state != "RUNNING"), None)
        told: dict[str, Any] = {
            "Name": self.name,
            "Role": self.role,
            "Targets": self._targets(),
            "DatabaseName": self.database_name,
            "Description": self.description,
            "Classifiers": self.classifiers or [],
            "RecrawlPolicy": self.recrawl_policy or {"RecrawlBehavior": "CRAWL_EVERYTHING"},
            "SchemaChangePolicy": self.policy,
            "LineageConfiguration": self.lineage_configuration or {"CrawlerLineageSettings": "DISABLE"},
            "State": self.status,
            "TablePrefix": self.table_prefix,
            "CrawlElapsedTime": int(running.seconds * 1000) if running else 0,
            "CreationTime": self.creation_time,
            "LastUpdated": self.last_updated,
            "Version": self.version,
            "Configuration": self.configuration,
            "CrawlerSecurityConfiguration": self.crawler_security_configuration,
        }
        if self.schedule:
            state = "SCHEDULED" if self.schedule_on else "NOT_SCHEDULED"
            told["Schedule"] = {"ScheduleExpression": self.schedule, "State": state}
        if ended:
            told["LastCrawl"] = ended.as_last_crawl()
        return {key: value for key, value in told.items() if value is not None}

    @property
    def policy(self) -> dict[str, str]:
        """The SchemaChangePolicy with Glue's defaults."""
        return {**_DEFAULT_POLICY, **(self.schema_change_policy or {})}

    @property
    def changed_at(self) -> datetime:
        """When it was made or last updated, by the local AWS's clock: a schedule counts from then."""
        return self.scheduled_at or self.last_updated.replace(tzinfo=UTC)

    @property
    def writes_to(self) -> str:
        """Its database, or those of its catalog targets."""
        targets = (self.targets or {}).get("CatalogTargets") or ()
        return self.database_name or ", ".join(dict.fromkeys(target["DatabaseName"] for target in targets))

    @property
    def recrawl(self) -> str:
        """The RecrawlPolicy's behaviour."""
        return str((self.recrawl_policy or {}).get("RecrawlBehavior") or "CRAWL_EVERYTHING")

    def set_schedule(self, expression: str | None) -> None:
        """Have it fire from now on (never, where it is empty)."""
        self.schedule, self.schedule_on, self.scheduled_at = expression or None, True, clock.now()
        clock.CLOCK.wake()

    def options(self, crawl: Crawl, classifiers: tuple[dict[str, Any], ...]) -> CrawlOptions:
        """How this crawl is to be done."""
        return CrawlOptions(
            crawler=self.name,
            run_id=crawl.crawl_id,
            table_prefix=self.table_prefix or "",
            update=self.policy["UpdateBehavior"],
            delete=self.policy["DeleteBehavior"],
            recrawl=self.recrawl,
            classifiers=classifiers,
            now_millis=int(crawl.start_time.timestamp() * 1000),
            **parse_configuration(self.configuration),
        )

    def _targets(self) -> dict[str, list[Any]]:
        kinds = ("S3Targets", "JdbcTargets", "MongoDBTargets", "DynamoDBTargets", "CatalogTargets", "DeltaTargets")
        others = ("IcebergTargets", "HudiTargets")
        return {**{kind: [] for kind in (*kinds, *others)}, **(self.targets or {})}
