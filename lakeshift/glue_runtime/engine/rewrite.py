"""Rewriting a record's tree with Spark columns: the one mechanism under every transform."""

from __future__ import annotations

from collections.abc import Callable

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812 - the field's own habit
from pyspark.sql import types as t

from lakeshift.glue_runtime.engine.paths import Path, column_name
from lakeshift.glue_runtime.engine.types import MARK, glue_name, has_choice, is_choice, without_marks

__all__ = ["Fields", "Rule", "cast", "conform", "find", "resolve_to_structs", "rewrite"]

Fields = list[tuple[str, Column]]
Rule = Callable[[Path, t.DataType, Column], Fields | None]
"""Given a field's path, type and column: None to look inside it, else the fields that take its place."""


def _inside(data_type: t.DataType, column: Column, rule: Rule, path: Path) -> Column | None:
    """The column rebuilt, or None when nothing in it changed."""
    if is_choice(data_type):
        return None
    if isinstance(data_type, t.StructType):
        changed, fields = _fields(data_type, column.getField, rule, path)
        if not changed or not fields:
            return None
        return F.when(column.isNotNull(), F.struct(*[inner.alias(name) for name, inner in fields]))
    if isinstance(data_type, t.ArrayType) and _touches(data_type.elementType, rule, path):
        element = data_type.elementType
        return F.transform(column, lambda item: _or_same(_inside(element, item, rule, path), item))
    return None


def _or_same(rebuilt: Column | None, column: Column) -> Column:
    return column if rebuilt is None else rebuilt


def _touches(data_type: t.DataType, rule: Rule, path: Path) -> bool:
    return _inside(data_type, F.lit(None), rule, path) is not None


def _empties(data_type: t.DataType, rule: Rule, path: Path) -> bool:
    """Whether the rule takes away the last field of a struct (which then goes too)."""
    if not isinstance(data_type, t.StructType) or is_choice(data_type) or not data_type.fields:
        return False
    changed, fields = _fields(data_type, lambda _: F.lit(None), rule, path)
    return changed and not fields


def _fields(struct: t.StructType, get: Callable[[str], Column], rule: Rule, path: Path = ()) -> tuple[bool, Fields]:
    changed, out = False, []
    for field in struct.fields:
        inner, column = (*path, field.name), get(field.name)
        replaced = rule(inner, field.dataType, column)
        if replaced is not None:
            changed = True
            out.extend(replaced)
        elif _empties(field.dataType, rule, inner):
            changed = True
        else:
            rebuilt = _inside(field.dataType, column, rule, inner)
            changed = changed or rebuilt is not None
            out.append((field.name, _or_same(rebuilt, column)))
    return changed, out


def rewrite(data: DataFrame, rule: Rule) -> DataFrame:
    """Return ``data`` with ``rule`` applied to every field at any depth, also inside arrays."""
    changed, fields = _fields(data.schema, lambda name: F.col(column_name(name)), rule)
    return data.select(*[column.alias(name) for name, column in fields]) if changed else data


def cast(column: Column, source: t.DataType, target: t.DataType) -> Column:
    """Cast to ``target``; what cannot be cast becomes null, a choice is cast from whichever alternative it holds."""
    if is_choice(source):
        return F.coalesce(*[cast(column.getField(f.name), f.dataType, target) for f in source.fields])
    if isinstance(source, t.StructType | t.ArrayType | t.MapType):
        plain = column.cast(without_marks(source)) if has_choice(source) else column
        return F.to_json(plain) if isinstance(target, t.StringType) else F.lit(None).cast(target)
    return column if source == target else column.cast(target)


def conform(column: Column, source: t.DataType, target: t.DataType) -> Column:
    """Return a column of type ``source`` as ``target``, a type that merging ``source`` with others gave."""
    if source == target:
        return column
    if isinstance(source, t.NullType):
        return F.lit(None).cast(target)
    if is_choice(target):
        return _conform_choice(column, source, target)
    if isinstance(target, t.StructType) and isinstance(source, t.StructType):
        have = {f.name: f.dataType for f in source.fields}
        inner = [
            conform(column.getField(f.name), have[f.name], f.dataType)
            if f.name in have
            else F.lit(None).cast(f.dataType)
            for f in target.fields
        ]
        named = [value.alias(f.name) for value, f in zip(inner, target.fields, strict=True)]
        return F.when(column.isNotNull(), F.struct(*named))
    if isinstance(target, t.ArrayType) and isinstance(source, t.ArrayType):
        from_element, to_element = source.elementType, target.elementType
        return F.transform(column, lambda item: conform(item, from_element, to_element))
    return column.cast(target)


def _conform_choice(column: Column, source: t.DataType, target: t.StructType) -> Column:
    if is_choice(source):
        have = {f.name: (column.getField(f.name), f.dataType) for f in source.fields}
    else:
        have = {MARK + glue_name(source): (column, source)}
    cells = [
        (conform(*have[f.name], f.dataType) if f.name in have else F.lit(None).cast(f.dataType)).alias(f.name)
        for f in target.fields
    ]
    return F.when(column.isNotNull(), F.struct(*cells))


def _plain(field: t.StructField) -> Column:
    column = F.col(column_name(field.name))
    return (column.cast(without_marks(field.dataType)) if has_choice(field.dataType) else column).alias(field.name)


def resolve_to_structs(data: DataFrame) -> DataFrame:
    """Return ``data`` with every choice as a struct of one field per type: a rename, free at run time."""
    return data.select(*[_plain(field) for field in data.schema.fields]) if has_choice(data.schema) else data


def find(schema: t.StructType, path: Path, *, case_sensitive: bool = True) -> tuple[t.DataType, Column, Path] | None:
    """Return type, column and actual path of the field at ``path`` (not through arrays), or None."""
    current: t.DataType = schema
    column: Column | None = None
    actual: list[str] = []
    for name in path:
        if not isinstance(current, t.StructType) or is_choice(current):
            return None
        field = next((f for f in current.fields if f.name == name), None)
        if field is None and not case_sensitive:
            field = next((f for f in current.fields if f.name.lower() == name.lower()), None)
        if field is None:
            return None
        column = F.col(column_name(field.name)) if column is None else column.getField(field.name)
        current = field.dataType
        actual.append(field.name)
    return None if column is None else (current, column, tuple(actual))
