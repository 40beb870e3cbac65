"""Deleting old files and changing the storage class of files: purge_* and transition_*.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-glue-context.html
"""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError
from pyspark.errors import IllegalArgumentException
from pyspark.sql import SparkSession

from lakeshift.glue_runtime.engine.catalog import Partition, get_table, partitions, pruned
from lakeshift.glue_runtime.engine.objects import client, list_files, normal_root, storage_classes
from lakeshift.glue_runtime.engine.options import number, texts

__all__ = ["purge_path", "purge_table", "transition_path", "transition_table"]

_WEEK = 168  # hours
_CLASSES = {
    "STANDARD",
    "REDUCED_REDUNDANCY",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER",
    "DEEP_ARCHIVE",
    "GLACIER_IR",
}


@dataclass
class _Outcome:
    """Paths that were done, and those that were not, each with its reason."""

    done: list[str] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)

    def report(self, options: Mapping[str, Any], context: str) -> None:
        """Write Success.csv and Failed.csv below manifestFilePath, where that is asked for."""
        root = str(options.get("manifestFilePath") or "")
        if not root:
            return
        bucket, _, prefix = normal_root(root)[5:].partition("/")
        folder = "/".join(part for part in (prefix.strip("/"), context) if part)
        for name, rows in (("Success.csv", [(path,) for path in self.done]), ("Failed.csv", self.failed)):
            text = io.StringIO()
            csv.writer(text, lineterminator="\n").writerows(rows)
            key = f"{folder}/{name}" if folder else name
            client("s3").put_object(Bucket=bucket, Key=key, Body=text.getvalue().encode())


def _address(path: str) -> tuple[str, str]:
    bucket, _, key = path[5:].partition("/")
    return bucket, key


def _old_files(spark: SparkSession, roots: Iterable[str], options: Mapping[str, Any]) -> dict[str, list[str]]:
    """The files of each root that are older than retentionPeriod hours and of no excluded storage class."""
    hours = number(options, "retentionPeriod")
    before = int((time.time() - 3600 * (_WEEK if hours is None else hours)) * 1000)
    excluded = set(texts(options.get("excludeStorageClasses")))
    found: dict[str, list[str]] = {}
    for root in roots:
        place = normal_root(root).rstrip("/") + "/"
        if not place.startswith("s3://"):
            raise IllegalArgumentException(f"Only paths on Amazon S3 can be purged or transitioned, not {root}")
        files = [f.path for f in list_files([place], recurse=True, spark=spark).files if f.modified <= before]
        if excluded:
            classes = dict(storage_classes(place))
            files = [path for path in files if classes.get(path, "STANDARD") not in excluded]
        found[root] = files
    return found


def _each(files: Iterable[str], act: Callable[[str], None], outcome: _Outcome) -> None:
    for path in files:
        try:
            act(path)
        except ClientError as error:
            outcome.failed.append((path, str(error)))
        else:
            outcome.done.append(path)


def _delete(path: str) -> None:
    bucket, key = _address(path)
    client("s3").delete_object(Bucket=bucket, Key=key)


def _mover(storage_class: str) -> Callable[[str], None]:
    def move(path: str) -> None:
        bucket, key = _address(path)
        source = {"Bucket": bucket, "Key": key}
        client("s3").copy_object(
            Bucket=bucket, Key=key, CopySource=source, StorageClass=storage_class, MetadataDirective="COPY"
        )

    return move


def purge_path(spark: SparkSession, path: str, options: Mapping[str, Any], context: str) -> None:
    """Delete the files below ``path`` that are older than ``retentionPeriod`` hours (a week)."""
    outcome = _Outcome()
    for files in _old_files(spark, [path], options).values():
        _each(files, _delete, outcome)
    outcome.report(options, context)


def _table_roots(
    spark: SparkSession, database: str, name: str, options: Mapping[str, Any], catalog_id: str | None
) -> dict[str, Partition | None]:
    """The places of a table's files: its location, or those of the partitions that partitionPredicate chooses."""
    table = get_table(database, name, catalog_id)
    if not table.keys:
        return {table.location: None}
    found = partitions(table, "", catalog_id)
    chosen = pruned(spark, table, found, str(options.get("partitionPredicate") or ""))
    return {partition.location: partition for partition in chosen}


def purge_table(
    spark: SparkSession,
    database: str,
    name: str,
    options: Mapping[str, Any],
    context: str,
    catalog_id: str | None = None,
) -> None:
    """Delete a table's old files; a partition whose files are all gone leaves the catalog too."""
    roots = _table_roots(spark, database, name, options, catalog_id)
    outcome = _Outcome()
    for root, files in _old_files(spark, roots, options).items():
        _each(files, _delete, outcome)
        partition = roots[root]
        if partition is not None and not list_files([root], recurse=True, spark=spark).files:
            more = {"CatalogId": catalog_id} if catalog_id else {}
            client("glue").delete_partition(
                DatabaseName=database, TableName=name, PartitionValues=list(partition.values), **more
            )
    outcome.report(options, context)


def _check_transition(storage_class: str, options: Mapping[str, Any]) -> str:
    for needed in ("accountId", "roleArn"):
        if not options.get(needed):
            raise IllegalArgumentException(f"requirement failed: {needed} is mandatory for the transition transform")
    if storage_class not in _CLASSES:
        raise IllegalArgumentException(
            f"Unknown storage class {storage_class}; use one of {', '.join(sorted(_CLASSES))}"
        )
    return storage_class


def _transition(
    spark: SparkSession, roots: Sequence[str], storage_class: str, options: Mapping[str, Any], context: str
) -> None:
    act = _mover(_check_transition(storage_class, options))
    outcome = _Outcome()
    for files in _old_files(spark, roots, options).values():
        _each(files, act, outcome)
    outcome.report(options, context)


def transition_path(
    spark: SparkSession, path: str, storage_class: str, options: Mapping[str, Any], context: str
) -> None:
    """Change the storage class of the old files below ``path``.

    Raises:
        IllegalArgumentException: accountId or roleArn is missing, or there is no such storage class.
    """
    _transition(spark, [path], storage_class, options, context)


def transition_table(
    spark: SparkSession,
    database: str,
    name: str,
    storage_class: str,
    options: Mapping[str, Any],
    context: str,
    catalog_id: str | None = None,
) -> None:
    """Change the storage class of a table's old files; see `transition_path`."""
    roots = _table_roots(spark, database, name, options, catalog_id)
    _transition(spark, list(roots), storage_class, options, context)
