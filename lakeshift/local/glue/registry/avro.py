"""Whether one Avro schema can read what another wrote.

https://avro.apache.org/docs/1.11.1/specification/#schema-resolution
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fastavro.schema import SchemaParseException, UnknownType, parse_schema

__all__ = ["can_read", "fault"]

_PROMOTED: Final = {
    "long": ("int",),
    "float": ("int", "long"),
    "double": ("int", "long", "float"),
    "string": ("bytes",),
    "bytes": ("string",),
}
_NAMED: Final = ("record", "error", "enum", "fixed")


def fault(schema: Any) -> str | None:
    """Why this is no Avro schema; None where it is one."""
    try:
        parse_schema(schema)
    except (SchemaParseException, UnknownType) as error:
        return f"{type(error).__name__}: {error}"
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return f"{type(error).__name__}: {error}"
    return None


def can_read(reader: Any, writer: Any) -> bool:
    """Whether data of the schema ``writer`` resolves to ``reader``; both are valid, as JSON."""
    return _Resolution(_names(reader), _names(writer)).reads(reader, writer)


class _Resolution:
    def __init__(self, of_reader: Mapping[str, Any], of_writer: Mapping[str, Any]) -> None:
        self._of_reader, self._of_writer = of_reader, of_writer
        self._assumed: set[tuple[str, str]] = set()  # of a type that holds itself

    def reads(self, reader: Any, writer: Any) -> bool:
        reader, writer = _resolved(reader, self._of_reader), _resolved(writer, self._of_writer)
        if isinstance(writer, list):
            return all(self.reads(reader, branch) for branch in writer)
        if isinstance(reader, list):
            return any(self.reads(branch, writer) for branch in reader)
        kind, other = _kind(reader), _kind(writer)
        if kind != other:
            return other in _PROMOTED.get(kind, ())
        if kind in _NAMED:
            return self._reads_named(reader, writer, kind)
        if kind == "array":
            return self.reads(reader["items"], writer["items"])
        return kind != "map" or self.reads(reader["values"], writer["values"])

    def _reads_named(self, reader: Mapping[str, Any], writer: Mapping[str, Any], kind: str) -> bool:
        names = {_short(name) for name in (reader["name"], *reader.get("aliases", ()))}
        if _short(writer["name"]) not in names:
            return False
        if kind == "fixed":
            return bool(reader["size"] == writer["size"])
        if kind == "enum":
            return "default" in reader or set(writer["symbols"]) <= set(reader["symbols"])
        pair = (reader["name"], writer["name"])
        if pair in self._assumed:
            return True
        self._assumed.add(pair)
        return all(self._reads_field(field, writer) for field in reader["fields"])

    def _reads_field(self, field: Mapping[str, Any], writer: Mapping[str, Any]) -> bool:
        names = (field["name"], *field.get("aliases", ()))
        written = next((one for one in writer["fields"] if one["name"] in names), None)
        return "default" in field if written is None else self.reads(field["type"], written["type"])


def _resolved(schema: Any, names: Mapping[str, Any]) -> Any:
    return names.get(_short(schema), schema) if isinstance(schema, str) else schema


def _kind(schema: Any) -> str:
    kind = schema["type"] if isinstance(schema, dict) else schema
    return _kind(kind) if isinstance(kind, dict) else str(kind)


def _short(name: str) -> str:
    return name.rpartition(".")[2]


def _names(schema: Any) -> dict[str, Any]:
    """Every named type that ``schema`` defines."""
    if isinstance(schema, list):
        return {name: found for branch in schema for name, found in _names(branch).items()}
    if not isinstance(schema, dict):
        return {}
    own = {_short(schema["name"]): schema} if schema.get("type") in _NAMED and "name" in schema else {}
    inner = [schema.get(part) for part in ("items", "values", "type")]
    inner += [field["type"] for field in schema.get("fields", ())]
    return own | {name: found for one in inner for name, found in _names(one).items()}
