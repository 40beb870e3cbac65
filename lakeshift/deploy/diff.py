"""What differs between a live resource and its definition: declared keys only, so defaults of AWS never count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from lakeshift.definitions import Value

__all__ = ["Field", "diff"]

_MISSING: Final = object()
_SECRET: Final = ("password", "secretstring")


@dataclass(frozen=True, slots=True)
class Field:
    """One property that differs: its ``path``, the live value (None where there is none) and the declared one."""

    path: tuple[str, ...]
    before: Any
    after: Any

    @property
    def name(self) -> str:
        """``Command.ScriptLocation``."""
        return ".".join(self.path)

    def shown(self) -> tuple[str, str]:
        """Both values as texts of at most 100 characters; those of passwords are not shown."""
        if self.path[-1].lower() in _SECRET:
            return "(hidden)", "(hidden)"
        return _short(self.before), _short(self.after)


def diff(live: Mapping[str, Any], want: Mapping[str, Value]) -> tuple[Field, ...]:
    """The fields of ``want`` that ``live`` does not have so."""
    found: list[Field] = []
    for key, value in want.items():
        _compare((key,), live.get(key, _MISSING), value, found)
    return tuple(found)


def _compare(path: tuple[str, ...], live: Any, want: Value, found: list[Field]) -> None:
    if isinstance(want, dict) and isinstance(live, dict):
        for key, value in want.items():
            _compare((*path, key), live.get(key, _MISSING), value, found)
    elif isinstance(want, list) and isinstance(live, list) and len(want) == len(live):
        for number, value in enumerate(want):
            _compare((*path, str(number)), live[number], value, found)
    elif not _same(live, want):
        found.append(Field(path, None if live is _MISSING else live, want))


def _same(live: Any, want: Value) -> bool:
    """Equal, a text that says the same as a number or truth value, or nothing declared where there is nothing."""
    if live is _MISSING or live is None:
        return want is None or want in ("", [], {})
    if isinstance(live, dict | list) or isinstance(want, dict | list):
        return bool(live == want)
    if type(live) is type(want):
        return bool(live == want)
    if _text(live) == _text(want):
        return True
    return _number(live) is not None and _number(live) == _number(want)


def _number(value: Any) -> float | None:
    try:
        return None if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return None


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _short(value: Any) -> str:
    text = "(none)" if value is None else str(_without_secrets(value))
    return text if len(text) <= 100 else f"{text[:60]}... ({len(text)} characters)"


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: "(hidden)" if key.lower() in _SECRET else _without_secrets(one) for key, one in value.items()}
    return [_without_secrets(one) for one in value] if isinstance(value, list) else value
