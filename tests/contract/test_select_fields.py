"""SelectFields and select_fields."""

from __future__ import annotations

from typing import Any

from awsglue.transforms import SelectFields

from tests.contract.cases import Case, check, table

PAGE = "aws-glue-api-crawler-pyspark-transforms-SelectFields"
METHOD = "aws-glue-api-crawler-pyspark-extensions-dynamic-frame"
ORGS = (
    {"id": "o1", "name": "Sally", "friends": [{"name": "Kim", "age": 22}], "location": {"state": "WY", "zip": 1}},
    {"id": "o2", "name": "Sam", "location": {"state": "AK"}},
)


@table(
    Case(
        "named-fields-only",
        PAGE,
        ORGS,
        lambda f: f.select_fields(["id"]),
        ("|-- id: string",),
        ({"id": "o1"}, {"id": "o2"}),
    ),
    Case("one-path-as-text", METHOD, ORGS, lambda f: f.select_fields("name"), ("|-- name: string",)),
    Case(
        "whole-struct",
        PAGE,
        ORGS,
        lambda f: f.select_fields(["location"]),
        ("|-- location: struct", "|    |-- state: string", "|    |-- zip: int"),
        ({"location": {"state": "WY", "zip": 1}}, {"location": {"state": "AK"}}),
    ),
    Case(
        "by-the-transform",
        PAGE,
        ORGS,
        lambda f: SelectFields.apply(f, ["id", "name"]),
        ("|-- id: string", "|-- name: string"),
    ),
    Case("unknown-names-ignored", PAGE, ORGS, lambda f: f.select_fields(["id", "nowhere"]), ("|-- id: string",)),
    Case(
        "a-record-without-the-field-is-empty",
        PAGE,
        ORGS,
        lambda f: f.select_fields(["friends"]),
        rows=({"friends": [{"name": "Kim", "age": 22}]}, {}),
    ),
)
def test_select_fields(case: Case, of_json: Any) -> None:
    check(case, of_json(*case.given))
