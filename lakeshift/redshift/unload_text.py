"""How UNLOAD writes a row: the engine's expression of one line of text, or its columns for CSV and Parquet."""

from __future__ import annotations

from dataclasses import dataclass

from lakeshift.redshift.catalog import quoted
from lakeshift.redshift.copy_split import read_widths
from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.load_sources import sql_text
from lakeshift.redshift.types import SqlType

__all__ = ["UnloadText", "row_text"]

_Options = dict[str, str | bool | tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class UnloadText:
    """``line``: the expression of one line of text, empty where the engine writes the format; ``columns`` for that."""

    line: str
    columns: str
    header: str = ""


def row_text(columns: list[tuple[str, SqlType]], options: _Options) -> UnloadText:
    """How a row of ``columns`` is written with these options; raises RedshiftError."""
    names = [name for name, _ in columns]
    if "PARQUET" in options:
        return UnloadText("", ", ".join(_parquet(name, kind) for name, kind in columns))
    if "JSON" in options:
        parts = ", ".join(f"{quoted(name)} := {_json(name, kind)}" for name, kind in columns)
        return UnloadText(f"CAST(to_json(struct_pack({parts})) AS VARCHAR)", "")
    null = str(options.get("NULL", ""))
    if "FIXEDWIDTH" in options:
        return UnloadText(_fixed(columns, str(options["FIXEDWIDTH"]), null), "")
    if "CSV" in options:
        return UnloadText(*_csv(columns, str(options.get("DELIMITER", ",")), null))
    delimiter = str(options.get("DELIMITER", "|"))
    null = str(options.get("NULL", "\\N" if "ESCAPE" in options else ""))
    fields = [f"coalesce({_field(name, kind, options, delimiter)}, {sql_text(null)})" for name, kind in columns]
    return UnloadText(f" || {sql_text(delimiter)} || ".join(fields), "", delimiter.join(names))


def _plain(name: str, kind: SqlType) -> str:
    """The value as Redshift prints it."""
    field = quoted(name)
    if kind.name == "boolean":
        return f"CASE {field} WHEN true THEN 't' WHEN false THEN 'f' END"
    if kind.name == "binary varying":
        return f"lower(hex({field}))"
    if kind.name == "character" and kind.length:
        return f"CAST({field} AS VARCHAR)"
    return f"CAST({field} AS VARCHAR)"


def _field(name: str, kind: SqlType, options: _Options, delimiter: str) -> str:
    made = _plain(name, kind)
    if not (kind.is_text or kind.name == "super"):
        return made
    if "ESCAPE" in options:
        for letter in ("\\", "\n", "\r", delimiter):
            made = f"replace({made}, {sql_text(letter)}, {sql_text(chr(92) + letter)})"
        if "ADDQUOTES" in options:
            made = f"replace(replace({made}, '\"', '\\\"'), '''', '\\''')"
    return f"'\"' || {made} || '\"'" if "ADDQUOTES" in options else made


def _csv(columns: list[tuple[str, SqlType]], delimiter: str, null: str) -> tuple[str, str, str]:
    """Only what needs quotes has them; a quote inside is doubled."""
    special = "".join(f"\\x{{{ord(letter):x}}}" for letter in delimiter)
    needs = sql_text("[" + special + '"\\r\\n]')
    made = []
    for name, kind in columns:
        field = _plain(name, kind)
        if kind.is_text or kind.name == "super":
            again = f"'\"' || replace({field}, '\"', '\"\"') || '\"'"
            field = f"CASE WHEN regexp_matches({field}, {needs}) THEN {again} ELSE {field} END"
        made.append(f"coalesce({field}, {sql_text(null)})")
    return (
        f" || {sql_text(delimiter)} || ".join(made),
        "",
        delimiter.join(_header(name, delimiter) for name, _ in columns),
    )


def _header(name: str, delimiter: str) -> str:
    return '"' + name.replace('"', '""') + '"' if delimiter in name or '"' in name else name


def _fixed(columns: list[tuple[str, SqlType]], text: str, null: str) -> str:
    widths = read_widths(text)
    if len(widths) != len(columns):
        raise RedshiftError(
            f"The fixedwidth specification has {len(widths)} columns, the query {len(columns)}", "22023"
        )
    parts = [
        f"rpad(coalesce({_plain(name, kind)}, {sql_text(null)}), {width}, ' ')"
        for (name, kind), (_, width) in zip(columns, widths, strict=True)
    ]
    return " || ".join(parts)


def _json(name: str, kind: SqlType) -> str:
    field = quoted(name)
    if kind.name in ("date", "time without time zone", "interval", "binary varying") or kind.name.startswith(
        "timestamp"
    ):
        return _plain(name, kind)
    return field


def _parquet(name: str, kind: SqlType) -> str:
    field = quoted(name)
    if kind.name == "super":
        return f"CAST({field} AS VARCHAR) AS {field}"
    if kind.name in ("time without time zone", "time with time zone", "interval"):
        raise RedshiftError(f"UNLOAD to PARQUET does not support the type {kind.name} of column {name}", "0A000")
    return field
