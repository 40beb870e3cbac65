"""JSONPath as Step Functions reads and writes it.

A definite path (names and positions alone) gives its one value; every other path gives a list.
https://docs.aws.amazon.com/step-functions/latest/dg/amazon-states-language-paths.html
"""

from __future__ import annotations

import copy
import functools
import re
from dataclasses import dataclass, field
from typing import Any, Final

from lakeshift.local.stepfunctions.language.failure import StateFailure

__all__ = ["Data", "PathMissing", "bracketed", "is_reference", "place", "read", "value_at"]

_STEP: Final = re.compile(r"""\.([^.\[\]()*?@'"\s,$]+)|\[(-?\d+)\]|\['([^']*)'\]|\["([^"]*)"\]""")
_VARIABLE: Final = re.compile(r"\$([A-Za-z_]\w*)(.*)", re.DOTALL)
_LENGTH: Final = ".length()"


class PathMissing(Exception):  # noqa: N818 - a fact, not a defect
    """A path that leads nowhere in ``data``."""

    def __init__(self, path: str, data: Any) -> None:
        super().__init__(path)
        self.path, self.data = path, data


@dataclass(slots=True)
class Data:
    """What a path can start from: ``$`` the input, ``$$`` the context object, ``$name`` a variable."""

    input: Any
    context: dict[str, Any] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)

    def over(self, value: Any) -> Data:
        """The same context and variables over another input."""
        return Data(value, self.context, self.variables)


def value_at(path: str, data: Data) -> Any:
    """The value of a path, a context path or a variable's path; raises PathMissing."""
    if path.startswith("$$"):
        return read(path[1:], data.context)
    variable = _VARIABLE.fullmatch(path)
    if variable is None:
        return read(path, data.input)
    name, rest = variable.groups()
    if name not in data.variables:
        raise PathMissing(path, data.variables)
    return read("$" + rest, data.variables[name])


def read(path: str, data: Any) -> Any:
    """The value at ``path`` in ``data``; raises PathMissing, and ValueError for what is no path."""
    if path.endswith(_LENGTH):
        return len(read(path.removesuffix(_LENGTH), data))
    steps = _steps(path)
    if steps is None:
        return [match.value for match in _parsed(path).find(data)]
    value = data
    for step in steps:
        if isinstance(value, str):
            raise PathMissing(path, data)
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError) as error:
            raise PathMissing(path, data) from error
    return value


def place(document: Any, path: str, value: Any) -> Any:
    """``document`` with ``value`` at the reference path; objects on the way are made. Raises StateFailure."""
    steps = _steps(path)
    if not steps:
        return value
    result = copy.deepcopy(document)
    holder = result = {} if result is None else result
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        if isinstance(holder, list) != isinstance(step, int) or not isinstance(holder, dict | list):
            raise _unplaceable(path, document)
        if following is None:
            holder = _put(holder, step, value, path, document)
        elif isinstance(holder, dict):
            holder = holder.setdefault(step, {})
        else:
            holder = _item(holder, step, path, document)
    return result


def bracketed(path: str) -> str:
    """``$.a[0].b`` as ``$['a'][0]['b']``; what is no definite path as it is."""
    steps = _steps(path)
    return path if steps is None else "$" + "".join(f"[{step!r}]" for step in steps)


def is_reference(path: Any) -> bool:
    """Whether the text is a reference path: one that names one place."""
    return isinstance(path, str) and _steps(path) is not None


def _put(holder: Any, step: Any, value: Any, path: str, document: Any) -> Any:
    if isinstance(holder, list):
        _item(holder, step, path, document)
    holder[step] = value
    return holder


def _item(holder: list[Any], step: Any, path: str, document: Any) -> Any:
    if not -len(holder) <= step < len(holder):
        raise _unplaceable(path, document)
    return holder[step]


def _unplaceable(path: str, document: Any) -> StateFailure:
    cause = f"Unable to apply step {_steps(path)!r} of ResultPath '{path}' to input {document!r}"
    return StateFailure("States.ResultPathMatchFailure", cause, field="ResultPath")


@functools.lru_cache(maxsize=1024)
def _steps(path: str) -> tuple[str | int, ...] | None:
    """Names and positions of a definite path, else None."""
    if not path.startswith("$"):
        return None
    steps: list[str | int] = []
    at = 1
    while at < len(path):
        match = _STEP.match(path, at)
        if match is None:
            return None
        name, number, quoted, double = match.groups()
        steps.append(
            int(number) if number is not None else next(one for one in (name, quoted, double) if one is not None)
        )
        at = match.end()
    return tuple(steps)


@functools.lru_cache(maxsize=256)
def _parsed(path: str) -> Any:
    from jsonpath_ng.ext.parser import parse

    try:
        return parse(path.replace("&&", "&"))
    except Exception as error:
        raise ValueError(f"{path} is no JSONPath: {error}") from error
