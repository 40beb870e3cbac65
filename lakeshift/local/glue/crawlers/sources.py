"""A crawler's targets as the pure crawl takes them, and the tables of those that it cannot read itself."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from moto.dynamodb.models import dynamodb_backends
from moto.secretsmanager.models import secretsmanager_backends

from lakeshift.crawler import (
    AnyTarget,
    CatalogTarget,
    CrawlOptions,
    DeltaTarget,
    Found,
    IcebergTarget,
    Target,
)
from lakeshift.crawler.dynamodb import dynamodb_table
from lakeshift.crawler.jdbc import JdbcTarget, chosen_tables, jdbc_table
from lakeshift.errors import LakeshiftError
from lakeshift.local.glue.crawlers.apply import catalog_tables
from lakeshift.local.glue.crawlers.crawler import LocalCrawler
from lakeshift.local.glue.crawlers.postgres import postgres_tables

if TYPE_CHECKING:
    from lakeshift.local.glue.crawlers.operations import CrawlerOperations

__all__ = ["described_tables", "lake_targets"]

_SAMPLE_BYTES: Final = 1 << 20  # of a DynamoDB table, where scanAll is false


def lake_targets(backend: CrawlerOperations, crawler: LocalCrawler) -> list[AnyTarget]:
    """Targets whose data lies in S3; call it under the catalog's lock. EntityNotFoundException for a missing table."""
    given = crawler.targets or {}
    found: list[AnyTarget] = [
        Target(one["Path"], tuple(one.get("Exclusions") or ()), one.get("SampleSize") or 0)
        for one in given.get("S3Targets") or ()
    ]
    for one in given.get("DeltaTargets") or ():
        native, manifest = bool(one.get("CreateNativeDeltaTable")), bool(one.get("WriteManifest"))
        found += [DeltaTarget(path, native, manifest) for path in one["DeltaTables"]]
    for one in given.get("IcebergTargets") or ():
        depth, exclusions = one.get("MaximumTraversalDepth") or 10, tuple(one.get("Exclusions") or ())
        found += [IcebergTarget(path, exclusions, depth) for path in one["Paths"]]
    for one in given.get("CatalogTargets") or ():
        held = catalog_tables(backend, one["DatabaseName"])
        for name in one["Tables"]:
            backend.get_table(one["DatabaseName"], name)
            found.append(CatalogTarget(one["DatabaseName"], name.lower(), held[name.lower()]))
    return found


def described_tables(backend: CrawlerOperations, crawler: LocalCrawler, options: CrawlOptions) -> list[Found]:
    """Tables of JDBC and DynamoDB targets; raises LakeshiftError where a source does not answer."""
    given = crawler.targets or {}
    jdbc = [found for one in given.get("JdbcTargets") or () for found in _jdbc(backend, one, options)]
    return jdbc + [_dynamodb(backend, one, options) for one in given.get("DynamoDBTargets") or ()]


def _jdbc(backend: CrawlerOperations, given: dict[str, Any], options: CrawlOptions) -> Iterable[Found]:
    metadata = frozenset(given.get("EnableAdditionalMetadata") or ())
    target = JdbcTarget(given["ConnectionName"], given["Path"], tuple(given.get("Exclusions") or ()), metadata)
    connection = backend.get_connection(backend.account_id, target.connection, "")
    properties = connection.as_dict()["ConnectionProperties"]
    tables = chosen_tables(target, postgres_tables(target, properties, _login(backend, properties)))
    return [jdbc_table(table, target, options, "postgresql") for table in tables]


def _login(backend: CrawlerOperations, properties: dict[str, Any]) -> tuple[str, str]:
    secret = properties.get("SECRET_ID")
    if not secret:
        return str(properties.get("USERNAME") or ""), str(properties.get("PASSWORD") or "")
    secrets = secretsmanager_backends[backend.account_id][backend.region_name]
    held = json.loads(secrets.get_secret_value(secret, "", "")["SecretString"])
    return str(held["username"]), str(held["password"])


def _dynamodb(backend: CrawlerOperations, given: dict[str, Any], options: CrawlOptions) -> Found:
    name = given["Path"]
    table = dynamodb_backends[backend.account_id][backend.region_name].tables.get(name)
    if table is None:
        raise LakeshiftError(f"Requested resource not found: Table: {name} not found")
    everything = table.all_items()
    size = sum(item.size() for item in everything)
    read = everything if given.get("scanAll", True) else list(_first(everything))
    items = [item.to_json()["Attributes"] for item in read]
    return dynamodb_table(name, table.table_arn, items, (len(everything), size), options)


def _first(items: Iterable[Any]) -> Iterable[Any]:
    """The items of the first MiB."""
    sizes = itertools.accumulate((item.size() for item in items), initial=0)
    return (item for item, before in zip(items, sizes, strict=False) if before < _SAMPLE_BYTES)
