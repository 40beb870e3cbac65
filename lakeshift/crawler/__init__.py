"""The crawler, pure: classify, infer, group, plan. ``crawl`` is the one entry."""

from __future__ import annotations

from lakeshift.crawler.crawl import crawl
from lakeshift.crawler.found import Found
from lakeshift.crawler.incremental import Since
from lakeshift.crawler.options import CrawlOptions, InvalidConfigurationError, parse_configuration
from lakeshift.crawler.plan import (
    Advice,
    CatalogTable,
    CrawlPlan,
    Decision,
    FilePlan,
    ObjectWrite,
    PartitionPlan,
    TablePlan,
)
from lakeshift.crawler.reader import Reader, classify_all
from lakeshift.crawler.targets import AnyTarget, CatalogTarget, DeltaTarget, IcebergTarget, Target

__all__ = [
    "Advice",
    "AnyTarget",
    "CatalogTable",
    "CatalogTarget",
    "CrawlOptions",
    "CrawlPlan",
    "Decision",
    "DeltaTarget",
    "FilePlan",
    "Found",
    "IcebergTarget",
    "InvalidConfigurationError",
    "ObjectWrite",
    "PartitionPlan",
    "Reader",
    "Since",
    "TablePlan",
    "Target",
    "classify_all",
    "crawl",
    "parse_configuration",
]
