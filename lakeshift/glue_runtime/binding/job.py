"""What stands for the JVM's Job object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lakeshift.glue_runtime.engine import job

__all__ = ["JvmJob"]

# ruff: noqa: N802


class JvmJob:
    """One job a process, as on Glue."""

    @staticmethod
    def init(name: str, _session: Any, arguments: Mapping[str, Any]) -> None:
        """Begin the job and read its bookmark."""
        job.current.init(name, {k: str(v) for k, v in arguments.items() if v is not None})

    @staticmethod
    def isInitialized() -> bool:
        """Whether init was called."""
        return job.current.initialized

    @staticmethod
    def commit() -> None:
        """Store the bookmark."""
        job.current.commit()
