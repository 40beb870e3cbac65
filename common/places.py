"""Files by URL, for code that runs beside Spark: ``s3://`` through S3's API, anything else as a path here."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Protocol

import boto3

from common.objects import Objects

__all__ = ["Place", "move", "place_of", "remove"]


class Place(Protocol):
    """One file."""

    def fetched(self, to: Path) -> Path:
        """The file on this machine: itself, or a copy at ``to``."""

    def put(self, path: Path) -> None:
        """Be a copy of the file at ``path``, whole or not at all."""


class _S3Place:
    def __init__(self, url: str) -> None:
        self._url, self._objects = url, Objects(boto3.client("s3"))

    def fetched(self, to: Path) -> Path:
        to.write_bytes(self._objects.read(self._url))
        return to

    def put(self, path: Path) -> None:
        self._objects.write(self._url, path.read_bytes(), "application/octet-stream")


class _PathPlace:
    def __init__(self, url: str) -> None:
        self._path = Path(url.removeprefix("file://"))

    def fetched(self, to: Path) -> Path:  # noqa: ARG002 - the file is here already
        return self._path

    def put(self, path: Path) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        part = self._path.with_name(f".{self._path.name}.part")
        shutil.copyfile(path, part)
        part.replace(self._path)


def place_of(url: str) -> Place:
    """The place that ``url`` names."""
    return _S3Place(url) if url.startswith("s3://") else _PathPlace(url)


def move(source: str, target: str) -> None:
    """Put the file ``source`` in the place of ``target``, whole; S3 copies it within, then deletes."""
    if source.startswith("s3://"):
        objects = Objects(boto3.client("s3"))
        objects.copy(source, target)
        objects.delete([source])
        return
    wanted = Path(target.removeprefix("file://"))
    wanted.parent.mkdir(parents=True, exist_ok=True)
    Path(source.removeprefix("file://")).replace(wanted)


def remove(url: str, named: Callable[[str], bool] = lambda _: True, kept: Collection[str] = ()) -> None:
    """Delete the files below the folder ``url`` (which ends with a slash) whose name is ``named``, but for ``kept``.

    A folder of this machine that is empty then goes too.
    """
    if url.startswith("s3://"):
        objects = Objects(boto3.client("s3"))
        found = [one.url for one in objects.under(url)]
        objects.delete(one for one in found if named(one.rpartition("/")[2]) and one not in kept)
        return
    root = Path(url.removeprefix("file://"))
    below = sorted(root.rglob("*"), reverse=True) if root.is_dir() else []
    for path in below:
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif named(path.name) and str(path) not in kept:
            path.unlink()
    if root.is_dir() and not any(root.iterdir()):
        root.rmdir()
