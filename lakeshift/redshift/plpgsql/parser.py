"""From the text of a procedure's body to its statements; a syntax error as Redshift words it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.plpgsql.syntax import (
    Assign,
    Block,
    Branch,
    Case,
    CloseCursor,
    Declaration,
    Execute,
    Exit,
    Fetch,
    ForQuery,
    ForRange,
    GetDiagnostics,
    Handler,
    If,
    Loop,
    Nothing,
    OpenCursor,
    Raise,
    Return,
    Sql,
    Statement,
    While,
)
from lakeshift.redshift.tokens import Reader

__all__ = ["parse_body"]

_LEVELS: Final = frozenset({"NOTICE", "INFO", "LOG", "WARNING", "DEBUG", "EXCEPTION"})
_SET_VERBS: Final = frozenset({"SELECT", "WITH"})


def parse_body(text: str) -> Block:
    """The block a procedure's body is."""
    reader = Reader(text)
    block = _block(reader, _label(reader))
    reader.take(";")
    reader.end()
    return block


def _label(reader: Reader) -> str | None:
    if reader.peek() == "<" and reader.peek(1) == "<":
        reader.at += 2
        name = reader.identifier()
        reader.expect(">", ">")
        return name
    return None


def _block(reader: Reader, label: str | None) -> Block:
    declarations: list[Declaration] = []
    while reader.take("DECLARE"):
        while reader.peek() not in ("BEGIN", "DECLARE"):
            declarations.append(_declaration(reader))
    reader.expect("BEGIN")
    body = _until(reader, "EXCEPTION", "END")
    handlers = []
    if reader.take("EXCEPTION"):
        while reader.take("WHEN"):
            condition = reader.identifier()
            while reader.take("OR"):
                reader.identifier()
            reader.expect("THEN")
            handlers.append(Handler(condition, _until(reader, "WHEN", "END")))
    reader.expect("END")
    if reader.peek() not in (";", "") and not reader.done:
        reader.identifier()
    return Block(tuple(declarations), body, tuple(handlers), label)


def _text(reader: Reader, *stops: str) -> str:
    """Text up to one of the words or symbols outside of brackets; at least one token."""
    first = reader.at
    while not reader.done and reader.peek() not in stops:
        if reader.peek() == "(":
            reader.group()
        elif reader.peek() == "CASE":
            _skip_case(reader)
        else:
            reader.at += 1
    if reader.at == first:
        raise reader.error()
    return reader.sql[reader.tokens[first].start : reader.tokens[reader.at - 1].end]


def _skip_case(reader: Reader) -> None:
    """A CASE expression whole: its THEN and ELSE end nothing."""
    depth = 0
    while not reader.done:
        word = reader.next().upper
        depth += {"CASE": 1, "END": -1}.get(word, 0)
        if depth == 0:
            return


def _declaration(reader: Reader) -> Declaration:
    name = reader.identifier()
    if reader.take("ALIAS", "FOR"):
        reader.take("$")
        return _ended(reader, Declaration(name, "alias", default=reader.next().text))
    constant = reader.take("CONSTANT")
    if reader.take("CURSOR"):
        arguments: list[tuple[str, str]] = []
        if reader.peek() == "(":
            arguments = [_argument(part) for part in reader.group().split(",")]
        if not reader.take("FOR"):
            reader.expect("IS")
        return _ended(reader, Declaration(name, "cursor", query=_text(reader, ";"), arguments=tuple(arguments)))
    kind = _text(reader, "NOT", "DEFAULT", ":", "=", ";")
    not_null = reader.take("NOT", "NULL")
    default = None
    if reader.take("DEFAULT") or reader.take("=") or reader.take(":", "="):
        default = _text(reader, ";")
    return _ended(reader, Declaration(name, kind.lower(), default, constant, not_null))


def _argument(part: str) -> tuple[str, str]:
    name, _, kind = part.strip().partition(" ")
    return name.lower(), kind.strip()


def _ended(reader: Reader, found: Declaration) -> Declaration:
    reader.expect(";")
    return found


def _until(reader: Reader, *ends: str) -> tuple[Statement, ...]:
    body: list[Statement] = []
    while reader.peek() not in ends:
        if reader.done:
            raise reader.error()
        body.append(_statement(reader))
    return tuple(body)


def _statement(reader: Reader) -> Statement:
    label = _label(reader)
    word = reader.peek()
    if word in ("DECLARE", "BEGIN") and reader.peek(1) not in (";", "WORK", "TRANSACTION"):
        block = _block(reader, label)
        reader.expect(";")
        return block
    if word in _LOOPS:
        return _LOOPS[word](reader, label)
    if word in _READERS:
        return _READERS[word](reader)
    if reader.peek(1) == ":" and reader.peek(2) == "=":
        target = reader.identifier()
        reader.at += 2
        return Assign(target, _line(reader))
    if reader.peek(1) == "=":
        target = reader.identifier()
        reader.at += 1
        return Assign(target, _line(reader))
    if reader.peek(1) == "." and reader.peek(3) == ":" and reader.peek(4) == "=":
        target = ".".join(reader.name())
        reader.at += 2
        return Assign(target, _line(reader))
    return _sql(reader)


def _line(reader: Reader) -> str:
    text = _text(reader, ";")
    reader.expect(";")
    return text


def _sql(reader: Reader) -> Sql:
    """A statement of SQL; SELECT's INTO is taken out of it."""
    first = reader.at
    selects = reader.peek() in _SET_VERBS
    depth, begin, end = 0, -1, -1
    into: tuple[str, ...] = ()
    while not reader.done and not (reader.peek() == ";" and depth == 0):
        word = reader.peek()
        depth += {"(": 1, ")": -1}.get(word, 0)
        if selects and depth == 0 and word == "INTO" and begin < 0:
            begin = reader.at
            reader.at += 1
            reader.take("STRICT")
            into = _targets(reader)
            end = reader.at
            continue
        reader.at += 1
    last = reader.at - 1
    reader.expect(";")
    text = reader.sql[reader.tokens[first].start : reader.tokens[last].end]
    if begin >= 0:
        head = reader.sql[reader.tokens[first].start : reader.tokens[begin].start]
        tail = reader.sql[reader.tokens[end].start : reader.tokens[last].end] if end <= last else ""
        text = f"{head} {tail}"
    return Sql(text, into)


def _targets(reader: Reader) -> tuple[str, ...]:
    names = [".".join(reader.name())]
    while reader.take(","):
        names.append(".".join(reader.name()))
    return tuple(names)


def _if(reader: Reader) -> If:
    reader.expect("IF")
    branches = []
    while True:
        condition = _text(reader, "THEN")
        reader.expect("THEN")
        branches.append(Branch(condition, _until(reader, "ELSIF", "ELSEIF", "ELSE", "END")))
        if not (reader.take("ELSIF") or reader.take("ELSEIF")):
            break
    otherwise: tuple[Statement, ...] = ()
    if reader.take("ELSE"):
        otherwise = _until(reader, "END")
    reader.expect("END", "IF", ";")
    return If(tuple(branches), otherwise)


def _case(reader: Reader) -> Case:
    reader.expect("CASE")
    subject = None if reader.peek() == "WHEN" else _text(reader, "WHEN")
    branches = []
    while reader.take("WHEN"):
        condition = _text(reader, "THEN")
        reader.expect("THEN")
        branches.append(Branch(condition, _until(reader, "WHEN", "ELSE", "END")))
    otherwise = _until(reader, "END") if reader.take("ELSE") else None
    reader.expect("END", "CASE", ";")
    return Case(subject, tuple(branches), otherwise)


def _loop_body(reader: Reader) -> tuple[Statement, ...]:
    reader.expect("LOOP")
    body = _until(reader, "END")
    reader.expect("END", "LOOP")
    if reader.peek() != ";":
        reader.identifier()
    reader.expect(";")
    return body


def _loop(reader: Reader, label: str | None) -> Loop:
    return Loop(_loop_body(reader), label)


def _while(reader: Reader, label: str | None) -> While:
    reader.expect("WHILE")
    condition = _text(reader, "LOOP")
    return While(condition, _loop_body(reader), label)


def _for(reader: Reader, label: str | None) -> ForRange | ForQuery:
    reader.expect("FOR")
    names = _targets(reader)
    reader.expect("IN")
    if reader.take("EXECUTE"):
        return ForQuery(names, _text(reader, "LOOP"), True, _loop_body(reader), label)
    reverse = reader.take("REVERSE")
    text = _text(reader, "LOOP")
    first, dots, rest = text.partition("..")
    if dots and not text.lstrip().upper().startswith(("SELECT", "WITH")):
        last, _, step = rest.upper().partition(" BY ")
        step_text = rest[len(last) + 4 :] if step else None
        return ForRange(names[0], first, rest[: len(last)], step_text, reverse, _loop_body(reader), label)
    return ForQuery(names, text, False, _loop_body(reader), label)


def _exit(reader: Reader) -> Exit:
    again = reader.next().upper == "CONTINUE"
    label = reader.identifier() if reader.peek() not in ("WHEN", ";") else None
    condition = _text(reader, ";") if reader.take("WHEN") else None
    reader.expect(";")
    return Exit(label, condition, again)


def _return(reader: Reader) -> Return:
    reader.expect("RETURN")
    if reader.peek() != ";":
        raise RedshiftError("RETURN cannot have a parameter in a procedure", "42804")
    reader.expect(";")
    return Return()


def _null(reader: Reader) -> Nothing:
    reader.expect("NULL", ";")
    return Nothing()


def _raise(reader: Reader) -> Raise:
    reader.expect("RAISE")
    level = reader.next().upper if reader.peek() in _LEVELS else "EXCEPTION"
    message = reader.string()
    arguments = []
    while reader.take(","):
        arguments.append(_text(reader, ",", ";", "USING"))
    options = []
    if reader.take("USING"):
        while True:
            name = reader.identifier()
            reader.expect("=")
            options.append((name, _text(reader, ",", ";")))
            if not reader.take(","):
                break
    reader.expect(";")
    return Raise(level, message, tuple(arguments), tuple(options))


def _execute(reader: Reader) -> Execute:
    reader.expect("EXECUTE")
    text = _text(reader, "INTO", ";")
    into = _targets(reader) if reader.take("INTO") else ()
    reader.expect(";")
    return Execute(text, into)


def _open(reader: Reader) -> OpenCursor:
    reader.expect("OPEN")
    name = reader.identifier()
    if reader.take("FOR", "EXECUTE"):
        return OpenCursor(name, _line(reader), dynamic=True)
    if reader.take("FOR"):
        return OpenCursor(name, _line(reader))
    arguments: tuple[str, ...] = ()
    if reader.peek() == "(":
        arguments = tuple(part.strip() for part in reader.group().split(","))
    reader.expect(";")
    return OpenCursor(name, arguments=arguments)


def _fetch(reader: Reader) -> Fetch:
    reader.expect("FETCH")
    name = reader.identifier()
    reader.expect("INTO")
    into = _targets(reader)
    reader.expect(";")
    return Fetch(name, into)


def _close(reader: Reader) -> CloseCursor:
    reader.expect("CLOSE")
    name = reader.identifier()
    reader.expect(";")
    return CloseCursor(name)


def _diagnostics(reader: Reader) -> GetDiagnostics:
    reader.expect("GET", "DIAGNOSTICS")
    items = []
    while True:
        target = reader.identifier()
        if not reader.take("="):
            reader.expect(":", "=")
        items.append((target, reader.identifier()))
        if not reader.take(","):
            break
    reader.expect(";")
    return GetDiagnostics(tuple(items))


_LOOPS: Final[dict[str, Callable[[Reader, str | None], Statement]]] = {"FOR": _for, "LOOP": _loop, "WHILE": _while}
_READERS: Final[dict[str, Callable[[Reader], Statement]]] = {
    "CASE": _case,
    "CLOSE": _close,
    "CONTINUE": _exit,
    "EXECUTE": _execute,
    "EXIT": _exit,
    "FETCH": _fetch,
    "GET": _diagnostics,
    "IF": _if,
    "NULL": _null,
    "OPEN": _open,
    "RAISE": _raise,
    "RETURN": _return,
}
