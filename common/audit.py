"""The audit document of a stage: rows in, out, rejected, duplicates; it closes, or the run fails."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from common.objects import Objects, StoredObject

__all__ = ["Audit", "AuditMismatchError", "audit_url"]


class AuditMismatchError(RuntimeError):
    """A stage lost or doubled rows: what came in is not what went out, was rejected, or was a duplicate."""


@dataclass
class Audit:
    """What one stage did; ``seconds`` is wall time, ``files`` and ``bytes`` are what it wrote."""

    stage: str
    job_run_id: str
    pipeline_run_id: str
    rows_in: int = 0
    rows_out: int = 0
    rejected: dict[str, int] = field(default_factory=dict)
    duplicates: int = 0
    files: int = 0
    bytes: int = 0
    seconds: float = 0.0
    measures: dict[str, tuple[float, str]] = field(default_factory=dict)  # further metrics: value and unit
    _writers: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False, compare=False)

    def wrote(self, objects: Iterable[StoredObject]) -> None:
        """Add the files a stage wrote; tables that are written side by side may tell of theirs at once."""
        sizes = [stored.size for stored in objects]
        with self._writers:
            self.files += len(sizes)
            self.bytes += sum(sizes)

    def document(self) -> dict[str, object]:
        """The document as it is stored, field for field of docs/architecture.md."""
        return {
            "stage": self.stage,
            "job_run_id": self.job_run_id,
            "pipeline_run_id": self.pipeline_run_id,
            "rows_in": self.rows_in,
            "rows_out": self.rows_out,
            "rejected": dict(sorted(self.rejected.items())),
            "duplicates": self.duplicates,
            "files": self.files,
            "bytes": self.bytes,
            "seconds": round(self.seconds, 3),
        }

    @property
    def accounted(self) -> int:
        """Rows of which it is known what became of them."""
        return self.rows_out + sum(self.rejected.values()) + self.duplicates

    def check(self) -> None:
        """Raise AuditMismatchError unless rows in = rows out + rejected + duplicates."""
        accounted = self.accounted
        if accounted != self.rows_in:
            raise AuditMismatchError(
                f"Stage {self.stage} does not close: {self.rows_in} rows in, {accounted} accounted for "
                f"({self.rows_out} out, {_told(self.rejected)}, {self.duplicates} duplicates); "
                "nothing was committed, so a rerun reads the same input again."
            )

    def write(self, objects: Objects, ops: str) -> None:
        """Store the document (also one that does not close: it is the evidence), then check it."""
        objects.write_json(audit_url(ops, self.pipeline_run_id, self.stage), self.document())
        self.check()


def audit_url(ops: str, pipeline_run_id: str, stage: str) -> str:
    """Where the audit document of a stage lies; ``ops`` is the ``s3://`` URL of the operations bucket."""
    return f"{ops}/audit/{pipeline_run_id}/{stage}.json"


def _told(rejected: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {reason}" for reason, count in sorted(rejected.items())) or "0 rejected"
