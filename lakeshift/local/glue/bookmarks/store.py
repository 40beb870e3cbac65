"""Job bookmarks: one durable JSON file a job, with the states to rewind to.

https://docs.aws.amazon.com/glue/latest/dg/monitor-continuations.html
"""

from __future__ import annotations

import dataclasses
import hashlib
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from lakeshift.local.glue.bookmarks.durable import read_json, write_json

__all__ = ["Bookmark", "BookmarkStore", "StaleVersionError", "UnknownRunError"]

_KEPT: Final = 50  # runs that a bookmark can be rewound to
_LONGEST_NAME: Final = 200  # bytes of a file name

Contexts = dict[str, dict[str, Any]]


class StaleVersionError(Exception):
    """The bookmark moved on since the committing run read it; ``current`` is the version now."""

    def __init__(self, job_name: str, given: int, current: int) -> None:
        super().__init__(
            f"The bookmark of job {job_name} is at version {current}, the run read version {given}: another run of "
            "the job committed, or the bookmark was reset, while this run was under way."
        )
        self.current = current


class UnknownRunError(LookupError):
    """No state is kept for the run."""


@dataclass(frozen=True, slots=True)
class Bookmark:
    """What a job has processed.

    ``version`` counts every change, ``run`` the runs that committed since the last reset, ``attempt`` is the retry
    that committed; ``contexts`` maps a transformation context to whatever its source needs to go on.
    """

    job_name: str
    version: int = 0
    run: int = 0
    attempt: int = 0
    run_id: str | None = None
    previous_run_id: str | None = None
    contexts: Contexts = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Every field."""
        return dataclasses.asdict(self)


class BookmarkStore:
    """The bookmarks of all jobs, below ``root``. A change is on the disk before it is answered."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._lock = threading.Lock()

    def get(self, job_name: str) -> Bookmark | None:
        """The job's bookmark, or None where no run has committed."""
        states = self._states(job_name)
        return states[-1] if states else None

    def of_run(self, job_name: str, run_id: str) -> Bookmark:
        """The bookmark as that run committed it; raises UnknownRunError."""
        for state in reversed(self._states(job_name)):
            if state.run_id == run_id:
                return state
        raise UnknownRunError(run_id)

    def commit(self, job_name: str, version: int, run_id: str, contexts: Contexts) -> Bookmark:
        """Store what the run processed, if the bookmark still is at ``version``; raises StaleVersionError.

        The same commit again (its answer was lost) gives the same answer.
        """
        with self._lock:
            states = self._states(job_name)
            old = states[-1] if states else Bookmark(job_name)
            if version != old.version:
                if (old.run_id, old.version, old.contexts) == (run_id, version + 1, contexts):
                    return old
                raise StaleVersionError(job_name, version, old.version)
            again = old.run_id == run_id
            new = Bookmark(
                job_name,
                version=old.version + 1,
                run=old.run if again else old.run + 1,
                attempt=_attempt(run_id),
                run_id=run_id,
                previous_run_id=old.previous_run_id if again else old.run_id,
                contexts=contexts,
            )
            self._write(job_name, [*states, new])
            return new

    def reset(self, job_name: str, run_id: str | None = None) -> Bookmark | None:
        """Forget what was processed, or all of it since ``run_id``; None where there is no bookmark.

        Raises UnknownRunError. A run under way that read the old bookmark cannot commit any more.
        """
        with self._lock:
            states = self._states(job_name)
            if not states:
                return None
            if run_id is None:
                new = Bookmark(job_name, version=states[-1].version + 1)
            else:
                then = next((state for state in reversed(states) if state.run_id == run_id), None)
                if then is None:
                    raise UnknownRunError(run_id)
                new = dataclasses.replace(then, version=states[-1].version + 1)
            self._write(job_name, [*states, new])
            return new

    def delete(self, job_name: str) -> None:
        """Forget the bookmark with all its states, as AWS does when the job is deleted."""
        with self._lock:
            self._path(job_name).unlink(missing_ok=True)

    def _states(self, job_name: str) -> list[Bookmark]:
        document = read_json(self._path(job_name))
        return [] if document is None else [Bookmark(**state) for state in document["states"]]

    def _write(self, job_name: str, states: list[Bookmark]) -> None:
        kept = states[-_KEPT:]
        write_json(self._path(job_name), {"job_name": job_name, "states": [state.as_json() for state in kept]})

    def _path(self, job_name: str) -> Path:
        name = quote(job_name, safe=" ")
        if len(name) > _LONGEST_NAME or name.startswith("."):
            name = hashlib.sha256(job_name.encode()).hexdigest()
        return self.root / f"{name}.json"


def _attempt(run_id: str) -> int:
    number = run_id.rpartition("_attempt_")[2]
    return int(number) if number.isdigit() and "_attempt_" in run_id else 0
