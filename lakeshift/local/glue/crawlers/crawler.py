"""A crawler whose state is that of its crawls."""

from __future__ import annotations

from typing import Any, Final

from moto.glue.models import FakeCrawler

from lakeshift.crawler import CrawlOptions, Target, parse_configuration
from lakeshift.local.glue.crawlers.history import Crawl

__all__ = ["LocalCrawler"]

_DEFAULT_POLICY: Final = {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "DEPRECATE_IN_DATABASE"}


class LocalCrawler(FakeCrawler):
    """https://docs.aws.amazon.com/glue/latest/webapi/API_Crawler.html."""

    crawls: list[Crawl]

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
        if ended:
            told["LastCrawl"] = ended.as_last_crawl()
        return {key: value for key, value in told.items() if value is not None}

    @property
    def policy(self) -> dict[str, str]:
        """The SchemaChangePolicy with Glue's defaults."""
        return {**_DEFAULT_POLICY, **(self.schema_change_policy or {})}

    def s3_targets(self) -> list[Target]:
        """Its include paths."""
        return [
            Target(target["Path"], tuple(target.get("Exclusions") or ()), target.get("SampleSize") or 0)
            for target in (self.targets or {}).get("S3Targets") or []
        ]

    def options(self, crawl: Crawl, classifiers: tuple[dict[str, Any], ...]) -> CrawlOptions:
        """How this crawl is to be done."""
        return CrawlOptions(
            crawler=self.name,
            run_id=crawl.crawl_id,
            table_prefix=self.table_prefix or "",
            update=self.policy["UpdateBehavior"],
            delete=self.policy["DeleteBehavior"],
            recrawl=(self.recrawl_policy or {}).get("RecrawlBehavior", "CRAWL_EVERYTHING"),
            classifiers=classifiers,
            now_millis=int(crawl.start_time.timestamp() * 1000),
            **parse_configuration(self.configuration),
        )

    def _targets(self) -> dict[str, list[Any]]:
        kinds = ("S3Targets", "JdbcTargets", "MongoDBTargets", "DynamoDBTargets", "CatalogTargets", "DeltaTargets")
        return {**{kind: [] for kind in kinds}, **(self.targets or {})}
