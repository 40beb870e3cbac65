"""User-defined functions: made, found by pattern and type, changed, renamed and removed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.local.catalog.test_partitions import code_of


@pytest.fixture
def filled(glue: Any, database: str) -> str:
    for function in ("Upper", "lower", "lowest"):
        given = {"FunctionName": function, "ClassName": "c"}
        glue.create_user_defined_function(DatabaseName=database, FunctionInput=given)
    return database


def names(glue: Any, **given: Any) -> list[str]:
    return [one["FunctionName"] for one in glue.get_user_defined_functions(**given)["UserDefinedFunctions"]]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [("*", ["lower", "lowest", "upper"]), ("low*", ["lower", "lowest"]), ("LOWER", ["lower"]), ("low", [])],
)
def test_functions_are_found_by_pattern(glue: Any, filled: str, pattern: str, found: list[str]) -> None:
    assert names(glue, DatabaseName=filled, Pattern=pattern) == found


def test_a_function_is_changed_renamed_and_removed(glue: Any, filled: str) -> None:
    where = {"DatabaseName": filled, "FunctionName": "UPPER"}
    told = glue.get_user_defined_function(**where)["UserDefinedFunction"]
    assert (told["FunctionName"], told["DatabaseName"], told["ClassName"]) == ("upper", filled, "c")
    taken = {"FunctionName": "lower"}
    code, _ = code_of(glue.create_user_defined_function, DatabaseName=filled, FunctionInput=taken)
    assert code == "AlreadyExistsException"
    assert code_of(glue.update_user_defined_function, **where, FunctionInput=taken)[0] == "AlreadyExistsException"
    glue.update_user_defined_function(**where, FunctionInput={"FunctionName": "top", "ClassName": "d"})
    changed = glue.get_user_defined_function(DatabaseName=filled, FunctionName="top")["UserDefinedFunction"]
    assert (changed["ClassName"], changed["CreateTime"]) == ("d", told["CreateTime"])
    missing = ("EntityNotFoundException", "UserDefinedFunction upper not found.")
    assert code_of(glue.delete_user_defined_function, **where) == missing
    glue.delete_user_defined_function(DatabaseName=filled, FunctionName="top")
    assert names(glue, DatabaseName=filled, Pattern="*") == ["lower", "lowest"]
