"""Rewriting a record's tree with Spark columns: the one mechanism under every transform."""

from __future__ import annotations

from collections.abc import Callable

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812 - the field's own habit
from pyspark.sql import types as t

from lakeshift.glue_runtime.engine.paths import Path, column_name
from lakeshift.glue_runtime.engine.presence import has_hidden, hidden_name, is_hidden
from lakeshift.glue_runtime.engine.types import MARK, has_choice, is_choice, without_marks

__all__ = ["Fields", "Rule", "cast", "failing", "find", "mark_of", "plain", "resolve_to_structs", "rewrite"]

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
    hidden = {field.name for field in struct.fields if is_hidden(field.name)}
    for field in struct.fields:
        if field.name in hidden:
            continue  # goes where its field goes
        inner, column = (*path, field.name), get(field.name)
        replaced = rule(inner, field.dataType, column)
        if replaced is not None:
            changed = True
            made = replaced
        elif _empties(field.dataType, rule, inner):
            changed, made = True, []
        else:
            rebuilt = _inside(field.dataType, column, rule, inner)
            changed = changed or rebuilt is not None
            made = [(field.name, _or_same(rebuilt, column))]
        out.extend(_marked(made, get(hidden_name(field.name)) if hidden_name(field.name) in hidden else None))
    return changed, out


def _marked(made: Fields, mark: Column | None) -> Fields:
    """What takes the place of a field, with its hidden field where one field takes it."""
    names = [other for other, _ in made if not is_hidden(other)]
    if mark is None or len(names) != 1:
        return made
    hidden = hidden_name(names[0])
    new = [column for other, column in made if other == hidden]
    return [*[(other, column) for other, column in made if other != hidden], (hidden, F.coalesce(mark, *new))]


def rewrite(data: DataFrame, rule: Rule) -> DataFrame:
    """Return ``data`` with ``rule`` applied to every field at any depth, also inside arrays."""
    changed, fields = _fields(data.schema, lambda name: F.col(column_name(name)), rule)
    return data.select(*[column.alias(name) for name, column in fields]) if changed else data


def cast(column: Column, source: t.DataType, target: t.DataType) -> Column:
    """Cast to ``target``; what cannot be cast becomes null, a choice is cast from whichever alternative it holds."""
    if is_choice(source):
        return F.coalesce(*[cast(column.getField(f.name), f.dataType, target) for f in source.fields])
    if source == target:
        return column
    if isinstance(source, t.StructType | t.ArrayType | t.MapType):
        return F.to_json(plain(column, source)) if isinstance(target, t.StringType) else F.lit(None).cast(target)
    # By name: a type as an object goes to the JVM as JSON, by way of a session that is looked up first.
    return column.cast(target.simpleString() if isinstance(target, t.AtomicType) else target)


def failing(column: Column, source: t.DataType, value: Column) -> Column | None:
    """Where ``value``, a cast of ``column``, is null although there was something to cast; None where it cannot be."""
    plain_number = isinstance(source, t.NumericType | t.BooleanType) and not isinstance(source, t.DecimalType)
    return None if plain_number else F.when(column.isNotNull() & value.isNull(), F.lit(True))


def plain(column: Column, data_type: t.DataType) -> Column:
    """Return the column as it leaves the engine: choices as structs of one field a type, no hidden fields."""
    if not has_hidden(data_type):
        # A rename by position: free at run time.
        return column.cast(without_marks(data_type)) if has_choice(data_type) else column
    if isinstance(data_type, t.StructType):
        inner = [
            plain(column.getField(f.name), f.dataType).alias(f.name.removeprefix(MARK))
            for f in data_type.fields
            if not is_hidden(f.name)
        ]
        return F.when(column.isNotNull(), F.struct(*inner))
    if isinstance(data_type, t.ArrayType):
        element = data_type.elementType
        return F.transform(column, lambda item: plain(item, element))
    return column


def resolve_to_structs(data: DataFrame) -> DataFrame:
    """Return ``data`` as it leaves the engine; a frame without choices and hidden fields stays as it is."""
    if not has_choice(data.schema) and not has_hidden(data.schema):
        return data
    kept = [field for field in data.schema.fields if not is_hidden(field.name)]
    return data.select(*[plain(F.col(column_name(f.name)), f.dataType).alias(f.name) for f in kept])


def mark_of(schema: t.StructType, absent: frozenset[Path], path: Path) -> tuple[bool, Column | None]:
    """Tell whether the field at ``path`` can be absent, and the column that is true where its null is explicit then.

    Without a column (None) every null of it means the same.
    """
    if path in absent:
        hidden = find(schema, (*path[:-1], hidden_name(path[-1])))
        return True, hidden[1] if hidden else None
    parents = [path[:depth] for depth in range(1, len(path)) if path[:depth] in absent]
    found = find(schema, path)
    above = find(schema, path[:-1])
    if not parents or found is None or above is None:
        return False, None
    return True, F.when(above[1].isNotNull() & found[1].isNull(), F.lit(True))


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
