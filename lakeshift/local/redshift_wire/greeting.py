"""The beginning of a connection: TLS or not, who it is, which database."""

from __future__ import annotations

import secrets
import struct
from typing import TYPE_CHECKING, Final

from lakeshift.errors import LakeshiftError
from lakeshift.local.redshift_wire.codec import Closed, Stream, error_fields, message, text
from lakeshift.local.redshift_wire.login import database_user
from lakeshift.redshift import RedshiftError, Session

if TYPE_CHECKING:
    from lakeshift.local.redshift_wire.server import Front

__all__ = ["PARAMETERS", "greet"]

_TLS, _GSS, _CANCEL = 80877103, 80877104, 80877102
_VERSION: Final = 196608  # 3.0
PARAMETERS: Final = {
    "server_version": "8.0.2",
    "server_encoding": "UNICODE",
    "client_encoding": "UTF8",
    "DateStyle": "ISO, MDY",
    "TimeZone": "UTC",
    "integer_datetimes": "on",
    "max_numeric_precision": "38",
    "max_varchar_size": "65535",
    "padb_version": "PADB",
    "server_protocol_version": "0",
}
# Without standard_conforming_strings, which 8.0.2 does not tell: a driver then doubles the backslash of a literal.
# What a client may set when it connects; others are of no consequence here.
_SETTABLE: Final = ("application_name", "client_encoding", "datestyle", "timezone", "search_path", "extra_float_digits")


def greet(stream: Stream, front: Front) -> Session | None:
    """The session of a client that was let in; None where there is nothing to talk about (a cancel request)."""
    given = _startup(stream, front)
    if given is None:
        return None
    try:
        session = _log_in(stream, front, given)
    except LakeshiftError as error:
        state = error.sqlstate if isinstance(error, RedshiftError) else "XX000"
        stream.write(message(b"E", error_fields("FATAL", state, str(error).splitlines()[0])))
        stream.flush()
        return None
    stream.write(message(b"R", struct.pack("!I", 0)))
    told = {**PARAMETERS, "session_authorization": session.user, "is_superuser": _is_superuser(front, session.user)}
    for name, value in told.items():
        stream.write(message(b"S", text(name) + text(value)))
    return session


def _is_superuser(front: Front, name: str) -> str:
    found = front.warehouse().user(name)
    return "on" if found is not None and found.superuser else "off"


def _startup(stream: Stream, front: Front) -> dict[str, str] | None:
    while True:
        body = stream.startup()
        (code,) = struct.unpack("!I", body[:4])
        if code == _TLS:
            stream.socket.sendall(b"S")
            stream.replace(front.tls().wrap_socket(stream.socket, server_side=True))
        elif code == _GSS:
            stream.socket.sendall(b"N")
        elif code == _CANCEL:
            pid, key = struct.unpack("!II", body[4:12])
            front.cancel(pid, key)
            return None
        elif code >> 16 == 3:
            return _parameters(stream, body, code)
        else:
            words = f"unsupported frontend protocol {code >> 16}.{code & 0xFFFF}: server supports 3.0"
            stream.write(message(b"E", error_fields("FATAL", "0A000", words)))
            stream.flush()
            return None


def _parameters(stream: Stream, body: bytes, code: int) -> dict[str, str]:
    words = [word.decode(errors="replace") for word in body[4:].split(b"\0")]
    given = {key: value for key, value in zip(words[::2], words[1::2], strict=False) if key}
    unknown = [key for key in given if key.startswith("_pq_.")]
    if code != _VERSION or unknown:  # a newer client is told how far we go
        listed = b"".join(map(text, unknown))
        stream.write(message(b"v", struct.pack("!II", _VERSION, len(unknown)) + listed))
    return given


def _log_in(stream: Stream, front: Front, given: dict[str, str]) -> Session:
    login = given.get("user", "")
    database = given.get("database") or login
    if not login:
        raise RedshiftError("no PostgreSQL user name specified in startup packet", "28000")
    warehouse = front.warehouse()
    kept = warehouse.user(login)
    temporary = front.credentials.of(front.name, login)
    salt = secrets.token_bytes(4)
    plain = not temporary and kept is not None and (kept.password or "").startswith("sha256|")
    stream.write(message(b"R", struct.pack("!I", 3) if plain else struct.pack("!I", 5) + salt))
    stream.flush()
    kind, answer = stream.read()
    if kind != b"p":
        raise Closed
    said = answer.rstrip(b"\0").decode(errors="replace")
    user = database_user(temporary, warehouse, login, database, said, None if plain else salt)
    session = warehouse.connect(database, user)
    for name, value in given.items():
        if name.lower() in _SETTABLE:
            session.set_at_start(name.lower(), value)
    return session
