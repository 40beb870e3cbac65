"""The intrinsic functions of the JSONPath language, as functions of Python values.

https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
import re
import uuid
from collections.abc import Callable
from typing import Any, Final

__all__ = ["FUNCTIONS"]

_LONGEST: Final = 10_000  # characters of a Base64 or Hash argument
_MOST: Final = 1_000  # items of a range
_ALGORITHMS: Final = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}


def _need(holds: bool, said: str) -> None:
    if not holds:
        raise ValueError(said)


def _is_integer(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and float(value).is_integer()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _format(template: str, *values: Any) -> str:
    """``{}`` in turn; a backslash makes a brace stand for itself."""
    pieces = re.split(r"(\\.|\{\})", template)
    given = iter(values)
    _need(pieces.count("{}") == len(values), f"{pieces.count('{}')} places for {len(values)} values")
    made = []
    for piece in pieces:
        if piece == "{}":
            made.append(_text(next(given)))
        else:
            made.append(piece[1:] if re.fullmatch(r"\\[{}\\']", piece) else piece)
    return "".join(made)


def _partition(array: Any, size: Any) -> list[Any]:
    _need(isinstance(array, list) and _is_integer(size) and size > 0, "an array and a positive size are needed")
    return [array[at : at + int(size)] for at in range(0, len(array), int(size))]


def _range(first: Any, last: Any, step: Any) -> list[int]:
    _need(all(map(_is_integer, (first, last, step))) and step != 0, "three whole numbers, the step not 0, are needed")
    first, last, step = int(first), int(last), int(step)
    made = list(range(first, last + (1 if step > 0 else -1), step))
    _need(len(made) <= _MOST, f"a range has at most {_MOST} items")
    return made


def _item(array: Any, index: Any) -> Any:
    _need(isinstance(array, list) and _is_integer(index), "an array and an index are needed")
    _need(0 <= index < len(array), f"index {index} is outside an array of {len(array)}")
    return array[int(index)]


def _unique(array: Any) -> list[Any]:
    _need(isinstance(array, list), "an array is needed")
    seen: dict[str, Any] = {}
    for item in array:
        seen.setdefault(json.dumps(item, sort_keys=True), item)
    return list(seen.values())


def _contains(array: Any, value: Any) -> bool:
    _need(isinstance(array, list), "an array is needed")
    wanted = json.dumps(value, sort_keys=True)
    return any(json.dumps(item, sort_keys=True) == wanted for item in array)


def _short(text: Any) -> str:
    _need(isinstance(text, str) and len(text) <= _LONGEST, f"text of at most {_LONGEST} characters is needed")
    return str(text)


def _hash(data: Any, algorithm: str) -> str:
    _need(algorithm in _ALGORITHMS, f"the algorithm is one of {', '.join(_ALGORITHMS)}")
    return hashlib.new(_ALGORITHMS[algorithm], _short(_text(data)).encode()).hexdigest()


def _merge(first: Any, second: Any, deep: bool) -> dict[str, Any]:
    _need(isinstance(first, dict) and isinstance(second, dict), "two objects are needed")
    _need(deep is False, "only the shallow merge (false) is supported")
    return {**first, **second}


def _random(start: Any, end: Any, seed: Any = None) -> int:
    _need(_is_integer(start) and _is_integer(end) and start < end, "two whole numbers in order are needed")
    return random.Random(seed).randrange(int(start), int(end))  # noqa: S311 - not for secrets, as on AWS


def _add(first: Any, second: Any) -> int:
    _need(_is_integer(first) and _is_integer(second), "two whole numbers are needed")
    return int(first) + int(second)


def _split(text: Any, separators: Any) -> list[str]:
    _need(isinstance(text, str) and isinstance(separators, str) and separators != "", "two texts are needed")
    return [piece for piece in re.split(f"[{re.escape(separators)}]", text) if piece]


def _length(array: Any) -> int:
    _need(isinstance(array, list), "an array is needed")
    return len(array)


def _parsed(text: Any) -> Any:
    _need(isinstance(text, str), "text is needed")
    return json.loads(text)


FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "Array": lambda *values: list(values),
    "ArrayPartition": _partition,
    "ArrayContains": _contains,
    "ArrayRange": _range,
    "ArrayGetItem": _item,
    "ArrayLength": _length,
    "ArrayUnique": _unique,
    "Base64Encode": lambda text: base64.b64encode(_short(text).encode()).decode(),
    "Base64Decode": lambda text: base64.b64decode(_short(text), validate=True).decode(),
    "Format": _format,
    "Hash": _hash,
    "JsonMerge": _merge,
    "JsonToString": lambda value: json.dumps(value, separators=(",", ":"), ensure_ascii=False),
    "MathAdd": _add,
    "MathRandom": _random,
    "StringSplit": _split,
    "StringToJson": _parsed,
    "UUID": lambda: str(uuid.uuid4()),
}
