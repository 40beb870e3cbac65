"""Values of type SUPER: arithmetic, arrays, objects and what kind they are. A value is the text of a JSON document.

https://docs.aws.amazon.com/redshift/latest/dg/operators-functions.html
"""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal, InvalidOperation, localcontext
from typing import Any, Final

from lakeshift.redshift.errors import raised_in_sql
from lakeshift.redshift.scalars.registry import scalar

__all__ = ["dumped", "loaded"]

_BIG: Final = 2**63


def loaded(text: str) -> Any:
    """The value of a document; numbers keep their digits. Raises ValueError."""
    return json.loads(text, parse_float=Decimal, parse_constant=_no_constant)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def dumped(value: Any) -> str:
    """A document without blanks."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}" if -20 < value.adjusted() < 40 else str(float(value))
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return f"[{','.join(map(dumped, value))}]"
    if isinstance(value, dict):
        return "{" + ",".join(f"{dumped(key)}:{dumped(item)}" for key, item in value.items()) + "}"
    return json.dumps(value)


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    for kinds, name in ((bool, "boolean"), (int | Decimal | float, "number"), (str, "string"), (list, "array")):
        if isinstance(value, kinds):
            return name
    return "object"


@scalar("ls_json_parse", "VARCHAR", returns="VARCHAR")
def json_parse(text: str) -> str:
    """JSON_PARSE: compact; raises for what is no JSON."""
    try:
        return dumped(loaded(text))
    except (ValueError, RecursionError):
        raise ValueError(raised_in_sql("22P02", f"JSON parsing error. Details: invalid JSON: {text[:60]}")) from None


@scalar("ls_can_json_parse", "VARCHAR", returns="BOOLEAN")
def can_json_parse(text: str) -> bool:
    """Whether JSON_PARSE takes it."""
    try:
        loaded(text)
    except (ValueError, RecursionError):
        return False
    return True


@scalar("ls_json_typeof", "VARCHAR", returns="VARCHAR")
def json_typeof(text: str) -> str:
    """boolean, number, string, object, array or null."""
    return _kind(loaded(text))


@scalar("ls_super_is", "VARCHAR", "VARCHAR", returns="BOOLEAN", nulls=True)
def super_is(text: str | None, name: str) -> bool:
    """IS_INTEGER and its kin; ``name`` without its prefix. False for NULL."""
    if text is None:
        return False
    return _CHECKS[name](loaded(text))


@scalar("ls_decimal_precision", "VARCHAR", returns="INTEGER")
def decimal_precision(text: str) -> int | None:
    """Digits of a decimal; NULL for anything else."""
    value = loaded(text)
    return len(value.as_tuple().digits) if isinstance(value, Decimal) else None


@scalar("ls_decimal_scale", "VARCHAR", returns="INTEGER")
def decimal_scale(text: str) -> int | None:
    """Digits behind the point of a decimal; NULL for anything else."""
    value = loaded(text)
    return _scale(value) if isinstance(value, Decimal) else None


def _whole(bits: int) -> Callable[[Any], bool]:
    return lambda value: (
        isinstance(value, int) and not isinstance(value, bool) and -(1 << bits - 1) <= value < 1 << bits - 1
    )


_CHECKS: Final[dict[str, Callable[[Any], bool]]] = {
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
    "scalar": lambda value: value is not None and not isinstance(value, list | dict),
    "boolean": lambda value: isinstance(value, bool),
    "varchar": lambda value: isinstance(value, str),
    "char": lambda value: isinstance(value, str) and value.isascii(),
    "smallint": _whole(16),
    "integer": _whole(32),
    "bigint": _whole(64),
    "decimal": lambda value: isinstance(value, Decimal | int) and not isinstance(value, bool),
    "float": lambda value: isinstance(value, float | Decimal | int) and not isinstance(value, bool),
}


def _array(text: str) -> list[Any] | None:
    value = loaded(text)
    return value if isinstance(value, list) else None


@scalar("ls_array_concat", "VARCHAR", "VARCHAR", returns="VARCHAR")
def array_concat(left: str, right: str) -> str | None:
    """Both arrays one after the other; NULL where one is none."""
    first, second = _array(left), _array(right)
    return None if first is None or second is None else dumped(first + second)


@scalar("ls_array_flatten", "VARCHAR", returns="VARCHAR")
def array_flatten(text: str) -> str | None:
    """Elements of arrays in the array, to any depth."""

    def flat(items: list[Any]) -> list[Any]:
        return [inner for item in items for inner in (flat(item) if isinstance(item, list) else [item])]

    found = _array(text)
    return None if found is None else dumped(flat(found))


@scalar("ls_array_length", "VARCHAR", returns="INTEGER")
def array_length(text: str) -> int | None:
    """The length of an array, NULL for anything else."""
    found = _array(text)
    return None if found is None else len(found)


@scalar("ls_subarray", "VARCHAR", "INTEGER", "INTEGER", returns="VARCHAR")
def subarray(text: str, start: int, size: int) -> str | None:
    """``size`` elements from ``start`` on, counted from 0, or from the end where it is negative."""
    found = _array(text)
    if found is None or size < 0:
        return None
    begin = start if start >= 0 else max(len(found) + start, 0)
    return dumped(found[begin : begin + size])


@scalar("ls_array_contains", "VARCHAR", "VARCHAR", returns="BOOLEAN")
def array_contains(text: str, value: str) -> bool | None:
    """Whether an array holds the value."""
    found = _array(text)
    return None if found is None else loaded(value) in found


@scalar("ls_array_position", "VARCHAR", "VARCHAR", returns="INTEGER")
def array_position(text: str, value: str) -> int | None:
    """Where the value first stands, from 0; -1 where it does not."""
    found, wanted = _array(text), loaded(value)
    if found is None:
        return None
    return found.index(wanted) if wanted in found else -1


@scalar("ls_array_sort", "VARCHAR", returns="VARCHAR")
def array_sort(text: str) -> str | None:
    """The elements in order: numbers before texts."""
    found = _array(text)
    return None if found is None else dumped(sorted(found, key=_order))


@scalar("ls_array_distinct", "VARCHAR", returns="VARCHAR")
def array_distinct(text: str) -> str | None:
    """Each element once."""
    found = _array(text)
    if found is None:
        return None
    return dumped([item for index, item in enumerate(found) if item not in found[:index]])


@scalar("ls_split_to_array", "VARCHAR", "VARCHAR", returns="VARCHAR")
def split_to_array(text: str, mark: str) -> str:
    """The parts of a text as an array."""
    return dumped(text.split(mark) if mark else [text])


@scalar("ls_array_text", "VARCHAR", "VARCHAR", returns="VARCHAR")
def array_text(text: str, mark: str) -> str | None:
    """ARRAY_TO_STRING: the scalars of an array joined."""
    found = _array(text)
    if found is None:
        return None
    return mark.join(item if isinstance(item, str) else dumped(item) for item in found if item is not None)


@scalar("ls_lower_names", "VARCHAR", returns="VARCHAR")
def lower_names(text: str) -> str:
    """LOWER_ATTRIBUTE_NAMES."""

    def lower(value: Any) -> Any:
        if isinstance(value, dict):
            return {key.lower(): lower(item) for key, item in value.items()}
        return [lower(item) for item in value] if isinstance(value, list) else value

    return dumped(lower(loaded(text)))


@scalar("ls_object_names", "VARCHAR", returns="VARCHAR")
def object_names(text: str) -> str:
    """An array of [name, value] of an object; empty for anything else: what UNPIVOT goes over."""
    value = loaded(text)
    return dumped([[key, item] for key, item in value.items()] if isinstance(value, dict) else [])


@scalar("ls_elements", "VARCHAR", returns="VARCHAR")
def elements(text: str) -> str:
    """What unnesting goes over: an array's elements, nothing of an object, a scalar itself."""
    value = loaded(text)
    if isinstance(value, list):
        return text
    return "[]" if value is None or isinstance(value, dict) else dumped([value])


@scalar("ls_object_transform", "VARCHAR", "VARCHAR", "VARCHAR", returns="VARCHAR")
def object_transform(text: str, keep: str, changes: str) -> str | None:
    """OBJECT_TRANSFORM: ``keep`` and ``changes`` are arrays of paths, and of paths and values by turns."""
    value = loaded(text)
    if not isinstance(value, dict):
        return None
    kept = loaded(keep)
    made: dict[str, Any] = value if kept is None else {}
    for path in kept or []:
        _copy(value, made, _path(path))
    pairs = loaded(changes)
    for path, new in zip(pairs[::2], pairs[1::2], strict=True):
        _put(made, _path(path), new)
    return dumped(made)


def _path(text: str) -> list[str]:
    return [part.strip('"') for part in text.split(".")]


def _copy(source: Any, target: dict[str, Any], path: list[str]) -> None:
    found = source
    for part in path:
        if not isinstance(found, dict) or part not in found:
            return
        found = found[part]
    _put(target, path, found)


def _put(target: dict[str, Any], path: list[str], value: Any) -> None:
    for part in path[:-1]:
        inner = target.setdefault(part, {})
        if not isinstance(inner, dict):
            return
        target = inner
    target[path[-1]] = value


@scalar("ls_json_size", "VARCHAR", returns="INTEGER")
def json_size(text: str) -> int:
    """Bytes of the document as it is serialized."""
    return len(text.encode())


@scalar("ls_super_math", "VARCHAR", "VARCHAR", "VARCHAR", returns="VARCHAR")
def super_math(operator: str, left: str, right: str) -> str | None:
    """An operator on two values: numbers by Redshift's rules for decimals, texts joined by ``+``, else NULL."""
    first, second = loaded(left), loaded(right)
    if operator == "+" and isinstance(first, str) and isinstance(second, str):
        return dumped(first + second)
    if not _is_number(first) or not _is_number(second):
        return None
    if isinstance(first, int) and isinstance(second, int):
        return dumped(_whole_math(operator, first, second))
    with localcontext() as context:
        context.prec = 60
        return dumped(_decimal_math(operator, Decimal(first), Decimal(second)))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _whole_math(operator: str, left: int, right: int) -> int:
    if operator in "/%" and right == 0:
        raise ValueError(raised_in_sql("22012", "Division by zero"))
    if operator == "/":
        made = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
    elif operator == "%":
        made = abs(left) % abs(right) * (-1 if left < 0 else 1)
    else:
        made = {"+": left + right, "-": left - right, "*": left * right}[operator]
    if not -_BIG <= made < _BIG:
        raise ValueError(raised_in_sql("22003", "Value out of range for 8 bytes."))
    return made


def _decimal_math(operator: str, left: Decimal, right: Decimal) -> Decimal:
    if operator == "*":
        return left * right
    if operator in "+-":
        return left + right if operator == "+" else left - right
    try:
        if operator == "%":
            return left % right
        scale = max(_scale(left), _scale(right), 4)
        return (left / right).quantize(Decimal(1).scaleb(-scale))
    except (InvalidOperation, ZeroDivisionError):
        raise ValueError(raised_in_sql("22012", "Division by zero")) from None


def _scale(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


@scalar("ls_super_round", "VARCHAR", "VARCHAR", "INTEGER", returns="VARCHAR")
def super_round(name: str, text: str, digits: int) -> str | None:
    """FLOOR, CEIL, ROUND, TRUNC and ABS; NULL for what is no number."""
    from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP

    value = loaded(text)
    if not _is_number(value):
        return None
    if name == "abs":
        return dumped(abs(value))
    way = {"floor": ROUND_FLOOR, "ceil": ROUND_CEILING, "round": ROUND_HALF_UP, "trunc": ROUND_DOWN}[name]
    with localcontext() as context:
        context.prec = 60
        made = Decimal(value).quantize(Decimal(1).scaleb(-digits), way)
    return dumped(int(made) if digits <= 0 else made)


def _order(value: Any) -> tuple[int, Any]:
    kind = _kind(value)
    ranks = {"boolean": 0, "number": 1, "string": 2, "array": 3, "object": 4, "null": 5}
    return ranks[kind], value if kind in ("boolean", "number", "string") else dumped(value)


@scalar("ls_super_order", "VARCHAR", returns="VARCHAR")
def super_order(text: str) -> str:
    """A text that sorts as the values do: numbers before strings before arrays before objects."""
    rank, value = _order(loaded(text))
    if rank != 1:
        return f"{rank}{value.lower() if isinstance(value, str) else value}"
    number = float(value)
    # A double's bits, turned so that they sort as the number does.
    import struct

    bits = int(struct.unpack(">Q", struct.pack(">d", number))[0])
    bits = bits ^ 0xFFFFFFFFFFFFFFFF if bits >> 63 else bits | 1 << 63
    return f"{rank}{bits:016x}"


@scalar("ls_super_compare", "VARCHAR", "VARCHAR", returns="INTEGER")
def super_compare(left: str, right: str) -> int | None:
    """-1, 0 or 1 of two values of one kind; NULL where their kinds differ."""
    first, second = loaded(left), loaded(right)
    if _kind(first) != _kind(second) or first is None:
        return None
    if isinstance(first, list | dict):
        return 0 if first == second else None
    return int(first > second) - int(first < second)
