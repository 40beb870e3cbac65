"""Which files a source reads: listings of S3 prefixes (and plain folders), exclusions, what Spark is asked to open."""

from __future__ import annotations

import fnmatch
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

__all__ = ["DataFile", "Listing", "client", "list_files", "normal_root", "without_excluded"]


@dataclass(frozen=True, slots=True)
class DataFile:
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


def _hidden(relative: str) -> bool:
    return any(part.startswith(("_", ".")) for part in relative.split("/") if "=" not in part)


def _s3_files(path: str) -> Iterable[DataFile]:
    split = urlsplit(path)
    bucket, key = split.netloc, path.split(split.netloc, 1)[1].lstrip("/")
    prefix = key if not key or key.endswith("/") else key + "/"
    found = False
    for page in client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for item in page.get("Contents", ()):
            found = True
            if not item["Key"].endswith("/"):
                modified = int(item["LastModified"].timestamp() * 1000)
                yield DataFile(f"s3://{bucket}/{item['Key']}", item["Size"], modified)
    if not found and prefix != key:
        for item in client("s3").list_objects_v2(Bucket=bucket, Prefix=key).get("Contents", ()):
            if item["Key"] == key:
                yield DataFile(f"s3://{bucket}/{key}", item["Size"], int(item["LastModified"].timestamp() * 1000))


def _local_files(path: str) -> Iterable[DataFile]:
    root = Path(urlsplit(path).path if path.startswith("file:") else path)
    names = [root] if root.is_file() else [Path(d) / n for d, _, ns in os.walk(root) for n in ns]
    for name in sorted(names):
        facts = name.stat()
        yield DataFile(f"file:{name}", facts.st_size, facts.st_mtime_ns // 1_000_000)


def normal_root(path: str) -> str:
    """Return a path as listings write it: ``s3a://`` is ``s3://``, a plain path is ``file:``."""
    if path.startswith(("s3a://", "s3n://")):
        return "s3://" + path.split("://", 1)[1]
    if "://" not in path and not path.startswith("file:"):
        return f"file:{Path(path).absolute()}"
    return path.replace("file://", "file:", 1)


def _below(root: str, path: str) -> str:
    return path[len(root.rstrip("/")) :].lstrip("/")


def list_files(paths: Sequence[str], *, recurse: bool) -> Listing:
    """List what lies at ``paths``; names that begin with ``_`` or ``.`` are hidden.

    Raises:
        FileNotFoundError: a plain path does not exist. (A prefix of S3 without objects is empty, as on AWS.)
    """
    files: list[DataFile] = []
    whole = True
    roots = tuple(normal_root(path) for path in paths)
    for root in roots:
        if root.startswith("file:") and not Path(root[5:]).exists():
            raise FileNotFoundError(f"Input path does not exist: {root}")
        for file in (_s3_files if root.startswith("s3://") else _local_files)(root):
            relative = _below(root, file.path)
            if _hidden(relative):
                continue
            if not recurse and "/" in relative:
                whole = False
                continue
            files.append(file)
    return Listing(roots, tuple(files), whole)


def without_excluded(listing: Listing, exclusions: str | Sequence[str] | None) -> Listing:
    """Drop the files that a glob of ``exclusions`` (a list, or a JSON list in a string) names.

    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-connect-s3-home.html
    """
    if not exclusions:
        return listing
    globs = json.loads(exclusions) if isinstance(exclusions, str) else list(exclusions)

    def excluded(path: str) -> bool:
        names = (path, path.rsplit("/", 1)[-1], *(_below(root, path) for root in listing.roots))
        return any(fnmatch.fnmatchcase(name, glob.replace("**", "*")) for glob in globs for name in names)

    kept = tuple(f for f in listing.files if not excluded(f.path))
    return Listing(listing.roots, kept, listing.whole and len(kept) == len(listing.files))
