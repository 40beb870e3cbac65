"""What a definition declares that it reads and writes, beside its properties.

    Metadata:
      Lakeshift:
        Reads: {Objects: [raw/flights/], Tables: [lakeshift_raw.weather]}
        Writes: {Objects: [clean/flights/, ops/audit/*/x.json], Tables: [lakeshift_clean.flights]}
        Loads: {Cluster: !Ref WarehouseCluster, From: [marts/load/]}   # statements there; COPY reads From

An object's place is ``zone/key``; the zone's bucket is ``${Lake}-<zone>``. One that ends in ``/`` is all below it.
"""

from __future__ import annotations

from typing import Final

from lakeshift.permissions.reading import Definition, mapping, text, texts, wrong

__all__ = ["check_declared", "declared_objects", "declared_tables", "loaded_cluster", "loaded_from"]

_KEYS: Final = {"Reads": ("Objects", "Tables"), "Writes": ("Objects", "Tables"), "Loads": ("Cluster", "From")}


def check_declared(one: Definition) -> None:
    """Raise DefinitionError for a key or a place that is not known."""
    for key, item in one.declared.items():
        if key not in _KEYS:
            raise wrong(one, f"Metadata.Lakeshift takes {', '.join(_KEYS)}, not {key}.", item.line)
        for kind in mapping(item):
            if kind not in _KEYS[key]:
                raise wrong(one, f"Metadata.Lakeshift.{key} takes {' and '.join(_KEYS[key])}, not {kind}.", item.line)
        for place in (*texts(mapping(item).get("Objects")), *texts(mapping(item).get("From"))):
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


def loaded_cluster(one: Definition) -> str | None:
    """The cluster that a job loads, as a text for ``!Sub``; None where it loads none."""
    cluster = mapping(one.declared.get("Loads")).get("Cluster")
    return None if cluster is None else text(cluster)


def loaded_from(one: Definition) -> list[str]:
    """The places of the objects that a job has COPY read."""
    return texts(mapping(one.declared.get("Loads")).get("From"))
