"""Data quality rulesets: kept, changed, filtered, paged, removed; runs of them are refused."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import boto3
import pytest

from lakeshift.local.server import LocalAws
from tests.local.catalog.test_partitions import code_of

_RULES = "Rules = [ RowCount > 0, IsComplete id ]"
_TABLE = {"DatabaseName": "d", "TableName": "t"}


@pytest.fixture(scope="module")
def glue(local_aws: LocalAws) -> Any:
    return boto3.client("glue")


def make(glue: Any, **given: Any) -> str:
    name = f"r-{uuid.uuid4().hex[:8]}"
    assert glue.create_data_quality_ruleset(**{"Name": name, "Ruleset": _RULES, **given})["Name"] == name
    return name


def listed(glue: Any, **asked: Any) -> list[str]:
    return [one["Name"] for one in glue.list_data_quality_rulesets(**asked)["Rulesets"]]


def test_a_ruleset_is_told_as_it_was_given_and_changed_where_it_is_asked(glue: Any) -> None:
    name = make(glue, Description="one", TargetTable=_TABLE)
    told = glue.get_data_quality_ruleset(Name=name)
    assert (told["Ruleset"], told["Description"], told["TargetTable"]) == (_RULES, "one", _TABLE)
    assert told["CreatedOn"] == told["LastModifiedOn"]
    assert set(told) <= {"Name", "CreatedOn", "LastModifiedOn", "Ruleset", "Description", "TargetTable"} | {
        "ResponseMetadata"
    }
    changed = glue.update_data_quality_ruleset(Name=name, Description="other")
    assert (changed["Name"], changed["Description"], changed["Ruleset"]) == (name, "other", _RULES)
    after = glue.get_data_quality_ruleset(Name=name)
    assert (after["TargetTable"], after["CreatedOn"]) == (_TABLE, told["CreatedOn"])
    assert after["LastModifiedOn"] > told["LastModifiedOn"]


def test_tags_go_with_the_ruleset(glue: Any) -> None:
    arn = f"arn:aws:glue:us-east-1:000000000000:dataQualityRuleset/{(name := make(glue, Tags={'a': 'b'}))}"
    assert glue.get_tags(ResourceArn=arn)["Tags"] == {"a": "b"}
    glue.delete_data_quality_ruleset(Name=name)
    assert glue.get_tags(ResourceArn=arn)["Tags"] == {}


@pytest.mark.parametrize(
    ("operation", "given", "code", "text"),
    [
        pytest.param("create", {"Ruleset": _RULES}, "AlreadyExistsException", "already exists", id="taken"),
        pytest.param(
            "create", {"Name": "n", "Ruleset": "[1]"}, "InvalidInputException", "no DQDL", id="create-no-dqdl"
        ),
        pytest.param("update", {"Ruleset": "Rules = ["}, "InvalidInputException", "not closed", id="update-no-dqdl"),
        pytest.param("get", {"Name": "nosuch"}, "EntityNotFoundException", "nosuch not found", id="get-none"),
        pytest.param("update", {"Name": "nosuch"}, "EntityNotFoundException", "nosuch not found", id="update-none"),
        pytest.param("delete", {"Name": "nosuch"}, "EntityNotFoundException", "nosuch not found", id="delete-none"),
    ],
)
def test_what_cannot_be_is_an_error_and_changes_nothing(
    glue: Any, operation: str, given: dict[str, Any], code: str, text: str
) -> None:
    name = make(glue)
    before = glue.get_data_quality_ruleset(Name=name)
    found = code_of(getattr(glue, f"{operation}_data_quality_ruleset"), **{"Name": name, **given})
    assert (found[0], text in found[1]) == (code, True)
    after = glue.get_data_quality_ruleset(Name=name)
    assert [after[key] for key in ("Ruleset", "LastModifiedOn")] == [before["Ruleset"], before["LastModifiedOn"]]


def test_a_client_token_makes_a_request_once(glue: Any) -> None:
    given = {"Name": f"r-{uuid.uuid4().hex[:8]}", "Ruleset": _RULES, "ClientToken": uuid.uuid4().hex}
    for _ in range(2):
        assert glue.create_data_quality_ruleset(**given)["Name"] == given["Name"]
    code, text = code_of(glue.create_data_quality_ruleset, **{**given, "Name": "another"})
    assert (code, "was used with other parameters" in text) == ("InvalidInputException", True)
    glue.delete_data_quality_ruleset(Name=given["Name"])
    glue.create_data_quality_ruleset(**given)
    assert listed(glue, Filter={"Name": given["Name"]}) == [given["Name"]]


def test_rulesets_are_filtered_and_paged(glue: Any) -> None:
    mark = uuid.uuid4().hex
    names = sorted(make(glue, Description=mark, Tags={"mark": mark}) for _ in range(3))
    on_table = make(glue, TargetTable={**_TABLE, "TableName": mark}, Tags={"mark": mark, "more": "x"})
    assert listed(glue, Filter={"Description": mark}) == names
    assert listed(glue, Filter={"Name": names[0]}) == [names[0]]
    assert listed(glue, Filter={"TargetTable": {"DatabaseName": "d", "TableName": mark}}) == [on_table]
    assert listed(glue, Tags={"mark": mark}) == sorted([*names, on_table])
    assert listed(glue, Tags={"mark": mark, "more": "x"}) == [on_table]
    first = glue.list_data_quality_rulesets(Tags={"mark": mark}, MaxResults=3)
    rest = glue.list_data_quality_rulesets(Tags={"mark": mark}, MaxResults=3, NextToken=first["NextToken"])
    assert [one["Name"] for page in (first, rest) for one in page["Rulesets"]] == sorted([*names, on_table])
    assert "NextToken" not in rest
    assert {one["RuleCount"] for one in first["Rulesets"]} == {2}


@pytest.mark.parametrize(
    ("side", "seconds", "found"),
    [
        pytest.param("CreatedAfter", -1, True, id="created-after"),
        pytest.param("CreatedAfter", 1, False, id="not-yet-created"),
        pytest.param("CreatedBefore", 1, True, id="created-before"),
        pytest.param("CreatedBefore", -1, False, id="created-later"),
        pytest.param("LastModifiedAfter", -1, True, id="modified-after"),
        pytest.param("LastModifiedAfter", 1, False, id="not-since-modified"),
        pytest.param("LastModifiedBefore", 1, True, id="modified-before"),
        pytest.param("LastModifiedBefore", -1, False, id="modified-later"),
    ],
)
def test_rulesets_are_filtered_by_time(glue: Any, side: str, seconds: int, found: bool) -> None:
    name = make(glue)
    moment = glue.get_data_quality_ruleset(Name=name)["CreatedOn"] + timedelta(seconds=seconds)
    assert listed(glue, Filter={"Name": name, side: moment}) == ([name] if found else [])


@pytest.mark.parametrize(
    ("operation", "given", "feature"),
    [
        pytest.param(
            "start_data_quality_ruleset_evaluation_run",
            {"DataSource": {"GlueTable": _TABLE}, "Role": "r", "RulesetNames": ["n"]},
            "glue:StartDataQualityRulesetEvaluationRun",
            id="evaluation",
        ),
        pytest.param(
            "start_data_quality_rule_recommendation_run",
            {"DataSource": {"GlueTable": _TABLE}, "Role": "r"},
            "glue:StartDataQualityRuleRecommendationRun",
            id="recommendation",
        ),
        pytest.param(
            "list_data_quality_ruleset_evaluation_runs",
            {},
            "glue:ListDataQualityRulesetEvaluationRuns",
            id="evaluations",
        ),
    ],
)
def test_what_is_refused_names_itself_and_what_to_do(
    glue: Any, operation: str, given: dict[str, Any], feature: str
) -> None:
    code, text = code_of(getattr(glue, operation), **given)
    assert code == "OperationNotSupportedException"
    assert text.startswith(f"{feature} is not supported locally. Evaluate the rules in a job (EvaluateDataQuality).")


def test_an_encrypted_ruleset_is_refused(glue: Any) -> None:
    given = {"Name": "n", "Ruleset": _RULES, "DataQualitySecurityConfiguration": "s"}
    code, text = code_of(glue.create_data_quality_ruleset, **given)
    assert code == "OperationNotSupportedException"
    assert text.startswith("DataQualitySecurityConfiguration in glue:CreateDataQualityRuleset is not supported")
