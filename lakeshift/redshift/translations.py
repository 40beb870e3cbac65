"""Translations kept by a session: a query that is asked again is not parsed again, until the catalog changes."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from lakeshift.redshift.result import ResultColumn

__all__ = ["Translation", "Translations"]

_MOST: Final = 256
_LONGEST: Final = 20_000


@dataclass(frozen=True, slots=True)
class Translation:
    """The engine's SQL of a query, its result's columns, and the numbers of the relations it reads."""

    sql: str
    columns: tuple[ResultColumn, ...]
    relations: frozenset[int]


class Translations:
    """The most recent ones of one session, each under the version of the catalog it was made with."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[object, ...], tuple[int, Translation]] = OrderedDict()

    def find(self, key: tuple[object, ...], version: int) -> Translation | None:
        """The translation under that key, the query's text first, if the catalog is still what it was."""
        found = self._kept.get(key)
        if found is None or found[0] != version:
            return None
        self._kept.move_to_end(key)
        return found[1]

    def keep(self, key: tuple[object, ...], version: int, made: Translation) -> None:
        """Remember one; ``version`` is the catalog's from before it was made."""
        if len(str(key[0])) > _LONGEST:
            return
        self._kept[key] = (version, made)
        while len(self._kept) > _MOST:
            self._kept.popitem(last=False)
