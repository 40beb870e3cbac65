"""EXPLAIN in Redshift's words: the steps of the engine's plan, and no costs, which would be made up.

https://docs.aws.amazon.com/redshift/latest/dg/r_EXPLAIN.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

__all__ = ["NOTICE", "plan_lines"]

NOTICE: Final = "The steps are the local engine's under Redshift's names; costs, slices and distribution are not told."
_STEPS: Final = {
    "CROSS_PRODUCT": "XN Nested Loop",
    "DUMMY_SCAN": "XN Result",
    "FILTER": "XN Filter",
    "HASH_GROUP_BY": "XN HashAggregate",
    "LIMIT": "XN Limit",
    "NESTED_LOOP_JOIN": "XN Nested Loop",
    "ORDER_BY": "XN Sort",
    "PERFECT_HASH_GROUP_BY": "XN HashAggregate",
    "PIECEWISE_MERGE_JOIN": "XN Merge Join",
    "RECURSIVE_CTE": "XN Recursive Union",
    "STREAMING_LIMIT": "XN Limit",
    "STREAMING_WINDOW": "XN Window",
    "TOP_N": "XN Limit",
    "UNGROUPED_AGGREGATE": "XN Aggregate",
    "UNION": "XN Append",
    "UNNEST": "XN Unnest",
    "WINDOW": "XN Window",
}
# Steps of the engine that Redshift's plans do not name.
_SILENT: Final = frozenset({"PROJECTION", "RESULT_COLLECTOR", "EXPLAIN", "CTE_SCAN", "COLUMN_DATA_SCAN"})


def plan_lines(plan: str) -> list[str]:
    """Lines of the plan the engine gave as JSON, each step below and to the right of the one it feeds."""
    return [line for node in json.loads(plan) for line in _lines(node, 0)] or ["XN Result"]


def _lines(node: dict[str, Any], depth: int) -> Iterator[str]:
    name = str(node["name"]).strip()
    info = node.get("extra_info") or {}
    children = node.get("children") or []
    if name not in _SILENT:
        rows = info.get("Estimated Cardinality")
        told = f"  (rows={rows})" if rows else ""
        yield f"{'  ' * depth}{'->  ' if depth else ''}{_step(name, info)}{told}"
        for key in ("Filters", "Conditions"):
            if info.get(key):
                label = "Filter" if key == "Filters" else "Hash Cond"
                text = info[key] if isinstance(info[key], str) else " AND ".join(info[key])
                yield f"{'  ' * (depth + 2)}{label}: ({text})"
        depth += 1
    for child in children:
        yield from _lines(child, depth)


def _step(name: str, info: dict[str, Any]) -> str:
    if name.endswith("SCAN") and info.get("Table"):
        return f"XN Seq Scan on {str(info['Table']).rpartition('.')[2].strip(chr(34))}"
    if name == "HASH_JOIN":
        kind = str(info.get("Join Type", "INNER")).capitalize()
        return "XN Hash Join" if kind == "Inner" else f"XN Hash {kind} Join"
    return _STEPS.get(name, f"XN {name.replace('_', ' ').title()}")
