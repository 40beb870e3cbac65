"""UNLOAD: a query's rows as objects under a prefix, with a manifest where asked for.

https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html
"""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlglot import exp

from lakeshift.lake.folder import FolderLake, NoSuchBucketError, ObjectInfo
from lakeshift.redshift.engine import Connection
from lakeshift.redshift.errors import RedshiftError, syntax_error
from lakeshift.redshift.load_log import now
from lakeshift.redshift.load_sources import split_url
from lakeshift.redshift.reading import parse_query
from lakeshift.redshift.rewriting import Rewriter, Rewritten
from lakeshift.redshift.statements import Unload
from lakeshift.redshift.tokens import split_statements
from lakeshift.redshift.types import SqlType, from_engine_type
from lakeshift.redshift.unload_parts import Part, Place, partition_folder, split_file
from lakeshift.redshift.unload_text import row_text

__all__ = ["Unloader"]

# Redshift writes a file for each slice; two slices are those of the smallest cluster.
_SLICES: Final = 2
_STAGE: Final = "temp.main.ls_unload"


@dataclass(slots=True)
class _Written:
    """One object and its rows."""

    info: ObjectInfo
    rows: int

    @property
    def url(self) -> str:
        return f"s3://{self.info.bucket}/{self.info.key}"


class Unloader:
    """Runs UNLOAD for one session."""

    def __init__(
        self, connection: Connection, log: Connection, rewriter: Rewriter, lake: FolderLake, database: str
    ) -> None:
        self._connection = connection
        self._log = log
        self._rewriter = rewriter
        self._lake = lake
        self._database = database

    def run(self, statement: Unload, query: int) -> int:
        """Write the objects; the rows unloaded. Raises RedshiftError with nothing written that was not there."""
        bucket, prefix = split_url(statement.target)
        rewritten = self._rewriter.tree(_only_query(statement.query))
        columns = self._stage(rewritten, statement)
        folder = Path(tempfile.mkdtemp(prefix=".ls-unload-", dir=self._lake.root))
        try:
            # Every file is made before an object is touched: a query that fails leaves the prefix as it was.
            parts = self._parts(statement, columns, folder)
            self._clear(statement, bucket, prefix)
            written = [self._place(part, bucket, prefix) for part in parts]
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            self._connection.run(f"DROP TABLE IF EXISTS {_STAGE}")
        self._manifest(statement, columns, written, bucket, prefix)
        self._note(query, written)
        return sum(one.rows for one in written)

    def _clear(self, statement: Unload, bucket: str, prefix: str) -> None:
        options = statement.options
        try:
            there = [info.key for info in self._lake.list(bucket, prefix)]
        except NoSuchBucketError as error:
            text = "S3ServiceException:The specified bucket does not exist,Status 404,Error NoSuchBucket"
            raise RedshiftError(text, "XX000") from error
        if there and "CLEANPATH" in options:
            for key in there:
                self._lake.delete(bucket, key)
        elif there and "ALLOWOVERWRITE" not in options:
            raise RedshiftError(
                "Specified unload destination on S3 is not empty. Consider using a different bucket / prefix, "
                "manually removing the target files in S3, or using the ALLOWOVERWRITE option.",
                "XX000",
            )

    def _stage(self, rewritten: Rewritten, statement: Unload) -> list[tuple[str, SqlType]]:
        """The query's rows, in their order, as a table; names and types of its columns."""
        self._connection.run(f"CREATE OR REPLACE TEMP TABLE ls_unload AS {rewritten.sql}")
        described = self._connection.rows(f"DESCRIBE {_STAGE}")
        known = rewritten.known([str(name) for name, *_ in described])
        columns = [
            (str(name), ours if ours is not None else from_engine_type(str(engine)))
            for (name, engine, *_), ours in zip(described, known, strict=True)
        ]
        names = [name for name, _ in columns]
        for name in statement.options.get("PARTITION") or ():  # type: ignore[union-attr]
            if name not in names:
                raise RedshiftError(f'column "{name}" in PARTITION BY is not in the result of the query', "42703")
        if (
            "PARTITION" in statement.options
            and "INCLUDE" not in statement.options
            and len(names)
            == len(
                statement.options["PARTITION"]  # type: ignore[arg-type]
            )
        ):
            raise RedshiftError("All columns are in PARTITION BY; use INCLUDE to keep them in the files", "0A000")
        return columns

    def _parts(self, statement: Unload, columns: list[tuple[str, SqlType]], folder: Path) -> list[Part]:
        keys = list(statement.options.get("PARTITION") or ())  # type: ignore[arg-type]
        kept = [one for one in columns if one[0] not in keys or "INCLUDE" in statement.options]
        if not keys:
            return self._files(statement, kept, "true", "", folder)
        names = ", ".join(f'"{name.replace(chr(34), chr(34) * 2)}"' for name in keys)
        groups = self._connection.rows(f"SELECT DISTINCT {names} FROM {_STAGE} ORDER BY ALL")
        parts: list[Part] = []
        for values in groups:
            where, place = partition_folder(keys, list(values))
            parts += self._files(statement, kept, where, place, folder)
        return parts

    def _files(
        self, statement: Unload, columns: list[tuple[str, SqlType]], where: str, place: str, folder: Path
    ) -> list[Part]:
        serial = str(statement.options.get("PARALLEL", "ON")) in ("OFF", "FALSE")
        total = int(self._connection.rows(f"SELECT count(*) FROM {_STAGE} WHERE {where}")[0][0])
        # A file a slice from 10,000 rows on: below that the small file of a second slice says nothing.
        slices = 1 if serial or total < 10_000 else _SLICES
        parts: list[Part] = []
        for number in range(slices):
            start, end = total * number // slices, total * (number + 1) // slices
            rows = f"SELECT * FROM {_STAGE} WHERE {where} LIMIT {end - start} OFFSET {start}"
            parts += split_file(
                self._connection, statement.options, row_text(columns, statement.options), rows, end - start,
                Place(folder, place, number, serial),
            )  # fmt: skip
        return parts

    def _place(self, part: Part, bucket: str, prefix: str) -> _Written:
        return _Written(self._lake.put(bucket, f"{prefix}{part.name}", part.file.read_bytes()), part.rows)

    def _manifest(
        self, statement: Unload, columns: list[tuple[str, SqlType]], written: list[_Written], bucket: str, prefix: str
    ) -> None:
        if "MANIFEST" not in statement.options:
            return
        verbose = "VERBOSE" in statement.options
        entries: list[dict[str, Any]] = []
        for one in written:
            entry: dict[str, Any] = {"url": one.url}
            if verbose or "PARQUET" in statement.options:
                entry["meta"] = {"content_length": one.info.size, "record_count": one.rows}
            entries.append(entry)
        document: dict[str, Any] = {"entries": entries}
        if verbose:
            document["schema"] = {"elements": [{"name": name, "type": _schema_type(kind)} for name, kind in columns]}
            document["meta"] = {
                "content_length": sum(one.info.size for one in written),
                "record_count": sum(one.rows for one in written),
            }
            document["author"] = {"name": "Amazon Redshift", "version": "1.0.0"}
        self._lake.put(bucket, f"{prefix}manifest", json.dumps(document, indent=2).encode())

    def _note(self, query: int, written: list[_Written]) -> None:
        for one in written:
            self._log.run(
                "INSERT INTO _lakeshift.unloads VALUES (?, ?, ?, ?, ?, ?)",
                [query, self._database, one.url, one.rows, one.info.size, now()],
            )


def _only_query(sql: str) -> Any:
    """The tree of the one query; anything else is the syntax error Redshift has for it."""
    if len(split_statements(sql)) != 1:
        raise syntax_error(";")
    tree = parse_query(sql)
    if not isinstance(tree, exp.Query):
        raise syntax_error(sql.split(maxsplit=1)[0])
    return tree


def _schema_type(kind: SqlType) -> dict[str, Any]:
    told: dict[str, Any] = {"base": kind.name}
    if kind.length is not None:
        told["max_length"] = kind.length
    if kind.name == "numeric":
        told |= {"precision": kind.precision, "scale": kind.scale}
    return told
