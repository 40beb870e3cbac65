"""From a field's text to a column's value: what is NULL, what is cut or rounded, and what is an error, with its reason.

https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-conversion.html
https://docs.aws.amazon.com/redshift/latest/dg/r_Load_Error_Reference.html
"""

from __future__ import annotations

import re
from typing import Final

from lakeshift.redshift.copy_moments import moment
from lakeshift.redshift.copy_prepare import BAD_BYTES, BLANK, ESCAPED, Prepared
from lakeshift.redshift.copy_split import restored
from lakeshift.redshift.load_sources import sql_text
from lakeshift.redshift.statements import ColumnDef

__all__ = ["FieldRules"]

# Bytes of whole numbers; names of all numbers in reasons.
_WHOLE: Final = {"smallint": 2, "integer": 4, "bigint": 8}
_NUMBERS: Final = {
    "smallint": "Short",
    "integer": "Integer",
    "bigint": "Long",
    "numeric": "Decimal",
    "real": "Float",
    "double precision": "Double",
}
_OTHERS: Final = {
    "boolean": (1210, "Unknown boolean format"),
    "super": (1224, "Input data is not in well-formed JSON format for the super data type"),
}
_NUMBER: Final = "[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?"
_QUOTES: Final = "\"'"
# Types whose values are read in a way of their own.
_PLAIN: Final = {
    "boolean": (
        "CASE WHEN lower({text}) IN ('t', 'true', 'y', 'yes', '1') THEN true "
        "WHEN lower({text}) IN ('f', 'false', 'n', 'no', '0') THEN false END"
    ),
    "super": "TRY_CAST({text} AS JSON)",
    "binary varying": "TRY(unhex({text}))",
}


class FieldRules:
    """How one COPY turns fields into values."""

    def __init__(self, options: dict[str, str | bool], file: Prepared) -> None:
        self._options = options
        self._file = file
        self._json = "JSON" in options or "AVRO" in options
        self._delimiter = str(options.get("DELIMITER", "," if "CSV" in options else "|"))

    def text(self, index: int, column: ColumnDef) -> str:
        """Field ``index`` with quotes removed, escapes undone, and NULL where the options say so."""
        is_text = column.type.is_text
        field = f"f{index}"
        if is_text and "FILLRECORD" in self._options and not self._json:
            field = f"coalesce({field}, '')"
        if "REMOVEQUOTES" in self._options:
            ends = " OR ".join(
                f"(starts_with({field}, {sql_text(q)}) AND ends_with({field}, {sql_text(q)}))" for q in _QUOTES
            )
            inner = f"substr({field}, 2, length({field}) - 2)"
            field = f"CASE WHEN length({field}) > 1 AND ({ends}) THEN {inner} ELSE {field} END"
        made = self._nulls(field, is_text)
        if is_text:
            if "ACCEPTINVCHARS" in self._options and self._file.bad_bytes and column.type.name != "character":
                mark = str(self._options["ACCEPTINVCHARS"]).replace("\\", "\\\\")
                made = f"regexp_replace({made}, {sql_text(BAD_BYTES)}, {sql_text(mark)}, 'g')"
            if "TRIMBLANKS" in self._options and column.type.name == "character varying":
                made = f"rtrim({made}, ' \t')"
        return made

    def _nulls(self, field: str, is_text: bool) -> str:
        null = self._options.get("NULL")
        made = f"nullif({field}, {sql_text(str(null) if null is not None else chr(92) + 'N')})"
        if self._file.escaped:
            made = restored(f"nullif({field}, {sql_text(ESCAPED['null'])})" if null is None else made, self._delimiter)
        if self._json and null is None:
            made = field
        if not is_text:
            return f"nullif(trim({made}), '')"
        if "EMPTYASNULL" in self._options:
            made = f"nullif({made}, '')"
        if "BLANKSASNULL" in self._options:
            made = f"CASE WHEN regexp_full_match({made}, '\\s+') THEN NULL ELSE {made} END"
        return f"CASE WHEN {made} = {sql_text(BLANK)} THEN '' ELSE {made} END" if self._json is False else made

    def value(self, index: int, column: ColumnDef) -> str:
        """The column's value; NULL too where the text does not fit."""
        text, kind = self.text(index, column), column.type
        if kind.is_text:
            cut = f"main.ls_cut({text}, {kind.length})" if "TRUNCATECOLUMNS" in self._options else text
            return f"rtrim({cut}, ' ')" if kind.name == "character" else cut
        if kind.name == "date" or kind.name.startswith("timestamp"):
            return moment(text, kind, self._options)
        if kind.name in _NUMBERS:
            return self._number(text, column)
        return _PLAIN.get(kind.name, f"TRY_CAST({{text}} AS {kind.engine})").format(text=text)

    def _number(self, text: str, column: ColumnDef) -> str:
        kind = column.type
        cast = f"TRY_CAST({text} AS {kind.engine})"
        if kind.name in _WHOLE:
            # The engine would round 1.5 and take 1_000; Redshift refuses both. Most numbers are written as the engine
            # writes them, which is told without a pattern.
            return (
                f"CASE WHEN CAST({cast} AS VARCHAR) = {text} THEN {cast} "
                f"WHEN regexp_full_match({text}, '[+-]?[0-9]+') THEN {cast} END"
            )
        if kind.name == "numeric":
            return self._decimal(text, column)
        return f"CASE WHEN NOT contains({text}, '_') THEN {cast} END"

    def _decimal(self, text: str, column: ColumnDef) -> str:
        """Digits behind the scale are cut, or rounded with ROUNDEC."""
        kind = column.type
        cast = f"CASE WHEN NOT contains({text}, '_') THEN TRY_CAST({text} AS {kind.engine}) END"
        if "ROUNDEC" in self._options:
            return cast
        more = f"strpos({text}, '.') > 0 AND length({text}) - strpos({text}, '.') > {kind.scale}"
        cut = f"regexp_replace({text}, '^([+-]?[0-9]*[.][0-9]{{{kind.scale}}})[0-9]+$', '\\1')"
        return f"CASE WHEN {more} THEN TRY_CAST({cut} AS {kind.engine}) ELSE {cast} END"

    def bad(self, index: int, column: ColumnDef) -> str:
        """The condition of a row whose field is an error; ``v0``, ``v1``, … are the values."""
        text, value, kind = self.text(index, column), f"v{index}", column.type
        found: list[str] = []
        if kind.is_text:
            found.append(f"strlen({value}) > {kind.length}")
            if kind.name == "character":
                found.append(f"strlen({value}) <> length({value})")
        elif not ("ACCEPTANYDATE" in self._options and (kind.name == "date" or kind.name.startswith("timestamp"))):
            found.append(f"({text} IS NOT NULL AND {value} IS NULL)")
            if kind.name in ("real", "double precision"):
                found.append(f"(isinf({value}) AND NOT contains(lower({text}), 'inf'))")
        if self._file.bad_bytes and not ("ACCEPTINVCHARS" in self._options and column.type.name == "character varying"):
            found.append(f"regexp_matches(f{index}, {sql_text(BAD_BYTES)})")
        if "REMOVEQUOTES" in self._options:
            for mark in map(sql_text, _QUOTES):
                closed = f"length(f{index}) > 1 AND ends_with(f{index}, {mark})"
                found.append(f"(starts_with(f{index}, {mark}) AND NOT ({closed}))")
        if column.not_null and column.default is None:
            found.append(f"{text} IS NULL")
        return " OR ".join(found) or "false"

    def why(self, column: ColumnDef, raw: str | None, text: str | None) -> tuple[int, str]:
        """Code and reason of a field that is an error: ``raw`` as it stands in the file, ``text`` with its nulls."""
        kind = column.type
        bad = re.search("[\U000f0080-\U000f00ff]+", raw or "")
        if bad:
            digits = " ".join(f"{ord(letter) - 0xF0000:x}" for letter in bad[0])
            return 1220, (
                f"String contains invalid or unsupported UTF8 codepoints. Bad UTF8 hex sequence: {digits} (error 4)"
            )
        if "REMOVEQUOTES" in self._options and raw and raw[0] in _QUOTES and (len(raw) < 2 or raw[-1] != raw[0]):
            return 1214, "Delimiter not found: the quotation mark is not closed"
        if text is None and column.not_null:
            return 1213, "Missing data for not-null field"
        return _reason(column, text or "", self._options) if not kind.is_text else _text_reason(column, text or "")


def _text_reason(column: ColumnDef, text: str) -> tuple[int, str]:
    if column.type.name == "character" and not text.isascii():
        letter = next(letter for letter in text if not letter.isascii())
        digits = " ".join(f"{byte:x}" for byte in letter.encode())
        return 1215, f"Multibyte character not supported for CHAR (Hint: try using VARCHAR). Invalid char: {digits}"
    return 1204, "String length exceeds DDL length"


def _reason(column: ColumnDef, text: str, options: dict[str, str | bool]) -> tuple[int, str]:
    kind = column.type
    if kind.name in _NUMBERS:
        return _number_reason(column, text)
    if kind.name == "date":
        form = options.get("DATEFORMAT")
        return 1205, f"Invalid date format or value [{form}]" if form else (
            "Invalid Date Format - length must be 10 or more"
        )
    if kind.name.startswith("timestamp"):
        return 1206, f"Invalid timestamp format or value [{options.get('TIMEFORMAT', 'YYYY-MM-DD HH24:MI:SS')}]"
    return _OTHERS.get(kind.name, (1223, f"Invalid value '{text}', Type: {kind.wire}"))


def _number_reason(column: ColumnDef, text: str) -> tuple[int, str]:
    kind = column.type
    name = _NUMBERS[kind.name]
    if not re.fullmatch(r"[+-]?\d+" if kind.name in _WHOLE else _NUMBER, text):
        return 1207, _digit(text, name)
    if kind.name in _WHOLE:
        return 1222, f"Overflow: value {text} does not fit into {_WHOLE[kind.name]} bytes, Type: {name}"
    if kind.name == "numeric":
        return 1204, f"Overflow for NUMERIC({kind.precision},{kind.scale}) (BN_DOES_NOT_FIT_IN_TYPE)"
    return 1208, f"Float value out of range, Type: {name}"


def _digit(text: str, name: str) -> str:
    """The first character that no number has, and where it stands."""
    allowed = "0123456789" if name in ("Short", "Integer", "Long") else "0123456789.eE+-"
    place = next(
        (at for at, letter in enumerate(text) if letter not in allowed and not (at == 0 and letter in "+-")), 0
    )
    return f"Invalid digit, Value '{text[place : place + 1]}', Pos {place}, Type: {name}"
