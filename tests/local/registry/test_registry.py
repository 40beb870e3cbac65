"""The schema registry through the API: versions that may follow, validity, differences, metadata, listings."""

from __future__ import annotations

import json
import uuid
from typing import Any

import boto3
import pytest

from lakeshift.local.server import LocalAws
from tests.local.catalog.test_partitions import code_of


def avro(*fields: tuple[str, Any]) -> str:
    told = [
        {"name": name, "type": "int", **({} if default is None else {"default": default})} for name, default in fields
    ]
    return json.dumps({"type": "record", "name": "r", "fields": told})


_ONE, _TWO, _OPEN = avro(("a", None)), avro(("a", None), ("b", None)), avro(("a", None), ("b", 0))


@pytest.fixture(scope="module")
def glue(local_aws: LocalAws) -> Any:
    return boto3.client("glue")


def make(glue: Any, compatibility: str = "NONE", form: str = "AVRO", definition: str = _ONE) -> dict[str, str]:
    name = f"s_{uuid.uuid4().hex[:8]}"
    made = glue.create_schema(
        SchemaName=name, DataFormat=form, Compatibility=compatibility, SchemaDefinition=definition
    )
    return {"SchemaArn": made["SchemaArn"]}


@pytest.mark.parametrize(
    ("compatibility", "definition", "status"),
    [
        ("NONE", '"string"', "AVAILABLE"),
        ("BACKWARD", _OPEN, "AVAILABLE"),
        ("BACKWARD", _TWO, "FAILURE"),
        ("FORWARD", _TWO, "AVAILABLE"),
        ("FULL", _TWO, "FAILURE"),
        ("FULL_ALL", _OPEN, "AVAILABLE"),
    ],
)
def test_a_version_keeps_the_compatibility_or_fails(
    glue: Any, compatibility: str, definition: str, status: str
) -> None:
    schema = make(glue, compatibility)
    made = glue.register_schema_version(SchemaId=schema, SchemaDefinition=definition)
    assert (made["VersionNumber"], made["Status"]) == (2, status)
    latest = glue.get_schema_version(SchemaId=schema, SchemaVersionNumber={"LatestVersion": True})
    assert latest["VersionNumber"] == (2 if status == "AVAILABLE" else 1)
    versions = glue.list_schema_versions(SchemaId=schema)["Schemas"]
    assert [(one["VersionNumber"], one["Status"]) for one in versions] == [(1, "AVAILABLE"), (2, status)]


def test_all_looks_behind_the_last_version_down_to_the_checkpoint(glue: Any) -> None:
    schema = make(glue, "NONE", definition='"int"')
    glue.register_schema_version(SchemaId=schema, SchemaDefinition=_ONE)
    assert code_of(glue.update_schema, SchemaId=schema, Compatibility="BACKWARD_ALL")[0] == "InvalidInputException"
    glue.update_schema(SchemaId=schema, Compatibility="BACKWARD_ALL", SchemaVersionNumber={"VersionNumber": 1})
    assert glue.register_schema_version(SchemaId=schema, SchemaDefinition=_OPEN)["Status"] == "FAILURE"
    glue.update_schema(SchemaId=schema, SchemaVersionNumber={"VersionNumber": 2}, Description="d")
    assert glue.register_schema_version(SchemaId=schema, SchemaDefinition=_OPEN)["Status"] == "AVAILABLE"
    again = glue.register_schema_version(SchemaId=schema, SchemaDefinition=_OPEN)
    assert (again["VersionNumber"], again["Status"]) == (4, "AVAILABLE")
    told = glue.delete_schema_versions(SchemaId=schema, Versions="1-3")["SchemaVersionErrors"]
    assert [error["VersionNumber"] for error in told] == [2]
    assert [one["VersionNumber"] for one in glue.list_schema_versions(SchemaId=schema)["Schemas"]] == [2, 4]


@pytest.mark.parametrize(
    ("form", "definition", "valid"),
    [("AVRO", _ONE, True), ("AVRO", '{"type": "nosuch"}', False), ("JSON", "{", False), ("JSON", "{}", True)],
)
def test_validity(glue: Any, form: str, definition: str, valid: bool) -> None:
    told = glue.check_schema_version_validity(DataFormat=form, SchemaDefinition=definition)
    assert (told["Valid"], bool(told.get("Error"))) == (valid, not valid)
    if not valid:
        given = {"SchemaName": "x", "DataFormat": form, "SchemaDefinition": definition}
        assert code_of(glue.create_schema, **given)[0] == "InvalidInputException"


def test_what_nothing_here_can_judge_is_refused(glue: Any) -> None:
    given = {"DataFormat": "PROTOBUF", "SchemaDefinition": 'syntax = "proto3";'}
    code, text = code_of(glue.check_schema_version_validity, **given)
    assert (code, "PROTOBUF" in text) == ("OperationNotSupportedException", True)
    schema = make(glue, "BACKWARD", "JSON", "{}")
    code, text = code_of(glue.register_schema_version, SchemaId=schema, SchemaDefinition='{"type": "object"}')
    assert (code, "Compatibility BACKWARD of JSON" in text) == ("OperationNotSupportedException", True)


def test_metadata_and_differences(glue: Any) -> None:
    schema = make(glue)
    glue.register_schema_version(SchemaId=schema, SchemaDefinition=_TWO)
    one, two = {"VersionNumber": 1}, {"LatestVersion": True}
    given = {"FirstSchemaVersionNumber": one, "SecondSchemaVersionNumber": two, "SchemaDiffType": "SYNTAX_DIFF"}
    assert f"+{_TWO}" in glue.get_schema_versions_diff(SchemaId=schema, **given)["Diff"]
    place = {"SchemaId": schema, "SchemaVersionNumber": one}
    for value in ("x", "y"):
        glue.put_schema_version_metadata(**place, MetadataKeyValue={"MetadataKey": "k", "MetadataValue": value})
    told = glue.query_schema_version_metadata(**place)["MetadataInfoMap"]["k"]
    assert (told["MetadataValue"], [other["MetadataValue"] for other in told["OtherMetadataValueList"]]) == ("y", ["x"])
    glue.remove_schema_version_metadata(**place, MetadataKeyValue={"MetadataKey": "k", "MetadataValue": "x"})
    wanted = [{"MetadataKey": "k", "MetadataValue": "x"}]
    assert glue.query_schema_version_metadata(**place, MetadataList=wanted).get("MetadataInfoMap", {}) == {}


def test_registries_are_listed_described_and_hold_their_schemas(glue: Any) -> None:
    name = f"r_{uuid.uuid4().hex[:8]}"
    glue.create_registry(RegistryName=name, Description="old")
    glue.update_registry(RegistryId={"RegistryName": name}, Description="new")
    told = glue.get_registry(RegistryId={"RegistryName": name})
    assert (told["Description"], told["Status"]) == ("new", "AVAILABLE")
    given = {"DataFormat": "AVRO", "Compatibility": "NONE", "SchemaDefinition": _ONE}
    for schema in ("b", "a"):
        glue.create_schema(RegistryId={"RegistryName": name}, SchemaName=schema, **given)
    listed = glue.list_schemas(RegistryId={"RegistryName": name}, MaxResults=1)
    assert [one["SchemaName"] for one in listed["Schemas"]] == ["a"]
    listed = glue.list_schemas(RegistryId={"RegistryName": name}, NextToken=listed["NextToken"])
    assert [one["SchemaName"] for one in listed["Schemas"]] == ["b"]
    assert glue.get_registry(RegistryId={})["RegistryName"] == "default-registry"
    assert name in [one["RegistryName"] for one in glue.list_registries()["Registries"]]
