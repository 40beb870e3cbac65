"""Counting the rows that come in while something else reads them: a pass of its own would read all input twice."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Final

from pyspark.sql import DataFrame, Observation
from pyspark.sql import functions as F  # noqa: N812

__all__ = ["CountedRows"]

_PATIENCE: Final = 10.0  # seconds for a count that Spark's listeners have not told yet


class CountedRows:
    """Rows of ``source``, counted by the first action over ``frame``, which must read all of them."""

    def __init__(self, source: DataFrame) -> None:
        self._source, self._observation = source, Observation()
        self.frame = source.observe(self._observation, F.count(F.lit(1)).alias("rows"))

    def rows(self, accounted: int) -> int:
        """How many rows there are; ``accounted`` are those of which it is known what became of them.

        A task that Spark ran twice is counted twice, and a count that was optimised away is never told: so where it is
        another number than ``accounted``, or none, the source is counted by itself before anybody says that rows are
        lost. Only to be called after the action.
        """
        return accounted if self._counted() == accounted else self._source.count()

    def _counted(self) -> int | None:
        """What was counted on the way, or None; ``Observation.get`` would wait for ever for what never comes."""
        found: list[int] = []

        def wait() -> None:
            with suppress(Exception):  # the JVM may end before the count comes
                found.append(int(self._observation.get["rows"]))

        thread = threading.Thread(target=wait, daemon=True)
        thread.start()
        thread.join(_PATIENCE)
        return found[0] if found else None
