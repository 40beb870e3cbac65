"""Rows that are read more than once: computed by the first reader and kept for the others."""

from __future__ import annotations

from typing import Final

from pyspark import StorageLevel
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

__all__ = ["kept"]

_ROW: Final = "_row"


def kept(frame: DataFrame, *apart: str) -> DataFrame:
    """The same rows and columns, those ``apart`` first, in memory or on disk from the first action on.

    Spark keeps a table column by column and notes the least and the greatest value of each. A reader of all columns has
    nothing of that, so they are kept as one struct, which is a copy of the row's bytes; ``apart`` are the columns that
    are read without the others.
    """
    inside = [name for name in frame.columns if name not in apart]
    packed = frame.select(*apart, F.struct(*inside).alias(_ROW)).persist(StorageLevel.MEMORY_AND_DISK)
    return packed.select(*apart, f"{_ROW}.*")
