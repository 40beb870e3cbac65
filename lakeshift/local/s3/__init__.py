"""S3 whose objects are plain files; see docs/architecture.md."""

from __future__ import annotations

from lakeshift.local.s3.install import install, notify_written

__all__ = ["install", "notify_written"]
