"""Rows that are read more than once: computed by the first reader and kept for the others."""

from __future__ import annotations

from typing import Final

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

__all__ = ["kept"]

_ROW: Final = "_row"


def kept(frame: DataFrame) -> DataFrame:
    """The same rows and columns, in memory or on disk from the first action on.

    Spark keeps a table column by column and notes the least and the greatest value of each, which takes a processor
    longer than the rows are worth to a few readers: they are kept as one struct, which is a copy of the row's bytes.
    """
    return frame.select(F.struct("*").alias(_ROW)).persist().select(f"{_ROW}.*")
