"""Reads the objects of a target: lists, leaves out, samples, classifies, and keeps what it did."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from lakeshift.crawler.classify import classify
from lakeshift.crawler.custom import custom_classifiers
from lakeshift.crawler.globs import exclusion
from lakeshift.crawler.plan import Decision, FilePlan
from lakeshift.crawler.reading import Reading
from lakeshift.crawler.targets import Target
from lakeshift.crawler.tree import File, Folder, grow, is_marker
from lakeshift.crawler.types import Column, render
from lakeshift.lake import FolderLake, ObjectInfo

__all__ = ["ClassifyAll", "Reader", "classify_all"]

Definitions = Sequence[Mapping[str, Any]]
ClassifyAll = Callable[[FolderLake, Sequence[ObjectInfo], Definitions], list[Reading]]
DENIED: Final = "Access Denied"


def classify_all(lake: FolderLake, infos: Sequence[ObjectInfo], definitions: Definitions) -> list[Reading]:
    """Read every object here and now; ``definitions`` are the custom classifiers as GetClassifier answers them."""
    custom = custom_classifiers(definitions)
    return [classify(lake, info, custom) for info in infos]


def _everything(_: ObjectInfo) -> bool:
    return True


@dataclass(slots=True)
class Reader:
    """``classify_all`` may be one that uses other processes; ``allowed`` tells whether the role may read an object."""

    lake: FolderLake
    definitions: Definitions = ()
    classify_all: ClassifyAll = classify_all
    allowed: Callable[[ObjectInfo], bool] = _everything
    plans: list[FilePlan] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    denied: list[str] = field(default_factory=list)
    folders: set[str] = field(default_factory=set)

    def listed(self, target: Target, prefix: str = "") -> list[ObjectInfo]:
        """Objects below the include path (or below ``prefix`` in it) that are data, not excluded, and may be read."""
        patterns = [exclusion(pattern) for pattern in target.exclusions]
        skip = len(target.prefix)
        return [
            info
            for info in self.lake.list(target.bucket, prefix or target.prefix)
            if not is_marker(info.key)
            and not self._is_archived(info)
            and not (patterns and any(pattern.match(info.key[skip:]) for pattern in patterns))
            and (self.allowed is _everything or self._may_read(info))
        ]

    def _is_archived(self, info: ObjectInfo) -> bool:
        if info.archived:
            self.decisions.append(Decision(f"s3://{info.bucket}/{info.key}", "left out: in a Glacier class"))
        return info.archived

    def _may_read(self, info: ObjectInfo) -> bool:
        if self.allowed(info):
            return True
        url = f"s3://{info.bucket}/{info.key}"
        self.denied.append(url)
        self.decisions.append(Decision(url, f"left out: {DENIED}"))
        return False

    def tree(self, target: Target, objects: Iterable[ObjectInfo]) -> Folder:
        """The objects as a tree of folders whose files have been read."""
        root = grow(target.prefix, objects)
        folders = list(_below(root))
        self.folders.update(f"s3://{target.bucket}/{one.path}" for one in folders if one.files)
        samples = [_sampled(folder.files, target.sample) for folder in folders]
        files = iter(self.read([info for sample in samples for info in sample]))
        for folder, sample in zip(folders, samples, strict=True):
            folder.read = [next(files) for _ in sample]
        return root

    def read(self, infos: Sequence[ObjectInfo]) -> list[File]:
        """What the first fitting classifier says of each object."""
        files = [*map(File, infos, self.classify_all(self.lake, infos, self.definitions))]
        for file in files:
            info, reading = file.info, file.reading
            self.plans.append(
                FilePlan(
                    f"s3://{info.bucket}/{info.key}",
                    reading.classification,
                    reading.classifier,
                    reading.compression,
                    reading.records,
                    info.size,
                    _told(reading.columns),
                )
            )
        return files


@lru_cache(maxsize=4096)
def _told(columns: tuple[Column, ...]) -> str:
    return ", ".join(f"{column.name} {render(column.type)}" for column in columns)


def _below(folder: Folder) -> Iterable[Folder]:
    yield folder
    for child in folder.folders.values():
        yield from _below(child)


def _sampled(files: list[ObjectInfo], most: int) -> list[ObjectInfo]:
    """At most ``most`` files, taken by a hash of their keys: random to the data, the same on every crawl."""
    if not most or len(files) <= most:
        return files
    chosen = sorted(files, key=lambda info: hashlib.md5(info.key.encode(), usedforsecurity=False).digest())[:most]
    return sorted(chosen, key=lambda info: info.key)
