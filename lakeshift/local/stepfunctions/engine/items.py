"""What a Map state iterates over: ItemsPath, Items or an ItemReader; ItemSelector and ItemBatcher.

https://docs.aws.amazon.com/step-functions/latest/dg/input-output-fields-dist-map.html
"""

from __future__ import annotations

from typing import Any

from lakeshift.local.stepfunctions.engine.state import Visit, compact, size
from lakeshift.local.stepfunctions.language.expressions import fill, fill_jsonata, lookup
from lakeshift.local.stepfunctions.language.failure import StateFailure

__all__ = ["Item", "batched", "item_facts", "selected", "whole_items"]

Item = tuple[str | None, Any]  # the key where an object is iterated over, and the value


def whole_items(visit: Visit) -> list[Item]:
    """The items of the state's input; raises StateFailure where they are no array (or, in JSONata, no object)."""
    if visit.jsonata:
        found = visit.field("Items", visit.input)
    else:
        path = visit.definition.get("ItemsPath", "$")
        found = lookup(path, visit.data(visit.chosen("InputPath", visit.input)), "ItemsPath")
    if visit.jsonata and isinstance(found, dict):
        return list(found.items())
    if not isinstance(found, list):
        error = "States.QueryEvaluationError" if visit.jsonata else "States.Runtime"
        raise StateFailure(error, f"Map state input must be an array but was: {compact(found)}", field="Items")
    return [(None, value) for value in found]


def item_facts(item: Item, index: int) -> dict[str, Any]:
    """``Map.Item`` of the context object."""
    key, value = item
    return {"Index": index, **({} if key is None else {"Key": key}), "Value": value}


def selected(visit: Visit, facts: dict[str, Any]) -> Any:
    """An iteration's input: ItemSelector (or Parameters, its older name) over the state's input, or the item."""
    definition = visit.definition
    name = "ItemSelector" if "ItemSelector" in definition or visit.jsonata else "Parameters"
    if name not in definition:
        return facts["Value"]
    context = {**visit.context, "Map": {"Item": facts}}
    if visit.jsonata:
        bindings = visit.bindings()
        return fill_jsonata(definition[name], {**bindings, "states": {**bindings["states"], "context": context}}, name)
    data = visit.data(visit.chosen("InputPath", visit.input))
    data.context = context
    return fill(definition[name], data)


def batched(visit: Visit, inputs: list[Any]) -> list[Any]:
    """ItemBatcher: ``{"Items": […], "BatchInput": …}`` for each child execution."""
    batcher = visit.definition.get("ItemBatcher")
    if batcher is None:
        return inputs
    most, largest = _limit(visit, batcher, "MaxItemsPerBatch"), _limit(visit, batcher, "MaxInputBytesPerBatch")
    shared = {"BatchInput": visit.filled(batcher["BatchInput"], "BatchInput")} if "BatchInput" in batcher else {}
    batches: list[list[Any]] = []
    room = 0
    for value in inputs:
        bytes_needed = size(value) + 1
        if not batches or (most and len(batches[-1]) >= most) or (largest and bytes_needed > room):
            batches.append([])
            room = (largest or 0) - size({**shared, "Items": []})
        batches[-1].append(value)
        room -= bytes_needed
    return [{**shared, "Items": batch} for batch in batches]


def _limit(visit: Visit, batcher: dict[str, Any], name: str) -> int | None:
    if f"{name}Path" in batcher and not visit.jsonata:
        value = lookup(batcher[f"{name}Path"], visit.data(), f"{name}Path")
    else:
        value = visit.filled(batcher.get(name), name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value <= 0):
        raise StateFailure("States.Runtime", f"{name} must be a positive integer, not {compact(value)}", field=name)
    return value
