"""Which records are already held: within one batch, and against what earlier runs wrote.

A record is a duplicate when the same or a newer version of it is held. So a run that was killed after it wrote and
before it committed is simply run again: what it wrote counts as duplicates and is not written twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F  # noqa: N812

__all__ = [
    "DUPLICATE", "flag_duplicates", "flag_held", "flag_held_records", "newest", "newest_held", "settle_unversioned",
]  # fmt: skip

DUPLICATE: Final = "duplicate"
_HELD: Final = "_held_version"


def flag_duplicates(frame: DataFrame, key: str, version: str, tie: str) -> DataFrame:
    """Add ``duplicate`` (boolean) to rows whose ``reason`` is null; a row with a reason is no duplicate here.

    Of rows with the same ``key`` the one of the newest ``version`` stays; of equal versions the first by ``tie``
    (so that the order of files does not matter).
    """
    good = F.col("reason").isNull()
    window = Window.partitionBy(F.when(good, F.col(key)), _apart(good, tie)).orderBy(F.col(version).desc(), F.col(tie))
    return frame.withColumn(DUPLICATE, good & (F.row_number().over(window) > 1))


def newest_held(held: DataFrame, among: DataFrame, key: str, version: str) -> DataFrame:
    """The newest written version of each ``key`` that ``among`` has too; columns ``key`` and ``version``.

    ``held`` has both, any number of rows a key; of ``among`` only ``key`` is read, which may be there many times.
    """
    return held.join(among.select(key), on=key, how="left_semi").groupBy(key).agg(F.max(version).alias(version))


def flag_held(frame: DataFrame, key: str, version: str, held: DataFrame) -> DataFrame:
    """Mark rows as duplicates too that are not newer than what is already written.

    ``frame`` comes from ``flag_duplicates``; ``held`` has ``key`` and ``version``, unique by key.
    """
    known = held.select(key, F.col(version).alias(_HELD))
    again = F.coalesce(F.col(_HELD) >= F.col(version), F.lit(False)) & F.col("reason").isNull()
    return _flagged(frame, frame.join(known, on=key, how="left"), again)


def _flagged(frame: DataFrame, joined: DataFrame, again: Column) -> DataFrame:
    """The columns of ``frame`` of a join with it, ``again`` being duplicates too."""
    columns = {name: F.col(name) for name in frame.columns}
    columns[DUPLICATE] = (F.col(DUPLICATE) | again).alias(DUPLICATE)
    return joined.select(*columns.values())


def _apart(good: Column, tie: str) -> Column:
    """Keeps rows with a reason, which have no key, from being one partition: one task would sort all of them."""
    return F.when(~good, F.col(tie))


def flag_held_records(frame: DataFrame, held: DataFrame | None) -> DataFrame:
    """Mark rejected rows that quarantine already holds from the same file (``record``, ``source_file``) as duplicates.

    ``frame`` has ``reason`` and ``duplicate``; ``held`` has ``record`` and ``source_file``. The same broken line in
    another file is another record.
    """
    if held is None:
        return frame
    mine = ["record", "source_file"]
    known = held.select(*mine).distinct().withColumn(_HELD, F.lit(True))
    again = F.col("reason").isNotNull() & F.col(_HELD).isNotNull()
    return _flagged(frame, frame.join(F.broadcast(known), on=mine, how="left"), again)


def newest(frame: DataFrame, key: str, version: str) -> DataFrame:
    """One row a ``key``: that of the newest ``version``; same columns in the same order."""
    window = Window.partitionBy(key).orderBy(F.col(version).desc())
    return frame.withColumn("_rank", F.row_number().over(window)).where("_rank = 1").drop("_rank")


def settle_unversioned(
    frame: DataFrame, key: Sequence[str], content: Sequence[str], tie: str, conflict: str, held: DataFrame | None = None
) -> DataFrame:
    """As ``flag_duplicates`` and ``flag_held``, for records that carry no version: none of two can be called the newer.

    A good row whose ``key`` is held (in ``held``, with columns ``key`` and ``content``, unique by key; or earlier in
    the batch by ``tie``) is a duplicate where ``content`` is equal, and else gets ``conflict`` as its ``reason``: it
    is shown, neither taken nor dropped in silence.
    """
    good = F.col("reason").isNull()
    mine = F.to_json(F.struct(*content))
    keys = [F.when(good, F.col(name)) for name in key]
    window = Window.partitionBy(*keys, _apart(good, tie)).orderBy(F.col(tie))
    told = frame.withColumn("_mine", mine).withColumn("_rank", F.row_number().over(window))
    told = told.withColumn("_first", F.first("_mine").over(window))
    if held is None:
        told = told.withColumn(_HELD, F.lit(None).cast("string"))
    else:
        known = held.select(*key, F.to_json(F.struct(*content)).alias(_HELD))
        told = told.join(known, on=list(key), how="left")
    again = good & ((F.col("_rank") > 1) | F.col(_HELD).isNotNull())
    equal = F.col("_mine") == F.coalesce(F.col(_HELD), F.col("_first"))
    return (
        told.withColumn(DUPLICATE, again & equal)
        .withColumn("reason", F.coalesce(F.col("reason"), F.when(again & ~equal, F.lit(conflict))))
        .drop("_mine", "_rank", "_first", _HELD)
    )
