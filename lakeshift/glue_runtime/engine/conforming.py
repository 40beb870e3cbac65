"""Giving the rows of one schema another, wider one: what frames that come together need."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql import types as t

from lakeshift.glue_runtime.engine.paths import Path, column_name
from lakeshift.glue_runtime.engine.presence import hidden_name, is_hidden
from lakeshift.glue_runtime.engine.types import MARK, glue_name, is_choice

__all__ = ["conform"]


def conform(data: DataFrame, absent: frozenset[Path], target: t.StructType) -> DataFrame:
    """Return ``data``, whose null cells at the paths ``absent`` stand for absent keys, with the schema ``target``.

    ``target`` is what merging the shape of ``data`` with others gave, hidden fields and all.
    """
    cells = _Conforming(absent).fields(data.schema, target, lambda name: F.col(column_name(name)), ())
    return data.select(*cells)


@dataclass(frozen=True)
class _Conforming:
    absent: frozenset[Path]

    def fields(
        self, source: t.StructType, target: t.StructType, get: Callable[[str], Column], path: Path
    ) -> list[Column]:
        have = {field.name: field.dataType for field in source.fields}
        made = []
        for field in target.fields:
            if field.name in have:
                cell = self.value(get(field.name), have[field.name], field.dataType, (*path, field.name))
            elif is_hidden(field.name):
                cell = self.mark(field.name.removeprefix(hidden_name("")), have, get, path)
            else:
                cell = F.lit(None).cast(field.dataType)
            made.append(cell.alias(field.name))
        return made

    def mark(self, name: str, have: dict[str, t.DataType], get: Callable[[str], Column], path: Path) -> Column:
        if name not in have or (*path, name) in self.absent:
            return F.lit(None).cast("boolean")
        return F.when(get(name).isNull(), F.lit(True))

    def value(self, column: Column, source: t.DataType, target: t.DataType, path: Path) -> Column:
        if source == target:
            return column
        if isinstance(source, t.NullType):
            return F.lit(None).cast(target)
        if is_choice(target):
            return self.choice(column, source, target, path)
        if isinstance(target, t.StructType) and isinstance(source, t.StructType):
            return F.when(column.isNotNull(), F.struct(*self.fields(source, target, column.getField, path)))
        if isinstance(target, t.ArrayType) and isinstance(source, t.ArrayType):
            from_element, to_element = source.elementType, target.elementType
            return F.transform(column, lambda item: self.value(item, from_element, to_element, path))
        return column.cast(target)

    def choice(self, column: Column, source: t.DataType, target: t.StructType, path: Path) -> Column:
        if is_choice(source):
            have = {f.name: (column.getField(f.name), f.dataType) for f in source.fields}
        else:
            have = {MARK + glue_name(source): (column, source)}
        cells = [
            (self.value(*have[f.name], f.dataType, path) if f.name in have else F.lit(None).cast(f.dataType)).alias(
                f.name
            )
            for f in target.fields
        ]
        return F.when(column.isNotNull(), F.struct(*cells))
