"""DataSync: transfers that compare, copy and verify; see docs/architecture.md.

Every NFS and SMB server stands for the folder ``sources/share`` of the state folder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lakeshift.local.context import LocalContext

if TYPE_CHECKING:
    from lakeshift.local.timetable import Timetable

__all__ = ["close", "install", "resume"]

_running: list[Timetable] = []


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


def resume(context: LocalContext) -> None:
    """Start scheduled tasks by the clock from now on."""
    from lakeshift.local.timetable import Timetable

    def backend() -> Any:
        from moto.datasync.models import datasync_backends

        return datasync_backends[context.account][context.region]

    timetable = Timetable(lambda: backend().timed(), lambda task: backend().start_task_execution(task))
    timetable.follow()
    _running.append(timetable)


def close(context: LocalContext) -> None:  # noqa: ARG001 - one signature for all rooms
    """Start nothing any more."""
    while _running:
        _running.pop().close()
