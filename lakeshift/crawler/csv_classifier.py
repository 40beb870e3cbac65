"""The CSV classifier, built in and custom.

See https://docs.aws.amazon.com/glue/latest/dg/add-classifier.html#classifier-builtin-rules-csv
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, replace
from typing import Final

from lakeshift.crawler.json_records import MOST
from lakeshift.crawler.names import column_name
from lakeshift.crawler.reading import Note, Reading
from lakeshift.crawler.sample import Sample
from lakeshift.crawler.statistics import FileCount
from lakeshift.crawler.types import Column

__all__ = ["CsvOptions", "read_csv", "scalar_type"]

_DELIMITERS: Final = (",", "|", "\t", ";", "\x01")
_EVEN: Final = 0.9  # share of rows that must have the commonest number of cells
_LONGEST_HEADER: Final = 150
_NAME: Final = re.compile("[\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff\t]*")
_BIGINT: Final = re.compile(r"[+-]?\d{1,19}")
_DOUBLE: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_LEADING_ZERO: Final = re.compile(r"0\d+")
_LARGEST: Final = 1 << 63

Rows = list[list[str]]


@dataclass(frozen=True, slots=True)
class CsvOptions:
    """A custom CSV classifier; the defaults are the built-in one. ``header``: UNKNOWN, PRESENT or ABSENT.

    ``serde`` None has the crawler choose: OpenCSVSerDe where cells are quoted. ``trim``: blanks around a value do not
    count when its type is looked for.
    """

    name: str = "csv"
    delimiter: str = ""
    quote: str = '"'
    header: str = "UNKNOWN"
    names: tuple[str, ...] = ()
    single_column: bool = False
    datatypes: tuple[str, ...] = ()
    serde: str = "LazySimpleSerDe"
    trim: bool = True


def read_csv(sample: Sample, options: CsvOptions = CsvOptions()) -> Reading | None:
    """The object as CSV, or None: it needs two rows, two columns (or leave for one), and even rows."""
    text = _text(sample)
    if text is None:
        return None
    commented = any(line.startswith("#") for line in text.split("\n", MOST + 1)[: MOST + 1])
    found = _rows(text, options, skip_comments=commented and not text.startswith("#"))
    if found is None:
        return None
    delimiter, rows = found
    width = max(len(row) for row in rows)
    if not _fits(options, rows[0], width):
        return None
    options = _with_serde(options, text)
    problem = _header_problem(rows)
    has_header = options.header == "PRESENT" or (options.header == "UNKNOWN" and not problem)
    body = rows[1:] if has_header else rows
    return Reading(
        classification="csv",
        classifier=options.name,
        serde="opencsv" if options.serde == "OpenCSVSerDe" else "csv",
        columns=_columns(options, rows[0] if has_header else [], body, width),
        count=_count(sample, has_header),
        records=len(body),
        compression=sample.compression,
        serde_parameters=_serde_parameters(options, delimiter),
        parameters=_parameters(options, delimiter, has_header, commented=commented),
        notes=tuple(_notes(options, problem, rows, text)),
    )


def _with_serde(options: CsvOptions, text: str) -> CsvOptions:
    if options.serde != "None":
        return options
    quoted = bool(options.quote) and options.quote in text
    return replace(options, serde="OpenCSVSerDe" if quoted else "LazySimpleSerDe")


def scalar_type(cells: list[str], *, trim: bool = True) -> str:
    """bigint, double, boolean or string: the narrowest that holds every cell that is not empty."""
    filled = [cell.strip() if trim else cell for cell in cells if cell.strip()]
    if not filled:
        return "string"
    if all(_BIGINT.fullmatch(cell) and -_LARGEST <= int(cell) < _LARGEST for cell in filled):
        return "bigint"
    if all(_DOUBLE.fullmatch(cell) for cell in filled):
        return "double"
    return "boolean" if all(cell.lower() in ("true", "false") for cell in filled) else "string"


def _text(sample: Sample) -> str | None:
    """The sample's whole lines as text; None where it is no text."""
    data = sample.data
    if not sample.whole:
        data = data[: data.rfind(b"\n") + 1]
    if not data or b"\0" in data:
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _rows(text: str, options: CsvOptions, *, skip_comments: bool) -> tuple[str, Rows] | None:
    """The first delimiter that cuts the text into even rows, and the rows."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if skip_comments:
        lines = [line for line in lines if not line.startswith("#")]
    for delimiter in [options.delimiter] if options.delimiter else _DELIMITERS:
        rows = _split(lines, delimiter, options.quote)
        if len(rows) >= 2 and _is_even(rows, options):
            return delimiter, rows
    return None


def _split(lines: list[str], delimiter: str, quote: str) -> Rows:
    rows: Rows = []
    source = (f"{line}\n" for line in lines)
    if quote:
        reader = csv.reader(source, delimiter=delimiter, quotechar=quote)
    else:
        reader = csv.reader(source, delimiter=delimiter, quoting=csv.QUOTE_NONE)
    try:
        for row in reader:
            if row:
                rows.append(row)
            if len(rows) > MOST:
                break
    except csv.Error:  # a cell over the reader's limit: no table anyone could read
        return []
    return rows


def _is_even(rows: Rows, options: CsvOptions) -> bool:
    widths = [len(row) for row in rows]
    common = max(set(widths), key=widths.count)
    if common < 2:
        return options.single_column
    return widths.count(common) >= _EVEN * len(widths)


def _fits(options: CsvOptions, first: list[str], width: int) -> bool:
    """Whether the object can be the one a custom classifier names columns of: as many, and, PRESENT, these."""
    if not options.names:
        return True
    if len(options.names) != width:
        return False
    given = [column_name(name) for name in options.names]
    return options.header != "PRESENT" or [column_name(cell) for cell in first] == given


def _header_problem(rows: Rows) -> str:
    """Why the first row is no header, by AWS's rules; ``""`` where it is one."""
    first, body = rows[0], rows[1:]
    if any(scalar_type([cell]) != "string" for cell in first if cell.strip()):
        return "a cell of the first row is a number or a boolean"
    if any(not cell.strip() for cell in first[:-1]):
        return "a cell of the first row, not the last, is empty"
    if any(len(cell) >= _LONGEST_HEADER for cell in first[:-1]):
        return f"a cell of the first row has {_LONGEST_HEADER} characters or more"
    if not all(_NAME.fullmatch(cell) for cell in first):
        return "a cell of the first row holds a character no column name may have"
    width = len(first)
    if all(scalar_type([row[at] for row in body if at < len(row)]) == "string" for at in range(width)):
        return "every column is text, so nothing tells the first row from the others"
    return ""


def _columns(options: CsvOptions, header: list[str], body: Rows, width: int) -> tuple[Column, ...]:
    given = list(options.names) or header
    columns = []
    for at in range(width):
        name = column_name(given[at]) if at < len(given) else ""
        kind = scalar_type([row[at] for row in body if at < len(row)], trim=options.trim)
        if at < len(options.datatypes):
            kind = options.datatypes[at].lower()
        columns.append(Column(name or f"col{at}", kind))
    return tuple(columns)


def _count(sample: Sample, has_header: bool) -> FileCount:
    """Lines that end, without the header: the published tables leave an unterminated last line out."""
    lines = min(sample.data.count(b"\n") - has_header, MOST)
    return FileCount.sampled(sample.info.size, len(sample.data), lines)


def _serde_parameters(options: CsvOptions, delimiter: str) -> tuple[tuple[str, str], ...]:
    if options.serde == "OpenCSVSerDe":
        return (("quoteChar", options.quote or '"'), ("separatorChar", delimiter))
    return (("field.delim", delimiter),)


def _parameters(
    options: CsvOptions, delimiter: str, has_header: bool, *, commented: bool
) -> tuple[tuple[str, str], ...]:
    quoted = options.name != "csv" and options.serde == "OpenCSVSerDe"
    found = [("areColumnsQuoted", str(quoted).lower()), ("columnsOrdered", "true"), ("delimiter", delimiter)]
    if commented:
        found.append(("commentCharacter", "#"))
    if has_header:
        found.append(("skip.header.line.count", "1"))
    return tuple(found)


def _notes(options: CsvOptions, problem: str, rows: Rows, text: str) -> list[Note]:
    notes = []
    if options.header == "UNKNOWN" and problem and not options.names:
        notes.append(Note("header-lost", problem))
    if options.serde != "OpenCSVSerDe" and options.quote and options.quote in text:
        notes.append(Note("quoted-csv", "cells are quoted, which LazySimpleSerDe does not undo"))
    for at, title in enumerate(rows[0]):
        cells = [row[at].strip() for row in rows[1:] if at < len(row)]
        if any(_LEADING_ZERO.fullmatch(cell) for cell in cells) and scalar_type(cells) == "bigint":
            notes.append(Note("leading-zeros", f"column {at} ({title.strip()}) loses its leading zeros as bigint"))
    return notes
