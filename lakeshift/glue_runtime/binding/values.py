"""Small values the library makes through the JVM: options, call sites, tuples, specifications, sequences."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from functools import cached_property
from typing import Any

from lakeshift.glue_runtime.engine.paths import quote_name

__all__ = [
    "CallSite",
    "GlueLogger",
    "GluePythonUtils",
    "JsonOptions",
    "MappingSpec",
    "PythonUtils",
    "RecordUtils",
    "ResolveSpec",
    "Scala",
    "Sequence",
    "StreamingSource",
    "items",
]

# The names of methods are the JVM's, as the library calls them.
# ruff: noqa: N802, N815


class JsonOptions:
    """Options as a dict; ``callSite``, which the library adds to some, is kept apart."""

    def __init__(self, text: str) -> None:
        self.values: dict[str, Any] = json.loads(text)
        self.site = str(self.values.pop("callSite", ""))


class CallSite:
    """Where in the script a transform was called, and the script's ``info``."""

    def __init__(self, site: str, info: str) -> None:
        self.site, self.info = site, info


class GluePythonUtils:
    """Conversions that need none here: sequences are lists, options are None or a value."""

    @staticmethod
    def seqAsJava(values: Any) -> list[Any]:
        """Return a list."""
        return list(values)

    @staticmethod
    def constructOption(value: Any) -> Any:
        """Return None for nothing."""
        return value or None

    constructChoiceOption = constructOption


class _Tuple:
    @staticmethod
    def apply(*values: Any) -> tuple[Any, ...]:
        return values


class Scala:
    """The JVM's ``scala`` package with tuples that stay in Python."""

    Tuple2 = Tuple3 = Tuple4 = _Tuple

    def __init__(self, real: Any) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


class Sequence:
    """A Scala sequence that is made only where the JVM is to see it: most of the library's are read here alone."""

    def __init__(self, values: list[Any], make: Callable[[list[Any]], Any]) -> None:
        self.values, self._make = values, make

    @cached_property
    def _real(self) -> Any:
        return self._make(self.values)

    def _get_object_id(self) -> str:
        """What py4j asks of an argument that it hands to the JVM."""
        name: str = self._real._get_object_id()
        return name

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


class PythonUtils:
    """Spark's PythonUtils, except that sequences stay in Python as long as they can."""

    def __init__(self, real: Any) -> None:
        self._real = real

    @cached_property
    def _to_seq(self) -> Any:
        return self._real.toSeq  # finding it costs py4j a call

    def made(self, values: list[Any]) -> Any:
        """Return a Scala sequence."""
        return self._to_seq(values)

    def toSeq(self, values: Any) -> Any:
        """Return a sequence for the JVM or for `items`; what holds Python-side tuples is only for `items`."""
        return Sequence(list(values), self.made)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


def items(sequence: Any) -> list[Any]:
    """Return what `PythonUtils.toSeq` gave as a list."""
    return list(sequence.values if isinstance(sequence, Sequence) else sequence)


class MappingSpec:
    """One mapping: the tuple as it was given."""

    @staticmethod
    def apply(mapping: tuple[str, ...]) -> tuple[str, ...]:
        """Return it."""
        return mapping


class ResolveSpec:
    """One resolution: path and action."""

    @staticmethod
    def apply(path: str, action: str) -> tuple[str, str]:
        """Return them."""
        return (path, action)


class RecordUtils:
    """Names in paths."""

    quoteName = staticmethod(quote_name)


class GlueLogger:
    """Glue's logger: to standard error, as continuous logging has it."""

    def __init__(self) -> None:
        self._log = logging.getLogger("GlueLogger")

    def info(self, message: str) -> None:
        """Log at INFO."""
        self._log.info("%s", message)

    def warn(self, message: str) -> None:
        """Log at WARN."""
        self._log.warning("%s", message)

    def error(self, message: str) -> None:
        """Log at ERROR."""
        self._log.error("%s", message)

    def debug(self, message: str) -> None:
        """Log at DEBUG."""
        self._log.debug("%s", message)


class StreamingSource:
    """Metrics of streaming jobs, which nobody reads here."""

    @staticmethod
    def updateNumRecords(number: int) -> None:
        """Take the number of records of a batch."""

    @staticmethod
    def updateBatchProcessingTimeInMs(milliseconds: int) -> None:
        """Take the time of a batch."""
