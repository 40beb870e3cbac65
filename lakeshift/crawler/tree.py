"""The objects below an include path as a tree of folders."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from lakeshift.crawler.reading import Reading
from lakeshift.lake import ObjectInfo

__all__ = ["File", "Folder", "grow", "is_marker"]


@dataclass(frozen=True, slots=True)
class File:
    """One object and what was read of it."""

    info: ObjectInfo
    reading: Reading


@dataclass(slots=True)
class Folder:
    """A folder: ``path`` is its key prefix (ends with ``/``, or empty), ``empty`` counts objects of no bytes.

    ``read`` are those of its files that were read.
    """

    name: str
    path: str
    files: list[ObjectInfo] = field(default_factory=list)
    folders: dict[str, Folder] = field(default_factory=dict)
    empty: int = 0
    read: list[File] = field(default_factory=list)


def is_marker(key: str) -> bool:
    """Whether the object is no data: a console's folder marker, a job's ``_SUCCESS``, a hidden file."""
    name = key.rpartition("/")[2]
    return not name or name.startswith(("_", ".")) or name.endswith("_$folder$")


def grow(prefix: str, objects: Iterable[ObjectInfo]) -> Folder:
    """The tree below ``prefix``; its order depends on the keys alone, not on the order of the listing."""
    root = Folder(prefix.rstrip("/").rpartition("/")[2], prefix)
    parents: dict[str, Folder] = {prefix: root}
    for info in objects:
        parent = _folder(parents, info.key[: info.key.rfind("/") + 1], len(prefix))
        if info.size:
            parent.files.append(info)
        else:
            parent.empty += 1
    for folder in parents.values():
        folder.files.sort(key=lambda info: info.key)
        folder.folders = dict(sorted(folder.folders.items()))
    return root


def _folder(known: dict[str, Folder], path: str, root: int) -> Folder:
    found = known.get(path)
    if found is None:
        parent_path = path[: path.rfind("/", 0, -1) + 1]
        parent = _folder(known, parent_path if len(parent_path) >= root else path[:root], root)
        name = path[len(parent.path) : -1]
        found = known[path] = parent.folders[name] = Folder(name, path)
    return found
