"""A small lake for tests: put objects, crawl, look at the tables."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from lakeshift.crawler import (
    AnyTarget,
    CatalogTable,
    CrawlOptions,
    CrawlPlan,
    Since,
    Target,
    crawl,
    parse_configuration,
)
from lakeshift.lake import FolderLake


def lines(records: Iterable[Any]) -> bytes:
    """One JSON document a line."""
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


class Lake:
    """Bucket ``b``; the catalog is what the last applied plan left."""

    def __init__(self, files: FolderLake) -> None:
        self.files = files
        self.catalog: dict[str, CatalogTable] = {}

    def put(self, objects: Mapping[str, bytes | list[Any] | dict[str, Any]]) -> Lake:
        for key, content in objects.items():
            records = [content] if isinstance(content, dict) else content
            self.files.put("b", key, records if isinstance(records, bytes) else lines(records))
        return self

    def plan(
        self, *paths: str | AnyTarget, configuration: Any = None, since: Since | None = None, **given: Any
    ) -> CrawlPlan:
        targets = [Target(f"s3://b/{path}") if isinstance(path, str) else path for path in paths or ("",)]
        settings = parse_configuration(json.dumps({"Version": 1.0, **configuration}) if configuration else None)
        options = CrawlOptions(**{"crawler": "c", "run_id": "r", "now_millis": 1, **settings, **given})
        return crawl(self.files, targets, options, self.catalog, since=since)

    def crawl(self, *paths: str | AnyTarget, **given: Any) -> CrawlPlan:
        """Plan, and take the plan's tables as the new catalog."""
        plan = self.plan(*paths, **given)
        for table in plan.tables:
            held = self.catalog.get(table.name)
            partitions = dict(held.partitions) if held else {}
            for part in table.partitions:
                if part.action == "DELETE":
                    del partitions[part.values]
                elif part.action != "KEEP":
                    partitions[part.values] = part.input
            if table.action == "DELETE":
                del self.catalog[table.name]
            else:
                known = table.input or (held.table if held else {})
                self.catalog[table.name] = CatalogTable(known, partitions)
        return plan

    def tables(self) -> dict[str, dict[str, str]]:
        """Columns and types by table; partition keys follow as ``key/``."""
        return {name: columns(held.table) for name, held in sorted(self.catalog.items())}


def columns(table: Mapping[str, Any]) -> dict[str, str]:
    """Columns and types; partition keys follow as ``key/``."""
    found = {column["Name"]: column["Type"] for column in table["StorageDescriptor"]["Columns"]}
    return found | {f"{key['Name']}/": key["Type"] for key in table.get("PartitionKeys") or ()}
