"""What a crawl would do now: the same for a crawl that writes it and for one that only shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lakeshift.crawler import CrawlPlan, Reader, Since, crawl
from lakeshift.local.glue.catalog.lock import CATALOG
from lakeshift.local.glue.crawlers.apply import catalog_tables
from lakeshift.local.glue.crawlers.crawler import LocalCrawler
from lakeshift.local.glue.crawlers.history import Crawl
from lakeshift.local.glue.crawlers.permissions import GuardedLake, may_read
from lakeshift.local.glue.crawlers.pool import pooled_classify_all
from lakeshift.local.glue.crawlers.sources import described_tables, lake_targets

if TYPE_CHECKING:
    from lakeshift.local.glue.crawlers.operations import CrawlerOperations

__all__ = ["plan_crawl"]


def plan_crawl(backend: CrawlerOperations, crawler: LocalCrawler, begun: Crawl, since: Since | None) -> CrawlPlan:
    """What the crawl would write now; reads alone.

    Raises NoSuchBucketError, LakeshiftError, InvalidConfigurationError, ValueError, and moto's GlueClientError.
    """
    options = crawler.options(begun, backend.classifier_definitions(crawler.classifiers or []))
    described = described_tables(backend, crawler, options)
    with CATALOG:
        held = catalog_tables(backend, crawler.database_name) if crawler.database_name else {}
        targets = lake_targets(backend, crawler)
    account = backend.account_id
    lake = GuardedLake(backend.local.lake, account)
    reader = Reader(lake, options.classifiers, pooled_classify_all, may_read(account))
    only_catalog = bool((crawler.targets or {}).get("CatalogTargets"))
    return crawl(lake, targets, options, {} if only_catalog else held, reader=reader, since=since, described=described)
