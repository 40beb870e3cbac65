"""The port of each warehouse: a listener for whatever is available, closed when it is paused or deleted."""

from __future__ import annotations

import ssl
import threading
from functools import cached_property
from typing import Final

from lakeshift.local.context import LocalContext
from lakeshift.local.redshift.clusters import Clusters, Facts
from lakeshift.local.redshift_wire import Front, Listener
from lakeshift.local.redshift_wire.login import Credentials
from lakeshift.local.redshift_wire.tls import tls_context
from lakeshift.redshift import Warehouse

__all__ = ["HOST", "Endpoints"]

HOST: Final = "127.0.0.1"


class Endpoints:
    """Listeners by warehouse. Thread-safe.

    A warehouse listens on the port it asks for (5439 by default) where that is free, else on one that is; on a local
    AWS of a free port, always on a free one.
    """

    def __init__(self, context: LocalContext, clusters: Clusters) -> None:
        self._context = context
        self._clusters = clusters
        self._lock = threading.Lock()
        self._listeners: dict[str, Listener] = {}
        self.credentials = Credentials()

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return tls_context(self._context.state.warehouse)

    def refresh(self) -> None:
        """Listen for what is available now, and for nothing else."""
        known = self._clusters.known()
        with self._lock:
            gone = [self._listeners.pop(key) for key in set(self._listeners) - set(known)]
            for key, (facts, port) in known.items():
                if key not in self._listeners:
                    self._listeners[key] = self._listen(facts, port)
        for listener in gone:
            listener.close()

    def _listen(self, facts: Facts, port: int) -> Listener:
        def warehouse() -> Warehouse:
            now = self._clusters.known().get(facts.key)
            return self._clusters.warehouse(now[0] if now is not None else facts)

        front = Front(facts.key, warehouse, self.credentials, lambda: self._tls)
        return Listener(front, port if self._context.fixed_ports else 0)

    def port(self, key: str) -> int | None:
        """The port of a warehouse, None where it does not listen."""
        with self._lock:
            listener = self._listeners.get(key)
        return listener.port if listener is not None else None

    def close_one(self, key: str) -> None:
        """Stop listening for one, and end its connections."""
        with self._lock:
            listener = self._listeners.pop(key, None)
        if listener is not None:
            listener.close()

    def close(self) -> None:
        """Stop listening."""
        with self._lock:
            listeners = list(self._listeners.values())
            self._listeners.clear()
        for listener in listeners:
            listener.close()
