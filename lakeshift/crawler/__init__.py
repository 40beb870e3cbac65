"""The crawler, pure: classify, infer, group, plan. ``crawl`` is the one entry."""

from __future__ import annotations

from lakeshift.crawler.crawl import crawl
from lakeshift.crawler.options import CrawlOptions, InvalidConfigurationError, Target, parse_configuration
from lakeshift.crawler.plan import Advice, CatalogTable, CrawlPlan, FilePlan, PartitionPlan, TablePlan

__all__ = [
    "Advice",
    "CatalogTable",
    "CrawlOptions",
    "CrawlPlan",
    "FilePlan",
    "InvalidConfigurationError",
    "PartitionPlan",
    "TablePlan",
    "Target",
    "crawl",
    "parse_configuration",
]
