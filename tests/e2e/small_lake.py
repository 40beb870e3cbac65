"""A lake of a few days on an installation of its own, and what its warehouse holds: for ways to start a run."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lakeshift.cli import ingestion, outside
from lakeshift.cli.deploying import deploy_local
from lakeshift.cli.progress import Progress
from lakeshift.cli.sql import execute
from lakeshift.paths import StateFolder
from lakeshift.sample.files import SourceFolders, write_first_year
from tests.e2e.conftest import Installation

__all__ = ["contents", "fed", "next_file", "small_lake"]

_TABLES = """
    select table_name, column_name from svv_columns where table_schema = 'flights'
    and table_name not like 'v\\\\_%' and table_name <> 'load_history' and column_name not in ('valid_from', 'valid_to')
    order by table_name, ordinal_position
"""


@contextmanager
def small_lake(root: Path, days: int) -> Iterator[Installation]:
    """Started, deployed and fed with the first ``days`` days of every source; no pipeline has run on it."""
    installation = Installation(StateFolder(root))
    try:
        installation.command("up")
        folders = SourceFolders(installation.state.sources)
        _write_first_days(folders, days)
        clients, progress = installation.clients, Progress(io.StringIO())
        deploy_local(clients, outside.start(installation.state), progress)
        ingestion.ingest(installation.state, clients, progress)
        yield installation
    finally:
        installation.command("down")


def _write_first_days(folders: SourceFolders, days: int) -> None:
    write_first_year(folders)
    files = sorted(folders.outbox.iterdir())
    _later(folders).mkdir()
    for file in files[days:]:
        file.rename(_later(folders) / file.name)
    last = files[days - 1].stem
    readings = folders.spool.read_bytes().splitlines(keepends=True)
    folders.spool.write_bytes(b"".join(line for line in readings if json.loads(line)["time_hour"][:10] <= last))


def _later(folders: SourceFolders) -> Path:
    return folders.root / "later"


def next_file(installation: Installation) -> None:
    """One more file of flights arrives in the raw bucket, by the uploader."""
    folders = SourceFolders(installation.state.sources)
    file = min(_later(folders).iterdir())
    file.rename(folders.outbox / file.name)
    ingestion.ingest(installation.state, installation.clients, Progress(io.StringIO()))


def fed(installation: Installation) -> list[bytes]:
    """The lines of all files of flights that have arrived."""
    outbox = SourceFolders(installation.state.sources).outbox
    return [line for file in outbox.iterdir() for line in file.read_bytes().splitlines()]


def contents(installation: Installation) -> dict[str, tuple[int, str]]:
    """Rows and a digest of them, for each table of the warehouse; no column that tells when a row was loaded."""
    columns: dict[str, list[str]] = {}
    for table, column in execute(installation.clients, _TABLES).rows:
        columns.setdefault(table, []).append(column)
    return {table: _digest(installation, table, names) for table, names in columns.items()}


def _digest(installation: Installation, table: str, columns: list[str]) -> tuple[int, str]:
    rows = execute(installation.clients, f"select {', '.join(columns)} from flights.{table}").rows
    text = "\n".join(sorted(repr(row) for row in rows))
    return len(rows), hashlib.sha256(text.encode()).hexdigest()
