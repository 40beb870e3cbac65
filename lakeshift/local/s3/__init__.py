"""S3 whose objects are plain files; see docs/architecture.md."""

from __future__ import annotations

from lakeshift.local.s3.install import close, install, notify_written, resume

__all__ = ["close", "install", "notify_written", "resume"]
