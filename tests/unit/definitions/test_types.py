"""The types are CloudFormation's: names of properties, what is needed, what cannot change, by its published schemas."""

from __future__ import annotations

from typing import Any

import pytest
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

from lakeshift.definitions import TYPES
from lakeshift.deploy.adapters import ADAPTERS


def schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", name).schema
    return found


@pytest.mark.parametrize("name", sorted(TYPES))
def test_a_type_is_cloudformations(name: str) -> None:
    told = schema(name)
    read_only = {path.rpartition("/properties/")[2] for path in told.get("readOnlyProperties", ())}
    assert TYPES[name].properties <= set(told["properties"]) - read_only
    assert TYPES[name].required >= set(told.get("required", ()))


@pytest.mark.parametrize("name", sorted(TYPES))
def test_what_cloudformation_would_replace_for_is_fixed_here_or_finds_another_resource(name: str) -> None:
    """Top properties only: what lies deeper is refused by the service."""
    paths = [path.removeprefix("/properties/") for path in schema(name).get("createOnlyProperties", ())]
    adapter, kind = ADAPTERS[name], TYPES[name]
    names = {path.partition(".")[0] for path in kind.names}
    replaced = {path for path in paths if "/" not in path} & kind.properties
    assert replaced <= adapter.fixed | set(adapter.identity) | names | adapter.write_only
