"""A script's function over records, as the library hands it over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lakeshift.glue_runtime.engine.touched import Touched

__all__ = ["Envelope", "RowFunction"]

Envelope = dict[str, Any]


@dataclass(frozen=True)
class RowFunction:
    """``call`` is the script's function in the library's wrapper, which takes an envelope.

    ``touched`` are the fields it touches where that could be told; ``plain`` is the function without the wrapper, and
    ``record`` makes of (name, value) pairs what it takes: where both are known, few fields make cheap records.
    """

    call: Callable[[Envelope], Any]
    touched: Touched | None = None
    plain: Callable[[Any], Any] | None = None
    record: Callable[[Any], Any] = dict
