"""Transforms that work on fields: select, drop, rename, split, map."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql import types as t

from lakeshift.glue_runtime.engine.frame import GlueFrame
from lakeshift.glue_runtime.engine.paths import Path, column_name, split_path
from lakeshift.glue_runtime.engine.presence import HIDDEN, hidden_name
from lakeshift.glue_runtime.engine.rewrite import Fields, cast, failing, find, mark_of, rewrite
from lakeshift.glue_runtime.engine.type_text import parse_type
from lakeshift.glue_runtime.engine.types import is_choice

__all__ = ["Mapping", "apply_mapping", "drop_fields", "rename_field", "select_fields", "split_fields"]

_CARRIED = "\u0002"
_MARK = "\u0002mark"
_AS_THEY_ARE = {"struct", "array", "map", "choice"}


@dataclass(frozen=True)
class Mapping:
    """One line of ApplyMapping; a type of None keeps the type it has."""

    source: str
    source_type: str | None
    target: str
    target_type: str | None

    @classmethod
    def of(cls, given: Sequence[str]) -> Mapping:
        """Read a tuple of four; of two (source, target) and of three (source, target, type), as the library allows."""
        if len(given) == 4:
            return cls(*given)
        if len(given) == 3:
            return cls(given[0], None, given[1], given[2])
        return cls(given[0], None, given[1], None)


def select_fields(frame: GlueFrame, paths: Iterable[str]) -> GlueFrame:
    """Keep the named top-level fields; names that are not there are ignored.

    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-SelectFields.html
    """
    wanted = {split_path(path)[0] for path in paths}
    kept = [column_name(name) for name in frame.data.columns if name.removeprefix(HIDDEN) in wanted]
    return frame.derive(frame.data.select(*kept))


def drop_fields(frame: GlueFrame, paths: Iterable[str]) -> GlueFrame:
    """Drop fields at any depth, in arrays too; a struct without fields goes with its last one.

    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-DropFields.html
    """
    gone = {split_path(path) for path in paths}
    return frame.derive(rewrite(frame.data, lambda path, _type, _column: [] if path in gone else None))


def split_fields(frame: GlueFrame, paths: Sequence[str]) -> list[GlueFrame]:
    """Return a frame with only the named fields and one with all others.

    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-SplitFields.html
    """
    return [select_fields(frame, paths), drop_fields(frame, paths)]


def _renamed(absent: frozenset[Path], old: Path, new: Path) -> frozenset[Path]:
    moved = {new + path[len(old) :] if path[: len(old)] == old else path for path in absent}
    return frozenset(moved | {new[:depth] for depth in range(1, len(new)) if old[:depth] != new[:depth]})


def rename_field(frame: GlueFrame, old: str, new: str) -> GlueFrame:
    """Rename a field; it goes to the end of its record, or into another struct when the new path says so.

    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-RenameField.html
    """
    source, target = split_path(old), split_path(new)
    found = find(frame.schema, source)
    absent = _renamed(frame.absent, source, target)
    if len(source) == len(target) == 1 and found is not None:
        return frame.derive(_rename_at_top(frame.data, source[0], target[0]), absent=absent)
    if found is None and source[:-1] == target[:-1]:
        return frame.derive(_rename_in_array(frame, source, target[-1]), absent=absent)
    if found is None:
        return frame.derive(frame.data)
    if source[:-1] == target[:-1] and len(source) > 1:
        return frame.derive(_rename_in_struct(frame, source, target[-1]), absent=absent)
    mark = mark_of(frame.schema, frame.absent, source)[1]
    marks = [] if mark is None else [mark.alias(_MARK)]
    carried = frame.data.select("*", found[1].alias(_CARRIED), *marks)
    without = rewrite(carried, lambda path, _type, _column: [] if path == source else None)
    gone = {_CARRIED, _MARK, target[0], hidden_name(target[0])}
    kept = [column_name(name) for name in without.columns if name not in gone]
    value = [(target[-1], F.col(_CARRIED)), *([(hidden_name(target[-1]), F.col(_MARK))] if marks else [])]
    top = {field.name: field for field in without.schema.fields}
    moved = _into(top, F.col, (), target, value)
    return frame.derive(without.select(*kept, *[column.alias(name) for name, column in moved]), absent=absent)


def _rename_at_top(data: DataFrame, old: str, new: str) -> DataFrame:
    """Rename a column, which goes to the end; one that has the new name goes."""
    names = data.columns
    gone = {old, new, hidden_name(old), hidden_name(new)}
    moved = [(name, to) for name, to in ((old, new), (hidden_name(old), hidden_name(new))) if name in names]
    kept = [column_name(name) for name in names if name not in gone]
    return data.select(*kept, *[F.col(column_name(name)).alias(to) for name, to in moved])


def _into(
    have: dict[str, t.StructField], get: Callable[[str], Column], path: Path, target: Path, value: Fields
) -> Fields:
    """The fields that, at the end of the struct ``path``, put ``value`` at ``target``."""
    name = target[len(path)]
    if len(target) == len(path) + 1:
        return value
    here = (*path, name)
    present = reduce(or_, [column.isNotNull() for _, column in value])
    field = have.get(name)
    if field is None or not isinstance(field.dataType, t.StructType) or is_choice(field.dataType):
        inner = _into({}, F.col, here, target, value)
        return [(name, F.when(present, F.struct(*[column.alias(n) for n, column in inner])))]
    column = get(column_name(name)) if not path else get(name)
    fields = {f.name: f for f in field.dataType.fields}
    inner = _into(fields, column.getField, here, target, value)
    replaced = {n for n, _ in inner}
    kept = [column.getField(n).alias(n) for n in fields if n not in replaced]
    made = F.struct(*kept, *[c.alias(n) for n, c in inner])
    return [(name, F.when(column.isNotNull() | present, made))]


def _rename_in_array(frame: GlueFrame, source: Path, name: str) -> DataFrame:
    """Rename where it stands a field of the structs in an array; where there is no such field nothing changes."""
    return rewrite(frame.data, lambda path, _type, column: [(name, column)] if path == source else None)


def _rename_in_struct(frame: GlueFrame, source: Path, name: str) -> DataFrame:
    parent = source[:-1]
    gone = {source[-1], hidden_name(source[-1]), name, hidden_name(name)}

    def rule(path: Path, data_type: t.DataType, column: Column) -> Fields | None:
        if path != parent or not isinstance(data_type, t.StructType) or is_choice(data_type):
            return None
        kept = [column.getField(f.name).alias(f.name) for f in data_type.fields if f.name not in gone]
        moved = [column.getField(source[-1]).alias(name)]
        if hidden_name(source[-1]) in {f.name for f in data_type.fields}:
            moved.append(column.getField(hidden_name(source[-1])).alias(hidden_name(name)))
        return [(path[-1], F.when(column.isNotNull(), F.struct(*kept, *moved)))]

    return rewrite(frame.data, rule)


def _cast_to(column: Column, source: t.DataType, target: str | None) -> Column:
    if target is None or target.strip().lower() in _AS_THEY_ARE:
        return column
    return cast(column, source, parse_type(target))


@dataclass(frozen=True)
class _Leaf:
    """One mapped value; ``present``: where its record has the key at all, None: everywhere."""

    column: Column
    present: Column | None


def _nest(tree: dict[str, Any]) -> list[Column]:
    return [
        (_struct(node) if isinstance(node, dict) else node.column if isinstance(node, _Leaf) else node).alias(name)
        for name, node in tree.items()
    ]


def _present(tree: dict[str, Any]) -> Column | None:
    """Where any leaf below is present; None: everywhere."""
    conditions = []
    for node in tree.values():
        if isinstance(node, dict | _Leaf):
            condition = _present(node) if isinstance(node, dict) else node.present
            if condition is None:
                return None
            conditions.append(condition)
    return reduce(or_, conditions)


def _struct(tree: dict[str, Any]) -> Column:
    present, made = _present(tree), F.struct(*_nest(tree))
    return made if present is None else F.when(present, made)


def apply_mapping(frame: GlueFrame, mappings: Iterable[Mapping], *, case_sensitive: bool) -> GlueFrame:
    """Map fields to new paths and types; fields without a mapping go, sources that are nowhere are ignored.

    A value that cannot be cast becomes null and its record is kept. A declared source type that is not the actual one
    is not used: the cast starts from the value.
    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-ApplyMapping.html
    """
    tree: dict[str, Any] = {}
    absent: set[Path] = set()
    for mapping in mappings:
        found = find(frame.schema, split_path(mapping.source), case_sensitive=case_sensitive)
        if found is None:
            continue
        data_type, column, actual = found
        target = split_path(mapping.target)
        place = tree
        for name in target[:-1]:
            if not isinstance(place.get(name), dict):
                place[name] = {}
            place = place[name]
        absent |= {target + path[len(actual) :] for path in frame.absent if path[: len(actual)] == actual}
        optional, mark = mark_of(frame.schema, frame.absent, actual)
        value = _cast_to(column, data_type, mapping.target_type)
        place.pop(hidden_name(target[-1]), None)
        if not optional:
            place[target[-1]] = _Leaf(value, None)
            continue
        absent |= {target[:depth] for depth in range(1, len(target) + 1)}
        failed = None if value is column else failing(column, data_type, value)
        marks = [given for given in (mark, failed) if given is not None]
        mark = F.coalesce(*marks) if marks else None
        present = column.isNotNull() if mark is None else column.isNotNull() | mark.isNotNull()
        place[target[-1]] = _Leaf(value, present)
        if mark is not None:
            place[hidden_name(target[-1])] = mark
    return frame.derive(frame.data.select(*_nest(tree)), absent=frozenset(absent))
