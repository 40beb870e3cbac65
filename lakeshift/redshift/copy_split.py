"""The engine's queries that read a text file as numbered lines and split them into fields, one for each format.

Every query answers ``ls_line`` (from 1), ``ls_raw``, ``ls_width`` (fields found) and ``f0``, ``f1``, … as text.
https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-format.html
"""

from __future__ import annotations

from typing import Final

from lakeshift.redshift.copy_prepare import BLANK, ESCAPED
from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.load_sources import engine_path, sql_text

__all__ = ["csv_fields", "delimited_fields", "fixed_fields", "is_blank", "lines", "read_widths", "restored"]

# No field has this text: the engine must make no NULL by itself, the conversions do.
_NEVER: Final = "\x02ls-null\x02"
_COMMON: Final = (
    f"auto_detect = false, header = false, nullstr = {sql_text(_NEVER)}, max_line_size = 16777216, strict_mode = false"
)


def lines(path: str, skip: int) -> str:
    """The file's lines as ``ls_line`` and ``ls_raw``."""
    # A delimiter no text has: the whole line is one field.
    scan = (
        f"read_csv({engine_path(path)}, delim = {sql_text(chr(3))}, quote = '', escape = '', "
        f"columns = {{'line': 'VARCHAR'}}, skip = {skip}, {_COMMON})"
    )
    return f"SELECT row_number() OVER () + {skip} AS ls_line, line AS ls_raw FROM {scan}"


def csv_fields(path: str, skip: int, width: int, delimiter: str, quote: str) -> str:
    """CSV; quotes must be even in number."""
    # One field more than the table has columns, so that a line with too many is seen.
    names = ", ".join(f"'f{index}': 'VARCHAR'" for index in range(width + 1))
    scan = (
        f"read_csv({engine_path(path)}, delim = {sql_text(delimiter)}, quote = {sql_text(quote)}, "
        f"escape = {sql_text(quote)}, columns = {{{names}}}, null_padding = true, skip = {skip}, {_COMMON}, "
        "parallel = false)"
    )
    fields = ", ".join(f"f{index}" for index in range(width + 1))
    filled = " + ".join(f"(f{index} IS NOT NULL)::INTEGER" for index in range(width + 1))
    return (
        f"SELECT row_number() OVER () + {skip} AS ls_line, concat_ws({sql_text(delimiter)}, {fields}) AS ls_raw, "
        f"{filled} AS ls_width, {fields} FROM {scan}"
    )


def delimited_fields(source: str, width: int, delimiter: str, *, quotes: bool) -> str:
    """Lines split at the delimiter; with ``quotes`` (REMOVEQUOTES) a delimiter inside of quotes is no end."""
    split = f"string_split(ls_raw, {sql_text(delimiter)})"
    if quotes:
        mark = "".join(f"\\x{{{ord(letter):x}}}" for letter in delimiter)
        # One field: quoted text with anything behind it up to the delimiter, or text without one.
        pattern = f"(?s)(?:^|{mark})((?:\"[^\"]*\"|'[^']*')?[^{mark}]*)"
        split = f"regexp_extract_all(ls_raw, {sql_text(pattern)}, 1)"
    fields = ", ".join(f"ls_fields[{index + 1}] AS f{index}" for index in range(width))
    whole = f"SELECT *, {split} AS ls_fields FROM ({source})"
    return f"SELECT ls_line, ls_raw, len(ls_fields) AS ls_width, {fields} FROM ({whole})"


def read_widths(text: str) -> list[tuple[str, int]]:
    """The (label, characters) of FIXEDWIDTH's ``label:width,…``; raises RedshiftError."""
    found: list[tuple[str, int]] = []
    for part in text.split(","):
        label, colon, width = part.strip().rpartition(":")
        if not colon or not width.strip().isdigit() or int(width) < 1:
            raise RedshiftError(f"Invalid fixedwidth specification '{text}'", "22023")
        found.append((label.strip().lower(), int(width)))
    return found


def fixed_fields(source: str, widths: list[int]) -> str:
    """Lines cut at the widths."""
    fields, start = [], 1
    for index, width in enumerate(widths):
        fields.append(f"substr(ls_raw, {start}, {width}) AS f{index}")
        start += width
    # A line that ends inside of its last field is whole: blanks at the end are often cut off.
    need = start - widths[-1] - 1
    count = len(widths)
    wide = (
        f"CASE WHEN length(ls_raw) > {start - 1} THEN {count + 1} "
        f"WHEN length(ls_raw) < {need} THEN {count - 1} ELSE {count} END"
    )
    return f"SELECT ls_line, ls_raw, {wide} AS ls_width, {', '.join(fields)} FROM ({source})"


def restored(field: str, delimiter: str) -> str:
    """The field with every mark of an escape as the character it stands for."""
    for name, text in (
        ("backslash", "\\"),
        ("newline", "\n"),
        ("return", "\r"),
        ("delimiter", delimiter),
        ("null", "N"),
    ):
        field = f"replace({field}, {sql_text(ESCAPED[name])}, {sql_text(text)})"
    return field


def is_blank(field: str) -> str:
    """Whether a line or field is the mark of a blank line."""
    return f"{field} = {sql_text(BLANK)}"
