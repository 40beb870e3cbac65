"""Slowly changing dimensions of type 2: every version of a row with the time it was valid. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

__all__ = ["next_history"]


def next_history(
    history: DataFrame, current: DataFrame, key: str, columns: Sequence[str], at: str
) -> DataFrame:  # fmt: skip
    """History after a snapshot taken ``at`` (``yyyy-MM-dd HH:mm:ss``, UTC).

    ``history`` has ``key``, ``columns``, ``valid_from`` and ``valid_to`` (timestamps; null = valid now);
    ``current`` has ``key`` and ``columns``, unique by key, and is complete: a key that it lacks has ended.
    Unchanged rows stay as they are, so that the same snapshot twice changes nothing. Nulls equal nulls.
    """
    now = F.lit(at).cast("timestamp")
    every = [key, *columns]
    open_rows = history.where("valid_to is null")
    closed = history.where("valid_to is not null")
    content = F.struct(*columns)
    before = open_rows.select(*every, "valid_from", content.alias("_before"))
    after = current.select(key, content.alias("_after"))
    told = before.join(after, on=key, how="left")
    same = F.col("_after").isNotNull() & F.col("_before").eqNullSafe(F.col("_after"))
    kept = told.select(*every, "valid_from", F.when(~same, now).alias("valid_to"))
    known = before.select(key, "_before")
    fresh = current.join(known, on=key, how="left").where(
        F.col("_before").isNull() | ~F.col("_before").eqNullSafe(content)
    )
    opened = fresh.select(*every, now.alias("valid_from"), F.lit(None).cast("timestamp").alias("valid_to"))
    return closed.select(*every, "valid_from", "valid_to").unionByName(kept).unionByName(opened)
