"""Schedules of crawlers: refused, because nothing here would fire them.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-scheduler.html
"""

from __future__ import annotations

import re
from typing import Final

from moto.core.responses import EmptyResult
from moto.glue.exceptions import GlueClientError, InvalidInputException
from moto.glue.responses import GlueResponse

__all__ = ["ScheduleResponses", "refuse_schedule"]

_CRON: Final = re.compile(r"cron\((\S+ ){5}\S+\)")
_PAGE: Final = "https://docs.aws.amazon.com/glue/latest/dg/schedule-crawler.html"


def refuse_schedule(expression: str) -> None:
    """InvalidInputException: the expression is no ``cron(...)`` of six fields, or it is one that would never fire."""
    if not _CRON.fullmatch(expression):
        raise InvalidInputException("CreateCrawler", f"Invalid schedule cron expression {expression}")
    raise InvalidInputException(
        "CreateCrawler",
        "A crawler's schedule is not supported locally: it would not fire. Leave it out and start the crawler from a "
        f"state machine or with StartCrawler. See {_PAGE}",
    )


class ScheduleResponses(GlueResponse):
    """How the API answers for schedules, where no crawler has one."""

    def update_crawler_schedule(self) -> EmptyResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_UpdateCrawlerSchedule.html."""
        self.glue_backend.get_crawler(self.parameters["CrawlerName"])
        if self.parameters.get("Schedule"):
            refuse_schedule(self.parameters["Schedule"])
        return EmptyResult()

    def start_crawler_schedule(self) -> EmptyResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_StartCrawlerSchedule.html."""
        crawler = self.glue_backend.get_crawler(self.parameters["CrawlerName"])
        raise GlueClientError("NoScheduleException", f"There is no schedule for crawler {crawler.name}")

    def stop_crawler_schedule(self) -> EmptyResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_StopCrawlerSchedule.html."""
        crawler = self.glue_backend.get_crawler(self.parameters["CrawlerName"])
        raise GlueClientError("SchedulerNotRunningException", f"The schedule of {crawler.name} is not running")
