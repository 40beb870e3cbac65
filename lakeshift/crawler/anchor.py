"""A table the catalog already holds as the place that objects belong to: by its location and its partition keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lakeshift.crawler.found import with_storage
from lakeshift.crawler.grouping import Unit
from lakeshift.crawler.inputs import partition_input, partition_value
from lakeshift.crawler.options import CrawlOptions
from lakeshift.crawler.plan import CatalogTable, Decision
from lakeshift.crawler.reader import Reader
from lakeshift.crawler.targets import Target, split_url
from lakeshift.crawler.tree import File
from lakeshift.crawler.types import merge_columns
from lakeshift.lake import ObjectInfo

__all__ = ["Anchor", "anchors_below"]

Values = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Anchor:
    """``prefix`` is the key prefix of its data, ``keys`` are the names of its partition keys."""

    name: str
    held: CatalogTable
    bucket: str
    prefix: str
    keys: tuple[str, ...]

    @classmethod
    def of(cls, name: str, held: CatalogTable) -> Anchor | None:
        """The table as an anchor; None where its data is not in S3."""
        location = str((held.table.get("StorageDescriptor") or {}).get("Location", ""))
        if not location.startswith("s3://"):
            return None
        bucket, prefix = split_url(location)
        keys = tuple(key["Name"] for key in held.table.get("PartitionKeys") or ())
        if not keys and "." in location.rpartition("/")[2]:
            prefix = prefix.rstrip("/")  # the table is one object, as where files lie beside folders
        return cls(name, held, bucket, prefix, keys)

    def leaf(self, key: str) -> Values | None:
        """Names of the folders that make the object's partition; None where it lies above the partitions."""
        folders = key[len(self.prefix) :].split("/")[:-1]
        return tuple(folders[: len(self.keys)]) if len(folders) >= len(self.keys) else None

    def values(self, leaf: Values) -> Values:
        """The partition's values."""
        return tuple(partition_value(folder, key) for folder, key in zip(leaf, self.keys, strict=True))

    def leaf_prefix(self, leaf: Values) -> str:
        """The key prefix of a partition's objects."""
        return self.prefix + "".join(f"{folder}/" for folder in leaf)

    def unit(self, objects: Iterable[ObjectInfo], reader: Reader) -> Unit | None:
        """The objects, read, as this table; None where none of them is of its format."""
        leaves: dict[Values, list[File]] = {}
        for file in reader.read([info for info in objects if self._belongs(info.key, reader)]):
            leaf = self.leaf(file.info.key)
            if leaf is not None and self._fits(file, reader):
                leaves.setdefault(leaf, []).append(file)
        if not leaves:
            return None
        ordered = tuple((leaf, tuple(leaves[leaf])) for leaf in sorted(leaves))
        files = [file for _, group in ordered for file in group]
        schema = merge_columns([file.reading.columns for file in files])
        return Unit(self.name, self.prefix, len(self.keys), ordered, schema, files[0].reading.kind)

    def partitions(self, unit: Unit, target: Target, options: CrawlOptions) -> dict[Values, Mapping[str, Any]]:
        """PartitionInputs of the unit by their values, with the table's columns where they inherit them."""
        made: dict[Values, Mapping[str, Any]] = {}
        for leaf, files in unit.leaves if self.keys else ():
            values = self.values(leaf)
            made[values] = partition_input(values, files, target, self.leaf_prefix(leaf))
            if options.inherit:
                storage = self.held.table["StorageDescriptor"]
                made[values] = with_storage(made[values], {key: storage[key] for key in ("Columns", "SerdeInfo")})
        return made

    def _belongs(self, key: str, reader: Reader) -> bool:
        if self.leaf(key) is not None:
            return True
        where = f"s3://{self.bucket}/{key}"
        reader.decisions.append(Decision(where, f"left out: above the partitions of table {self.name}"))
        return False

    def _fits(self, file: File, reader: Reader) -> bool:
        parameters = self.held.table.get("Parameters") or {}
        wanted = parameters.get("classification") or file.reading.classification
        if file.reading.classification == wanted:
            return True
        text = f"left out: {file.reading.classification}, and table {self.name} is {wanted}"
        reader.decisions.append(Decision(f"s3://{file.info.bucket}/{file.info.key}", text))
        return False


def anchors_below(target: Target, held: Mapping[str, CatalogTable], crawler: str) -> list[Anchor]:
    """Tables that ``crawler`` made of data below the include path, the deepest first."""
    found = []
    for name, table in held.items():
        anchor = Anchor.of(name, table)
        mine = (table.table.get("Parameters") or {}).get("UPDATED_BY_CRAWLER") == crawler
        if anchor and mine and anchor.bucket == target.bucket and anchor.prefix.startswith(target.prefix):
            found.append(anchor)
    return sorted(found, key=lambda anchor: (-len(anchor.prefix), anchor.prefix))
