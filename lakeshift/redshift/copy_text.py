"""COPY of text, JSON and Avro: staged as text by the engine, then cast, with every bad row kept aside.

https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-format.html
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from lakeshift.lake.folder import FolderLake
from lakeshift.redshift.catalog import Relation, quoted
from lakeshift.redshift.copy_avro import avro_as_json
from lakeshift.redshift.copy_json import json_fields, read_paths
from lakeshift.redshift.copy_prepare import Prepared, prepared
from lakeshift.redshift.copy_split import csv_fields, delimited_fields, fixed_fields, is_blank, lines, read_widths
from lakeshift.redshift.copy_values import FieldRules
from lakeshift.redshift.engine import Connection
from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.load_log import LoadError
from lakeshift.redshift.load_sources import LoadFile, sql_text
from lakeshift.redshift.statements import ColumnDef, Copy

__all__ = ["TextLoad"]

_STAGE: Final = "temp.main.ls_stage"
_ALL_ERRORS: Final = 2**31
_SHAPE: Final = ("JSON", "AVRO")


class TextLoad:
    """One COPY of text files."""

    def __init__(
        self, connection: Connection, lake: FolderLake, target: Relation, columns: list[ColumnDef], statement: Copy
    ) -> None:
        self._connection = connection
        self._lake = lake
        self._target = target
        self._columns = columns
        self._options = statement.options
        self._how = next((str(self._options[kind]) for kind in _SHAPE if kind in self._options), None)
        if "AVRO" in self._options and self._how == "noshred":
            raise RedshiftError("AVRO 'noshred' is not supported", "0A000")
        self._paths = read_paths(lake, self._how, columns) if self._how else None
        self._widths = [width for _, width in self._fixed()]
        self._skip = int(self._options.get("IGNOREHEADER", 0))
        self._delimiter = str(self._options.get("DELIMITER", "," if "CSV" in self._options else "|"))
        self.errors: list[LoadError] = []
        self.counts: dict[str, int] = {}

    def _fixed(self) -> list[tuple[str, int]]:
        if "FIXEDWIDTH" not in self._options:
            return []
        found = read_widths(str(self._options["FIXEDWIDTH"]))
        if len(found) != len(self._columns):
            raise RedshiftError(
                f"The fixedwidth specification has {len(found)} columns, the table or column list "
                f"{len(self._columns)}", "22023",
            )  # fmt: skip
        return found

    def run(self, files: list[LoadFile]) -> int:
        """Load the files; the rows loaded. Raises RedshiftError once more rows fail than MAXERROR allows."""
        most = _ALL_ERRORS if "IGNOREALLERRORS" in self._options else int(self._options.get("MAXERROR", 0))
        for file in files:
            with self._readable(file) as readable:
                rules = FieldRules(self._options, readable)
                self._stage(file, readable, rules)
                self._collect(file, rules, most)
                if len(self.errors) > most:
                    raise self._failed()
                self.counts[file.url] = 0 if "NOLOAD" in self._options else self._insert()
        self._connection.run(f"DROP TABLE IF EXISTS {_STAGE}")
        return sum(self.counts.values())

    def _failed(self) -> RedshiftError:
        text = f"Load into table '{self._target.name}' failed.  Check 'stl_load_errors' system table for details."
        return RedshiftError(text, "XX000")

    @contextmanager
    def _readable(self, file: LoadFile) -> Iterator[Prepared]:
        if "AVRO" in self._options:
            with avro_as_json(file, self._lake.root) as path:
                yield Prepared(path)
            return
        with prepared(file, self._options, self._lake.root) as readable:
            yield readable

    def _stage(self, file: LoadFile, readable: Prepared, rules: FieldRules) -> None:
        if readable.open_quote:
            # All that follows is inside of the quotes: no row behind it can be told from its text.
            reason = "Invalid quote formatting for CSV"
            self.errors.append(LoadError(file.url, readable.open_quote, None, "", "", 1214, reason))
            raise self._failed()
        values = ", ".join(f"{rules.value(index, column)} AS v{index}" for index, column in enumerate(self._columns))
        # Texts and values side by side: a value is made once, for the checks and for the table.
        query = f"SELECT *, {values} FROM ({self._query(readable)})"
        try:
            self._connection.run(f"CREATE OR REPLACE TEMP TABLE ls_stage AS {query}")
        except RedshiftError as error:
            raise RedshiftError(f"{file.url} could not be read: {error.message}", "XX000") from error

    def _query(self, readable: Prepared) -> str:
        width = len(self._columns)
        if self._how:
            return json_fields(self._connection, readable.path, self._how, self._columns, self._paths)
        if "CSV" in self._options:
            quote = str(self._options.get("QUOTE", '"'))
            return csv_fields(readable.path, self._skip, width, self._delimiter, quote)
        source = lines(readable.path, self._skip)
        if self._widths:
            return fixed_fields(source, self._widths)
        return delimited_fields(source, width, self._delimiter, quotes="REMOVEQUOTES" in self._options)

    def _collect(self, file: LoadFile, rules: FieldRules, most: int) -> None:
        """Note the bad rows of the staged file, and take them out of the stage."""
        if "IGNOREBLANKLINES" in self._options:
            self._connection.run(f"DELETE FROM {_STAGE} WHERE {is_blank('ls_raw')} OR coalesce(ls_raw, '') = ''")
        self._collect_widths(file, most)
        checks = [rules.bad(index, column) for index, column in enumerate(self._columns)]
        counts = ", ".join(f"count(*) FILTER (WHERE {check})" for check in checks)
        # One pass tells which columns have errors at all; most files have none.
        found = self._connection.rows(f"SELECT {counts} FROM {_STAGE}")[0]
        for index, column in enumerate(self._columns):
            if found[index]:
                self._collect_column(file, rules, index, column, checks[index], most)

    def _collect_column(
        self, file: LoadFile, rules: FieldRules, index: int, column: ColumnDef, bad: str, most: int
    ) -> None:
        found = self._connection.rows(
            f"SELECT ls_line, ls_raw, f{index}, {rules.text(index, column)} FROM {_STAGE} WHERE {bad} "
            f"ORDER BY ls_line LIMIT {most + 1}"
        )
        for line, raw, value, text in found:
            code, reason = rules.why(column, value, text)
            self.errors.append(LoadError(file.url, int(line), column, str(raw), str(value or ""), code, reason))
        self._connection.run(f"DELETE FROM {_STAGE} WHERE {bad}")

    def _collect_widths(self, file: LoadFile, most: int) -> None:
        width = len(self._columns)
        bad = f"ls_width <> {width}"
        if not self._widths and not self._how and "CSV" not in self._options:
            # A delimiter that ends the line begins no further field.
            bad += f" AND NOT (ls_width = {width + 1} AND ends_with(ls_raw, {sql_text(self._delimiter)}))"
        if "FILLRECORD" in self._options:
            bad = f"ls_width > {width}"
        found = self._connection.rows(
            f"SELECT ls_line, ls_raw, ls_width FROM {_STAGE} WHERE {bad} ORDER BY ls_line LIMIT {most + 1}"
        )
        for line, raw, size in found:
            code, reason = self._width_reason(int(size), width)
            self.errors.append(LoadError(file.url, int(line), None, str(raw), "", code, reason))
        if found:
            self._connection.run(f"DELETE FROM {_STAGE} WHERE {bad}")

    def _width_reason(self, size: int, width: int) -> tuple[int, str]:
        if self._how:
            return 1216, "Invalid JSON format"
        if size > width:
            return 1202, "Extra column(s) found"
        if self._widths:
            return 1203, "Input data had fewer columns than were defined in the DDL"
        return 1201, "Delimiter not found"

    def _insert(self) -> int:
        names = ", ".join(quoted(column.name) for column in self._columns)
        values = ", ".join(f"v{index}" for index in range(len(self._columns)))
        return self._connection.count(f"INSERT INTO {self._target.sql} ({names}) SELECT {values} FROM {_STAGE}")
