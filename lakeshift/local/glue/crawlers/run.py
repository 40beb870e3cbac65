"""One crawl from start to end, in its own thread."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Final

from moto.glue.exceptions import GlueClientError

from lakeshift.crawler import CrawlPlan, Since
from lakeshift.errors import LakeshiftError
from lakeshift.lake import NoSuchBucketError
from lakeshift.local import state
from lakeshift.local.glue.catalog.lock import CATALOG
from lakeshift.local.glue.crawlers import planning
from lakeshift.local.glue.crawlers.announce import announce
from lakeshift.local.glue.crawlers.apply import apply_plan
from lakeshift.local.glue.crawlers.crawler import LocalCrawler
from lakeshift.local.glue.crawlers.event_queue import EventQueue, Events, queues_of
from lakeshift.local.glue.crawlers.history import Crawl
from lakeshift.local.glue.crawlers.journal import Journal
from lakeshift.local.glue.workflows import following
from lakeshift.local.s3 import notify_written

if TYPE_CHECKING:
    from lakeshift.local.glue.crawlers.operations import CrawlerOperations
    from lakeshift.local.glue.triggers.starting import Cause

__all__ = ["preview", "start"]

_LOG: Final = logging.getLogger(__name__)


def start(backend: CrawlerOperations, crawler: LocalCrawler, cause: Cause | None = None) -> Crawl:
    """Begin a crawl and return it at once."""
    begun = Crawl(crawler.name)
    if cause is not None:
        begun.trigger_name, begun.workflow_run_id, begun.depth = cause.trigger, cause.workflow_run_id, cause.depth
    crawler.crawls.append(begun)
    announce(crawler, begun, "Started")
    threading.Thread(target=_run, args=(backend, crawler, begun), name=f"crawl-{crawler.name}", daemon=True).start()
    return begun


def preview(backend: CrawlerOperations, crawler: LocalCrawler) -> CrawlPlan:
    """What a crawl would do now; nothing is written, no message is taken. Raises as ``plan_crawl``."""
    since, _ = _since(crawler, take=False)
    return planning.plan_crawl(backend, crawler, Crawl(crawler.name), since)


def _run(backend: CrawlerOperations, crawler: LocalCrawler, begun: Crawl) -> None:
    journal = Journal(backend.local, begun)
    journal.write("BENCHMARK", f"Running Start Crawl for Crawler {crawler.name}")
    try:
        outcome, error = _crawl(backend, crawler, begun, journal), ""
    except NoSuchBucketError as missing:
        outcome, error = "FAILED", f"The specified bucket does not exist: {missing}"
    except GlueClientError as refused:
        outcome, error = "FAILED", str(refused.message)
    except (LakeshiftError, ValueError) as refused:
        outcome, error = "FAILED", str(refused)
    except Exception as unforeseen:  # the crawl must end, and say why, whatever happened
        _LOG.exception("crawler %s failed", crawler.name)
        outcome, error = "FAILED", f"Internal Service Exception: {type(unforeseen).__name__}: {unforeseen}"
    if error:
        journal.write("ERROR", error)
    journal.write("BENCHMARK", "Crawler has finished running and is in state READY")
    journal.flush()
    begun.finish(outcome, error)
    state.changed("glue")
    announce(crawler, begun, {"COMPLETED": "Succeeded", "STOPPED": "Stopped"}.get(outcome, "Failed"))
    following.crawl_ended(backend, crawler, begun)


def _since(crawler: LocalCrawler, *, take: bool) -> tuple[Since | None, list[tuple[EventQueue, Events]]]:
    """What the crawl starts from (None: everything), and the messages that say so."""
    if crawler.recrawl == "CRAWL_NEW_FOLDERS_ONLY":
        return (Since(known=crawler.remembered) if crawler.listed else None), []
    if crawler.recrawl != "CRAWL_EVENT_MODE":
        return None, []
    read = [(queue, queue.take() if take else queue.peek()) for queue in queues_of(crawler.targets)]
    if not crawler.listed:
        return None, read  # older events are covered by the listing
    return Since(changed=frozenset().union(*(events.folders for _, events in read))), read


def _crawl(backend: CrawlerOperations, crawler: LocalCrawler, begun: Crawl, journal: Journal) -> str:
    since, read = _since(crawler, take=True)
    if crawler.recrawl == "CRAWL_EVENT_MODE":
        told = "by consuming Amazon S3 events" if since else "in listing mode: it is not running in S3 event mode"
        journal.write("INFO", f"The crawl is running {told}.")
    try:
        outcome = _write(backend, crawler, begun, journal, since)
    except BaseException:
        for queue, events in read:
            queue.give_back([*events.taken, *events.strange])
        raise
    for queue, events in read:
        if outcome == "COMPLETED":
            for message in events.strange:
                journal.write("WARN", f"a message of {queue.arn} was not read: no S3 event: {message.body[:200]}")
            queue.done(events)
        else:
            queue.give_back([*events.taken, *events.strange])
    return outcome


def _write(
    backend: CrawlerOperations, crawler: LocalCrawler, begun: Crawl, journal: Journal, since: Since | None
) -> str:
    plan = planning.plan_crawl(backend, crawler, begun, since)
    if begun.stop_asked:
        return "STOPPED"
    if plan.failure:
        raise LakeshiftError(plan.failure)
    journal.write("BENCHMARK", f"Classification complete, writing results to database {crawler.writes_to}")
    journal.advise(plan)
    with CATALOG:
        apply_plan(backend, crawler.database_name, plan, crawler.role)
        if crawler.recrawl == "CRAWL_NEW_FOLDERS_ONLY":
            crawler.remembered = crawler.remembered.union(plan.folders) if since else frozenset(plan.folders)
        crawler.listed = True
    for write in plan.writes:
        backend.local.lake.put(write.bucket, write.key, write.text.encode())
        notify_written(write.bucket, write.key)
    begun.counts = plan.summary()
    journal.tell(crawler.database_name, plan)
    return "COMPLETED"
