"""``crawl``: run a crawler and print what it did, or, dry, what it would do and why."""

from __future__ import annotations

import argparse
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from typing import Any, Final

from lakeshift.cli.clients import LocalClients
from lakeshift.cli.pages import every
from lakeshift.crawler.explain import explain
from lakeshift.errors import LakeshiftError
from lakeshift.paths import StateFolder

__all__ = ["crawl"]

_POLL: Final = 0.05  # seconds
_LOG_GROUP: Final = "/aws-glue/crawlers"


def crawl(state: StateFolder, given: argparse.Namespace) -> int:
    """Exit code 0 where the crawl succeeds (or would), 1 where it fails; raises LakeshiftError."""
    clients = LocalClients(state)
    if given.dry:
        plan = _plan(clients, given.name)
        print(json.dumps(plan, indent=2) if given.json else explain(plan), end="\n" if given.json else "")
        return int(bool(plan["failure"]))
    crawler = _run(clients, given.name)
    last = crawler["LastCrawl"]
    lines = _lines(clients, last)
    if given.json:
        print(json.dumps({"crawler": given.name, "last_crawl": last, "log": lines}, indent=2, default=str))
    else:
        print("\n".join(lines))
        print(f"{given.name}: {last['Status']}" + (f", {last['ErrorMessage']}" if last.get("ErrorMessage") else ""))
    return int(last["Status"] != "SUCCEEDED")


def _plan(clients: LocalClients, name: str) -> dict[str, Any]:
    url = f"{clients.endpoint}/_lakeshift/glue/crawlers/{urllib.parse.quote(name)}/plan"
    try:
        with urllib.request.urlopen(url, timeout=600) as answer:  # noqa: S310 - our own server
            return dict(json.load(answer))
    except urllib.error.HTTPError as error:
        text = json.load(error).get("message", error.reason)
        raise LakeshiftError(f"{text} {_known(clients)}" if error.code == 404 else text) from error


def _known(clients: LocalClients) -> str:
    names = list(every(clients.client("glue"), "list_crawlers", "CrawlerNames"))
    return f"The crawlers are {', '.join(names)}." if names else "There is no crawler: run `make deploy ENV=local`."


def _run(clients: LocalClients, name: str) -> dict[str, Any]:
    glue = clients.client("glue")
    try:
        glue.start_crawler(Name=name)
    except glue.exceptions.EntityNotFoundException as error:
        raise LakeshiftError(f"{error.response['Error']['Message']} {_known(clients)}") from error
    except glue.exceptions.CrawlerRunningException:
        print(f"{name} is running already; waiting for it")
    while (crawler := dict(glue.get_crawler(Name=name)["Crawler"]))["State"] != "READY":
        time.sleep(_POLL)
    return crawler


def _lines(clients: LocalClients, last: dict[str, Any]) -> list[str]:
    """The crawl's log lines without its id."""
    mark = f"[{last['MessagePrefix']}] "
    given = {"logGroupName": _LOG_GROUP, "logStreamName": last["LogStream"], "startFromHead": True}
    events = clients.client("logs").get_log_events(**given, startTime=int(last["StartTime"].timestamp() * 1000) - 1000)
    return [event["message"].removeprefix(mark) for event in events["events"] if event["message"].startswith(mark)]
