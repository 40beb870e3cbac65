"""Bring the sample's file sources into the lake with the loaders of ``ingest/``."""

from __future__ import annotations

import urllib.request

from ingest.readings import send_readings
from ingest.uploader import Uploader, files_by_day
from lakeshift.cli.clients import LocalClients
from lakeshift.cli.progress import Progress
from lakeshift.cli.stage import parameters
from lakeshift.paths import StateFolder
from lakeshift.sample.files import SourceFolders, write_first_year

__all__ = ["ingest"]


def ingest(state: StateFolder, clients: LocalClients, progress: Progress) -> None:
    """Make the first year where there is none, then send what has not been sent."""
    folders = SourceFolders(state.sources)
    with progress.step("sources") as step:
        truth = write_first_year(folders)
        step.done(f"{sum(truth.sent.values()):,} records in files; a database, an HTTP API")
    lake = parameters("local")["Lake"]
    with progress.step("ingest flights") as step:
        files = files_by_day(folders.outbox)
        uploader = Uploader(clients.client("s3"), f"{lake}-raw", f"{lake}-ops")
        seen = 0

        def tell(_: object) -> None:
            nonlocal seen
            seen += 1
            step.at(f"{seen} of {len(files)} files")

        batch = uploader.send("flights", files, tell, folders.outbox_read)
        step.done(f"{batch.new_files:,} files, {batch.new_records:,} records")
    with progress.step("ingest weather") as step:
        total = 0

        def count(records: int) -> None:
            nonlocal total
            total += records
            step.at(f"{total:,} readings")

        stream = f"{lake}-weather"
        sent = send_readings(clients.client("firehose"), stream, folders.spool, count)
        # On AWS the buffer is delivered within its interval; here nobody should wait a minute for it.
        flush = urllib.request.Request(f"{clients.endpoint}/_lakeshift/firehose/{stream}/flush", method="POST")  # noqa: S310
        with urllib.request.urlopen(flush):  # noqa: S310 - our own endpoint on 127.0.0.1
            step.done(f"{sent:,} readings")
