"""Grants on what a definition declares: objects of the lake's zones, tables of the catalog, log groups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from lakeshift.permissions.grants import Grant

__all__ = [
    "bucket",
    "list_prefix",
    "log_groups",
    "read_objects",
    "read_tables",
    "regional",
    "write_objects",
    "write_tables",
]

_S3: Final = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html"
_UPLOADS: Final = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions"
_MARKERS: Final = "https://repost.aws/knowledge-center/emr-s3-empty-files"
_TABLES: Final = "https://docs.aws.amazon.com/glue/latest/dg/glue-specifying-resource-arns.html"
_READS: Final = ("glue:GetTable", "glue:GetPartitions")
_WRITES: Final = ("glue:CreateTable", "glue:UpdateTable", "glue:BatchCreatePartition")


def regional(service: str, resource: str) -> str:
    """An ARN of this account and region."""
    return f"arn:aws:{service}:${{Region}}:${{AccountId}}:{resource}"


def bucket(zone: str) -> str:
    """ARN of a zone's bucket."""
    return f"arn:aws:s3:::${{Lake}}-{zone}"


def _place(entry: str) -> tuple[str, str]:
    """Zone and key pattern of ``raw/flights/`` (all below it) or ``ops/state/x.json`` (that one)."""
    zone, _, key = entry.partition("/")
    return zone, f"{key}*" if key.endswith("/") or not key else key


def list_prefix(entry: str, why: str, probes: bool = False) -> Grant:
    """Listing what ``entry`` names and nothing beside it.

    ``probes``: whoever reads asks for single keys that may not be there. S3 answers 404 and not 403 only to who may
    list, and such a question has no prefix.
    """
    zone, key = _place(entry)
    operator = "StringLikeIfExists" if probes else "StringLike"
    return Grant("ListObjects", "s3:ListBucket", bucket(zone), why, (operator, "s3:prefix", (key,)))


def read_objects(entries: Iterable[str], probes: bool) -> Iterator[Grant]:
    """Reading objects, and listing to find them."""
    for entry in entries:
        zone, key = _place(entry)
        yield Grant("ReadObjects", "s3:GetObject", f"{bucket(zone)}/{key}", _S3)
        yield list_prefix(entry, _S3, probes)


def write_objects(entries: Iterable[str], spark: bool) -> Iterator[Grant]:
    """Writing objects. Spark also replaces, uploads in parts, lists what it wrote and marks folders as EMRFS does."""
    for entry in entries:
        zone, key = _place(entry)
        place = f"{bucket(zone)}/{key}"
        yield Grant("WriteObjects", "s3:PutObject", place, _S3)
        if spark and entry.endswith("/"):
            yield Grant("WriteObjects", "s3:DeleteObject", place, _S3)
            yield Grant("WriteObjects", "s3:AbortMultipartUpload", place, _UPLOADS)
            yield Grant(
                "MarkFolders", "s3:PutObject", f"{bucket(zone)}/{entry.partition('/')[2][:-1]}_$folder$", _MARKERS
            )
            yield list_prefix(entry, _S3, probes=True)


def _of_table(entry: str) -> tuple[str, str, str]:
    database, _, table = entry.partition(".")
    return (
        regional("glue", "catalog"),
        regional("glue", f"database/{database}"),
        regional("glue", f"table/{database}/{table}"),
    )


def read_tables(entries: Iterable[str], actions: Iterable[str] = _READS, why: str = _TABLES) -> Iterator[Grant]:
    """Reading tables ``database.table``; AWS checks catalog, database and table."""
    actions = tuple(actions)
    for entry in entries:
        for action in actions:
            for resource in _of_table(entry):
                yield Grant("ReadTables", action, resource, why)


def write_tables(entries: Iterable[str], actions: Iterable[str] = _WRITES, why: str = _TABLES) -> Iterator[Grant]:
    """Making tables, changing their columns, adding partitions."""
    actions = tuple(actions)
    for entry in entries:
        for action in actions:
            for resource in _of_table(entry):
                yield Grant("WriteTables", action, resource, why)


def log_groups(names: Iterable[str], why: str, actions: Iterable[str]) -> Iterator[Grant]:
    """Writing to log groups; ``:*`` is the group's streams, and what AWS checks for the group itself too."""
    actions = tuple(actions)
    for name in names:
        for action in actions:
            yield Grant("WriteLog", f"logs:{action}", regional("logs", f"log-group:{name}:*"), why)
