"""One crawl, as ListCrawls and LastCrawl tell of it."""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from typing import Any, Final

from lakeshift.local import clock

__all__ = ["INTERRUPTED", "Crawl"]

_LAST: Final = {"COMPLETED": "SUCCEEDED", "STOPPED": "CANCELLED", "FAILED": "FAILED"}
_LONGEST_SUMMARY: Final = 255
INTERRUPTED: Final = "The local AWS was stopped while the crawler ran. Start the crawler again."


class Crawl:
    """State RUNNING, then COMPLETED, FAILED or STOPPED; ``stop_asked`` while StopCrawler waits to be heard.

    https://docs.aws.amazon.com/glue/latest/webapi/API_CrawlerHistory.html
    """

    trigger_name: str | None = None  # what started it
    workflow_run_id: str | None = None
    depth: int = 0  # conditional triggers that led to it

    def __init__(self, crawler_name: str) -> None:
        self.crawl_id = str(uuid.uuid4())
        self.log_group = "/aws-glue/crawlers"
        self.log_stream = crawler_name
        self.message_prefix = self.crawl_id
        self.start_time = clock.now()
        self.end_time: datetime | None = None
        self.state = "RUNNING"
        self.stop_asked = False
        self.error = ""
        self.counts: dict[str, dict[str, int]] = {}

    @property
    def status(self) -> str:
        """The state moto's own code reads."""
        return "STOPPING" if self.state == "RUNNING" and self.stop_asked else self.state

    @property
    def seconds(self) -> float:
        """How long it ran, or has been running."""
        return ((self.end_time or clock.now()) - self.start_time).total_seconds()

    def finish(self, state: str, error: str = "") -> None:
        """End it, as COMPLETED, FAILED (with its ``error``) or STOPPED."""
        self.end_time = clock.now()
        self.error = error
        self.state = state

    def __setstate__(self, held: dict[str, Any]) -> None:
        """Restored from a snapshot: a crawl that was running then is not running now."""
        self.__dict__.update(held)
        if self.state == "RUNNING":
            self.finish("FAILED", INTERRUPTED)

    def as_dict(self) -> dict[str, Any]:
        """A CrawlerHistory."""
        told: dict[str, Any] = {
            "CrawlId": self.crawl_id,
            "State": self.state,
            "StartTime": self.start_time,
            "DPUHour": round(self.seconds / 3600, 6) if self.end_time else 0.0,
            "LogGroup": self.log_group,
            "LogStream": self.log_stream,
            "MessagePrefix": self.message_prefix,
        }
        if self.end_time:
            told["EndTime"] = self.end_time
        if self.error:
            told["ErrorMessage"] = self.error
        if any(self.counts.values()):
            told["Summary"] = json.dumps(self.counts, separators=(",", ":"))[:_LONGEST_SUMMARY]
        return told

    def as_last_crawl(self) -> dict[str, Any]:
        """A LastCrawlInfo; only of a crawl that has ended."""
        told = {
            "Status": _LAST[self.state],
            "LogGroup": self.log_group,
            "LogStream": self.log_stream,
            "MessagePrefix": self.message_prefix,
            "StartTime": self.start_time,
        }
        return {**told, "ErrorMessage": self.error} if self.error else told
