"""``up``, ``down``, ``status`` and ``clean``."""

from __future__ import annotations

import argparse
import os
import shutil
import urllib.request
from typing import Final

from lakeshift.cli import outside
from lakeshift.cli.clients import LocalClients
from lakeshift.cli.pages import every
from lakeshift.errors import LakeshiftError
from lakeshift.local import process
from lakeshift.paths import StateFolder
from lakeshift.sample import world

__all__ = ["PORT", "clean", "down", "port", "prepare_worker", "status", "up"]

PORT: Final = 4566
_SET_UP: Final = ("jars", "class-data")  # of the set-up, where the state folder is the default one
_OURS: Final = ("server.log", "services", "s3", "job-runs")  # what only a state folder holds


def port() -> int:
    """``LAKESHIFT_PORT`` where it is set (0 takes a free one), else 4566."""
    return int(os.environ.get("LAKESHIFT_PORT") or PORT)


def up(state: StateFolder, _: argparse.Namespace) -> int:
    """Start the local AWS and the sample's sources."""
    facts = process.up(state, port())
    outside.start(state)
    print(f"The local AWS answers at {facts['endpoint']} (process {facts['pid']}); state in {state.root}")
    for line in _warehouses(LocalClients(state)):
        print(line)
    print(f"  AWS_ENDPOINT_URL={facts['endpoint']} AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local")
    return 0


def prepare_worker(endpoint: str) -> None:
    """Let a Spark worker start beside the deploy and the ingest: the first job finds it warm."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    opener.open(urllib.request.Request(f"{endpoint}/_lakeshift/glue/workers", method="PUT"), timeout=30).close()  # noqa: S310 - ours


def down(state: StateFolder, _: argparse.Namespace) -> int:
    """Stop both; everything stays."""
    outside.stop(state)
    stopped = process.down(state)
    print("The local AWS is stopped; everything stays." if stopped else "The local AWS was not running.")
    return 0


def clean(state: StateFolder, given: argparse.Namespace) -> int:
    """Stop both and delete the state folder, but not the jars in it, which belong to the set-up."""
    down(state, given)
    if not state.root.exists():
        return 0
    if (state.root / ".git").exists() or not any((state.root / name).exists() for name in _OURS):
        raise LakeshiftError(
            f"{state.root} does not look like a state folder; nothing was deleted. Check LAKESHIFT_HOME."
        )
    for entry in state.root.iterdir():
        if entry.name in _SET_UP:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
    print(f"Deleted what lay in {state.root}.")
    return 0


def status(state: StateFolder, _: argparse.Namespace) -> int:
    """Exit code 0 when it runs, 1 when not."""
    facts = process.status(state)
    if facts is None:
        print("The local AWS is not running. Start it with `make up`.")
        return 1
    print(f"The local AWS answers at {facts['endpoint']} (process {facts['pid']}, since {facts['started']})")
    print(f"  state        {state.root}")
    sources = world.read(state.sources)
    print(f"  sources      {sources.jdbc_url} · {sources.airports_url}" if sources else "  sources      not running")
    clients = LocalClients(state)
    for name in (bucket["Name"] for bucket in clients.client("s3").list_buckets()["Buckets"]):
        objects = [item["Size"] for item in every(clients.client("s3"), "list_objects_v2", "Contents", Bucket=name)]
        print(f"  bucket       {name:<28} {len(objects):>7,} objects  {sum(objects) / 1e6:>10,.1f} MB")
    glue = clients.client("glue")
    for database in every(glue, "get_databases", "DatabaseList"):
        tables = [table["Name"] for table in every(glue, "get_tables", "TableList", DatabaseName=database["Name"])]
        print(f"  database     {database['Name']:<28} {', '.join(tables) or 'no tables yet'}")
    for line in _warehouses(clients):
        print(line)
    for machine in every(clients.client("stepfunctions"), "list_state_machines", "stateMachines"):
        runs = clients.client("stepfunctions").list_executions(stateMachineArn=machine["stateMachineArn"], maxResults=1)
        last = runs["executions"][0]["status"] if runs["executions"] else "never run"
        print(f"  pipeline     {machine['name']:<28} last run: {last}")
    return 0


def _warehouses(clients: LocalClients) -> list[str]:
    """Where each cluster and workgroup answers drivers: host, port, database and user."""
    found = []
    for one in clients.client("redshift").describe_clusters()["Clusters"]:
        place = f"{one['Endpoint']['Address']}:{one['Endpoint']['Port']}/{one['DBName']}"
        found.append(
            f"  warehouse    {one['ClusterIdentifier']:<28} postgres wire at {place} as {one['MasterUsername']}"
        )
    serverless = clients.client("redshift-serverless")
    for one in every(serverless, "list_workgroups", "workgroups"):
        namespace = serverless.get_namespace(namespaceName=one["namespaceName"])["namespace"]
        place = f"{one['endpoint']['address']}:{one['endpoint']['port']}/{namespace['dbName']}"
        found.append(
            f"  warehouse    {one['workgroupName']:<28} postgres wire at {place} as {namespace['adminUsername']}"
        )
    return found
