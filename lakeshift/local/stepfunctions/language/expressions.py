"""Fields that are computed: payload templates with paths (``"x.$": "$.a"``) and JSONata (``"{% $states.input %}"``)."""

from __future__ import annotations

import hashlib
import json
import random
import uuid
from typing import Any, Final

from lakeshift.local.stepfunctions.language.failure import StateFailure
from lakeshift.local.stepfunctions.language.intrinsics import call
from lakeshift.local.stepfunctions.language.paths import Data, PathMissing, value_at

__all__ = ["evaluate_jsonata", "fill", "fill_jsonata", "is_jsonata", "lookup", "missing"]

_OPEN, _CLOSE = "{%", "%}"
_WRONG: Final = "States.QueryEvaluationError"


def lookup(text: str, data: Data, field: str) -> Any:
    """The value of a path or of a call of an intrinsic function; raises StateFailure (States.Runtime)."""
    try:
        return value_at(text, data) if text.startswith("$") else call(text, data)
    except PathMissing as error:
        raise missing(error, field) from error


def missing(error: PathMissing, field: str) -> StateFailure:
    """AWS's text for a path that leads nowhere."""
    given = json.dumps(error.data, separators=(",", ":"), ensure_ascii=False)
    cause = f"The JSONPath '{error.path}' specified for the field '{field}' could not be found in the input '{given}'"
    return StateFailure("States.Runtime", cause, field=field)


def fill(template: Any, data: Data) -> Any:
    """A payload template with every ``name.$`` replaced; raises StateFailure."""
    if isinstance(template, dict):
        return {
            (key[:-2] if key.endswith(".$") else key): (
                lookup(value, data, key) if key.endswith(".$") else fill(value, data)
            )
            for key, value in template.items()
        }
    return [fill(item, data) for item in template] if isinstance(template, list) else template


def is_jsonata(value: Any) -> bool:
    """Whether the value is a JSONata expression."""
    return isinstance(value, str) and value.startswith(_OPEN) and value.rstrip().endswith(_CLOSE)


def fill_jsonata(template: Any, bindings: dict[str, Any], field: str) -> Any:
    """A value with every ``{% … %}`` inside it evaluated; raises StateFailure (States.QueryEvaluationError)."""
    if isinstance(template, dict):
        return {key: fill_jsonata(value, bindings, f"{field}/{key}") for key, value in template.items()}
    if isinstance(template, list):
        return [fill_jsonata(item, bindings, f"{field}[{at}]") for at, item in enumerate(template)]
    return _evaluated(template, bindings, field) if is_jsonata(template) else template


def _evaluated(text: str, bindings: dict[str, Any], field: str) -> Any:
    expression = text.strip()[len(_OPEN) : -len(_CLOSE)].strip()
    try:
        value = evaluate_jsonata(expression, bindings)
    except Exception as error:
        cause = f"The JSONata expression '{expression}' specified for the field '{field}' threw an error during evaluation. {error}"  # noqa: E501
        raise StateFailure(_WRONG, cause, field=field) from error
    if value is _UNDEFINED:
        cause = f"The JSONata expression '{expression}' specified for the field '{field}' returned nothing (undefined)."
        raise StateFailure(_WRONG, cause, field=field)
    return value


_UNDEFINED: Final = object()


def evaluate_jsonata(expression: str, bindings: dict[str, Any]) -> Any:
    """The JSON value of a JSONata expression, or a mark for nothing; raises what the engine raises."""
    import jsonata

    engine = jsonata.Jsonata(expression)
    frame = engine.create_frame()
    for name, function in _FUNCTIONS.items():
        engine.register_lambda(name, function)
    for name, value in bindings.items():
        if callable(value):
            engine.register_lambda(name, value)
        else:
            frame.bind(name, _with_nulls(value))
    found = engine.evaluate(None, frame)
    if found is None:
        return _null_or_undefined(expression, frame)
    return _numbers(json.loads(json.dumps(found, default=_plain)))


def _null_or_undefined(expression: str, frame: Any) -> Any:
    """JSON's null is a value, JSONata's undefined is none; the engine gives None for both."""
    import jsonata

    asked = jsonata.Jsonata(f"$exists({expression})")
    for name, function in _FUNCTIONS.items():
        asked.register_lambda(name, function)
    return None if asked.evaluate(None, frame) else _UNDEFINED


def _with_nulls(value: Any) -> Any:
    """JSON's null as the engine's own, which is not undefined."""
    from jsonata.utils import Utils

    if isinstance(value, dict):
        return {key: _with_nulls(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_with_nulls(inner) for inner in value]
    return Utils.NULL_VALUE if value is None else value


def _plain(value: Any) -> Any:
    return None if type(value).__name__ == "NullValue" else list(value)


def _numbers(value: Any) -> Any:
    """Whole numbers without a fraction, as JSONata writes them."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, dict):
        return {key: _numbers(inner) for key, inner in value.items()}
    return [_numbers(inner) for inner in value] if isinstance(value, list) else value


def _hash(value: str, algorithm: str = "SHA-256") -> str:
    return hashlib.new(algorithm.replace("-", "").lower(), value.encode()).hexdigest()


def _partition(array: list[Any], size: int) -> list[list[Any]]:
    return [array[at : at + int(size)] for at in range(0, len(array), int(size))]


def _range(first: int, last: int, step: int = 1) -> list[int]:
    first, last, step = int(first), int(last), int(step)
    return list(range(first, last + (1 if step > 0 else -1), step))


def _forbidden(*_: Any) -> Any:
    raise ValueError("$eval is not supported in Step Functions; use $parse")


# https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html#jsonata-functions-provided
_FUNCTIONS: Final[dict[str, Any]] = {
    "uuid": lambda: str(uuid.uuid4()),
    "hash": _hash,
    "parse": json.loads,
    "partition": _partition,
    "range": _range,
    "random": lambda *seed: random.Random(*seed).random(),  # noqa: S311 - not for secrets, as on AWS
    "eval": _forbidden,
}
