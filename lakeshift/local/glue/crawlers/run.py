"""One crawl from start to end, in its own thread."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Final

from moto.glue.exceptions import GlueClientError

from lakeshift.crawler import CrawlPlan, crawl
from lakeshift.errors import LakeshiftError
from lakeshift.lake import NoSuchBucketError
from lakeshift.local import state
from lakeshift.local.glue.catalog.lock import CATALOG
from lakeshift.local.glue.crawlers.announce import announce
from lakeshift.local.glue.crawlers.apply import apply_plan, catalog_tables
from lakeshift.local.glue.crawlers.crawler import LocalCrawler
from lakeshift.local.glue.crawlers.history import Crawl
from lakeshift.local.glue.crawlers.journal import Journal

if TYPE_CHECKING:
    from lakeshift.local.glue.crawlers.operations import CrawlerOperations

__all__ = ["plan_crawl", "start"]

_LOG: Final = logging.getLogger(__name__)


def start(backend: CrawlerOperations, crawler: LocalCrawler) -> Crawl:
    """Begin a crawl and return it at once."""
    begun = Crawl(crawler.name)
    crawler.crawls.append(begun)
    announce(crawler, begun, "Started")
    threading.Thread(target=_run, args=(backend, crawler, begun), name=f"crawl-{crawler.name}", daemon=True).start()
    return begun


def plan_crawl(backend: CrawlerOperations, crawler: LocalCrawler, begun: Crawl) -> CrawlPlan:
    """What the crawl would write now; raises NoSuchBucketError, LakeshiftError, InvalidConfigurationError."""
    with CATALOG:
        held = catalog_tables(backend, crawler.database_name)
    options = crawler.options(begun, backend.classifier_definitions(crawler.classifiers or []))
    return crawl(backend.local.lake, crawler.s3_targets(), options, held)


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


def _crawl(backend: CrawlerOperations, crawler: LocalCrawler, begun: Crawl, journal: Journal) -> str:
    plan = plan_crawl(backend, crawler, begun)
    if begun.stop_asked:
        return "STOPPED"
    if plan.failure:
        raise LakeshiftError(plan.failure)
    journal.write("BENCHMARK", f"Classification complete, writing results to database {crawler.database_name}")
    for advice in plan.advice:
        journal.write("WARN", f"{advice.code} at {advice.where}: {advice.text}. {advice.fix}")
    with CATALOG:
        apply_plan(backend, crawler.database_name, plan, crawler.role)
    begun.counts = plan.summary()
    journal.tell(crawler.database_name, plan)
    return "COMPLETED"
