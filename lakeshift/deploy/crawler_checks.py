"""Crawlers and classifiers checked before anything is sent: their shape by the service's model, what they say by ours.

AWS checks them one by one, after half of a deployment is done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from botocore.validate import ParamValidator

from lakeshift.crawler import InvalidConfigurationError, parse_configuration
from lakeshift.crawler.custom import custom_classifiers
from lakeshift.crawler.globs import exclusion
from lakeshift.definitions import Attribute, Problem, Resource, Stack, filled
from lakeshift.deploy.adapters import documents
from lakeshift.deploy.session import AwsSession
from lakeshift.deploy.shapes import shaped
from lakeshift.schedule import parse_cron

__all__ = ["crawler_problems"]

_OPERATIONS: Final = {"AWS::Glue::Crawler": "CreateCrawler", "AWS::Glue::Classifier": "CreateClassifier"}
_NEW_FOLDERS: Final = "CRAWL_NEW_FOLDERS_ONLY"


def crawler_problems(stack: Stack, session: AwsSession) -> list[Problem]:
    """What is wrong with the crawlers and classifiers of ``stack``; nothing is sent for it."""
    model = session.client("glue").meta.service_model
    problems = []
    for one in stack:
        if one.type in _OPERATIONS:
            shape = model.operation_model(_OPERATIONS[one.type]).input_shape
            given = _given(one)
            texts = [*_of_shape(given, shape), *_CHECKS[one.type](given)]
            problems += [Problem(one.file, one.line, f"{one.logical_id}: {text}") for text in texts]
    return problems


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


def _of_shape(given: Mapping[str, Any], shape: Any) -> list[str]:
    known = {key: value for key, value in given.items() if key != "Tags"}  # CloudFormation's tags go another way
    report = ParamValidator().validate(shaped(known, shape), shape)
    return report.generate_report().splitlines() if report.has_errors() else []


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
