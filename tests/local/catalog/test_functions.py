"""User-defined functions: made, found by pattern and type, changed, renamed and removed."""

from __future__ import annotations

import uuid
from typing import Any

import boto3
import pytest

from lakeshift.local.server import LocalAws
from tests.local.catalog.test_partitions import code_of


@pytest.fixture
def glue(local_aws: LocalAws) -> Any:
    return boto3.client("glue")


@pytest.fixture
def database(glue: Any) -> str:
    name = f"db_{uuid.uuid4().hex[:8]}"
    glue.create_database(DatabaseInput={"Name": name})
    for function in ("Upper", "lower", "lowest"):
        glue.create_user_defined_function(DatabaseName=name, FunctionInput={"FunctionName": function, "ClassName": "c"})
    return name


def names(glue: Any, **given: Any) -> list[str]:
    return [one["FunctionName"] for one in glue.get_user_defined_functions(**given)["UserDefinedFunctions"]]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [("*", ["lower", "lowest", "upper"]), ("low*", ["lower", "lowest"]), ("LOWER", ["lower"]), ("low", [])],
)
def test_functions_are_found_by_pattern(glue: Any, database: str, pattern: str, found: list[str]) -> None:
    assert names(glue, DatabaseName=database, Pattern=pattern) == found


def test_a_function_is_changed_renamed_and_removed(glue: Any, database: str) -> None:
    where = {"DatabaseName": database, "FunctionName": "UPPER"}
    told = glue.get_user_defined_function(**where)["UserDefinedFunction"]
    assert (told["FunctionName"], told["DatabaseName"], told["ClassName"]) == ("upper", database, "c")
    taken = {"FunctionName": "lower"}
    code, _ = code_of(glue.create_user_defined_function, DatabaseName=database, FunctionInput=taken)
    assert code == "AlreadyExistsException"
    assert code_of(glue.update_user_defined_function, **where, FunctionInput=taken)[0] == "AlreadyExistsException"
    glue.update_user_defined_function(**where, FunctionInput={"FunctionName": "top", "ClassName": "d"})
    changed = glue.get_user_defined_function(DatabaseName=database, FunctionName="top")["UserDefinedFunction"]
    assert (changed["ClassName"], changed["CreateTime"]) == ("d", told["CreateTime"])
    missing = ("EntityNotFoundException", "UserDefinedFunction upper not found.")
    assert code_of(glue.delete_user_defined_function, **where) == missing
    glue.delete_user_defined_function(DatabaseName=database, FunctionName="top")
    assert names(glue, DatabaseName=database, Pattern="*") == ["lower", "lowest"]
