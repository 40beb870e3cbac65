"""What a definition declares that it reads and writes, beside its properties.

    Metadata:
      Lakeshift:
        Reads: {Objects: [raw/flights/], Tables: [lakeshift_raw.weather]}
        Writes: {Objects: [clean/flights/, ops/audit/*/x.json], Tables: [lakeshift_clean.flights]}
        Loads: [!Ref WarehouseCluster]   # runs statements there by the Data API

An object's place is ``zone/key``; the zone's bucket is ``${Lake}-<zone>``. One that ends in ``/`` is all below it.
"""

from __future__ import annotations

from typing import Final

from lakeshift.permissions.reading import Definition, mapping, texts, wrong

__all__ = ["check_declared", "declared_objects", "declared_tables"]

_KEYS: Final = ("Reads", "Writes", "Loads")
_KINDS: Final = ("Objects", "Tables")


def check_declared(one: Definition) -> None:
    """Raise DefinitionError for a key or a place that is not known."""
    for key, item in one.declared.items():
        if key not in _KEYS:
            raise wrong(one, f"Metadata.Lakeshift takes {', '.join(_KEYS)}, not {key}.", item.line)
        for kind in mapping(item):
            if kind not in _KINDS:
                raise wrong(one, f"Metadata.Lakeshift.{key} takes {' and '.join(_KINDS)}, not {kind}.", item.line)
        for place in texts(mapping(item).get("Objects")):
            if place.startswith(("s3:", "/", "*")) or "/" not in place:
                raise wrong(one, f"{place!r} is no place of the lake; write zone/key, as raw/flights/.", item.line)
        for table in texts(mapping(item).get("Tables")):
            if table.count(".") != 1:
                raise wrong(one, f"{table!r} is no table; write database.table.", item.line)


def declared_objects(one: Definition, what: str) -> list[str]:
    """``Reads`` or ``Writes``: the places of objects."""
    return texts(mapping(one.declared.get(what)).get("Objects"))


def declared_tables(one: Definition, what: str) -> list[str]:
    """``Reads`` or ``Writes``: the tables."""
    return texts(mapping(one.declared.get(what)).get("Tables"))
