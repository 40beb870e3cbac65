"""Joins with a stated policy for rows that find no partner: keep and say so, quarantine, or fail."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

__all__ = ["DuplicateKeysError", "Unmatched", "UnmatchedRowsError", "join_lookup", "require_unique", "unmatched_count"]


class Unmatched(Enum):
    """What becomes of a row without a partner in the lookup."""

    KEEP = "keep"
    QUARANTINE = "quarantine"
    FAIL = "fail"


class UnmatchedRowsError(RuntimeError):
    """Rows without a partner where every row must have one."""


class DuplicateKeysError(RuntimeError):
    """A lookup with two rows of one key: the join would double rows."""


def join_lookup(
    frame: DataFrame, lookup: DataFrame, on: Sequence[str], known: str, policy: Unmatched = Unmatched.KEEP
) -> DataFrame:
    """Left join a small ``lookup`` on equally named columns; boolean ``known`` tells whether a partner was found.

    No row is lost or doubled: ``lookup`` is unique on ``on`` (see ``require_unique``), a null key finds no partner.
    QUARANTINE also sets ``reason`` (a column of ``frame``, or new) to ``unmatched:<known>`` where it is null;
    FAIL runs a count and raises UnmatchedRowsError.
    """
    joined = frame.join(F.broadcast(lookup.withColumn(known, F.lit(True))), on=list(on), how="left")
    joined = joined.withColumn(known, F.coalesce(F.col(known), F.lit(False)))
    if policy is Unmatched.FAIL and (count := unmatched_count(joined, known)):
        raise UnmatchedRowsError(f"{count} rows have no partner on {', '.join(on)} ({known} is false).")
    if policy is Unmatched.QUARANTINE:
        before = F.col("reason") if "reason" in frame.columns else F.lit(None).cast("string")
        joined = joined.withColumn("reason", F.coalesce(before, F.when(~F.col(known), F.lit(f"unmatched:{known}"))))
    return joined


def unmatched_count(joined: DataFrame, known: str) -> int:
    """Rows whose ``known`` is false; runs a count."""
    return joined.where(~F.col(known)).count()


def require_unique(*lookups: tuple[DataFrame, Sequence[str]]) -> None:
    """Look at all of the lookups, each with its key, in one query.

    Raises DuplicateKeysError naming some keys that occur twice, of the first lookup that has such.
    """
    twice = reduce(DataFrame.unionByName, (_twice(frame, on) for frame, on in lookups)).collect()
    if twice:
        on = twice[0]["on"]
        keys = "; ".join(row["key"] for row in twice if row["on"] == on)
        raise DuplicateKeysError(f"A lookup must have one row for each {on}; these occur twice: {keys}")


def _twice(lookup: DataFrame, on: Sequence[str]) -> DataFrame:
    """``on`` and ``key`` as text, of up to three keys that occur twice."""
    key = F.concat_ws(", ", *(F.coalesce(F.col(name).cast("string"), F.lit("null")) for name in on))
    found = lookup.groupBy(*on).count().where("count > 1").limit(3)
    return found.select(F.lit(", ".join(on)).alias("on"), key.alias("key"))
