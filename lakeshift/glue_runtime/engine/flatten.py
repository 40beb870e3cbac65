"""Unnest and Relationalize."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql import types as t

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.glue_runtime.engine.frame import GlueFrame
from lakeshift.glue_runtime.engine.objects import normal_root
from lakeshift.glue_runtime.engine.paths import Path, column_name
from lakeshift.glue_runtime.engine.types import has_choice, is_choice

__all__ = ["dynamodb_json_refused", "relationalize", "unnest"]

_PAGE = "https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-dynamic-frame.html"
_KEY = "\u0002"
_PART = "\u0002part"


def dynamodb_json_refused(method: str) -> NotSupportedLocallyError:
    """Return the error for DynamoDB's JSON."""
    return NotSupportedLocallyError(method, "Select the typed values with ApplyMapping.", _PAGE)


def _leaves(
    struct: t.StructType, parent: Column | None, prefix: str = "", path: Path = ()
) -> Iterator[tuple[str, Path, Column, t.DataType]]:
    for field in struct.fields:
        column = F.col(column_name(field.name)) if parent is None else parent.getField(field.name)
        name, here = prefix + field.name, (*path, field.name)
        if isinstance(field.dataType, t.StructType) and not is_choice(field.dataType):
            yield from _leaves(field.dataType, column, name + ".", here)
        else:
            yield name, here, column, field.dataType


def unnest(frame: GlueFrame) -> GlueFrame:
    """Lift every field of a struct to the top, named by its path with dots; arrays stay as they are.

    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-UnnestFrame.html
    """
    leaves = list(_leaves(frame.schema, None))
    absent = frozenset(
        (name,) for name, path, _, _ in leaves if any(path[:i] in frame.absent for i in range(1, len(path) + 1))
    )
    return frame.derive(frame.data.select(*[column.alias(name) for name, _, column, _ in leaves]), absent=absent)


def _numbered(data: DataFrame, arrays: list[str], staging: str) -> DataFrame:
    """Give each array that is there a key, 1, 2, 3... in one column an array; written once, so that keys stay."""
    counted = data.select("*", F.monotonically_increasing_id().alias(_KEY), F.spark_partition_id().alias(_PART))
    place = f"{normal_root(staging).rstrip('/')}/relationalize-{uuid.uuid4().hex}"
    counted.write.parquet(place)
    kept = data.sparkSession.read.schema(counted.schema).parquet(place)
    for name in arrays:
        array = F.col(column_name(name))
        sizes = {row[0]: row[1] for row in kept.filter(array.isNotNull()).groupBy(_PART).count().collect()}
        offsets, total = [], 0
        for part in sorted(sizes):
            offsets += [F.lit(part), F.lit(total)]
            total += sizes[part]
        base = F.element_at(F.create_map(*offsets), F.col(_PART)) if offsets else F.lit(0)
        order = Window.partitionBy(_PART, array.isNull()).orderBy(_KEY)
        key = F.when(array.isNotNull(), (base + F.row_number().over(order)).cast("long"))
        kept = kept.withColumn(_KEY + name, key)
    return kept


def relationalize(frame: GlueFrame, root: str, staging: str) -> list[GlueFrame]:
    """Return the flat root table and one table per array, at any depth.

    An array column becomes a key; its table has ``id`` (that key), ``index`` from 0 and ``<path>.val...`` columns.
    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-Relationalize.html
    """
    if has_choice(frame.schema):
        raise NotSupportedLocallyError(
            "Relationalize of a frame with choices",
            "Resolve them with ResolveChoice first.",
            "https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-Relationalize.html",
        )
    if not staging:
        raise ValueError("Relationalize needs a staging_path")
    tables: list[GlueFrame] = []

    def grow(data: DataFrame, name: str) -> None:
        leaves = list(_leaves(data.schema, None))
        flat = data.select(*[column.alias(leaf) for leaf, _, column, _ in leaves])
        arrays = [leaf for leaf, _, _, kind in leaves if isinstance(kind, t.ArrayType)]
        if arrays:
            flat = _numbered(flat, arrays, staging)
        columns = [F.col(column_name(_KEY + leaf if leaf in arrays else leaf)).alias(leaf) for leaf, *_ in leaves]
        tables.append(replace(frame.derive(flat.select(*columns), absent=frozenset()), name=name))
        for leaf in arrays:
            inner = flat.select(
                F.col(column_name(_KEY + leaf)).alias("id"),
                F.posexplode(column_name(leaf)).alias("index", leaf + ".val"),
            )
            grow(inner, f"{root}_{leaf}")

    grow(frame.data, root)
    return tables
