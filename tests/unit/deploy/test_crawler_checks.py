"""Crawlers and classifiers are checked before anything is sent."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lakeshift.definitions import DefinitionError, load, load_environment
from lakeshift.deploy.crawler_checks import crawler_problems
from lakeshift.paths import REPOSITORY

_PARAMETERS = {"AccountId": "000000000000", "Region": "us-east-1", "Lake": "lake"}
_CRAWLER: dict[str, Any] = {
    "Name": "c",
    "Role": "r",
    "DatabaseName": "d",
    "Targets": {"S3Targets": [{"Path": "s3://b/x/"}]},
}


def problems(kind: str, properties: dict[str, Any]) -> list[str]:
    document = {"Description": "d", "Resources": {"It": {"Type": kind, "Properties": properties}}}
    try:
        stack = load({"crawlers/x.yaml": json.dumps(document)}, _PARAMETERS)
    except DefinitionError as error:
        return [problem.message for problem in error.problems]
    return [problem.message for problem in crawler_problems(stack)]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({}, None),
        ({"Schedule": {"ScheduleExpression": "cron(0 8 * * ? *)"}}, None),
        ({"Targets": {"S3Targets": [{"Path": "s3://b/x/", "Excludes": ["x"]}]}}, "Excludes"),
        ({"Targets": {"S3Targets": [{"Path": "s3://b/x/", "SampleSize": "many"}]}}, "SampleSize"),
        ({"Targets": {"S3Targets": [{"Path": "s3://b/x/", "Exclusions": ["a[b"]}]}}, "does not close"),
        ({"Targets": {**_CRAWLER["Targets"], "CatalogTargets": [{"DatabaseName": "d", "Tables": ["t"]}]}}, "combined"),
        ({"Configuration": '{"Version": 1.0, "Grouping": {"Table": 1}}'}, "Grouping contains unsupported keys: Table."),
        ({"Schedule": {"ScheduleExpression": "rate(1 day)"}}, "no cron"),
        ({"RecrawlPolicy": {"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"}}, "needs a SchemaChangePolicy of LOG"),
    ],
    ids=["right", "scheduled", "unknown", "type", "pattern", "catalog", "configuration", "schedule", "recrawl"],
)
def test_a_crawler_is_checked(change: dict[str, Any], text: str | None) -> None:
    found = problems("AWS::Glue::Crawler", {**_CRAWLER, **change})
    assert found == [] if text is None else len(found) == 1 and text in found[0]


@pytest.mark.parametrize(
    ("properties", "text"),
    [
        ({"CsvClassifier": {"Name": "c", "ContainsHeader": "PRESENT"}}, None),
        ({"GrokClassifier": {"Name": "g", "Classification": "c", "GrokPattern": "%{NOSUCH:x}"}}, "NOSUCH is not"),
        ({"GrokClassifier": {"Name": "g", "GrokPattern": "%{WORD:x}"}}, "Classification"),
        ({"JsonClassifier": {"Name": "j", "JsonPath": "records"}}, "must start with $"),
        ({"CsvClassifier": {"Name": "c", "Delimiters": ","}}, "Delimiters"),
    ],
    ids=["right", "pattern", "missing", "path", "unknown"],
)
def test_a_classifier_is_checked(properties: dict[str, Any], text: str | None) -> None:
    found = problems("AWS::Glue::Classifier", properties)
    assert found == [] if text is None else len(found) == 1 and text in found[0]


def test_the_repositorys_own_are_right() -> None:
    texts = {
        f"{folder}/{path.name}": path.read_text(encoding="utf-8")
        for folder in ("infra", "crawlers", "jobs", "pipelines", "ingest")
        for path in sorted((REPOSITORY / folder).glob("*.yaml"))
    }
    environment = (REPOSITORY / "environments" / "local.yaml").read_text(encoding="utf-8")
    given = {**load_environment(environment, "environments/local.yaml").parameters, **_PARAMETERS, "CodeBucket": "c"}
    parameters = {"CodeKey": "k", "CodePrefix": "p", "CommonWheel": "w", **given}
    assert crawler_problems(load(texts, parameters)) == []
