"""COPY of Parquet and ORC: columns by position, types checked before a row is read, one scan by the engine.

https://docs.aws.amazon.com/redshift/latest/dg/copy-usage_notes-copy-from-columnar.html
"""

from __future__ import annotations

from typing import Final

from lakeshift.redshift.catalog import Relation, quoted
from lakeshift.redshift.engine import Connection
from lakeshift.redshift.errors import RedshiftError, raised_in_sql
from lakeshift.redshift.load_log import LoadError
from lakeshift.redshift.load_sources import LoadFile, engine_path
from lakeshift.redshift.statements import ColumnDef, Copy

__all__ = ["ColumnarLoad"]

_TOO_LONG: Final = 15007

# The engine's types that a column takes; numeric takes any DECIMAL, and nothing is widened: Redshift widens nothing.
_FITS: Final[dict[str, tuple[str, ...]]] = {
    "smallint": ("TINYINT", "SMALLINT"),
    "integer": ("INTEGER",),
    "bigint": ("BIGINT",),
    "real": ("FLOAT",),
    "double precision": ("DOUBLE",),
    "boolean": ("BOOLEAN",),
    "character": ("VARCHAR", "BLOB"),
    "character varying": ("VARCHAR", "BLOB"),
    "date": ("DATE",),
    "timestamp without time zone": ("TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMP_MS", "TIMESTAMP WITH TIME ZONE"),
    "timestamp with time zone": ("TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMP_MS", "TIMESTAMP WITH TIME ZONE"),
    "time without time zone": ("TIME",),
    "binary varying": ("BLOB",),
    "super": ("JSON", "VARCHAR"),
}


class ColumnarLoad:
    """One COPY of Parquet or ORC files."""

    def __init__(self, connection: Connection, target: Relation, columns: list[ColumnDef], statement: Copy) -> None:
        self._connection = connection
        self._target = target
        self._columns = columns
        self._orc = "ORC" in statement.options
        self._fill = "FILLRECORD" in statement.options
        self._json = "SERIALIZETOJSON" in statement.options
        self.errors: list[LoadError] = []
        self.counts: dict[str, int] = {}

    def run(self, files: list[LoadFile]) -> int:
        """Load the files; the rows loaded."""
        return sum(self._load(group, names) for names, group in self._by_schema(files).items())

    def _by_schema(self, files: list[LoadFile]) -> dict[tuple[str, ...], list[LoadFile]]:
        """Files with the same column names together: the engine reads each such group in one scan."""
        groups: dict[tuple[str, ...], list[LoadFile]] = {}
        for file in files:
            groups.setdefault(self._checked_names(file), []).append(file)
        return groups

    def _checked_names(self, file: LoadFile) -> tuple[str, ...]:
        described = self._connection.rows(f"DESCRIBE SELECT * FROM {self._scan([file])}")
        count, wanted = len(described), len(self._columns)
        if count != wanted and not (self._fill and count < wanted):
            raise RedshiftError(
                f"Unmatched number of columns between table and file. Table columns: {wanted}, "
                f"Data columns: {count}, File name: {file.url}",
                "XX000",
            )
        for (name, kind, *_), column in zip(described, self._columns, strict=False):
            self._check_type(str(name), str(kind), column, file)
        return tuple(str(name) for name, *_ in described)

    def _check_type(self, name: str, kind: str, column: ColumnDef, file: LoadFile) -> None:
        nested = kind.startswith(("STRUCT", "MAP")) or kind.endswith("[]")
        fits = kind in _FITS.get(column.type.name, ()) or (column.type.name == "numeric" and kind.startswith("DECIMAL"))
        if nested:
            fits = column.type.name == "super" and self._json
        if not fits:
            what = "ORC" if self._orc else "Parquet"
            raise RedshiftError(
                f"{file.url} has an incompatible {what} schema for column '{file.url}.{name}'. Column type: "
                f"{str(column.type).upper()}, {what} schema: {name} {kind}",
                "XX000",
            )

    def _scan(self, files: list[LoadFile]) -> str:
        if self._orc:
            # Imported where needed: few loads are of ORC, which the engine does not read itself.
            import pyarrow as pa
            from pyarrow import orc

            tables = [orc.read_table(file.path) for file in files]
            self._connection.raw.register("ls_orc", pa.concat_tables(tables))
            return "ls_orc"
        paths = ", ".join(engine_path(file.path) for file in files)
        return f"read_parquet([{paths}], hive_partitioning = false)"

    def _load(self, files: list[LoadFile], names: tuple[str, ...]) -> int:
        columns = self._columns[: len(names)]
        targets = ", ".join(quoted(column.name) for column in columns)
        values = ", ".join(_value(column, quoted(name)) for column, name in zip(columns, names, strict=True))
        try:
            return self._connection.count(
                f"INSERT INTO {self._target.sql} ({targets}) SELECT {values} FROM {self._scan(files)}"
            )
        except RedshiftError as error:
            raise self._explain(files, dict(zip(names, columns, strict=True)), error) from error

    def _explain(self, files: list[LoadFile], columns: dict[str, ColumnDef], error: RedshiftError) -> RedshiftError:
        """Find the file and column behind a failed scan; the engine tells neither."""
        try:
            for file in files:
                for name, column in columns.items():
                    found = self._fault(file, name, column)
                    if found is not None:
                        self.errors.append(found)
                        return RedshiftError(found.reason, error.sqlstate)
        except RedshiftError:
            return RedshiftError(f"{files[0].url} could not be read: {error.message}", "XX000")
        return error

    def _fault(self, file: LoadFile, name: str, column: ColumnDef) -> LoadError | None:
        field = quoted(name)
        if column.type.is_text:
            longest = self._outside(f"SELECT max(strlen(CAST({field} AS VARCHAR))) FROM {self._scan([file])}")
            limit = column.type.length or 0
            if longest is not None and int(str(longest)) > limit:
                reason = (
                    f"The length of the data column {name} is longer than the length defined in the table. Table: "
                    f"{limit}, Data: {longest}, File name: {file.url}"
                )
                return LoadError(file.url, 0, column, "", "", _TOO_LONG, reason)
        if column.not_null and self._outside(f"SELECT count(*) FROM {self._scan([file])} WHERE {field} IS NULL"):
            reason = f"Missing data for not-null field {column.name}, File name: {file.url}"
            return LoadError(file.url, 0, column, "", "", 1213, reason)
        return None

    def _outside(self, sql: str) -> object:
        """A value read by another cursor: the load's own transaction is already lost."""
        other = self._connection.cursor()
        try:
            return other.rows(sql)[0][0]
        finally:
            other.close()


def _value(column: ColumnDef, field: str) -> str:
    kind = column.type
    if kind.is_text:
        message = raised_in_sql("XX000", f"value too long for {kind}")
        text = f"CAST({field} AS VARCHAR)"
        checked = f"CASE WHEN strlen({text}) > {kind.length} THEN error('{message}') ELSE {text} END"
        return f"rtrim({checked}, ' ')" if kind.name == "character" else checked
    if kind.name == "super":
        return f"to_json({field})"
    return f"CAST({field} AS {kind.engine})"
