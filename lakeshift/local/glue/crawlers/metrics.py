"""GetCrawlerMetrics from a crawler's history."""

from __future__ import annotations

import statistics
from typing import Any

from lakeshift.local.glue.crawlers.crawler import LocalCrawler

__all__ = ["metrics"]


def metrics(crawler: LocalCrawler) -> dict[str, Any]:
    """A CrawlerMetrics; https://docs.aws.amazon.com/glue/latest/webapi/API_CrawlerMetrics.html."""
    ended = [crawl for crawl in crawler.crawls if crawl.end_time]
    last = ended[-1].seconds if ended else 0.0
    median = statistics.median(crawl.seconds for crawl in ended) if ended else 0.0
    running = crawler.running
    counts = ended[-1].counts.get("TABLE", {}) if ended else {}
    return {
        "CrawlerName": crawler.name,
        "TimeLeftSeconds": max(0.0, median - running.seconds) if running else 0.0,
        "StillEstimating": bool(running) and not ended,
        "LastRuntimeSeconds": last,
        "MedianRuntimeSeconds": median,
        "TablesCreated": counts.get("ADD", 0),
        "TablesUpdated": counts.get("UPDATE", 0),
        "TablesDeleted": counts.get("DELETE", 0),
    }
