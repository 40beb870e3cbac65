"""CREATE, ALTER and DROP of users, groups, roles and databases.

https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_USER.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.redshift.statements import Administer
from lakeshift.redshift.tokens import Reader

__all__ = ["PRINCIPALS", "read_administer"]

PRINCIPALS: Final = frozenset({"USER", "GROUP", "ROLE", "DATABASE"})
_PAGE: Final = "https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_DATABASE.html"


def read_administer(reader: Reader) -> Administer:
    """Read ``CREATE | ALTER | DROP  USER | GROUP | ROLE | DATABASE …``."""
    verb, kind = reader.next().upper, reader.next().upper
    if verb == "DROP":
        return _drop(reader, kind)
    name = _name(reader)
    options: dict[str, Any] = {}
    if verb == "ALTER" and reader.take("RENAME", "TO"):
        options["rename"] = _name(reader)
    elif verb == "ALTER" and reader.take("OWNER", "TO"):
        options["owner"] = _name(reader)
    else:
        _options(reader, verb, kind, options)
    return Administer(verb, kind, (name,), options)


def _drop(reader: Reader, kind: str) -> Administer:
    options: dict[str, Any] = {"if_exists": reader.take("IF", "EXISTS")}
    names = [_name(reader)]
    while reader.take(","):
        names.append(_name(reader))
    if kind in ("ROLE", "DATABASE"):
        options["force"] = reader.take("FORCE")
    reader.take("RESTRICT")
    return Administer("DROP", kind, tuple(names), options)


def _options(reader: Reader, verb: str, kind: str, options: dict[str, Any]) -> None:
    reader.take("WITH")
    if kind == "GROUP":
        if verb == "ALTER":
            options["member"] = "ADD" if reader.take("ADD") else "DROP" if reader.take("DROP") else None
            if options["member"] is None:
                raise reader.error()
        if verb == "ALTER" or reader.peek() == "USER":
            reader.expect("USER")
            options["users"] = _list(reader)
        return
    readers = {"USER": _USER, "ROLE": _ROLE, "DATABASE": _DATABASE}[kind]
    while not reader.done:
        read = readers.get(reader.peek())
        if read is None:
            raise reader.error()
        reader.next()
        read(reader, options)
    if kind == "USER" and verb == "CREATE" and "password" not in options:
        raise reader.error()


def _name(reader: Reader) -> str:
    return reader.identifier()


def _list(reader: Reader) -> tuple[str, ...]:
    names = [_name(reader)]
    while reader.take(","):
        names.append(_name(reader))
    return tuple(names)


def _password(reader: Reader, options: dict[str, Any]) -> None:
    options["password"] = None if reader.take("DISABLE") else reader.string()


def _flag(name: str, value: bool) -> Callable[[Reader, dict[str, Any]], None]:
    def read(_reader: Reader, options: dict[str, Any]) -> None:
        options[name] = value

    return read


def _syslog(reader: Reader, options: dict[str, Any]) -> None:
    reader.expect("ACCESS")
    options["syslog"] = reader.take("UNRESTRICTED")
    if not options["syslog"]:
        reader.expect("RESTRICTED")


def _in_group(reader: Reader, options: dict[str, Any]) -> None:
    reader.expect("GROUP")
    options["groups"] = _list(reader)


def _valid(reader: Reader, options: dict[str, Any]) -> None:
    reader.expect("UNTIL")
    options["valid_until"] = reader.string()


def _limit(reader: Reader, options: dict[str, Any]) -> None:
    reader.expect("LIMIT")
    options["connection_limit"] = "UNLIMITED" if reader.take("UNLIMITED") else str(reader.integer())


def _timeout(reader: Reader, options: dict[str, Any]) -> None:
    reader.expect("TIMEOUT")
    options["session_timeout"] = reader.integer()


def _reset(reader: Reader, options: dict[str, Any]) -> None:
    if reader.take("SESSION", "TIMEOUT"):
        options["session_timeout"] = 0
        return
    raise NotSupportedLocallyError("ALTER USER … RESET", "Set the parameter in the session.", _PAGE)


def _set(_reader: Reader, _options: dict[str, Any]) -> None:
    raise NotSupportedLocallyError("ALTER USER … SET", "Set the parameter in the session.", _PAGE)


def _external(reader: Reader, options: dict[str, Any]) -> None:
    options["external_id"] = reader.next().value


def _owner(reader: Reader, options: dict[str, Any]) -> None:
    reader.take("=")
    options["owner"] = _name(reader)


def _collate(reader: Reader, _options: dict[str, Any]) -> None:
    if reader.take("CASE_INSENSITIVE") or reader.take("CI"):
        raise NotSupportedLocallyError("COLLATE CASE_INSENSITIVE", "Compare with LOWER() on both sides.", _PAGE)
    if not (reader.take("CASE_SENSITIVE") or reader.take("CS")):
        raise reader.error()


def _isolation(reader: Reader, options: dict[str, Any]) -> None:
    reader.expect("LEVEL")
    options["isolation"] = "SNAPSHOT" if reader.take("SNAPSHOT") else "SERIALIZABLE"
    if options["isolation"] == "SERIALIZABLE":
        reader.expect("SERIALIZABLE")


def _from(reader: Reader, _options: dict[str, Any]) -> None:
    raise NotSupportedLocallyError(
        f"CREATE DATABASE … FROM {reader.next().upper}", "Load the tables into a database of this cluster.", _PAGE
    )


_USER: Final[dict[str, Callable[[Reader, dict[str, Any]], None]]] = {
    "PASSWORD": _password,
    "CREATEDB": _flag("createdb", value=True),
    "NOCREATEDB": _flag("createdb", value=False),
    "CREATEUSER": _flag("superuser", value=True),
    "NOCREATEUSER": _flag("superuser", value=False),
    "SYSLOG": _syslog,
    "IN": _in_group,
    "VALID": _valid,
    "CONNECTION": _limit,
    "SESSION": _timeout,
    "RESET": _reset,
    "SET": _set,
    "EXTERNALID": _external,
}
_ROLE: Final[dict[str, Callable[[Reader, dict[str, Any]], None]]] = {"EXTERNALID": _external}
_DATABASE: Final[dict[str, Callable[[Reader, dict[str, Any]], None]]] = {
    "OWNER": _owner,
    "CONNECTION": _limit,
    "COLLATE": _collate,
    "ISOLATION": _isolation,
    "FROM": _from,
}
