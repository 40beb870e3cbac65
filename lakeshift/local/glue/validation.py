"""The constraints of the API's model, checked on every request as AWS checks them: an SDK checks but a part of them.

https://docs.aws.amazon.com/glue/latest/webapi/CommonErrors.html (ValidationError)
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from moto.core.utils import get_service_model

__all__ = ["serialization_error", "violations"]

_LONGEST_SHOWN: Final = 200  # characters of a value in a message
_SURROGATES: Final = r"\uD800\uDC00-\uDBFF\uDFFF"  # as Java writes what is beyond the basic plane
_TYPES: Final[dict[str, type | tuple[type, ...]]] = {
    "structure": dict,
    "map": dict,
    "list": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "long": int,
    "double": (int, float),
    "float": (int, float),
    "timestamp": (int, float, str),
    "blob": str,
}


def serialization_error(operation: str, given: Any) -> str | None:
    """Why the request cannot be read as the operation's input; None where it can."""
    shape = get_service_model("glue").operation_model(operation).input_shape
    wrong = next(_mistyped(shape, given, ""), None) if shape is not None else None
    return None if wrong is None else f"{wrong} cannot be converted to the type the operation expects"


def violations(operation: str, given: Any, service: str = "glue") -> str | None:
    """The text of AWS's ValidationException for ``given``, which has the model's types; None where there is none."""
    shape = get_service_model(service).operation_model(operation).input_shape
    found = list(_violations(shape, given, "")) if shape is not None else []
    if not found:
        return None
    errors = "error" if len(found) == 1 else "errors"
    return f"{len(found)} validation {errors} detected: " + "; ".join(found)


def _mistyped(shape: Any, value: Any, path: str) -> Iterator[str]:
    expected = _TYPES.get(shape.type_name)
    is_flag = isinstance(value, bool) and shape.type_name not in ("boolean",)
    if value is None:
        return
    if expected is not None and (not isinstance(value, expected) or is_flag):
        yield f"{path or 'The request'} ({type(value).__name__})"
        return
    for inner, item, where in _inside(shape, value, path):
        yield from _mistyped(inner, item, where)


def _violations(shape: Any, value: Any, path: str) -> Iterator[str]:
    if value is None:
        return
    if shape.type_name == "structure":
        for name in shape.required_members:
            if value.get(name) is None:
                yield _text(None, _join(path, name), "Member must not be null")
    yield from _own_violations(shape, value, path)
    for inner, item, where in _inside(shape, value, path):
        yield from _violations(inner, item, where)


def _own_violations(shape: Any, value: Any, path: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if shape.type_name in ("string", "list", "map", "blob"):
        if least is not None and len(value) < least:
            yield _text(value, path, f"Member must have length greater than or equal to {least}")
        if most is not None and len(value) > most:
            yield _text(value, path, f"Member must have length less than or equal to {most}")
    elif shape.type_name in ("integer", "long", "double", "float"):
        if least is not None and value < least:
            yield _text(value, path, f"Member must have value greater than or equal to {least}")
        if most is not None and value > most:
            yield _text(value, path, f"Member must have value less than or equal to {most}")
    if shape.type_name == "string":
        if shape.enum and value not in shape.enum:
            yield _text(value, path, f"Member must satisfy enum value set: [{', '.join(shape.enum)}]")
        pattern = shape.metadata.get("pattern")
        if pattern and not _matches(pattern)(value):
            yield _text(value, path, f"Member must satisfy regular expression pattern: {pattern}")


def _inside(shape: Any, value: Any, path: str) -> Iterator[tuple[Any, Any, str]]:
    if shape.type_name == "structure":
        for name, inner in shape.members.items():
            if name in value:
                yield inner, value[name], _join(path, name)
    elif shape.type_name == "list":
        for number, item in enumerate(value, 1):
            yield shape.member, item, f"{path}.{number}.member"
    elif shape.type_name == "map":
        for key, item in value.items():
            yield shape.key, key, f"{path}.{key}.key"
            yield shape.value, item, f"{path}.{key}.member"


def _join(path: str, name: str) -> str:
    own = name[:1].lower() + name[1:]
    return f"{path}.{own}" if path else own


def _text(value: Any, path: str, constraint: str) -> str:
    shown = f" {value!r}" if isinstance(value, (int, float)) else f" '{value}'" if isinstance(value, str) else ""
    shown = " null" if value is None else shown if len(shown) <= _LONGEST_SHOWN else ""
    return f"Value{shown} at '{path}' failed to satisfy constraint: {constraint}"


@functools.cache
def _matches(pattern: str) -> Callable[[str], Any]:
    """A test for Java's pattern; what Python's expressions cannot say is not tested."""
    try:
        return re.compile(pattern.replace(_SURROGATES, r"\U00010000-\U0010FFFF"), re.DOTALL).fullmatch
    except re.error:  # \p{L} and its kin
        return lambda _: True
