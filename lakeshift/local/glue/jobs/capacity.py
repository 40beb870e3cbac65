"""Workers and data processing units (DPU).

https://docs.aws.amazon.com/glue/latest/dg/worker-types.html
"""

from __future__ import annotations

from typing import Final

__all__ = ["DEFAULT_GLUE_VERSION", "GLUE_VERSIONS", "WORKER_TYPES", "default_timeout", "dpu_per_worker"]

_DPU: Final = {
    "Standard": 1.0,
    "G.025X": 0.25,
    "G.1X": 1.0,
    "G.2X": 2.0,
    "G.4X": 4.0,
    "G.8X": 8.0,
    "G.12X": 12.0,
    "G.16X": 16.0,
    "R.1X": 1.0,
    "R.2X": 2.0,
    "R.4X": 4.0,
    "R.8X": 8.0,
    "Z.2X": 2.0,
}
WORKER_TYPES: Final = tuple(_DPU)
GLUE_VERSIONS: Final = ("0.9", "1.0", "2.0", "3.0", "4.0", "5.0", "5.1", "6.0", "auto")
DEFAULT_GLUE_VERSION: Final = "5.1"  # what the local engine is; AWS takes its newest


def dpu_per_worker(worker_type: str | None) -> float:
    """Data processing units of one worker."""
    return _DPU.get(worker_type or "Standard", 1.0)


def default_timeout(glue_version: str | None) -> int:
    """Minutes after which a run of a job without Timeout is ended: 480 from version 5.0 on, else 2,880.

    A Python shell job, which has no version, counts among the older.
    """
    older = glue_version in (None, "0.9", "1.0", "2.0", "3.0", "4.0")
    return 2880 if older else 480
