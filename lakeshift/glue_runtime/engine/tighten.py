"""Computing a frame's schema from its records again, after rows went away."""

from __future__ import annotations

from collections.abc import Iterator

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql import types as t

from lakeshift.glue_runtime.engine.frame import GlueFrame
from lakeshift.glue_runtime.engine.paths import Path, column_name
from lakeshift.glue_runtime.engine.presence import hidden_name, is_hidden
from lakeshift.glue_runtime.engine.rewrite import Fields, rewrite
from lakeshift.glue_runtime.engine.types import is_choice

__all__ = ["tighten", "without_unseen_duplicates"]


def _places(struct: t.StructType, parent: Column | None, path: Path) -> Iterator[tuple[Path, Column]]:
    """Every field, alternative and hidden field that is not inside an array, by its path."""
    for field in struct.fields:
        column = F.col(column_name(field.name)) if parent is None else parent.getField(field.name)
        here = (*path, field.name)
        yield here, column
        if isinstance(field.dataType, t.StructType):
            yield from _places(field.dataType, column, here)


def tighten(frame: GlueFrame) -> GlueFrame:
    """Return the frame with the schema that its records have now: "requires another pass over the data".

    A field that no record has is gone, one that only holds nulls has the type null, a choice of which one type is left
    is that type. Elements of arrays keep their types.
    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-dynamic-frame.html
    """
    if not frame.loose or not frame.data.columns:
        return frame
    frame = without_unseen_duplicates(frame)
    places = list(_places(frame.schema, None, ()))
    seen = frame.data.agg(*[F.max(column.isNotNull()).alias(str(i)) for i, (_, column) in enumerate(places)]).first()
    alive = {path for (path, _), held in zip(places, seen or (), strict=False) if held}

    def rule(path: Path, data_type: t.DataType, column: Column) -> Fields | None:
        if path not in alive:
            explicit = path not in frame.absent or (*path[:-1], hidden_name(path[-1])) in alive
            return [(path[-1], F.lit(None))] if explicit and _any_rows(frame, alive) else []
        if not is_choice(data_type):
            return None
        kept = [f.name for f in data_type.fields if (*path, f.name) in alive]
        if len(kept) == 1:
            return [(path[-1], column.getField(kept[0]))]
        if len(kept) == len(data_type.fields):
            return None
        return [(path[-1], F.when(column.isNotNull(), F.struct(*[column.getField(n).alias(n) for n in kept])))]

    data = rewrite(frame.data, rule)
    gone = [n for n in data.columns if is_hidden(n) and (n,) not in alive]
    return frame.derive(data.drop(*gone) if gone else data, loose=False)


def _any_rows(frame: GlueFrame, alive: set[Path]) -> bool:
    return bool(alive) or not frame.data.isEmpty()


def without_unseen_duplicates(frame: GlueFrame) -> GlueFrame:
    """Return the frame with the names its records have where a join gave a second column ``.name`` for nothing.

    A record of Glue's gets the dotted name only where it has both fields. The published walk through the legislators
    shows it: organizations and persons have ``links``, those organizations that are joined have none, and the history
    has one ``links``, the persons'. So a dotted column that no record has is gone, and where no record has the
    undotted one the dotted takes its name. Without such columns no pass over the records is made.
    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-python-samples-legislators.html
    """
    names = frame.data.columns if frame.loose else []
    pairs = [(n[1:], n) for n in names if n.startswith(".") and n[1:] in names]
    asked = [n for pair in pairs for n in pair if (n,) in frame.absent]
    if not asked:
        return frame
    held = frame.data.agg(*[F.max(F.col(column_name(n)).isNotNull()).alias(n) for n in asked]).first()
    unseen = {n for n, is_held in zip(asked, held or (), strict=False) if not is_held}
    data, absent = frame.data, frame.absent
    for first, second in pairs:
        if second in unseen:
            data = data.drop(*_columns(second, data))
        elif first in unseen:
            data = data.drop(*_columns(first, data)).withColumnRenamed(second, first)
            data = data.withColumnRenamed(hidden_name(second), hidden_name(first))
            absent = absent - {p for p in absent if p[0] == first}
            absent = frozenset((first, *p[1:]) if p[0] == second else p for p in absent)
    return frame.derive(data, absent=absent)


def _columns(name: str, data: DataFrame) -> list[Column]:
    return [F.col(column_name(n)) for n in (name, hidden_name(name)) if n in data.columns]
