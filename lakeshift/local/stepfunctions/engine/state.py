"""One visit of a state: its input, its context object, and its fields in either query language."""

from __future__ import annotations

import json
from typing import Any, Final

from lakeshift.local import clock
from lakeshift.local.stepfunctions.clients import instant
from lakeshift.local.stepfunctions.engine.scope import Scope
from lakeshift.local.stepfunctions.language.expressions import fill, fill_jsonata, lookup
from lakeshift.local.stepfunctions.language.failure import StateFailure
from lakeshift.local.stepfunctions.language.paths import Data, PathMissing, bracketed, place, value_at

__all__ = ["LARGEST", "Visit", "compact", "size"]

LARGEST: Final = 262_144  # bytes of UTF-8: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
_NOTHING: Final = object()


def compact(value: Any) -> str:
    """JSON as Step Functions writes it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def size(value: Any) -> int:
    """Bytes of the value as JSON."""
    return len(compact(value).encode())


class Visit:
    """A state that is running, from entry to exit."""

    def __init__(self, scope: Scope, name: str, definition: dict[str, Any], given: Any) -> None:
        self.scope, self.name, self.definition, self.input = scope, name, definition, given
        self.kind: str = definition["Type"]
        self.jsonata = definition.get("QueryLanguage", scope.run.language) == "JSONata"
        self.entered = 0
        self.assigned: dict[str, Any] = {}
        self.context = {**scope.run.facts, "State": {"EnteredTime": instant(clock.now()), "Name": name}}
        if scope.map_item is not None:
            self.context["Map"] = {"Item": scope.map_item}

    def data(self, value: Any = _NOTHING) -> Data:
        """What paths start from, over the state's input or another value."""
        return Data(self.input if value is _NOTHING else value, self.context, self.scope.visible())

    def bindings(self, **more: Any) -> dict[str, Any]:
        """What JSONata sees: ``$states`` with ``result`` or ``errorOutput`` where given, and the variables."""
        states = {"input": self.input, "context": self.context, **more}
        now = clock.now()
        own = {"now": lambda *_: instant(now), "millis": lambda: int(now.timestamp() * 1000)}
        return {**own, **self.scope.visible(), "states": states}

    def field(self, name: str, default: Any = None, **more: Any) -> Any:
        """A field's value: an expression, ``<name>Path``, or what stands there."""
        if not self.jsonata and f"{name}Path" in self.definition:
            return lookup(self.definition[f"{name}Path"], self.data(), f"{name}Path")
        value = self.definition.get(name, default)
        return fill_jsonata(value, self.bindings(**more), name) if self.jsonata else value

    def template(self, name: str, value: Any = _NOTHING, **more: Any) -> Any:
        """A field that is a payload template, over the input or another value."""
        return self.filled(self.definition[name], name, value, **more)

    def filled(self, template: Any, name: str, value: Any = _NOTHING, **more: Any) -> Any:
        """A template evaluated in the state's language."""
        return fill_jsonata(template, self.bindings(**more), name) if self.jsonata else fill(template, self.data(value))

    def chosen(self, name: str, value: Any) -> Any:
        """InputPath or OutputPath applied; ``null`` gives an empty object."""
        path = self.definition.get(name, "$")
        if path is None:
            return {}
        try:
            return value_at(path, self.data(value))
        except PathMissing as error:
            cause = f"Invalid path '{path}' : No results for path: {bracketed(path)}"
            raise StateFailure("States.Runtime", cause, field=name) from error

    def placed(self, result: Any, rule: dict[str, Any]) -> Any:
        """ResultPath of the state or of a catcher applied to the state's input."""
        path = rule.get("ResultPath", "$")
        return self.input if path is None else place(self.input, path, result)

    def assign(self, rule: dict[str, Any], value: Any, **more: Any) -> None:
        """``Assign`` of a state, catcher or choice rule; takes effect when the state is left."""
        if "Assign" in rule:
            self.assigned = self.filled(rule["Assign"], "Assign", value, **more)

    def assigned_now(self) -> dict[str, Any]:
        """Put the assigned variables in force."""
        self.scope.variables.update(self.assigned)
        return self.assigned

    def output(self, rule: dict[str, Any], default: Any, **more: Any) -> Any:
        """``Output`` of a JSONata state, catcher or choice rule."""
        return fill_jsonata(rule["Output"], self.bindings(**more), "Output") if "Output" in rule else default

    def told(self, failure: StateFailure) -> StateFailure:
        """The failure as it leaves the state: an evaluation that failed says where."""
        if failure.field is None and failure.error not in ("States.Runtime", "States.IntrinsicFailure"):
            return failure
        if failure.error == "States.QueryEvaluationError":
            details = {"error": failure.error, "cause": failure.cause, "location": failure.field, "state": self.name}
            self.scope.add("EvaluationFailed", details)
        where = f"An error occurred while executing the state '{self.name}' (entered at the event id #{self.entered}). "
        return StateFailure(failure.error, where + (failure.cause or ""), heartbeat=failure.heartbeat)

    def limited(self, value: Any, what: str) -> Any:
        """The value, where it is not too large; raises StateFailure (States.DataLimitExceeded)."""
        if size(value) > LARGEST:
            cause = (
                f"The state/task '{what}' returned a result with a size exceeding the maximum number of bytes service "
                "limit."
            )
            raise StateFailure("States.DataLimitExceeded", cause)
        return value

    def seconds(self, name: str) -> int | None:
        """TimeoutSeconds or HeartbeatSeconds; raises StateFailure where it is not a positive whole number."""
        value = self.field(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
            raise StateFailure("States.Runtime", f"{name} must be a positive integer, not {compact(value)}", field=name)
        return value
