"""What crawlers and classifiers say, checked before anything is sent: configuration, schedule, patterns; pure.

AWS checks them one by one, after half of a deployment is done. Their shape is checked with that of every other type, by
``lakeshift.definitions.members``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from lakeshift.crawler import InvalidConfigurationError, parse_configuration
from lakeshift.crawler.custom import custom_classifiers
from lakeshift.crawler.globs import exclusion
from lakeshift.definitions import Attribute, Problem, Resource, Stack, filled
from lakeshift.deploy.adapters import documents
from lakeshift.schedule import parse_cron

__all__ = ["crawler_problems"]

_NEW_FOLDERS: Final = "CRAWL_NEW_FOLDERS_ONLY"


def crawler_problems(stack: Stack) -> list[Problem]:
    """What is wrong with the crawlers and classifiers of ``stack``."""
    return [
        Problem(one.file, one.line, f"{one.logical_id}: {text}")
        for one in stack
        if one.type in _CHECKS
        for text in _CHECKS[one.type](_given(one))
    ]


def _given(resource: Resource) -> dict[str, Any]:
    """The call's parameters; what only AWS knows yet stands as a text."""

    def told(attribute: Attribute) -> str:
        return f"{attribute.resource}.{attribute.name}"

    found: dict[str, Any] = {key: filled(value, told) for key, value in resource.properties.items()}
    if isinstance(found.get("Schedule"), dict):
        found["Schedule"] = found["Schedule"].get("ScheduleExpression", "")
    if "Configuration" in found:
        found["Configuration"] = documents.as_text(found["Configuration"])
    return found


def _crawler(given: Mapping[str, Any]) -> Iterator[str]:
    yield from _refused(parse_configuration, given.get("Configuration"))
    if given.get("Schedule"):
        yield from _refused(parse_cron, given["Schedule"])
    targets = given.get("Targets")
    yield from _targets(targets if isinstance(targets, dict) else {})
    policy = given.get("SchemaChangePolicy") or {}
    behavior = (given.get("RecrawlPolicy") or {}).get("RecrawlBehavior")
    if behavior == _NEW_FOLDERS and {policy.get("UpdateBehavior"), policy.get("DeleteBehavior")} != {"LOG"}:
        yield f"{_NEW_FOLDERS} needs a SchemaChangePolicy of LOG for both UpdateBehavior and DeleteBehavior."


def _targets(targets: Mapping[str, Any]) -> Iterator[str]:
    listed = [one for several in targets.values() if isinstance(several, list) for one in several]
    for target in listed:
        for pattern in target.get("Exclusions") or () if isinstance(target, dict) else ():
            yield from _refused(exclusion, str(pattern))
    if targets.get("CatalogTargets") and sum(bool(several) for several in targets.values()) > 1:
        yield "Catalog targets cannot be combined with other targets."


def _classifier(given: Mapping[str, Any]) -> Iterator[str]:
    kinds = [kind for kind in given if kind.endswith("Classifier")]
    if len(kinds) != 1:
        yield f"one of CsvClassifier, GrokClassifier, JsonClassifier and XMLClassifier is needed, not {len(kinds)}."
        return
    try:
        custom_classifiers([given])
    except ValueError as error:
        yield str(error)
    except KeyError:
        return  # a missing member is told by the model


def _refused(check: Callable[[Any], Any], value: Any) -> Iterator[str]:
    try:
        check(value)
    except (InvalidConfigurationError, ValueError) as error:
        yield str(error)


_CHECKS: Final[dict[str, Callable[[Mapping[str, Any]], Iterator[str]]]] = {
    "AWS::Glue::Crawler": _crawler,
    "AWS::Glue::Classifier": _classifier,
}
