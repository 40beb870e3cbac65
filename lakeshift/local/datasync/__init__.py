"""DataSync: transfers that compare, copy and verify; see docs/architecture.md.

Every NFS and SMB server stands for the folder ``sources/share`` of the state folder.
"""

from __future__ import annotations

from lakeshift.local.context import LocalContext

__all__ = ["install"]


def install(context: LocalContext) -> None:
    """Put our backend and its API under moto, before the first request."""
    from moto.datasync import models, urls

    from lakeshift.local.datasync.backend import LocalDataSyncBackend
    from lakeshift.local.datasync.responses import LocalDataSyncResponse
    from lakeshift.local.stepfunctions import clients

    clients.use(context)
    LocalDataSyncBackend.local = context
    models.datasync_backends.backend = LocalDataSyncBackend
    urls.url_paths = {"{0}/$": LocalDataSyncResponse.dispatch}
