"""The local AWS: moto's server with our backends, one process, 127.0.0.1 only."""

from __future__ import annotations

import importlib
import logging
import os
import threading
from types import TracebackType
from typing import Any, Final

import moto
from werkzeug.serving import BaseWSGIServer, make_server

from lakeshift.errors import LakeshiftError
from lakeshift.lake import FolderLake
from lakeshift.local import clock, faults, process, routes, state
from lakeshift.local.context import ACCOUNT, LocalContext
from lakeshift.paths import StateFolder

__all__ = ["LocalAws"]

_MOTO: Final = "5.2.5"  # the overlays replace private classes of exactly this version
_ROOMS: Final = (
    "s3",
    "logs",
    "sqs",
    "glue",
    "redshift_serverless",
    "redshift",
    "athena",
    "stepfunctions",
    "events",
    "scheduler",
    "cloudwatch",
    "kinesis",
    "firehose",
    "datasync",
)
_HOST: Final = "127.0.0.1"
_log = logging.getLogger(__name__)


class LocalAws:
    """One running local AWS; a context manager. ``port`` 0 takes a free one."""

    def __init__(self, state: StateFolder, port: int = 0) -> None:
        if moto.__version__ != _MOTO:
            raise LakeshiftError(f"moto {moto.__version__} is installed, {_MOTO} is needed. Run `make setup`.")
        self.state = state.create()
        self._port = port
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None
        self._lock: process.StateLock | None = None
        self._installed: list[str] = []
        self.context: LocalContext | None = None

    @property
    def endpoint(self) -> str:
        """``http://127.0.0.1:<port>`` of the running server."""
        if self.context is None:
            raise LakeshiftError("The local AWS is not running. Start it with `make up`.")
        return self.context.endpoint

    def start(self) -> LocalAws:
        """Take the state folder, install every room, restore, and serve in a thread; returns self once it answers.

        Raises LakeshiftError when another server has the state folder or the port, or a snapshot cannot be read.
        """
        os.environ.setdefault("MOTO_ACCOUNT_ID", ACCOUNT)
        self._lock = process.StateLock(self.state)
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def _start(self) -> None:
        from lakeshift.local.web import Handler, LocalApplication  # moto reads the account id on import

        application = LocalApplication()
        try:
            server = make_server(_HOST, self._port, application, threaded=True, request_handler=Handler)
        except (OSError, SystemExit) as error:  # werkzeug exits where the port is taken
            raise LakeshiftError(
                f"Port {self._port} is used by another process. Stop it, or choose another port with PORT=."
            ) from error
        self._server = server
        endpoint = f"http://{_HOST}:{server.server_port}"
        self.context = LocalContext(endpoint, self.state, FolderLake(self.state.buckets), fixed_ports=self._port != 0)
        os.environ["MOTO_PORT"] = str(server.server_port)
        clock.open_folder(self.state.root)
        for room in _ROOMS:
            self._room(room, "install", self.context)
            self._installed.append(room)
        state.open_folder(self.state.services)
        for room in _ROOMS:
            self._room(room, "resume", self.context)
        facts = process.facts(self.state, endpoint)
        clock.add_routes()
        faults.FAULTS.open_folder(self.state.root)
        faults.add_routes()
        routes.add("GET", "/_lakeshift/health", lambda _: routes.json_response(facts))
        self._thread = threading.Thread(target=server.serve_forever, name="local-aws", daemon=True)
        self._thread.start()
        process.write_facts(self.state, facts)

    @staticmethod
    def _room(room: str, step: str, context: LocalContext) -> Any:
        """``install(context)`` puts a room's backend under moto, ``resume`` goes on once state is restored."""
        function = getattr(importlib.import_module(f"lakeshift.local.{room}"), step, None)
        return function(context) if function is not None else None

    def _close(self, room: str, context: LocalContext) -> None:
        try:
            self._room(room, "close", context)
        except Exception:  # the others are closed and the state is written all the same
            _log.exception("the room %s could not be closed", room)

    def stop(self) -> None:
        """Stop answering, let each room end what it runs, write what is not yet written, free port and folder."""
        if self._server is not None:
            if self._thread is not None:
                self._server.shutdown()
                self._thread.join()
            self._server.server_close()
            self._server = self._thread = None
        if self.context is not None:
            while self._installed:
                self._close(self._installed.pop(), self.context)
            state.close_folder()
            clock.open_folder(None)
            self.context = None
        if self._lock is not None:
            self.state.process.unlink(missing_ok=True)
            self._lock.release()
            self._lock = None

    def __enter__(self) -> LocalAws:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


if __name__ == "__main__":
    from lakeshift.local.main import main

    raise SystemExit(main())
