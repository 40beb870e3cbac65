"""A request for any operation of any service, made from the SDK's own model: the least it asks for."""

from __future__ import annotations

from typing import Any

_NUMBERS = {"integer": 1, "long": 1, "double": 1.0, "float": 1.0}


def request(shape: Any, seen: tuple[str, ...] = ()) -> Any:
    """A value of ``shape`` with its required members."""
    if shape is None:
        return {}
    kind = shape.type_name
    if kind == "structure":
        if shape.name in seen:
            return {}
        deeper = (*seen, shape.name)
        return {name: request(shape.members[name], deeper) for name in shape.required_members}
    if kind == "list":
        return [request(shape.member, seen)]
    if kind == "map":
        return {}
    if kind == "string":
        return shape.enum[0] if shape.enum else "x" * max(1, shape.metadata.get("min", 1))
    if kind in _NUMBERS:
        return max(_NUMBERS[kind], shape.metadata.get("min", 1))
    return {"boolean": True, "timestamp": 1, "blob": b"x"}[kind]
