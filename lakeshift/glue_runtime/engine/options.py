"""Options as scripts give them: true, "true" or "True"; numbers as numbers or as text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

__all__ = ["flag", "number", "texts"]


def flag(options: Mapping[str, Any], name: str, *, default: bool = False) -> bool:
    """Return a boolean option."""
    value = options.get(name, default)
    return value if isinstance(value, bool) else str(value).strip().lower() == "true"


def number(options: Mapping[str, Any], name: str) -> int | None:
    """Return an integer option, or None when it is not given."""
    value = options.get(name)
    return None if value in (None, "") else int(str(value))


def texts(value: Any) -> list[str]:
    """Return a list of texts given as a list, as a JSON list in a text, or as one text."""
    if not value:
        return []
    if isinstance(value, str):
        return [str(v) for v in json.loads(value)] if value.lstrip().startswith("[") else [value]
    return [str(v) for v in value]
