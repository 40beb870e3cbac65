"""Reads the YAML of infra/, crawlers/, jobs/, pipelines/ and ingest/ into typed, validated objects; pure."""

from __future__ import annotations

from lakeshift.definitions.environment import Environment, load_environment
from lakeshift.definitions.errors import DefinitionError, Problem
from lakeshift.definitions.stack import Resource, Stack, load
from lakeshift.definitions.types import TYPES, ResourceType
from lakeshift.definitions.values import Attribute, Deferred, Json, Value, attributes_in, filled, joined

__all__ = [
    "TYPES",
    "Attribute",
    "Deferred",
    "DefinitionError",
    "Environment",
    "Json",
    "Problem",
    "Resource",
    "ResourceType",
    "Stack",
    "Value",
    "attributes_in",
    "filled",
    "joined",
    "load",
    "load_environment",
]
