"""A dashboard's body, checked as PutDashboard checks it. Pure.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

__all__ = ["Fault", "check"]

Fault = dict[str, str]  # {"DataPath": …, "Message": …}

_TYPES: Final = ("metric", "text", "log", "alarm", "explorer")
_NEEDED: Final = {
    "text": ("markdown",),
    "alarm": ("alarms",),
    "log": ("query", "region"),
    "metric": ("region",),
    "explorer": ("metrics", "labels", "widgetOptions"),
}
_VIEWS: Final = ("timeSeries", "singleValue", "gauge", "bar", "pie", "table")
_MOST_WIDGETS: Final = 500
_GRID: Final = 24
_TALLEST: Final = 1000


def check(body: str) -> list[Fault]:
    """Everything that is wrong with the body; with one of them AWS refuses it as DashboardInvalidInputError."""
    try:
        document = json.loads(body)
    except ValueError:
        return [_fault("/", "The field DashboardBody must be a valid JSON object")]
    if not isinstance(document, dict):
        return [_fault("/", "The field DashboardBody must be a valid JSON object")]
    widgets = document.get("widgets")
    if not isinstance(widgets, list):
        return [_fault("/", "Should have required property 'widgets'")]
    if len(widgets) > _MOST_WIDGETS:
        return [_fault("/widgets", f"Should NOT have more than {_MOST_WIDGETS} items")]
    return [fault for index, widget in enumerate(widgets) for fault in _widget(f"/widgets/{index}", widget)]


def _fault(path: str, message: str) -> Fault:
    return {"DataPath": path, "Message": message}


def _widget(path: str, widget: Any) -> Iterator[Fault]:
    if not isinstance(widget, dict):
        yield _fault(path, "Should be object")
        return
    kind = widget.get("type")
    if kind is None:
        yield _fault(path, "Should have required property 'type'")
        return
    if kind not in _TYPES:
        yield _fault(f"{path}/type", f"Should be one of {', '.join(_TYPES)}; {kind!r} is given")
        return
    yield from _place(path, widget)
    properties = widget.get("properties")
    if not isinstance(properties, dict):
        yield _fault(path, "Should have required property 'properties'")
        return
    for name in _NEEDED[kind]:
        if name not in properties:
            yield _fault(f"{path}/properties", f"Should have required property '{name}'")
    if kind == "metric":
        yield from _metric(f"{path}/properties", properties)


def _place(path: str, widget: Mapping[str, Any]) -> Iterator[Fault]:
    for name, least, most in (("x", 0, _GRID - 1), ("y", 0, None), ("width", 1, _GRID), ("height", 1, _TALLEST)):
        value = widget.get(name)
        if value is None:
            continue
        if not isinstance(value, int) or isinstance(value, bool):
            yield _fault(f"{path}/{name}", "Should be integer")
        elif value < least:
            yield _fault(f"{path}/{name}", f"Should be >= {least}")
        elif most is not None and value > most:
            yield _fault(f"{path}/{name}", f"Should be <= {most}")


def _metric(path: str, properties: Mapping[str, Any]) -> Iterator[Fault]:
    view = properties.get("view")
    if view is not None and view not in _VIEWS:
        yield _fault(f"{path}/view", f"Should be one of {', '.join(_VIEWS)}; {view!r} is given")
    metrics = properties.get("metrics")
    if metrics is None and "annotations" not in properties:
        yield _fault(path, "Should have required property 'metrics'")
    if metrics is None:
        return
    if not isinstance(metrics, list) or not metrics:
        yield _fault(f"{path}/metrics", "Should NOT have fewer than 1 items")
        return
    for index, row in enumerate(metrics):
        yield from _row(f"{path}/metrics/{index}", row)


def _row(path: str, row: Any) -> Iterator[Fault]:
    if not isinstance(row, list) or not row:
        yield _fault(path, "Should be array")
        return
    names = row[:-1] if isinstance(row[-1], dict) else row
    if not names:
        if "expression" not in row[-1]:
            yield _fault(f"{path}/0", "Should have required property 'expression'")
        return
    if any(not isinstance(name, str) for name in names):
        yield _fault(path, "Should be strings, and at the end an object of options")
    elif len(names) < 2 or len(names) % 2:
        yield _fault(path, "Should be a namespace, a metric name and pairs of dimension name and value")
