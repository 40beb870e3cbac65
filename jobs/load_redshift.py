"""Load sets that the warehouse has not taken over yet, oldest pipeline run first (Python shell).

The load sets of one pipeline run are one transaction: COPY to staging, MERGE, and the note in ``load_history``. A run
that died after its marts changed and before its load is caught up by the next one; a load whose reply was lost is
found in the history and not done again.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import boto3

from common import metrics, redshift
from common.arguments import StageArguments, stage_arguments
from common.audit import Audit
from common.data_api import DataApi, Warehouse
from common.objects import Objects

STAGE = "load_redshift"
# Dimensions first, so that a failure names them before the facts that refer to them.
STAGING = {
    "airlines": "staging.airlines",
    "airports": "staging.airports",
    "planes": "staging.planes",
    "weather": "staging.weather",
    "flights": "staging.flights_changes",
}
HISTORY = "SELECT pipeline_run_id, load_set FROM flights.load_history"


class UnknownLoadSetError(RuntimeError):
    """A manifest of a table that has no SQL here."""


@dataclass(frozen=True)
class LoadSet:
    """One manifest: whose run, which table, where, and what it names."""

    pipeline_run_id: str
    name: str
    url: str
    document: Any

    @property
    def rows(self) -> int:
        """Rows it names."""
        return redshift.manifest_rows(self.document)


def pending(objects: Objects, marts: str, loaded: Sequence[Sequence[str]]) -> list[list[LoadSet]]:
    """Load sets that ``loaded`` (pipeline run, load set) does not name, by pipeline run, oldest run first.

    Raises UnknownLoadSetError.
    """
    root = f"{marts}/load/"
    known = {(run, name) for run, name in loaded}
    found: dict[str, list[LoadSet]] = {}
    manifests = [item for item in objects.under(root) if item.url.endswith(".manifest")]
    for item in sorted(manifests, key=lambda item: (item.modified, item.url)):
        run, _, name = item.url[len(root) : -len(".manifest")].partition("/")
        if name not in STAGING:
            raise UnknownLoadSetError(f"{item.url}: no load is known for {name!r}; known are {', '.join(STAGING)}.")
        if (run, name) not in known:
            found.setdefault(run, []).append(LoadSet(run, name, item.url, objects.read_json(item.url)))
    order = list(STAGING)
    return [sorted(sets, key=lambda one: order.index(one.name)) for sets in found.values()]


def script(objects: Objects, code_prefix: str, load_set: LoadSet, role: str) -> list[str]:
    """The statements that take one load set over, from the SQL files deployed beside this script."""
    values = {
        "manifest": load_set.url,
        "iam_role": role,
        "pipeline_run_id": load_set.pipeline_run_id,
        "load_set": load_set.name,
        "rows": str(load_set.rows),
    }
    names = (f"copy/{load_set.name}", f"merge/{load_set.name}", "merge/load_history")
    texts = [objects.read(f"{code_prefix}/sql/redshift/{name}.sql").decode() for name in names]
    return [statement for text in texts for statement in redshift.statements(redshift.fill(text, values))]


def load(api: DataApi, objects: Objects, sets: Sequence[LoadSet], arguments: StageArguments, audit: Audit) -> None:
    """Take over all load sets of one pipeline run in one transaction, and count what was taken.

    Rows out are those that staging held for the MERGE; duplicates those that were taken out of it before, because
    the target has a newer version. Raises StatementFailedError; nothing is changed then.
    """
    scripts = [script(objects, arguments["code_prefix"], one, arguments["copy_role"]) for one in sets]
    statements = [statement for part in scripts for statement in part]
    touched = api.transaction(statements, f"load-{sets[0].pipeline_run_id}"[:500])
    deletes = [
        rows
        for statement, rows in zip(statements, touched)  # noqa: B905 - not in Python 3.9
        if statement.upper().startswith("DELETE") and "USING" in statement.upper()
    ]
    audit.duplicates += sum(rows for rows in deletes if rows > 0)
    for one in sets:
        audit.rows_in += one.rows
        audit.rows_out += int(api.rows(f"SELECT COUNT(*) FROM {STAGING[one.name]}")[0][0])  # noqa: S608 - a constant
        audit.files += len(one.document["entries"])
        audit.bytes += sum(entry["meta"]["content_length"] for entry in one.document["entries"])


def complete(objects: Objects, arguments: StageArguments) -> None:
    """Make what this pipeline run saw in the raw zone the ledger that the next one compares with."""
    root = f"{arguments.ops}/pipeline"
    listing = objects.read_json(f"{root}/{arguments.pipeline_run_id}/listing.json")
    if listing is not None:
        objects.write_json(f"{root}/completed.json", {**listing, "pipeline_run_id": arguments.pipeline_run_id})


def main() -> None:
    """Run the stage."""
    started = time.monotonic()
    names = ("code_prefix", "warehouse_cluster", "warehouse_database", "warehouse_user", "copy_role")
    arguments = stage_arguments(sys.argv, STAGE, *names)
    objects = Objects(boto3.client("s3"))
    warehouse = Warehouse(arguments["warehouse_cluster"], arguments["warehouse_database"], arguments["warehouse_user"])
    api = DataApi(boto3.client("redshift-data"), warehouse)
    audit = Audit(STAGE, arguments.job_run_id, arguments.pipeline_run_id)
    waiting = pending(objects, arguments.marts, api.rows(HISTORY))
    for sets in waiting:
        load(api, objects, sets, arguments, audit)
    audit.seconds = time.monotonic() - started
    audit.measures["LoadsCompleted"] = (len(waiting), "Count")
    clients = {name: boto3.client(name) for name in ("cloudwatch", "glue")}
    metrics.publish(clients, audit, arguments.job_name)
    audit.write(objects, arguments.ops)
    complete(objects, arguments)


if __name__ == "__main__":
    main()
