"""A dict whose changes are kept in the catalog's journal, whoever makes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, TypeVar

from lakeshift.local.glue.catalog.journal import Change, Place
from lakeshift.local.glue.catalog.lock import CATALOG

__all__ = ["Kept"]

_T = TypeVar("_T")


class Kept(dict[str, _T], Generic[_T]):
    """``documents`` tells what is written for a value, itself first; by default the value is the document.

    Nothing is noted before ``settle`` said where the dict lies: until then it is part of something new. A value that
    is changed in place is written by setting it again.
    """

    def __init__(self, documents: Callable[[_T], Iterable[Change]] | None = None) -> None:
        super().__init__()
        self._documents = documents or _itself
        self._place: Place | None = None

    def settle(self, place: Place) -> None:
        """From now on this dict lies at ``place``, and changes are noted."""
        self._place = place
        for name, value in self.items():
            _settle(value, (*place, name))

    def changes(self, below: str) -> Iterator[Change]:
        """What is written for all of it, from the place ``below`` its owner."""
        for name, value in self.items():
            for place, document in self._documents(value):
                yield (below, name, *place), document

    def fill(self, name: str, value: _T) -> None:
        """Set without a note: what is restored is written already."""
        super().__setitem__(name, value)
        if self._place is not None:
            _settle(value, (*self._place, name))

    def __setitem__(self, name: str, value: _T) -> None:
        before = self.get(name)
        super().__setitem__(name, value)
        if self._place is None:
            return
        whole = before is not None and hasattr(value, "settle")  # of a leaf the document is replaced, its turn stays
        place = (*self._place, name)
        removed: list[Change] = [(place, None)] if whole else []
        changes = [((*place, *deeper), document) for deeper, document in self._documents(value)]
        CATALOG.note(*removed, *changes, history=0 if before is None else self._count(before))
        _settle(value, place)

    def __delitem__(self, name: str) -> None:
        value = self[name]
        super().__delitem__(name)
        if self._place is not None:
            CATALOG.note(((*self._place, name), None), history=1 + self._count(value))

    def pop(self, name: str, *default: Any) -> Any:
        """As a dict's."""
        if name not in self and default:
            return default[0]
        value = self[name]
        del self[name]
        return value

    def clear(self) -> None:
        """As a dict's, as one change."""
        values = list(self.values())
        super().clear()
        if self._place is not None:
            CATALOG.note((self._place, None), history=1 + sum(map(self._count, values)))

    def _count(self, value: _T) -> int:
        return sum(1 for _ in self._documents(value))

    def update(self, *given: Any, **named: Any) -> None:
        """As a dict's."""
        for name, value in dict(*given, **named).items():
            self[name] = value

    def setdefault(self, name: str, default: Any = None) -> Any:
        """As a dict's."""
        if name not in self:
            self[name] = default
        return self[name]


def _itself(value: Any) -> Iterable[Change]:
    return [((), value)]


def _settle(value: Any, place: Place) -> None:
    settle = getattr(value, "settle", None)
    if settle is not None:
        settle(place)
