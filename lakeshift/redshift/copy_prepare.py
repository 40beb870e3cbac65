"""An object's bytes made readable for the engine's readers: unpacked, as UTF-8, with what they cannot tell marked.

The engine reads plain UTF-8 lines, fast, and refuses or drops everything else. What Redshift tells apart is marked with
characters of the private plane 15, whole file at a time and without a loop over rows: bytes that are no UTF-8, what a
backslash protected, and blank lines.
"""

from __future__ import annotations

import bz2
import codecs
import gzip
import re
import uuid
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lakeshift.redshift.copy_options import ENCODINGS
from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.load_sources import LoadFile

__all__ = ["BAD_BYTES", "BLANK", "ESCAPED", "Prepared", "prepared"]

_PLANE: Final = 0xF0000
# The marks of bytes 80…FF that are no UTF-8, as a range of the engine's patterns.
BAD_BYTES: Final = "[\\x{F0080}-\\x{F00FF}]"
BLANK: Final = "\U000f0104"
_NULL_MARK: Final = "\U000f0103"
# (mark, what it stands for); the delimiter's is filled in where it is used.
ESCAPED: Final = {
    "return": "\U000f0105",
    "backslash": "\U000f0100",
    "newline": "\U000f0101",
    "delimiter": "\U000f0102",
    "null": _NULL_MARK,
}
_BLANK_LINE: Final = re.compile(rb"^(?=\r?$)", re.MULTILINE)
_QUOTED_OR_BLANK: Final = "{quote}[^{quote}]*{quote}|^(?=\\r?\\n)"
_CHUNK: Final = 1 << 24


def _mark_bad(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)  # noqa: S101 - a handler of decoding only
    bad = error.object[error.start : error.end]
    return "".join(chr(_PLANE + byte) for byte in bad), error.end


codecs.register_error("lakeshift-mark", _mark_bad)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file the engine can read, and what was found in it; ``open_quote`` is the line of a quote never closed."""

    path: str
    bad_bytes: bool = False
    escaped: bool = False
    open_quote: int = 0


@contextmanager
def prepared(file: LoadFile, options: dict[str, str | bool], scratch: Path) -> Iterator[Prepared]:
    """The file as the engine's text readers want it; a copy below ``scratch`` where that takes one, then removed.

    Raises RedshiftError for a file that is not packed or encoded as COPY was told.
    """
    data = _unpacked(file, options)
    marked, bad = _as_utf8(file, data, options)
    changed = marked is not data or any(name in options for name in ("GZIP", "BZIP2", "ZSTD"))
    escaped = "ESCAPE" in options and b"\\" in marked
    if escaped:
        marked, changed = _escaped(marked, str(options.get("DELIMITER", "|"))), True
    quote = str(options.get("QUOTE", '"')).encode()
    open_quote = _open_quote(marked, quote) if "CSV" in options else 0
    if "JSON" not in options and not open_quote:
        blanks = _with_blank_lines(marked, quote if "CSV" in options else None)
        marked, changed = blanks, changed or blanks is not marked
    if not changed:
        yield Prepared(file.path, open_quote=open_quote)
        return
    copy = scratch / f".ls-copy-{uuid.uuid4().hex}.lakeshift-upload"
    try:
        copy.write_bytes(marked)
        yield Prepared(str(copy), bad, escaped, open_quote)
    finally:
        copy.unlink(missing_ok=True)


def _open_quote(data: bytes, quote: bytes) -> int:
    return data.count(b"\n", 0, data.rfind(quote)) + 1 if data.count(quote) % 2 else 0


def _unpacked(file: LoadFile, options: dict[str, str | bool]) -> bytes:
    data = Path(file.path).read_bytes()
    try:
        if "GZIP" in options:
            return gzip.decompress(data)
        if "BZIP2" in options:
            return bz2.decompress(data)
        if "ZSTD" in options:
            # Imported where needed: few loads are packed so.
            import pyarrow as pa

            with pa.CompressedInputStream(pa.BufferReader(data), "zstd") as stream:
                return bytes(stream.read())
    except (OSError, EOFError, zlib.error, ValueError) as error:
        kind = next(name for name in ("GZIP", "BZIP2", "ZSTD") if name in options).lower()
        raise RedshiftError(f"{file.url} is not a {kind} file: {error}", "XX000") from error
    return data


def _as_utf8(file: LoadFile, data: bytes, options: dict[str, str | bool]) -> tuple[bytes, bool]:
    """The bytes as UTF-8, the same object where they are it already; and whether some were marked as bad."""
    encoding = ENCODINGS[str(options.get("ENCODING", "utf8")).lower().replace("-", "")]
    if encoding != "utf-8":
        try:
            return data.decode(encoding).encode(), False
        except UnicodeDecodeError as error:
            text = "Encoding of the file is not the same as that specified in the COPY command"
            raise RedshiftError(f"{text}: {file.url}", "XX000") from error
    decoder: Any = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(data), _CHUNK):
            part = data[start : start + _CHUNK]
            # Most data is plain: that is told without decoding it.
            if not part.isascii() or decoder.getstate()[0]:
                decoder.decode(part)
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return data.decode("utf-8", "lakeshift-mark").encode(), True
    return data, False


def _escaped(data: bytes, delimiter: str) -> bytes:
    """Every escape as a mark, so that lines and fields can be split without looking back."""
    marks = {name: mark.encode() for name, mark in ESCAPED.items()}
    data = data.replace(b"\\\\", marks["backslash"]).replace(b"\\" + delimiter.encode(), marks["delimiter"])
    data = data.replace(b"\\\r\n", marks["newline"])
    data = data.replace(b"\\\n", marks["newline"]).replace(b"\\\r", marks["return"])
    return data.replace(b"\\N", marks["null"]).replace(b"\\", b"")


def _with_blank_lines(data: bytes, quote: bytes | None) -> bytes:
    """Blank lines marked, which the engine's reader would leave out; not those inside of quotes."""
    if not (data.startswith((b"\n", b"\r\n")) or b"\n\n" in data or b"\n\r\n" in data):
        return data
    mark = BLANK.encode()
    end = data.rstrip(b"\r\n")
    lines = data[len(end) :].replace(b"\r\n", b"\n").count(b"\n")
    body = data if lines <= 1 else end + b"\n" * lines
    if quote is None or quote not in body:
        marked = re.sub(rb"^(?=\r?\n)", mark, body, flags=re.MULTILINE)
    else:
        pattern = _QUOTED_OR_BLANK.format(quote=re.escape(quote.decode())).encode()
        marked = re.sub(pattern, lambda found: found[0] or mark, body, flags=re.MULTILINE)
    return marked
