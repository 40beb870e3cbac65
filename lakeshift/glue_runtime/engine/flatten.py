"""Unnest and Relationalize."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql import types as t

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.glue_runtime.engine import job
from lakeshift.glue_runtime.engine.frame import GlueFrame
from lakeshift.glue_runtime.engine.paths import Path, column_name
from lakeshift.glue_runtime.engine.presence import hidden_name, is_hidden
from lakeshift.glue_runtime.engine.rewrite import mark_of
from lakeshift.glue_runtime.engine.types import MARK, is_choice

__all__ = ["relationalize", "unnest"]

_PAGE = "https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-Relationalize.html"
_KEY = "\u0002"
_PART = "\u0002part"


@dataclass(frozen=True)
class _Leaf:
    """A field that is no struct: the dotted name it gets, where it was, its column and type."""

    name: str
    path: Path
    column: Column
    data_type: t.DataType


def _leaves(struct: t.StructType, parent: Column | None, prefix: str = "", path: Path = ()) -> Iterator[_Leaf]:
    for field in struct.fields:
        if not is_hidden(field.name):
            column = F.col(column_name(field.name)) if parent is None else parent.getField(field.name)
            yield from _leaf(prefix + field.name, (*path, field.name), column, field.dataType)


def _leaf(name: str, path: Path, column: Column, data_type: t.DataType) -> Iterator[_Leaf]:
    if not isinstance(data_type, t.StructType):
        yield _Leaf(name, path, column, data_type)
    elif not is_choice(data_type):
        yield from _leaves(data_type, column, name + ".", path)
    else:
        # A record with a struct here has its fields, a record with a plain value the value: both columns come to be.
        structs = [f for f in data_type.fields if isinstance(f.dataType, t.StructType)]
        plain = [f for f in data_type.fields if f not in structs]
        if len(plain) == 1:
            yield _Leaf(name, path, column.getField(plain[0].name), plain[0].dataType)
        elif plain:
            kept = F.struct(*[column.getField(f.name).alias(f.name) for f in plain])
            held = F.coalesce(*[column.getField(f.name).isNotNull() for f in plain])
            some = held if not structs else F.greatest(*[column.getField(f.name).isNotNull() for f in plain])
            yield _Leaf(name, path, column if not structs else F.when(some, kept), t.StructType(plain))
        for field in structs:
            yield from _leaf(name, path, column.getField(field.name), field.dataType)


def _in_array(leaf: _Leaf) -> Column:
    """The column of an array with the structs in it unnested, too: fields are named from the array on."""
    if not isinstance(leaf.data_type, t.ArrayType):
        return leaf.column
    element = leaf.data_type.elementType
    if not isinstance(element, t.StructType) or is_choice(element):
        return leaf.column

    def rebuilt(item: Column) -> Column:
        inner = [_in_array(one).alias(one.name) for one in _leaves(element, item, f"{leaf.name}.val.")]
        return F.when(item.isNotNull(), F.struct(*inner))

    return F.transform(leaf.column, rebuilt)


def _top_level(frame: GlueFrame, leaves: list[_Leaf], columns: dict[str, Column]) -> tuple[list[Column], set[Path]]:
    """The columns of the leaves with their hidden ones, and the names where a null means an absent key."""
    made: list[Column] = []
    absent: set[Path] = set()
    for leaf in leaves:
        made.append(columns[leaf.name].alias(leaf.name))
        optional, mark = mark_of(frame.schema, frame.absent, leaf.path)
        if optional or any(leaf.path[:depth] in frame.absent for depth in range(1, len(leaf.path) + 1)):
            absent.add((leaf.name,))
        if mark is not None:
            made.append(mark.alias(hidden_name(leaf.name)))
    return made, absent


def unnest(frame: GlueFrame) -> GlueFrame:
    """Lift every field of a struct to the top, named by its path with dots; arrays stay, structs in them are unnested.

    "For historical reasons" a field of a struct in an array is named ``<array>.val.<field>``.
    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-UnnestFrame.html
    """
    leaves = list(_leaves(frame.schema, None))
    columns, absent = _top_level(frame, leaves, {leaf.name: _in_array(leaf) for leaf in leaves})
    for leaf in leaves:
        if isinstance(leaf.data_type, t.ArrayType):
            absent |= _below(frame.absent, leaf.path, leaf.name, f"{leaf.name}.val.")
    return frame.derive(frame.data.select(*columns), absent=frozenset(absent))


def _below(absent: frozenset[Path], path: Path, name: str, prefix: str) -> set[Path]:
    """The paths in the structs of an array as they are called after unnesting them."""
    inside = [p[len(path) :] for p in absent if p[: len(path)] == path and len(p) > len(path)]
    return {(name, prefix + ".".join(rest)) for rest in inside}


def _numbered(data: DataFrame, last: dict[str, int]) -> tuple[DataFrame, dict[str, int]]:
    """Give each array that is there a key, one column an array, counting on from the ``last`` key of each.

    Return the rows and the last keys now. The rows are computed once and kept, so that the tables made of them have
    the same keys.
    """
    kept = data.select(
        "*", F.monotonically_increasing_id().alias(_KEY), F.spark_partition_id().alias(_PART)
    ).localCheckpoint()
    counts = [F.count(column_name(name)).alias(str(i)) for i, name in enumerate(last)]
    sizes = sorted(kept.groupBy(_PART).agg(*counts).collect())
    before = Window.partitionBy(_PART).orderBy(_KEY).rowsBetween(Window.unboundedPreceding, Window.currentRow)
    keys, given = [], {}
    for i, name in enumerate(last):
        offsets, total = [], last[name]
        for row in sizes:
            offsets += [F.lit(row[0]), F.lit(total)]
            total += row[i + 1]
        given[name] = total
        base = F.element_at(F.create_map(*offsets), F.col(_PART)) if offsets else F.lit(0)
        array = F.col(column_name(name))
        keys.append(F.when(array.isNotNull(), (base + F.count(array).over(before)).cast("long")).alias(_KEY + name))
    return kept.select("*", *keys), given


def _keyed(data: DataFrame, arrays: list[str], context: str) -> DataFrame:
    """Number the arrays by the job's counters, one an array of the transformation context."""
    counters = {name: f"{context}/{name}" if context else "" for name in arrays}
    numbered, given = _numbered(data, {name: job.current.counter(counter) for name, counter in counters.items()})
    for name, counter in counters.items():
        job.current.note_counter(counter, given[name])
    return numbered


def relationalize(frame: GlueFrame, root: str, staging: str, context: str = "") -> list[GlueFrame]:
    """Return the flat root table and one table per array, at any depth.

    An array column becomes a key; its table has ``id`` (that key), ``index`` from 0 and ``<path>.val...`` columns.
    Keys begin at 1; with a job bookmark and a transformation ``context`` they go on from the last committed run's.
    ``staging`` must be given as on Glue; the rows are kept by Spark instead.
    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-Relationalize.html
    """
    if not staging:
        raise ValueError("Relationalize needs a staging_path")
    tables: list[GlueFrame] = []

    def grow(part: GlueFrame, name: str) -> None:
        leaves = list(_leaves(part.schema, None))
        _no_array_among_choices(leaves)
        columns, absent = _top_level(part, leaves, {leaf.name: leaf.column for leaf in leaves})
        flat = part.data.select(*columns)
        arrays = [leaf for leaf in leaves if isinstance(leaf.data_type, t.ArrayType)]
        names = {leaf.name for leaf in arrays}
        if arrays:
            flat = _keyed(flat, [leaf.name for leaf in arrays], context)
        shown = [
            F.col(column_name(_KEY + leaf if leaf in names else leaf)).alias(leaf)
            for leaf in part.data.select(*columns).columns
        ]
        tables.append(replace(part.derive(flat.select(*shown), absent=frozenset(absent)), name=name))
        for leaf in arrays:
            inner = flat.select(
                F.col(column_name(_KEY + leaf.name)).alias("id"),
                F.posexplode(column_name(leaf.name)).alias("index", f"{leaf.name}.val"),
            )
            below = {
                (f"{leaf.name}.val", *path[len(leaf.path) :])
                for path in part.absent
                if path[: len(leaf.path)] == leaf.path and len(path) > len(leaf.path)
            }
            grow(part.derive(inner, absent=frozenset(below)), f"{root}_{leaf.name}")

    grow(frame, root)
    return tables


def _no_array_among_choices(leaves: list[_Leaf]) -> None:
    for leaf in leaves:
        if is_choice(leaf.data_type) and any(isinstance(f.dataType, t.ArrayType) for f in leaf.data_type.fields):
            kinds = ", ".join(f.name.removeprefix(MARK) for f in leaf.data_type.fields)
            raise NotSupportedLocallyError(
                f"Relationalize of {leaf.name}, a choice of {kinds}", "Resolve it with ResolveChoice first.", _PAGE
            )
