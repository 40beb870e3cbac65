"""Schedules of crawlers, and the thread that fires them by the local AWS's clock.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-scheduler.html
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Final

from moto.core.responses import EmptyResult
from moto.glue.exceptions import CrawlerRunningException, GlueClientError, InvalidInputException
from moto.glue.responses import GlueResponse

from lakeshift.local import clock
from lakeshift.local.glue.crawlers.crawler import LocalCrawler
from lakeshift.schedule import parse_cron

__all__ = ["ScheduleResponses", "Scheduler", "checked_schedule"]

_LOG: Final = logging.getLogger(__name__)


def checked_schedule(expression: str) -> None:
    """InvalidInputException where the expression is no ``cron(...)`` of six fields; a rate is none either."""
    try:
        parse_cron(expression)
    except ValueError as error:
        text = f"Invalid schedule cron expression {expression}: {error}"
        raise InvalidInputException("CreateCrawler", text) from None


class ScheduleResponses(GlueResponse):
    """How the API answers for schedules."""

    def update_crawler_schedule(self) -> EmptyResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_UpdateCrawlerSchedule.html."""
        crawler = self.glue_backend.get_crawler(self.parameters["CrawlerName"])
        expression = self.parameters.get("Schedule") or ""
        if expression:
            checked_schedule(expression)
        crawler.set_schedule(expression)
        return EmptyResult()

    def start_crawler_schedule(self) -> EmptyResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_StartCrawlerSchedule.html."""
        crawler = self._scheduled()
        if crawler.schedule_on:
            raise GlueClientError("SchedulerRunningException", f"The schedule of {crawler.name} is already running")
        crawler.set_schedule(crawler.schedule)
        return EmptyResult()

    def stop_crawler_schedule(self) -> EmptyResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_StopCrawlerSchedule.html."""
        crawler = self.glue_backend.get_crawler(self.parameters["CrawlerName"])
        if not crawler.schedule or not crawler.schedule_on:
            raise GlueClientError("SchedulerNotRunningException", f"The schedule of {crawler.name} is not running")
        crawler.schedule_on = False
        return EmptyResult()

    def _scheduled(self) -> LocalCrawler:
        crawler: LocalCrawler = self.glue_backend.get_crawler(self.parameters["CrawlerName"])
        if not crawler.schedule:
            raise GlueClientError("NoScheduleException", f"There is no schedule for crawler {crawler.name}")
        return crawler


class Scheduler:
    """Starts each crawler when its schedule is due.

    ``crawlers`` gives all there are, ``start`` starts one. A schedule that fell due several times while the clock
    jumped fires once; one that falls due while its crawler runs is skipped, as on AWS.
    """

    def __init__(self, crawlers: Callable[[], Iterable[LocalCrawler]], start: Callable[[Any], None]) -> None:
        self._crawlers, self._start = crawlers, start
        self._closed = threading.Event()
        self._looked = clock.now()
        self._thread = threading.Thread(target=self._follow, name="crawler-schedules", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Fire nothing any more."""
        self._closed.set()
        clock.CLOCK.wake()
        self._thread.join()

    def _follow(self) -> None:
        while not self._closed.is_set():
            try:
                self.fire(clock.now())
                clock.wait_until(self._next(), self._woken())
            except Exception:
                _LOG.exception("the schedules of crawlers could not be followed")
                self._closed.wait(1)

    def _woken(self) -> Callable[[], bool]:
        """Another schedule, another end: whoever waits looks again."""
        before = self._state()
        return lambda: self._closed.is_set() or self._state() != before

    def _state(self) -> list[tuple[str, str | None, bool]]:
        return [(one.name, one.schedule, one.schedule_on) for one in list(self._crawlers())]

    def _scheduled(self) -> list[LocalCrawler]:
        return [one for one in list(self._crawlers()) if one.schedule and one.schedule_on]

    def _next(self) -> datetime | None:
        due = [parse_cron(one.schedule).after(self._looked) for one in self._scheduled()]
        return min((moment for moment in due if moment is not None), default=None)

    def fire(self, now: datetime) -> None:
        """Start what fell due since the last look."""
        for crawler in self._scheduled():
            due = parse_cron(crawler.schedule).after(max(self._looked, crawler.changed_at))
            if due is not None and due <= now:
                try:
                    self._start(crawler)
                except CrawlerRunningException:
                    _LOG.info("crawler %s still runs: its schedule of %s is skipped", crawler.name, due)
        self._looked = now
