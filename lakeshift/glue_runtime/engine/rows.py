"""Transforms that work on rows of one or two frames: split, join, union, merge."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import and_, eq, ge, gt, le, lt, ne
from typing import Any

from pyspark.sql import Column
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql import types as t

from lakeshift.glue_runtime.engine.conforming import conform
from lakeshift.glue_runtime.engine.frame import GlueFrame
from lakeshift.glue_runtime.engine.paths import column_name, split_path
from lakeshift.glue_runtime.engine.presence import HIDDEN, hidden_name, is_hidden
from lakeshift.glue_runtime.engine.rewrite import find
from lakeshift.glue_runtime.engine.shapes import framed, merge_all, shape_of

__all__ = ["join", "merge_frames", "split_rows", "union"]

_OPERATORS = {"=": eq, "==": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}


def _field(frame: GlueFrame, path: str) -> tuple[t.DataType, Column]:
    found = find(frame.schema, split_path(path))
    if found is None:
        raise ValueError(f"Field {path} is not in the frame; it has {', '.join(frame.data.columns)}")
    return found[0], found[1]


def split_rows(frame: GlueFrame, tests: Sequence[tuple[str, Any, str]]) -> list[GlueFrame]:
    """Return the rows that pass every ``(path, value, operator)`` test, and the others (nulls are among these).

    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-SplitRows.html
    """
    conditions = []
    for path, value, operator in tests:
        if operator not in _OPERATORS:
            raise ValueError(f"Unknown operator {operator}; use one of {', '.join(_OPERATORS)}")
        data_type, column = _field(frame, path)
        conditions.append(_OPERATORS[operator](column, F.lit(value).cast(data_type)))
    condition = reduce(and_, conditions)
    rest = ~F.coalesce(condition, F.lit(False))
    # The condition as it is: Spark hands no coalesce down to the files.
    return [frame.derive(frame.data.filter(kept), loose=True) for kept in (condition, rest)]


def _names(left: Sequence[str], right: Sequence[str]) -> dict[str, str]:
    """The names of the right side's columns in the join: a leading dot, or more, where the left side has the name."""
    taken = set(left)
    renamed = {}
    for name in right:
        shown = name.removeprefix(HIDDEN)
        while shown in taken:
            shown = f".{shown}"
        renamed[name] = hidden_name(shown) if is_hidden(name) else shown
    return renamed


def join(left: GlueFrame, right: GlueFrame, left_keys: Sequence[str], right_keys: Sequence[str]) -> GlueFrame:
    """Join on equal keys; where both have a name, the right one's gets a leading dot.

    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-join.html
    """
    if len(left_keys) != len(right_keys):
        raise ValueError("Join needs as many keys on one side as on the other")
    ours = left.data
    renamed = _names(ours.columns, right.data.columns)
    theirs = right.data.select(*[F.col(column_name(n)).alias(new) for n, new in renamed.items()])
    conditions = []
    for one, other in zip(left_keys, right_keys, strict=True):
        there = split_path(other)
        found_left = find(ours.schema, split_path(one))
        found_right = find(theirs.schema, (renamed.get(there[0], there[0]), *there[1:]))
        if found_left is None or found_right is None:
            missing = one if found_left is None else other
            raise ValueError(f"Join key {missing} is not in the frame")
        conditions.append(found_left[1] == found_right[1])
    data = ours.join(theirs, reduce(and_, conditions))
    absent = left.absent | {(renamed[path[0]], *path[1:]) for path in right.absent if path[0] in renamed}
    return GlueFrame(data, left.name, frozenset(absent), errors=left.errors + right.errors, loose=True)


def union(left: GlueFrame, right: GlueFrame) -> GlueFrame:
    """Return all records of both; their schemas merge as records do, so that a conflict becomes a choice.

    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-union.html
    """
    errors = left.errors + right.errors
    if left.schema == right.schema and left.absent == right.absent:
        return GlueFrame(left.data.unionAll(right.data), left.name, left.absent, errors, loose=left.loose | right.loose)
    shapes = [shape_of(frame.schema, frame.absent) for frame in (left, right)]
    schema, absent = framed(merge_all(shapes))
    data = conform(left.data, left.absent, schema).unionAll(conform(right.data, right.absent, schema))
    return GlueFrame(data, left.name, absent, errors, loose=left.loose | right.loose)


def merge_frames(source: GlueFrame, stage: GlueFrame, keys: Sequence[str]) -> GlueFrame:
    """Return all of ``stage`` and those records of ``source`` whose keys are not in it.

    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-dynamic-frame.html
    """
    known = stage.data.select(*[_field(stage, key)[1].alias(f"\u0002{i}") for i, key in enumerate(keys)]).distinct()
    conditions = [_field(source, key)[1] == F.col(f"\u0002{i}") for i, key in enumerate(keys)]
    kept = source.data.join(known, reduce(and_, conditions), "left_anti")
    return union(source.derive(kept, loose=True), stage)
