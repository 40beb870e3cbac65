"""Repairs of moto's interpreter itself: JSONata, paths, error names, executions that stay stopped."""

from __future__ import annotations

import hashlib
import json
import random
import re
import uuid
from datetime import datetime
from typing import Any, Final

from lakeshift.local.stepfunctions.clients import to_json_value
from lakeshift.local.stepfunctions.symbols import ASL, rebind, replace, symbol

__all__ = ["evaluate_jsonata", "install"]

_JSONATA: Final = ASL + "jsonata.jsonata"
_DEFINITE: Final = re.compile(r"""\$(?:\.[A-Za-z_]\w*|\[\d+\]|\['[^'*]+'\])*""")
_OPERATORS: Final = "component.state.choice.comparison.operator.implementations."
_PATH_USERS: Final = (
    "component.common.string.string_expression",
    "component.intrinsic.argument.argument",
    f"{_OPERATORS}boolean_equals",
    f"{_OPERATORS}numeric",
    f"{_OPERATORS}string_operators",
    f"{_OPERATORS}timestamp_operators",
    "eval.states",
)
_STOPPED: Final = ("ProgramStopped", "ProgramTimedOut")


def install() -> None:
    """Put every repair in its place; raises LakeshiftError where moto lacks a symbol."""
    rebind(
        f"{_JSONATA}:eval_jsonata_expression",
        evaluate_jsonata,
        [f"{ASL}component.common.string.string_expression", f"{ASL}jsonata.validations"],
    )
    rebind(
        f"{_JSONATA}:encode_jsonata_variable_declarations",
        _declare,
        [f"{ASL}eval.states", f"{ASL}eval.variable_store"],
    )
    # An error `States.…` keeps its name inside a Map item and in a Fail state; moto refuses it as a custom name.
    error_name = symbol(f"{ASL}component.common.error_name.error_name:ErrorName")
    replace(f"{ASL}component.common.error_name.custom_error_name:CustomErrorName.__init__", error_name.__init__)
    # moto declares these three as functions that say they are not supported, or by $eval, which AWS forbids.
    declared = symbol(f"{ASL}component.intrinsic.jsonata:_DECLARATION_BY_VARIABLE_REFERENCE")
    for name in ("$hash", "$parse", "$uuid"):
        declared.pop(name, None)
    _install_paths()
    _install_stop()
    _install_timestamps()


def _install_paths() -> None:
    """A path that names one value gives that value; moto gives ``$.rows[0].name`` as a list of one."""
    module = f"{ASL}utils.json_path"
    parse, missing = symbol(f"{module}:parse"), symbol(f"{module}:NoSuchJsonPathError")

    def extract(path: str, data: Any) -> Any:
        if not _DEFINITE.fullmatch(path):
            return extract_any(path, data)
        matches = parse(path).find(data)
        if not matches:
            raise missing(json_path=path, data=data)
        return matches[0].value

    extract_any = rebind(f"{module}:extract_json", extract, [f"{ASL}{user}" for user in _PATH_USERS])


def _install_stop() -> None:
    """What a stopped or timed-out execution still raises while it unwinds does not make it FAILED."""

    def set_error(self: Any, error: Any) -> None:
        if type(self._program_state).__name__ not in _STOPPED:
            set_error_always(self, error)

    set_error_always = replace(f"{ASL}eval.environment:Environment.set_error", set_error)


def _install_timestamps() -> None:
    """``$$.Execution.StartTime`` and the like are text in the context object, as on AWS."""

    def encode(self: Any, o: Any) -> Any:  # noqa: ARG001 - JSONEncoder's own signature
        return to_json_value(o) if isinstance(o, datetime) else str(o)

    replace(f"{ASL}utils.encoding:_DateTimeEncoder.default", encode)


def evaluate_jsonata(expression: str) -> Any:
    """The JSON value of a JSONata expression; raises moto's JSONataException with the engine's text."""
    import jsonata

    try:
        engine = jsonata.Jsonata(expression)
        for name, function in _FUNCTIONS.items():
            engine.register_lambda(name, function)
        return json.loads(json.dumps(engine.evaluate(None), default=_plain))
    except Exception as error:
        raise symbol(f"{_JSONATA}:JSONataException")("UNKNOWN", str(error)) from error


def _plain(value: Any) -> Any:
    return None if type(value).__name__ == "NullValue" else list(value)


def _declare(bindings: dict[str, Any]) -> str:
    return "".join(f"{name}:={json.dumps(to_json_value(value))};" for name, value in bindings.items())


def _hash(value: str, algorithm: str) -> str:
    return hashlib.new(algorithm.replace("-", "").lower(), value.encode()).hexdigest()


# https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html#jsonata-functions-provided
_FUNCTIONS: Final[dict[str, Any]] = {
    "uuid": lambda: str(uuid.uuid4()),
    "hash": _hash,
    "parse": json.loads,
    "random": lambda *seed: random.Random(*seed).random(),  # noqa: S311 - not for secrets, as on AWS
}
