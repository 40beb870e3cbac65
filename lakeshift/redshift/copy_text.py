"""COPY of CSV, delimited text and JSON lines: staged as text by the engine, then cast, with every bad row kept aside.

https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-format.html
https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-conversion.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.lake.folder import FolderLake
from lakeshift.redshift.catalog import Relation, quoted
from lakeshift.redshift.dates import strftime_format
from lakeshift.redshift.engine import Connection
from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.load_log import LoadError
from lakeshift.redshift.load_sources import LoadFile, engine_path
from lakeshift.redshift.statements import ColumnDef, Copy

__all__ = ["TextLoad"]

_PAGE: Final = "https://docs.aws.amazon.com/redshift/latest/dg/r_COPY.html"
_STAGE: Final = "temp.main.ls_stage"
# No field has this text: the engine must make no NULL by itself, the conversions below do.
_NEVER: Final = "\x02ls-null\x02"
_ALL_ERRORS: Final = 2**31

# https://docs.aws.amazon.com/redshift/latest/dg/r_Load_Error_Reference.html
_REASONS: Final[dict[str, tuple[int, str]]] = {
    "smallint": (1207, "Invalid digit, Value '{value}', Pos 0, Type: Short"),
    "integer": (1207, "Invalid digit, Value '{value}', Pos 0, Type: Integer"),
    "bigint": (1207, "Invalid digit, Value '{value}', Pos 0, Type: Long"),
    "numeric": (1207, "Invalid digit, Value '{value}', Pos 0, Type: Decimal"),
    "real": (1207, "Invalid digit, Value '{value}', Pos 0, Type: Float"),
    "double precision": (1207, "Invalid digit, Value '{value}', Pos 0, Type: Double"),
    "boolean": (1210, "Unknown boolean format"),
    "date": (1205, "Invalid Date Format - length must be 10 or more"),
    "timestamp without time zone": (1206, "Invalid timestamp format or value [YYYY-MM-DD HH24:MI:SS]"),
    "timestamp with time zone": (1206, "Invalid timestamp format or value [YYYY-MM-DD HH24:MI:SS]"),
}


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


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
        self._json = "JSON" in statement.options
        self.errors: list[LoadError] = []
        for option in ("ESCAPE", "BZIP2"):
            if option in statement.options:
                raise NotSupportedLocallyError(f"COPY option {option}", "Use CSV, or gzip.", _PAGE)
        if self._json and statement.options["JSON"] != "auto":
            raise NotSupportedLocallyError("COPY from JSON with a jsonpaths file", "Use JSON 'auto'.", _PAGE)
        if statement.options.get("ENCODING", "utf8").__str__().lower() not in ("utf8", "utf-8"):
            raise NotSupportedLocallyError("COPY with ENCODING", "Convert the files to UTF-8.", _PAGE)

    def run(self, files: list[LoadFile]) -> int:
        """Load the files; the rows loaded."""
        most = _ALL_ERRORS if "IGNOREALLERRORS" in self._options else int(self._options.get("MAXERROR", 0))
        rows = 0
        for file in files:
            self._stage(file)
            self._collect(file, most)
            if len(self.errors) > most:
                raise RedshiftError(
                    f"Load into table '{self._target.name}' failed.  Check 'stl_load_errors' system table for details.",
                    "XX000",
                )
            if "NOLOAD" not in self._options:
                rows += self._insert()
        self._connection.run(f"DROP TABLE IF EXISTS {_STAGE}")
        return rows

    def _stage(self, file: LoadFile) -> None:
        """Every line as text: fields ``f0``…, or the line itself where it has another number of them."""
        skip = int(self._options.get("IGNOREHEADER", 0))
        compression = "gzip" if "GZIP" in self._options else "zstd" if "ZSTD" in self._options else "none"
        common = (
            f"auto_detect = false, header = false, skip = {skip}, compression = {_literal(compression)}, "
            f"nullstr = {_literal(_NEVER)}, max_line_size = 16777216, strict_mode = false"
        )
        if self._json or not self._csv:
            # A delimiter no text has: the whole line is one field.
            line = f"read_csv({engine_path(file.path)}, delim = {_literal(chr(3))}, quote = '', escape = '', "
            line += f"columns = {{'line': 'VARCHAR'}}, {common})"
            query = f"SELECT row_number() OVER () + {skip} AS ls_line, line AS ls_raw FROM {line}"
            query = self._split_json(query) if self._json else self._split_delimited(query)
        else:
            query = self._read_csv(file, common, skip)
        try:
            self._connection.run(f"CREATE OR REPLACE TEMP TABLE ls_stage AS {query}")
        except RedshiftError as error:
            raise RedshiftError(f"{file.url} could not be read: {error.message}", "XX000") from error

    @property
    def _csv(self) -> bool:
        return "CSV" in self._options

    def _read_csv(self, file: LoadFile, common: str, skip: int) -> str:
        width = len(self._columns)
        # One field more than the table has columns, so that a line with too many is seen.
        names = ", ".join(f"'f{index}': 'VARCHAR'" for index in range(width + 1))
        delimiter, quote = str(self._options.get("DELIMITER", ",")), str(self._options.get("QUOTE", '"'))
        scan = (
            f"read_csv({engine_path(file.path)}, delim = {_literal(delimiter)}, quote = {_literal(quote)}, "
            f"escape = {_literal(quote)}, columns = {{{names}}}, null_padding = true, {common}, parallel = false)"
        )
        fields = ", ".join(f"f{index}" for index in range(width + 1))
        filled = " + ".join(f"(f{index} IS NOT NULL)::INTEGER" for index in range(width + 1))
        return (
            f"SELECT row_number() OVER () + {skip} AS ls_line, concat_ws({_literal(delimiter)}, {fields}) AS ls_raw, "
            f"{filled} AS ls_width, {fields} FROM {scan}"
        )

    def _split_delimited(self, lines: str) -> str:
        delimiter = _literal(str(self._options.get("DELIMITER", "|")))
        fields = ", ".join(f"ls_fields[{index + 1}] AS f{index}" for index in range(len(self._columns)))
        return (
            f"SELECT ls_line, ls_raw, len(ls_fields) AS ls_width, {fields} FROM "
            f"(SELECT *, string_split(ls_raw, {delimiter}) AS ls_fields FROM ({lines}))"
        )

    def _split_json(self, lines: str) -> str:
        width = len(self._columns)
        fields = ", ".join(
            f"CASE WHEN ls_ok THEN ls_raw ->> {_literal('$.' + chr(34) + column.name + chr(34))} END AS f{index}"
            for index, column in enumerate(self._columns)
        )
        return (
            f"SELECT ls_line, ls_raw, CASE WHEN ls_ok THEN {width} ELSE 0 END AS ls_width, {fields} FROM "
            f"(SELECT *, CASE WHEN json_valid(ls_raw) THEN json_type(ls_raw) = 'OBJECT' ELSE false END AS ls_ok "
            f"FROM ({lines}) WHERE ls_raw IS NOT NULL AND trim(ls_raw) <> '')"
        )

    def _text(self, index: int, column: ColumnDef) -> str:
        """Field ``index`` with the conversions to NULL, blanks and quotes applied."""
        field = f"f{index}"
        if "REMOVEQUOTES" in self._options:
            ends = f"left({field}, 1) = right({field}, 1) AND left({field}, 1) IN ('''', '\"')"
            field = f"CASE WHEN length({field}) > 1 AND {ends} THEN {field}[2:-2] ELSE {field} END"
        nulls = [str(self._options.get("NULL", "\\N"))]
        if "EMPTYASNULL" in self._options or not column.type.is_text:
            nulls.append("")
        for null in nulls:
            field = f"nullif({field}, {_literal(null)})"
        if "BLANKSASNULL" in self._options or not column.type.is_text:
            field = f"CASE WHEN trim({field}) <> '' OR {field} = '' THEN {field} END"
        if "TRIMBLANKS" in self._options and column.type.is_text:
            field = f"rtrim({field}, ' ')"
        return field

    def _value(self, index: int, column: ColumnDef) -> str:
        text, kind = self._text(index, column), column.type
        if kind.is_text:
            cut = f"main.ls_cut({text}, {kind.length})" if "TRUNCATECOLUMNS" in self._options else text
            return f"rtrim({cut}, ' ')" if kind.name == "character" else cut
        if kind.name == "boolean":
            return (
                f"CASE WHEN lower({text}) IN ('t', 'true', 'y', 'yes', '1') THEN true "
                f"WHEN lower({text}) IN ('f', 'false', 'n', 'no', '0') THEN false END"
            )
        if kind.name == "date" or kind.name.startswith("timestamp"):
            return self._moment(text, column)
        if kind.name == "super":
            return f"TRY_CAST({text} AS JSON)"
        if kind.name in ("smallint", "integer", "bigint"):
            # The engine would round 1.5; Redshift refuses it.
            return (
                f"CASE WHEN regexp_full_match(trim({text}), '[+-]?[0-9]+') "
                f"THEN TRY_CAST(trim({text}) AS {kind.engine}) END"
            )
        return f"TRY_CAST(trim({text}) AS {kind.engine})"

    def _moment(self, text: str, column: ColumnDef) -> str:
        kind = column.type
        form = str(self._options.get("DATEFORMAT" if kind.name == "date" else "TIMEFORMAT", "auto"))
        if form.lower() == "epochsecs":
            return f"make_timestamp(CAST(TRY_CAST({text} AS DOUBLE) * 1000000 AS BIGINT))"
        if form.lower() == "epochmillisecs":
            return f"make_timestamp(CAST(TRY_CAST({text} AS DOUBLE) * 1000 AS BIGINT))"
        if form.lower() != "auto":
            return f"CAST(try_strptime({text}, {_literal(strftime_format(form))}) AS {kind.engine})"
        if kind.name == "date":
            formats = "['%Y-%m-%d', '%Y%m%d', '%m/%d/%Y', '%Y/%m/%d', '%d-%b-%Y']"
            return (
                f"CAST(coalesce(TRY_CAST({text} AS DATE), TRY_CAST(try_strptime({text}, {formats}) AS DATE)) AS DATE)"
            )
        return f"TRY_CAST({text} AS {kind.engine})"

    def _collect(self, file: LoadFile, most: int) -> None:
        """Note the bad rows of the staged file, and take them out of the stage."""
        self._collect_widths(file, most)
        for index, column in enumerate(self._columns):
            bad, why = self._bad(index, column)
            found = self._connection.rows(
                f"SELECT ls_line, ls_raw, f{index} FROM {_STAGE} WHERE {bad} ORDER BY ls_line LIMIT {most + 1}"
            )
            for line, raw, value in found:
                code, reason = why(value)
                self.errors.append(LoadError(file.url, int(line), column, str(raw), str(value or ""), code, reason))
            if found:
                self._connection.run(f"DELETE FROM {_STAGE} WHERE {bad}")

    def _collect_widths(self, file: LoadFile, most: int) -> None:
        width = len(self._columns)
        if "IGNOREBLANKLINES" in self._options:
            self._connection.run(f"DELETE FROM {_STAGE} WHERE coalesce(ls_raw, '') = ''")
        bad = f"ls_width <> {width}"
        if not self._csv:
            # A delimiter that ends the line begins no further field.
            bad += f" AND NOT (ls_width = {width + 1} AND ends_with(ls_raw, {self._delimiter()}))"
        if "FILLRECORD" in self._options:
            bad = f"ls_width > {width}"
        found = self._connection.rows(
            f"SELECT ls_line, ls_raw, ls_width FROM {_STAGE} WHERE {bad} ORDER BY ls_line LIMIT {most + 1}"
        )
        for line, raw, size in found:
            code, reason = (1202, "Extra column(s) found") if size > width else (1201, "Delimiter not found")
            if self._json:
                code, reason = 1216, "Invalid JSON format"
            self.errors.append(LoadError(file.url, int(line), None, str(raw), "", code, reason))
        if found:
            self._connection.run(f"DELETE FROM {_STAGE} WHERE {bad}")

    def _delimiter(self) -> str:
        return _literal(str(self._options.get("DELIMITER", "," if self._csv else "|")))

    def _bad(self, index: int, column: ColumnDef) -> tuple[str, Callable[[str | None], tuple[int, str]]]:
        text, value, kind = self._text(index, column), self._value(index, column), column.type
        conditions = [f"({text} IS NOT NULL AND {value} IS NULL)"]
        if "ACCEPTANYDATE" in self._options and (kind.name == "date" or kind.name.startswith("timestamp")):
            conditions = []
        if kind.is_text:
            conditions = [f"strlen({value}) > {kind.length}"]
        if column.not_null and column.default is None:
            conditions.append(f"{text} IS NULL")

        def why(raw: str | None) -> tuple[int, str]:
            if kind.is_text and raw is not None and len(raw.encode()) > (kind.length or 0):
                return 1204, "String length exceeds DDL length"
            if column.not_null and (raw is None or raw in ("", "\\N")):
                return 1213, "Missing data for not-null field"
            code, reason = _REASONS.get(kind.name, (1207, "Invalid value '{value}'"))
            return code, reason.format(value=raw)

        return " OR ".join(conditions) or "false", why

    def _insert(self) -> int:
        names = ", ".join(quoted(column.name) for column in self._columns)
        values = ", ".join(self._value(index, column) for index, column in enumerate(self._columns))
        return self._connection.count(f"INSERT INTO {self._target.sql} ({names}) SELECT {values} FROM {_STAGE}")
