"""Which files a source reads: listings of S3 prefixes (and plain folders), exclusions, what Spark is asked to open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from pyspark.sql import SparkSession

from lakeshift.crawler.globs import exclusion
from lakeshift.glue_runtime.engine.companion import companion
from lakeshift.glue_runtime.engine.options import texts

__all__ = [
    "DataFile",
    "Listing",
    "client",
    "list_files",
    "normal_root",
    "storage_classes",
    "without_excluded",
    "without_storage_classes",
]


class DataFile(NamedTuple):
    """One file: its address (``s3://bucket/key`` or ``file:/path``), bytes, and milliseconds of its last change."""

    path: str
    size: int
    modified: int


@dataclass(frozen=True)
class Listing:
    """The files below ``roots``; ``whole`` when they are all that lies there at any depth."""

    roots: tuple[str, ...]
    files: tuple[DataFile, ...]
    whole: bool


@cache
def client(service: str) -> Any:
    """Return the boto3 client of ``service``, one a process."""
    import boto3

    return boto3.client(service)


_HIDDEN_MARKS = ("/_", "/.", "\u0001_", "\u0001.")
"""Where none of these is in a listing, no name of it is hidden: most listings need not be looked at name by name."""


def _hidden(relative: str) -> bool:
    return any(part.startswith(("_", ".")) for part in relative.split("/") if "=" not in part)


def normal_root(path: str) -> str:
    """Return a path as listings write it: ``s3a://`` is ``s3://``, a plain path is ``file:``."""
    if path.startswith(("s3a://", "s3n://")):
        return "s3://" + path.split("://", 1)[1]
    if "://" not in path and not path.startswith("file:"):
        return f"file:{Path(path).absolute()}"
    return path.replace("file://", "file:", 1)


def _below(root: str, path: str) -> str:
    return path[len(root.rstrip("/")) :].lstrip("/")


def list_files(paths: Sequence[str], *, recurse: bool, spark: SparkSession | None = None) -> Listing:
    """List what lies at ``paths``, as Spark's file system sees it; names that begin with ``_`` or ``.`` are hidden.

    Raises:
        FileNotFoundError: a plain path does not exist. (A prefix of S3 without objects is empty, as on AWS.)
        Py4JJavaError: no such bucket, as on AWS.
    """
    session = spark or SparkSession.builder.getOrCreate()
    lister = companion(session, "FileListing")
    files: list[DataFile] = []
    whole = True
    roots = tuple(normal_root(path) for path in paths)
    for root in roots:
        if root.startswith("file:") and not Path(root[5:]).exists():
            raise FileNotFoundError(f"Input path does not exist: {root}")
        base = root.rstrip("/") + "/"
        text = lister.list(session._jsparkSession, root, recurse)
        some_hidden = text.startswith(("_", ".")) or any(mark in text for mark in _HIDDEN_MARKS)
        for line in text.split("\u0001")[:-1]:
            relative, size, modified = line.split("\u0000")
            if some_hidden and _hidden(relative):
                continue
            if size == "-1":
                whole = False
                continue
            files.append(DataFile(base + relative if relative else root, int(size), int(modified)))
    return Listing(roots, tuple(files), whole)


def without_excluded(listing: Listing, exclusions: str | Sequence[str] | None) -> Listing:
    """Drop the files that a glob of ``exclusions`` (a list, or a JSON list in a string) names.

    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-connect-s3-home.html
    """
    if not exclusions:
        return listing
    globs = [exclusion(glob) for glob in texts(exclusions)]

    def excluded(path: str) -> bool:
        names = (path, *(_below(root, path) for root in listing.roots))
        return any(glob.match(name) for glob in globs for name in names)

    kept = tuple(f for f in listing.files if not excluded(f.path))
    return Listing(listing.roots, kept, listing.whole and len(kept) == len(listing.files))


def without_storage_classes(listing: Listing, excluded: Sequence[str]) -> Listing:
    """Drop the objects of the named storage classes.

    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-storage-classes.html
    """
    if not excluded:
        return listing
    classes = {key: kind for root in listing.roots for key, kind in storage_classes(root)}
    kept = tuple(f for f in listing.files if classes.get(f.path, "STANDARD") not in set(excluded))
    return Listing(listing.roots, kept, listing.whole and len(kept) == len(listing.files))


def storage_classes(root: str) -> Iterator[tuple[str, str]]:
    """Each object below ``root`` and its storage class; only S3 has any."""
    if root.startswith("s3://"):
        bucket, _, prefix = root[5:].partition("/")
        for page in client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for item in page.get("Contents", ()):
                yield f"s3://{bucket}/{item['Key']}", item.get("StorageClass", "STANDARD")
