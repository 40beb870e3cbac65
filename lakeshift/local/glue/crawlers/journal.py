"""The crawler's lines in CloudWatch Logs: ``[<crawl id>] LEVEL : text`` in ``/aws-glue/crawlers``, stream = crawler."""

from __future__ import annotations

import logging
from typing import Final

from lakeshift.crawler import CrawlPlan
from lakeshift.local import clock
from lakeshift.local.context import LocalContext
from lakeshift.local.glue.crawlers.history import Crawl

__all__ = ["Journal"]

_LOG: Final = logging.getLogger(__name__)


class Journal:
    """Collects one crawl's lines and writes them together."""

    def __init__(self, context: LocalContext, crawl: Crawl) -> None:
        self._context, self._crawl = context, crawl
        self._lines: list[tuple[int, str]] = []

    def write(self, level: str, text: str) -> None:
        """Add a line: ``level`` is BENCHMARK, INFO, WARN or ERROR."""
        self._lines.append((int(clock.now().timestamp() * 1000), f"[{self._crawl.message_prefix}] {level} : {text}"))

    def advise(self, plan: CrawlPlan) -> None:
        """Add what will bite later, each with its fix; an object that could not be read is an error."""
        for advice in plan.advice:
            level = "ERROR" if advice.code == "access-denied" else "WARN"
            self.write(level, f"{advice.code} at {advice.where}: {advice.text}. {advice.fix}")

    def tell(self, database: str, plan: CrawlPlan) -> None:
        """Add what was written to the catalog."""
        verbs = {"ADD": "Created", "UPDATE": "Updated", "DELETE": "Deleted"}
        for table in plan.tables:
            if table.action in verbs:
                self.write("INFO", f"{verbs[table.action]} table {table.name} in database {table.database or database}")
        self.write("BENCHMARK", "Finished writing to Catalog")
        summary = plan.summary()
        for kind in ("PARTITION", "TABLE"):
            self.write("INFO", f"Run Summary For {kind}:")
            for action, number in summary[kind].items():
                self.write("INFO", f"{action}: {number}")

    def flush(self) -> None:
        """Write the lines; a crawl does not fail for its log."""
        from lakeshift.local.logs import write_events

        try:
            write_events(self._context, self._crawl.log_group, self._crawl.log_stream, self._lines)
        except Exception:
            _LOG.exception("the log of crawl %s could not be written", self._crawl.crawl_id)
        self._lines = []
