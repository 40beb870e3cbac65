"""Listens on 127.0.0.1 for one warehouse; a thread a connection."""

from __future__ import annotations

import contextlib
import logging
import secrets
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from lakeshift.local.redshift_wire.codec import Closed, Stream
from lakeshift.local.redshift_wire.greeting import greet
from lakeshift.local.redshift_wire.login import Credentials
from lakeshift.local.redshift_wire.talk import Talk
from lakeshift.redshift import Session, Warehouse

__all__ = ["Front", "Listener"]

_HOST: Final = "127.0.0.1"
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Front:
    """What the connections of one warehouse share."""

    name: str
    warehouse: Callable[[], Warehouse]
    credentials: Credentials
    tls: Callable[[], ssl.SSLContext]
    _keys: dict[tuple[int, int], Session] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def admit(self, session: Session) -> int:
        """A secret that lets another connection cancel the session's statement."""
        key = secrets.randbits(31)
        with self._lock:
            self._keys[session.pid, key] = session
        return key

    def dismiss(self, session: Session, key: int) -> None:
        """The session is over."""
        with self._lock:
            self._keys.pop((session.pid, key), None)

    def cancel(self, pid: int, key: int) -> None:
        """CancelRequest; a wrong secret does nothing, silently."""
        with self._lock:
            session = self._keys.get((pid, key))
        if session is not None:
            session.interrupt()

    def interrupt_all(self) -> None:
        """Stop every statement that runs."""
        with self._lock:
            sessions = list(self._keys.values())
        for session in sessions:
            session.interrupt()


class Listener:
    """A port that speaks for one warehouse."""

    def __init__(self, front: Front, port: int) -> None:
        """Listen on ``port``, or on a free one where it is 0 or taken."""
        self._front = front
        self._socket = _bound(port)
        self.port: int = self._socket.getsockname()[1]
        self._clients: set[socket.socket] = set()
        self._threads: set[threading.Thread] = set()
        self._lock = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._accept, name=f"redshift-{self.port}", daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            thread = threading.Thread(target=self._serve, args=(client,), name="redshift-client", daemon=True)
            with self._lock:
                if self._closed:
                    client.close()
                    return
                self._clients.add(client)
                self._threads.add(thread)
            thread.start()

    def _serve(self, client: socket.socket) -> None:
        stream = Stream(client)
        try:
            session = greet(stream, self._front)
            if session is not None:
                self._talk(stream, session)
        except (Closed, ssl.SSLError, ConnectionError):
            pass
        except Exception:
            _log.exception("a connection to %s broke", self._front.name)
        finally:
            with contextlib.suppress(OSError):
                stream.close()
            with self._lock:
                self._clients.discard(client)
                self._threads.discard(threading.current_thread())

    def _talk(self, stream: Stream, session: Session) -> None:
        key = self._front.admit(session)
        try:
            Talk(stream, session, key).run()
        finally:
            self._front.dismiss(session, key)
            session.close()

    def close(self) -> None:
        """Stop listening, interrupt what runs and end every connection."""
        with self._lock:
            self._closed = True
            clients, threads = list(self._clients), list(self._threads)
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._front.interrupt_all()
        for client in clients:
            with contextlib.suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)
        for thread in (self._thread, *threads):
            thread.join(5)


def _bound(port: int) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((_HOST, port))
    except OSError:
        made.bind((_HOST, 0))
    made.listen(64)
    return made
