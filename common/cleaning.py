"""Text as it should have been sent: trimmed, one case for codes, and words that mean "no value" as null."""

from __future__ import annotations

from typing import Final

from pyspark.sql import Column
from pyspark.sql import functions as F  # noqa: N812 - the field's own name for it

__all__ = ["NULL_WORDS", "code", "text"]

NULL_WORDS: Final = ("", "NA", "N/A", "NAN", "NULL", "NONE")


def text(value: Column) -> Column:
    """The value without blanks around it; null where it is empty or one of NULL_WORDS in any case."""
    trimmed = F.trim(value)
    return F.when(~F.upper(trimmed).isin(*NULL_WORDS), trimmed)


def code(value: Column) -> Column:
    """A code such as an airport's or a carrier's: clean text in capitals."""
    capitals = F.upper(F.trim(value))
    return F.when(~capitals.isin(*NULL_WORDS), capitals)
