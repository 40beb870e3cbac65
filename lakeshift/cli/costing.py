"""``cost``: what the lake and its runs would cost on AWS."""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from lakeshift.cli.clients import LocalClients
from lakeshift.cli.pages import every
from lakeshift.cli.sql import execute
from lakeshift.cli.stage import parameters
from lakeshift.cost.report import Measured, Run, lines, load_prices, place_of, text
from lakeshift.paths import StateFolder

__all__ = ["cost", "measure"]


def cost(state: StateFolder, given: argparse.Namespace) -> int:
    """Print the report, with ``--json`` its lines."""
    prices = load_prices()
    found = lines(measure(LocalClients(state)), prices)
    if given.json:
        print(json.dumps([dataclasses.asdict(line) for line in found], indent=2))
    else:
        print(text(found, prices))
    return 0


def measure(clients: Any) -> Measured:
    """All that is billed; ``clients.client(service)`` makes a client."""
    return Measured(
        stored=_stored(clients),
        runs=list(_runs(clients.client("glue"))),
        crawls=list(_crawls(clients.client("glue"))),
        athena=list(_athena(clients.client("athena"))),
        spectrum=list(_spectrum(clients)),
        alarms=_alarms(clients.client("cloudwatch")),
        metrics=_metrics(clients.client("cloudwatch")),
    )


def _tables(glue: Any) -> dict[str, str]:
    found = {}
    for database in every(glue, "get_databases", "DatabaseList"):
        for table in every(glue, "get_tables", "TableList", DatabaseName=database["Name"]):
            location = table.get("StorageDescriptor", {}).get("Location", "")
            if location:
                found[f"{location.rstrip('/')}/"] = f"{database['Name']}.{table['Name']}"
    return found


def _stored(clients: Any) -> dict[tuple[str, str], int]:
    tables, s3 = _tables(clients.client("glue")), clients.client("s3")
    sizes: dict[tuple[str, str], int] = defaultdict(int)
    for bucket in s3.list_buckets()["Buckets"]:
        name = bucket["Name"]
        for item in every(s3, "list_object_versions", "Versions", Bucket=name):
            sizes[place_of(f"s3://{name}/{item['Key']}", tables), item["StorageClass"]] += item["Size"]
    return dict(sizes)


def _runs(glue: Any) -> Iterator[Run]:
    for job in every(glue, "get_jobs", "Jobs"):
        for run in every(glue, "get_job_runs", "JobRuns", JobName=job["Name"]):
            seconds, dpus = float(run.get("ExecutionTime") or 0), float(run.get("MaxCapacity") or 0)
            if seconds:
                yield Run(job["Name"], seconds, dpus, run.get("ExecutionClass") == "FLEX")


def _crawls(glue: Any) -> Iterator[tuple[str, float]]:
    for crawler in every(glue, "get_crawlers", "Crawlers"):
        for crawl in every(glue, "list_crawls", "Crawls", CrawlerName=crawler["Name"]):
            if crawl.get("EndTime"):
                yield crawler["Name"], (crawl["EndTime"] - crawl["StartTime"]).total_seconds()


def _athena(athena: Any) -> Iterator[int]:
    for one in every(athena, "list_query_executions", "QueryExecutionIds"):
        found = athena.get_query_execution(QueryExecutionId=one)["QueryExecution"]
        if found["Status"]["State"] == "SUCCEEDED" and found.get("StatementType") == "DML":
            yield int(found.get("Statistics", {}).get("DataScannedInBytes") or 0)


def _spectrum(clients: Any) -> Iterator[int]:
    clusters = clients.client("redshift").describe_clusters()["Clusters"]
    if parameters("local")["WarehouseCluster"] not in {one["ClusterIdentifier"] for one in clusters}:
        return
    for (scanned,) in execute(clients, "SELECT s3_scanned_bytes FROM svl_s3query_summary").rows:
        yield int(scanned or 0)


def _alarms(cloudwatch: Any) -> int:
    kinds = ["MetricAlarm", "CompositeAlarm"]
    pages = list(cloudwatch.get_paginator("describe_alarms").paginate(AlarmTypes=kinds))
    return sum(len(page["MetricAlarms"]) + len(page["CompositeAlarms"]) for page in pages)


def _metrics(cloudwatch: Any) -> int:
    """Custom metrics: AWS's own namespaces cost nothing."""
    found = every(cloudwatch, "list_metrics", "Metrics")
    return sum(not metric["Namespace"].startswith("AWS/") for metric in found)
