"""Transforms that work on fields: select, drop, rename, split, map."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql import types as t

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.glue_runtime.engine.frame import GlueFrame
from lakeshift.glue_runtime.engine.paths import Path, column_name, split_path
from lakeshift.glue_runtime.engine.rewrite import Fields, cast, find, rewrite
from lakeshift.glue_runtime.engine.type_text import parse_type
from lakeshift.glue_runtime.engine.types import is_choice

__all__ = ["Mapping", "apply_mapping", "drop_fields", "rename_field", "select_fields", "split_fields"]

_CARRIED = "\u0002"
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
    return frame.derive(frame.data.select(*[column_name(n) for n in frame.data.columns if n in wanted]))


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
    return frozenset(new + path[len(old) :] if path[: len(old)] == old else path for path in absent)


def rename_field(frame: GlueFrame, old: str, new: str) -> GlueFrame:
    """Rename a field; it goes to the end of its record, or into another struct when the new path says so.

    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-RenameField.html
    """
    source, target = split_path(old), split_path(new)
    found = find(frame.schema, source)
    if found is None:
        return frame.derive(frame.data)
    absent = _renamed(frame.absent, source, target)
    if source[:-1] == target[:-1] and len(source) > 1:
        return frame.derive(_rename_in_struct(frame, source, target[-1]), absent=absent)
    carried = frame.data.select("*", found[1].alias(_CARRIED))
    without = rewrite(carried, lambda path, _type, _column: [] if path == source else None)
    kept = [name for name in without.columns if name not in (_CARRIED, target[0])]
    moved = _into(without.schema, target, F.col(_CARRIED))
    return frame.derive(without.select(*[column_name(name) for name in kept], moved), absent=absent)


def _into(schema: t.StructType, target: Path, value: Column) -> Column:
    """The column that ``target`` begins with, made or extended so that it holds ``value`` at its end."""
    if len(target) == 1:
        return value.alias(target[0])
    found = find(schema, target[:1])
    data_type = found[0] if found else None
    if found is None or not isinstance(data_type, t.StructType):
        return F.when(value.isNotNull(), F.struct(_into(t.StructType(), target[1:], value))).alias(target[0])
    if len(target) > 2:
        raise NotSupportedLocallyError(
            f"RenameField to {'.'.join(target)}, more than one level into an existing struct",
            "Map the fields with ApplyMapping.",
            "https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-RenameField.html",
        )
    column = found[1]
    kept = [column.getField(f.name).alias(f.name) for f in data_type.fields if f.name != target[1]]
    inner = F.struct(*kept, value.alias(target[1]))
    return F.when(column.isNotNull() | value.isNotNull(), inner).alias(target[0])


def _rename_in_struct(frame: GlueFrame, source: Path, name: str) -> DataFrame:
    parent = source[:-1]

    def rule(path: Path, data_type: t.DataType, column: Column) -> Fields | None:
        if path != parent or not isinstance(data_type, t.StructType) or is_choice(data_type):
            return None
        kept = [column.getField(f.name).alias(f.name) for f in data_type.fields if f.name not in (source[-1], name)]
        moved = column.getField(source[-1]).alias(name)
        return [(path[-1], F.when(column.isNotNull(), F.struct(*kept, moved)))]

    return rewrite(frame.data, rule)


def _cast_to(column: Column, source: t.DataType, target: str | None) -> Column:
    if target is None or target.strip().lower() in _AS_THEY_ARE:
        return column
    return cast(column, source, parse_type(target))


def _nest(tree: dict[str, Any]) -> list[Column]:
    return [(_struct(node) if isinstance(node, dict) else node).alias(name) for name, node in tree.items()]


def _struct(tree: dict[str, Any]) -> Column:
    cells = _nest(tree)
    held = [(_struct(node) if isinstance(node, dict) else node).isNotNull() for node in tree.values()]
    return F.when(reduce(or_, held), F.struct(*cells))


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
        place[target[-1]] = _cast_to(column, data_type, mapping.target_type)
        absent |= {target + path[len(actual) :] for path in frame.absent if path[: len(actual)] == actual}
        absent |= {target[:depth] for depth in range(1, len(target))}
    return frame.derive(frame.data.select(*_nest(tree)), absent=frozenset(absent))
