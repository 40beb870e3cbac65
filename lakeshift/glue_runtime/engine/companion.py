"""Our Java classes on Spark's class path."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from pyspark.sql import SparkSession

from lakeshift.errors import LakeshiftError

__all__ = ["companion", "forget_found", "found_once", "java_list"]


def companion(spark: SparkSession, name: str) -> Any:
    """Return class ``lakeshift.glue.<name>``.

    Raises:
        LakeshiftError: the session was started without our jar.
    """
    return _class_of(spark._jvm, name)


@lru_cache(maxsize=64)
def _class_of(view: Any, name: str) -> Any:
    """Looking a class up costs py4j more than many a call of it."""
    found: Any = getattr(view.lakeshift.glue, name)
    if "JavaPackage" in type(found).__name__:
        raise LakeshiftError(
            f"The class lakeshift.glue.{name} is not on Spark's class path."
            " Start the session with the jars of lakeshift.jvm (see lakeshift.glue_runtime.spark_settings)."
        )
    return found


_found: dict[tuple[Any, ...], dict[str, Any]] = {}
_MOST_FOUND = 64


def found_once(key: tuple[Any, ...], look: Callable[[], str]) -> dict[str, Any]:
    """Return the JSON that a pass over files gives; for an equal key (session, files, options) without another pass."""
    if key not in _found:
        while len(_found) >= _MOST_FOUND:
            del _found[next(iter(_found))]
        _found[key] = json.loads(look())
    return _found[key]


def forget_found() -> None:
    """Forget what passes over files found, so that the next frame infers anew (benchmarks measure that)."""
    _found.clear()


def java_list(spark: SparkSession, values: list[str] | tuple[str, ...]) -> Any:
    """Return a java.util.ArrayList of ``values``."""
    made: Any = spark._jvm.java.util.ArrayList()  # type: ignore[union-attr]
    for value in values:
        made.add(value)
    return made
