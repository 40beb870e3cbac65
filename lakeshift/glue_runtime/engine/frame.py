"""The frame of records: rows, what a null stands for, and the records that failed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import reduce
from typing import Final

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import types as t

from lakeshift.glue_runtime.engine.paths import Path

__all__ = ["ERROR_SCHEMA", "ErrorBatch", "GlueFrame", "case_sensitive"]

ERROR_SCHEMA = t.StructType(
    [
        t.StructField("site", t.StringType()),
        t.StructField("info", t.StringType()),
        t.StructField("msg", t.StringType()),
        t.StructField("stackTrace", t.StringType()),
        t.StructField("input", t.StringType()),
        t.StructField("bytesread", t.LongType()),
        t.StructField("source", t.StringType()),
        t.StructField("record", t.StringType()),
    ]
)
"""Columns of an error batch; ``record`` is JSON text, so that batches of different frames join."""


@dataclass(frozen=True)
class ErrorBatch:
    """The records that one step could not take; ``known`` is their number where it is known without counting."""

    data: DataFrame
    known: int | None = None

    def count(self) -> int:
        """Return the number of error records; may compute the frame."""
        return self.data.count() if self.known is None else self.known


@dataclass(frozen=True)
class GlueFrame:
    """Records as Glue has them, on a DataFrame.

    ``absent`` holds the paths where a null cell stands for a key the record does not have; any other null is explicit.
    A field that has both has a hidden field beside it, see `lakeshift.glue_runtime.engine.presence`.
    ``errors`` travel beside the good records; the last ``stage_errors`` of them came with the last transform.
    ``loose``: rows went away since the schema was computed from records, so that it may be wider than they are.
    """

    data: DataFrame
    name: str = ""
    absent: frozenset[Path] = frozenset()
    errors: tuple[ErrorBatch, ...] = ()
    stage_errors: int = 0
    stage_threshold: int = 0
    total_threshold: int = 0
    loose: bool = False

    @property
    def schema(self) -> t.StructType:
        """Spark's schema, choices marked (see `lakeshift.glue_runtime.engine.types`), hidden fields and all."""
        return self.data.schema

    @property
    def spark(self) -> SparkSession:
        """The session of the frame."""
        return self.data.sparkSession

    def derive(
        self,
        data: DataFrame,
        *,
        absent: frozenset[Path] | None = None,
        new: ErrorBatch | None = None,
        loose: bool | None = None,
    ) -> GlueFrame:
        """Return the frame after one transform, with the errors so far and ``new`` ones."""
        return replace(
            self,
            data=data,
            absent=self.absent if absent is None else absent,
            errors=(*self.errors, new) if new else self.errors,
            stage_errors=1 if new else 0,
            loose=self.loose if loose is None else loose,
        )

    def error_count(self) -> int:
        """Return the number of error records up to here; may compute the frame."""
        return sum(batch.count() for batch in self.errors)

    def stage_error_count(self) -> int:
        """Return the number of error records of the last transform."""
        return sum(batch.count() for batch in self.errors[len(self.errors) - self.stage_errors :])

    def error_rows(self) -> DataFrame | None:
        """Return all error records (`ERROR_SCHEMA`), or None when no step can have made one."""
        return reduce(DataFrame.unionAll, [batch.data for batch in self.errors]) if self.errors else None

    def assert_thresholds(self) -> None:
        """Raise when more records failed than the thresholds allow; 0 allows any number.

        Raises:
            RuntimeError: too many errors, as Glue fails the job.
        """
        stage = self.stage_error_count() if self.stage_threshold else 0
        if stage > self.stage_threshold:
            raise RuntimeError(f"Number of errors {stage} in this stage exceeds the threshold {self.stage_threshold}")
        total = self.error_count() if self.total_threshold else 0
        if total > self.total_threshold:
            raise RuntimeError(f"Number of errors {total} exceeds the total threshold {self.total_threshold}")


_CASE: Final = "spark.sql.caseSensitive"


class _Engine:
    """How many calls of the engine are under way, of all threads, and the user's own setting."""

    lock = threading.Lock()
    calls = 0
    before = ""


@contextmanager
def case_sensitive(spark: SparkSession) -> Iterator[None]:
    """Tell names apart by case while the engine works, and put the user's own setting back.

    The setting is the session's: a script's threads may be in the engine at once, so the last one puts it back.
    """
    conf = spark._jsparkSession.conf()
    with _Engine.lock:
        if _Engine.calls == 0:
            _Engine.before = conf.get(_CASE)
            conf.set(_CASE, "true")
        _Engine.calls += 1
    try:
        yield
    finally:
        with _Engine.lock:
            _Engine.calls -= 1
            if _Engine.calls == 0:
                conf.set(_CASE, _Engine.before)
