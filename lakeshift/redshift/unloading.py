"""UNLOAD: a query's rows as objects under a prefix, with a manifest where asked for.

https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any, Final

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.lake.folder import FolderLake, NoSuchBucketError
from lakeshift.redshift.engine import Connection
from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.load_log import now
from lakeshift.redshift.load_sources import split_url
from lakeshift.redshift.rewriting import Rewriter
from lakeshift.redshift.statements import Unload

__all__ = ["Unloader"]

_PAGE: Final = "https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


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
        """Write the objects; the rows unloaded."""
        options = statement.options
        for option in ("PARTITION", "MAXFILESIZE", "ROWGROUPSIZE", "ADDQUOTES", "ESCAPE"):
            if option in options:
                raise NotSupportedLocallyError(f"UNLOAD option {option}", "Leave it out.", _PAGE)
        bucket, prefix = split_url(statement.target)
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
        return self._write(statement, query, bucket, prefix)

    def _write(self, statement: Unload, query: int, bucket: str, prefix: str) -> int:
        options = statement.options
        rewritten = self._rewriter.query(statement.query)
        suffix = "000" if str(options.get("PARALLEL", "ON")) in ("OFF", "FALSE") else "0000_part_00"
        extension = (
            ".parquet" if "PARQUET" in options else "." + str(options["EXTENSION"]) if "EXTENSION" in options else ""
        )
        zipped = ".gz" if "GZIP" in options else ".zst" if "ZSTD" in options else ""
        key = f"{prefix}{suffix}{extension}{zipped}"
        folder = Path(tempfile.mkdtemp(prefix=".ls-unload-", dir=self._lake.root))
        try:
            file = folder / "part"
            rows = self._connection.count(f"COPY ({rewritten.sql}) TO {_literal(str(file))} ({self._format(options)})")
            info = self._lake.put(bucket, key, file.read_bytes())
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        url = f"s3://{bucket}/{key}"
        if "MANIFEST" in options:
            entry: dict[str, Any] = {"url": url}
            if "VERBOSE" in options or "PARQUET" in options:
                entry["meta"] = {"content_length": info.size, "record_count": rows}
            self._lake.put(bucket, f"{prefix}manifest", json.dumps({"entries": [entry]}, indent=2).encode())
        self._log.run(
            "INSERT INTO _lakeshift.unloads VALUES (?, ?, ?, ?, ?, ?)",
            [query, self._database, url, rows, info.size, now()],
        )
        return rows

    @staticmethod
    def _format(options: dict[str, str | bool | tuple[str, ...]]) -> str:
        if "PARQUET" in options:
            return "FORMAT parquet, COMPRESSION snappy"
        zipped = "gzip" if "GZIP" in options else "zstd" if "ZSTD" in options else "none"
        csv = "CSV" in options
        delimiter = str(options.get("DELIMITER", "," if csv else "|"))
        quote = '"' if csv else ""
        return (
            f"FORMAT csv, HEADER {'true' if 'HEADER' in options else 'false'}, DELIMITER {_literal(delimiter)}, "
            f"QUOTE {_literal(quote)}, ESCAPE {_literal(quote)}, NULLSTR {_literal(str(options.get('NULL', '')))}, "
            f"COMPRESSION {zipped}"
        )
