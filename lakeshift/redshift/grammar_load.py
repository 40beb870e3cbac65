"""COPY and UNLOAD read from their text.

https://docs.aws.amazon.com/redshift/latest/dg/r_COPY.html
https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html
"""

from __future__ import annotations

import re
from typing import Final

from lakeshift.redshift.copy_options import FLAGS, FORMATS, OPTIONAL_VALUE, VALUES, WHOLE, check_copy
from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.statements import Copy, Unload
from lakeshift.redshift.tokens import Reader
from lakeshift.redshift.unload_options import UNLOAD_FLAGS, UNLOAD_VALUES, check_unload

__all__ = ["read_copy", "read_unload"]

_SWITCHES: Final = ("ON", "OFF", "TRUE", "FALSE", "PRESET")
# Texts that mean a character: these marks, and an octal number. Any other backslash stays, as in NULL AS '\N'.
_MARKS: Final = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "\\": "\\", "'": "'"}


def read_copy(reader: Reader) -> Copy:
    """Read COPY; raises where Redshift refuses the combination, and where it is not done here."""
    reader.expect("COPY")
    table = reader.name()
    columns = reader.names() if reader.peek() == "(" else ()
    reader.expect("FROM")
    if reader.peek() in ("STDIN", "STDOUT"):
        raise RedshiftError(
            "LOAD source is not supported. (Hint: only S3 or DynamoDB or EMR based load is allowed)", "0A000"
        )
    source = reader.string()
    options: dict[str, str | bool] = {}
    while not reader.done:
        _copy_option(reader, options)
    statement = Copy(table, columns, source, options)
    check_copy(statement)
    return statement


def _once(options: dict[str, str | bool], name: str, value: str | bool) -> None:
    if name in options:
        raise RedshiftError(f'conflicting or redundant options: "{name.lower()}"', "42601")
    options[name] = value


def _copy_option(reader: Reader, options: dict[str, str | bool]) -> None:
    if reader.take("FORMAT"):
        reader.take("AS")
        if reader.peek() not in (*FORMATS, "DELIMITER"):
            raise reader.error()
    if reader.take("WITH") or reader.take("AUTHORIZATION"):
        return
    word = reader.next().upper
    if word in ("JSON", "AVRO"):
        reader.take("AS")
        _once(options, word, reader.string() if _string_next(reader) else "auto")
    elif word == "FIXEDWIDTH":
        reader.take("AS")
        _once(options, word, reader.string())
    elif word == "SHAPEFILE":
        if reader.take("SIMPLIFY"):
            reader.take("AUTO")
        options[word] = True
    elif word in ("CSV", "PARQUET", "ORC") or word in FLAGS:
        _once(options, word, True)
    elif word in VALUES:
        _once(options, "SESSION_TOKEN" if word == "TOKEN" else word, _value(reader, word))
    else:
        reader.at -= 1
        raise reader.error()


def _string_next(reader: Reader) -> bool:
    return not reader.done and reader.tokens[reader.at].kind in ("string", "dollar")


def _value(reader: Reader, word: str) -> str:
    reader.take("AS")
    optional = OPTIONAL_VALUE.get(word)
    if optional is not None and not _string_next(reader) and reader.peek() not in _SWITCHES:
        return optional
    if word in WHOLE:
        text = reader.string() if _string_next(reader) else str(reader.integer())
        if not text.strip().isdigit():
            raise RedshiftError(f"Invalid value for {word}: {text}", "22023")
        return text.strip()
    if word in ("COMPUPDATE", "STATUPDATE", "ENCODING") or (word == "IAM_ROLE" and reader.peek() == "DEFAULT"):
        return reader.next().value
    return _marked(reader) if word in ("DELIMITER", "NULL", "QUOTE", "ACCEPTINVCHARS") else reader.string()


def _marked(reader: Reader) -> str:
    """A text in which a backslash with a mark or an octal number means one character."""
    text = reader.tokens[reader.at].text if not reader.done else ""
    reader.string()  # raises where no text stands
    inner = text[1:-1].replace("''", "'") if text.startswith("'") else text.strip("$")

    def one(found: re.Match[str]) -> str:
        mark = found[1]
        return chr(int(mark, 8)) if mark[0] in "01234567" else _MARKS.get(mark, found[0])

    return re.sub(r"\\([0-7]{1,3}|.)", one, inner, flags=re.DOTALL)


def read_unload(reader: Reader) -> Unload:
    """Read UNLOAD; raises where Redshift refuses the combination."""
    reader.expect("UNLOAD", "(")
    query = reader.string()
    reader.expect(")", "TO")
    target = reader.string()
    options: dict[str, str | bool | tuple[str, ...]] = {}
    while not reader.done:
        _unload_option(reader, options)
    statement = Unload(query, target, options)
    check_unload(statement)
    return statement


def _unload_option(reader: Reader, options: dict[str, str | bool | tuple[str, ...]]) -> None:
    if reader.take("WITH") or reader.take("FORMAT") or reader.take("AS") or reader.take("AUTHORIZATION"):
        return
    word = reader.next().upper
    if word in options:
        raise RedshiftError(f'conflicting or redundant options: "{word.lower()}"', "42601")
    if word == "PARTITION":
        reader.expect("BY")
        options["PARTITION"] = reader.names()
        if reader.take("INCLUDE"):
            options["INCLUDE"] = True
    elif word in UNLOAD_FLAGS:
        options[word] = True
        if word == "MANIFEST" and reader.take("VERBOSE"):
            options["VERBOSE"] = True
        if word == "ENCRYPTED" and reader.take("AUTO"):
            options["AUTO"] = True
    elif word in UNLOAD_VALUES:
        reader.take("AS")
        options["SESSION_TOKEN" if word == "TOKEN" else word] = _unload_value(reader, word)
    else:
        reader.at -= 1
        raise reader.error()


def _unload_value(reader: Reader, word: str) -> str:
    if word == "IAM_ROLE" and reader.peek() == "DEFAULT":
        return reader.next().value
    if word in ("MAXFILESIZE", "ROWGROUPSIZE"):
        size = reader.next().value
        return f"{size} {reader.next().upper}" if reader.peek() in ("MB", "GB") else size
    if word == "PARALLEL":
        return reader.string().upper() if _string_next(reader) else reader.next().upper
    return _marked(reader) if word in ("DELIMITER", "NULL") else reader.string()
