"""Which calls the sample's jobs make: run each once on a local AWS of its own, one after the other, and keep the calls.

    make record-calls          # some minutes; writes tests/local/permissions/recorded.yaml

S3 and catalog calls of the SDK are seen where the server takes them. Spark reads and writes the lake through a mount,
past the server, so those are seen as the kernel tells them (opened, listed, written, removed; Linux only). The COPY of
the warehouse reads files too: what load_redshift did not ask the server for is the warehouse's.
"""

from __future__ import annotations

import io
import json
import os
import re
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

import yaml
from file_events import FileEvents, Seen

from ingest.uploader import files_by_day
from lakeshift.cli import ingestion, outside
from lakeshift.cli.clients import LocalClients
from lakeshift.cli.deploying import deploy_local
from lakeshift.cli.progress import Progress
from lakeshift.local import web
from lakeshift.local.server import LocalAws
from lakeshift.paths import REPOSITORY, StateFolder
from lakeshift.sample.files import SourceFolders, write_first_year

RECORDED = REPOSITORY / "tests" / "local" / "permissions" / "recorded.yaml"
RUN = "recorded"
OWN = "record-calls"  # this tool's clients say so: what they ask is no call of a job
LAKE = "lakeshift-local"
# In the order in which the state machine takes them; a name with a colon is no job.
STEPS = (
    "airports_from_api", "planes_from_postgres", "transfer:airlines", "ingest_check", "crawler:raw-zone",
    "flights_clean", "weather_clean", "reference_clean", "flights_enriched", "daily_aggregates", "quality_gate",
    "load_redshift",
)  # fmt: skip
WAREHOUSE = "warehouse"
ENDED = {"SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT", "ERROR"}


class Recorder:
    """The calls of whoever runs now, as ``action target``."""

    def __init__(self) -> None:
        self.calls: dict[str, set[str]] = defaultdict(set)
        self.asked: set[str] = set()  # objects that the server was asked for
        self.who: str | None = None

    def install(self) -> None:
        """Look at every request before the local AWS takes it."""
        answer = web.LocalApplication.__call__
        recorder = self

        def recorded(application: web.LocalApplication, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
            if recorder.who is not None and f"app/{OWN}" not in environ.get("HTTP_USER_AGENT", ""):
                recorder.request(environ)
            return answer(application, environ, start)

        web.LocalApplication.__call__ = recorded  # type: ignore[method-assign]

    def request(self, environ: dict[str, Any]) -> None:
        """Keep one request."""
        path = environ.get("PATH_INFO", "")
        if path.startswith("/_lakeshift/"):
            if "/bookmarks/" in path:
                self.add("bookmark", environ["REQUEST_METHOD"])
            return
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        service, operation = web.service_and_operation(environ)
        environ["wsgi.input"] = io.BytesIO(body)
        calls = s3_calls(environ, body) if service == "s3" else [json_call(service, operation, body)]
        for action, target in calls:
            if action in ("s3:GetObject", "s3:ListBucket"):
                self.asked.add(target)
            self.add(action, target)

    def add(self, action: str, target: str) -> None:
        """Keep one call."""
        told = general(target) if action.startswith("s3:") else target
        self.calls[str(self.who)].add(f"{action} {told}".strip())

    def files(self, seen: Seen) -> None:
        """Keep what the kernel told. Raises SystemExit where it lost some of it."""
        if seen.overflowed:
            sys.exit(f"{self.who}: the kernel dropped events; raise fs.inotify.max_queued_events and try again.")
        self.of_files("s3:GetObject", seen.read - self.asked)
        # A listing that the server was asked for opens the folders above what is listed, too: no calls.
        listed = {f"{path}/" for path in seen.listed if "/" in path}
        self.of_files("s3:ListBucket", {path for path in listed if not any(one.startswith(path) for one in self.asked)})
        self.of_files("s3:PutObject", seen.written)
        self.of_files("s3:DeleteObject", seen.removed)
        self.asked.clear()

    def of_files(self, action: str, paths: set[str]) -> None:
        """Files that no object is (uploads under way, checksums) are left out."""
        for path in paths:
            if any(part.startswith(".") for part in path.split("/")) or path.count("/") < 1:
                continue
            loads = self.who == "load_redshift" and "-marts/load/" in path
            self.calls[WAREHOUSE if loads else str(self.who)].add(f"{action} {general(path)}")


def s3_calls(environ: Mapping[str, Any], body: bytes) -> Iterator[tuple[str, str]]:
    """Actions of one request: https://docs.aws.amazon.com/AmazonS3/latest/userguide/list_amazons3.html."""
    method, query = environ["REQUEST_METHOD"], parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    bucket, _, key = environ["PATH_INFO"].lstrip("/").partition("/")
    if method == "POST" and "delete" in query:
        for one in ET.fromstring(body).iter():  # noqa: S314 - of our own job
            if one.tag.endswith("Key"):
                yield "s3:DeleteObject", f"{bucket}/{one.text}"
    elif not key:
        yield "s3:ListBucket", f"{bucket}/{query.get('prefix', [''])[0]}"
    elif method in ("GET", "HEAD"):
        yield "s3:GetObject", f"{bucket}/{key}"
    elif method == "DELETE":
        yield "s3:AbortMultipartUpload" if "uploadId" in query else "s3:DeleteObject", f"{bucket}/{key}"
    else:
        yield "s3:PutObject", f"{bucket}/{key}"
        source = environ.get("HTTP_X_AMZ_COPY_SOURCE")
        if source:
            yield "s3:GetObject", unquote(source).lstrip("/")


def json_call(service: str, operation: str, body: bytes) -> tuple[str, str]:
    """Action and target (``database.table``, or a name) of a call whose body is JSON."""
    if service == "monitoring":
        return f"cloudwatch:{operation}", ""
    given = json.loads(body or b"{}")
    table = given.get("TableName") or (given.get("TableInput") or {}).get("Name")
    name = given.get("Name") if service == "glue" else None
    if "DatabaseName" in given:
        table = table or name
        return f"{service}:{operation}", given["DatabaseName"] + (f".{table}" if table else "")
    return f"{service}:{operation}", str(name or given.get("JobName") or given.get("ClusterIdentifier") or "")


def general(target: str) -> str:
    """Without what differs from run to run: dates, hashes, run ids, part numbers; buckets by their zone."""
    zone, _, rest = target.removeprefix(f"{LAKE}-").partition("/")
    if not target.startswith(f"{LAKE}-"):
        return target
    return "/".join([zone, *(_part(part) for part in rest.split("/"))])


def _part(part: str) -> str:
    key, equals, _ = part.partition("=")
    if equals:
        return f"{key}=*"
    if part == RUN or re.fullmatch(r"jr_\w+|\d+|[0-9a-f]{8,}|part-.*|lakeshift-.*", part):
        return "*" + Path(part).suffix.replace(".snappy", "")
    return re.sub(r"[0-9a-f]{12,}", "*", part)


def run_job(clients: LocalClients, name: str) -> None:
    """Start the job and wait; raises SystemExit where it fails."""
    glue = clients.client("glue")
    run = glue.start_job_run(JobName=name, Arguments={"--pipeline_run_id": RUN})["JobRunId"]
    while (found := glue.get_job_run(JobName=name, RunId=run)["JobRun"])["JobRunState"] not in ENDED:
        time.sleep(0.2)
    if found["JobRunState"] != "SUCCEEDED":
        sys.exit(f"{name}: {found['JobRunState']} {found.get('ErrorMessage')}")


def transfer(clients: LocalClients) -> None:
    """The DataSync task; part of what the jobs need, not recorded."""
    sync = clients.client("datasync")
    (task,) = sync.list_tasks()["Tasks"]
    execution = sync.start_task_execution(TaskArn=task["TaskArn"])["TaskExecutionArn"]
    while sync.describe_task_execution(TaskExecutionArn=execution)["Status"] not in ("SUCCESS", "ERROR"):
        time.sleep(0.2)


def crawl(clients: LocalClients, name: str) -> None:
    """The crawler, from start to READY."""
    glue = clients.client("glue")
    glue.start_crawler(Name=name)
    while glue.get_crawler(Name=name)["Crawler"]["State"] != "READY":
        time.sleep(0.2)


def shorten(folders: SourceFolders) -> None:
    """Leave a week of the sample: the same calls, in less time."""
    write_first_year(folders)
    for _, path in files_by_day(folders.outbox)[7:]:
        path.unlink()
    lines = folders.spool.read_bytes().splitlines(keepends=True)
    folders.spool.write_bytes(b"".join(lines[:500]))


def record(state: StateFolder) -> dict[str, set[str]]:
    """Everything, in order."""
    recorder, progress = Recorder(), Progress(sys.stdout)
    recorder.install()
    with LocalAws(state):
        world = outside.start(state)
        try:
            clients = LocalClients(state)
            deploy_local(clients, world, progress)
            shorten(SourceFolders(state.sources))
            ingestion.ingest(state, clients, progress)
            with FileEvents(state.buckets) as events:
                for step in STEPS:
                    one_step(recorder, clients, events, step)
        finally:
            outside.stop(state)
    return recorder.calls


def one_step(recorder: Recorder, clients: LocalClients, events: FileEvents, step: str) -> None:
    """One step; only a job is recorded."""
    kind, _, name = step.rpartition(":")
    started = time.monotonic()
    if kind == "transfer":
        transfer(clients)
    elif kind == "crawler":
        crawl(clients, name)
    else:
        events.take()
        recorder.who = name
        run_job(clients, name)
        recorder.who = name
        time.sleep(0.3)  # the last events
        recorder.files(events.take())
        recorder.who = None
        write(recorder.calls)
    sys.stdout.write(f"{step:24} {time.monotonic() - started:5.1f} s  {len(recorder.calls[name])} calls\n")
    sys.stdout.flush()


def main() -> None:
    """Record and write."""
    os.environ["AWS_SDK_UA_APP_ID"] = OWN  # jobs are given no such variable
    with tempfile.TemporaryDirectory(prefix="recorded-") as folder:
        calls = record(StateFolder(Path(folder)))
    write(calls)
    sys.stdout.write(f"{RECORDED.relative_to(REPOSITORY)}: {sum(map(len, calls.values()))} calls\n")


def write(calls: Mapping[str, set[str]]) -> None:
    """Keep what is known so far."""
    document = {name: sorted(found) for name, found in sorted(calls.items()) if found}
    text = yaml.safe_dump(document, sort_keys=True, width=200, allow_unicode=True)
    RECORDED.write_text(f"# Made by `make record-calls`.\n{text}", encoding="utf-8")


if __name__ == "__main__":
    main()
