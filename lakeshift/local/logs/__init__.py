"""CloudWatch Logs that survive; see docs/architecture.md."""

from __future__ import annotations

from lakeshift.local.logs.streams import install, resume, write_events

__all__ = ["install", "resume", "write_events"]
