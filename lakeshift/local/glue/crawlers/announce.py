"""``Glue Crawler State Change`` on the event bus.

https://docs.aws.amazon.com/glue/latest/dg/automating-awsglue-with-cloudwatch-events.html
"""

from __future__ import annotations

import importlib
import json
import logging
from typing import Final

from lakeshift.local.glue.crawlers.crawler import LocalCrawler
from lakeshift.local.glue.crawlers.history import Crawl

__all__ = ["announce"]

_LOG: Final = logging.getLogger(__name__)


def announce(crawler: LocalCrawler, crawl: Crawl, state: str) -> None:
    """Tell the bus that the crawl ``Started``, ``Succeeded``, ``Failed`` or was ``Stopped``."""
    emit = getattr(importlib.import_module("lakeshift.local.events"), "emit", None)
    if emit is None:
        return
    detail: dict[str, object] = {"crawlerName": crawler.name, "state": state, "accountId": crawler.arn.split(":")[4]}
    tables, partitions = crawl.counts.get("TABLE", {}), crawl.counts.get("PARTITION", {})
    if state == "Started":
        detail |= {"startTime": crawl.start_time.isoformat(), "message": "Crawler Started"}
    elif state == "Failed":
        detail |= {"errorMessage": crawl.error, "message": "Crawler Failed", "cloudWatchLogLink": ""}
    else:
        detail |= {
            "completionDate": (crawl.end_time or crawl.start_time).isoformat(),
            "runningTime (sec)": str(int(crawl.seconds)),
            "message": f"Crawler {state}",
            "tablesCreated": str(tables.get("ADD", 0)),
            "tablesUpdated": str(tables.get("UPDATE", 0)),
            "tablesDeleted": str(tables.get("DELETE", 0)),
            "partitionsCreated": str(partitions.get("ADD", 0)),
            "partitionsUpdated": str(partitions.get("UPDATE", 0)),
            "partitionsDeleted": str(partitions.get("DELETE", 0)),
            "warningMessage": "N/A",
            "cloudWatchLogLink": json.dumps({"group": crawl.log_group, "stream": crawl.log_stream}),
        }
    try:
        emit("aws.glue", "Glue Crawler State Change", detail)
    except Exception:
        _LOG.exception("the state change of crawler %s could not be sent", crawler.name)
