"""Where things lie in the state folder of one local AWS."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["REPOSITORY", "StateFolder", "default_state_folder"]

REPOSITORY: Final = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class StateFolder:
    """All that a local AWS writes lies below ``root``; deleting it is a full reset."""

    root: Path

    @property
    def buckets(self) -> Path:
        """One folder a bucket; an object is a plain file at its key."""
        return self.root / "s3"

    @property
    def services(self) -> Path:
        """One snapshot file a service."""
        return self.root / "services"

    @property
    def warehouse(self) -> Path:
        """One DuckDB file a Redshift cluster or workgroup."""
        return self.root / "warehouse"

    @property
    def job_runs(self) -> Path:
        """One folder a Glue job run: script, arguments, stdout, stderr, outcome."""
        return self.root / "job-runs"

    @property
    def sources(self) -> Path:
        """The sample's outside world: the operational database and the folder share."""
        return self.root / "sources"

    @property
    def log(self) -> Path:
        """The server's own log."""
        return self.root / "server.log"

    @property
    def process(self) -> Path:
        """JSON facts of the running server (process id, endpoint, start time)."""
        return self.root / "server.json"

    @property
    def lock(self) -> Path:
        """Held by the one server that may use this folder."""
        return self.root / "server.lock"

    def create(self) -> StateFolder:
        """Make the folders that must exist before a server starts, and return self."""
        for folder in (self.buckets, self.services, self.warehouse, self.job_runs, self.sources):
            folder.mkdir(parents=True, exist_ok=True)
        return self


def default_state_folder() -> StateFolder:
    """``LAKESHIFT_HOME`` where it is set and not empty, else ``.lakeshift/`` beside the sources."""
    return StateFolder(Path(os.environ.get("LAKESHIFT_HOME") or REPOSITORY / ".lakeshift").absolute())
