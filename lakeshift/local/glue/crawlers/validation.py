"""What Glue checks when a crawler is created or updated."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from moto.glue.exceptions import EntityNotFoundException, InvalidInputException
from moto.glue.models import GlueBackend

from lakeshift.crawler import InvalidConfigurationError, parse_configuration
from lakeshift.crawler.globs import exclusion
from lakeshift.local.glue.crawlers.schedules import refuse_schedule

__all__ = ["checked", "unchanged"]

_S3: Final = re.compile(r"s3://[a-z0-9][a-z0-9.\-]{1,61}[a-z0-9](/.*)?", re.DOTALL)
_KINDS: Final = (
    "S3Targets",
    "JdbcTargets",
    "MongoDBTargets",
    "DynamoDBTargets",
    "CatalogTargets",
    "DeltaTargets",
    "IcebergTargets",
    "HudiTargets",
)
_PAGE: Final = "https://docs.aws.amazon.com/glue/latest/webapi/API_CreateCrawler.html"


def checked(backend: GlueBackend, given: Mapping[str, Any]) -> None:
    """Raise InvalidInputException or EntityNotFoundException as CreateCrawler and UpdateCrawler do."""
    if given.get("targets") is not None:
        _targets(given["targets"])
    if given.get("schedule"):
        refuse_schedule(given["schedule"])
    if (given.get("lake_formation_configuration") or {}).get("UseLakeFormationCredentials"):
        raise _unsupported("Lake Formation credentials are", "Leave them out.")
    try:
        parse_configuration(given.get("configuration"))
    except InvalidConfigurationError as error:
        raise InvalidInputException("CreateCrawler", str(error)) from None
    _recrawl(given)
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


def _targets(targets: Mapping[str, Any]) -> None:
    present = [kind for kind in _KINDS if targets.get(kind)]
    if not present:
        raise InvalidInputException("CreateCrawler", "At least one crawler target must be specified.")
    others = [kind for kind in present if kind != "S3Targets"]
    if others:
        raise _unsupported(f"{', '.join(others)} are", "Use S3Targets.")
    for target in targets["S3Targets"]:
        _s3(target)


def _s3(target: Mapping[str, Any]) -> None:
    path = target.get("Path") or ""
    if not _S3.fullmatch(path):
        raise InvalidInputException("CreateCrawler", f"Invalid S3 path: {path}")
    for key in ("ConnectionName", "EventQueueArn", "DlqEventQueueArn"):
        if target.get(key):
            raise _unsupported(f"S3Target.{key} is", "Leave it out.")
    size = target.get("SampleSize")
    if size is not None and not 1 <= size <= 249:
        raise InvalidInputException("CreateCrawler", f"SampleSize must be from 1 to 249, not {size}.")
    for pattern in target.get("Exclusions") or ():
        try:
            exclusion(pattern)
        except ValueError as error:
            raise InvalidInputException("CreateCrawler", str(error)) from None


def _recrawl(given: Mapping[str, Any]) -> None:
    behavior = (given.get("recrawl_policy") or {}).get("RecrawlBehavior", "CRAWL_EVERYTHING")
    if behavior == "CRAWL_EVENT_MODE":
        raise _unsupported("CRAWL_EVENT_MODE is", "Use CRAWL_EVERYTHING.")
    policy = given.get("schema_change_policy") or {}
    if behavior == "CRAWL_NEW_FOLDERS_ONLY" and {policy.get("UpdateBehavior"), policy.get("DeleteBehavior")} != {"LOG"}:
        raise InvalidInputException(
            "CreateCrawler",
            "The SchemaChangePolicy for CRAWL_NEW_FOLDERS_ONLY recrawl behavior must be LOG for both UpdateBehavior "
            "and DeleteBehavior.",
        )


def _unsupported(what: str, instead: str) -> InvalidInputException:
    return InvalidInputException("CreateCrawler", f"{what} not supported locally. {instead} See {_PAGE}")
