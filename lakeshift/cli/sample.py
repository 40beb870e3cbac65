"""``next-day``: something new for the pipeline to find."""

from __future__ import annotations

import argparse

from lakeshift.errors import LakeshiftError
from lakeshift.paths import StateFolder
from lakeshift.sample.files import SourceFolders, send_next_batch
from lakeshift.sample.later import CORRECTED, LATE

__all__ = ["next_day"]


def next_day(state: StateFolder, _: argparse.Namespace) -> int:
    """Put the new day's file into the application's outbox; the next run sends it."""
    folders = SourceFolders(state.sources)
    if not folders.truth.exists():
        raise LakeshiftError("There is no first year yet. Run the pipeline once with `make run`, then this.")
    day, records = send_next_batch(folders)
    new = records - LATE - CORRECTED
    print(f"The application sent {records:,} events: {new:,} of {day}, {LATE} late ones, {CORRECTED} corrections.")
    print("  Move them with `make run`.")
    return 0
