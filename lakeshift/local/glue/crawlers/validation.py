"""What Glue checks when a crawler is created or updated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.glue.exceptions import EntityNotFoundException, InvalidInputException
from moto.glue.models import GlueBackend

from lakeshift.crawler import InvalidConfigurationError, parse_configuration
from lakeshift.local.glue.crawlers.schedules import checked_schedule
from lakeshift.local.glue.crawlers.target_checks import check_targets, refused

__all__ = ["checked", "unchanged"]


def checked(backend: GlueBackend, given: Mapping[str, Any]) -> None:
    """Raise InvalidInputException or EntityNotFoundException as CreateCrawler and UpdateCrawler do."""
    targets = given.get("targets")
    if targets is not None:
        check_targets(targets)
        if not targets.get("CatalogTargets") and "database_name" in given and not given["database_name"]:
            raise InvalidInputException("CreateCrawler", "Crawler cannot be created without a database name.")
    if given.get("schedule"):
        checked_schedule(given["schedule"])
    if (given.get("lake_formation_configuration") or {}).get("UseLakeFormationCredentials"):
        raise refused("Lake Formation credentials are", "Leave them out.")
    try:
        parse_configuration(given.get("configuration"))
    except InvalidConfigurationError as error:
        raise InvalidInputException("CreateCrawler", str(error)) from None
    _policies(given, targets or {})
    known = getattr(backend, "classifiers", {})
    for name in given.get("classifiers") or ():
        if name not in known:
            raise EntityNotFoundException(f"Classifier {name} not found.")


def unchanged(before: Mapping[str, Any], after: Mapping[str, Any] | None) -> None:
    """InvalidInputException where targets change that must not: a crawler of new folders only keeps its paths."""
    if after is not None and after != before:
        raise InvalidInputException(
            "UpdateCrawler", "The targets of a crawler with CRAWL_NEW_FOLDERS_ONLY cannot be changed."
        )


def _policies(given: Mapping[str, Any], targets: Mapping[str, Any]) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/incremental-crawls.html; of catalog targets nothing is deleted."""
    behavior = (given.get("recrawl_policy") or {}).get("RecrawlBehavior") or "CRAWL_EVERYTHING"
    policy = given.get("schema_change_policy") or {}
    both = {policy.get("UpdateBehavior"), policy.get("DeleteBehavior")}
    if behavior == "CRAWL_NEW_FOLDERS_ONLY" and both != {"LOG"}:
        raise InvalidInputException(
            "CreateCrawler",
            "The SchemaChangePolicy for CRAWL_NEW_FOLDERS_ONLY recrawl behavior must be LOG for both UpdateBehavior "
            "and DeleteBehavior.",
        )
    if targets.get("CatalogTargets") and policy.get("DeleteBehavior") != "LOG":
        raise InvalidInputException(
            "CreateCrawler", "The SchemaChangePolicy for Catalog targets must have the DeleteBehavior LOG."
        )
    if behavior == "CRAWL_EVENT_MODE":
        read = [*(targets.get("S3Targets") or ()), *(targets.get("CatalogTargets") or ())]
        if not read or not all(one.get("EventQueueArn") for one in read):
            raise InvalidInputException(
                "CreateCrawler", "CRAWL_EVENT_MODE needs an EventQueueArn in every S3 or Catalog target."
            )
