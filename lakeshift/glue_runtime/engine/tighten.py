"""Computing a frame's schema from its records again, after rows went away."""

from __future__ import annotations

from collections.abc import Iterator

from pyspark.sql import Column
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
    """Return the frame without those second columns of a join (``.name``) that no record has.

    The published walk through the legislators shows it: both sides have ``links``, the organizations that are joined
    have none, and the history has one column of that name. Where a join left no such column no pass is made.
    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-python-samples-legislators.html
    """
    names = [n for n in frame.data.columns if n.startswith(".") and (n,) in frame.absent] if frame.loose else []
    if not names:
        return frame
    held = frame.data.agg(*[F.max(F.col(column_name(n)).isNotNull()).alias(n) for n in names]).first()
    gone = [n for n, is_held in zip(names, held or (), strict=False) if not is_held]
    return frame.derive(frame.data.drop(*[F.col(column_name(n)) for n in gone])) if gone else frame
