"""``python -m ingest files|api|database``: a source's new records to S3, by the credentials and endpoint of the SDK.

Secrets are read from the environment: ``--header-from Authorization=TOKEN`` sends a header with the value of the
variable TOKEN, and a database's address is the value of the variable that ``--dsn-from`` names.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from pathlib import Path
from typing import Any

from ingest.batch import Loader, Source
from ingest.database import IncrementalKeyError, TableSource
from ingest.files import FileSource, SourceStoppedError, files_in
from ingest.http_api import ApiError, ApiSource
from ingest.landing import Landing
from ingest.retry import GaveUpError, Retry
from ingest.rows import Rules
from ingest.store import ConflictError, Store

__all__ = ["main", "parser"]

_TOLD = (ApiError, ConflictError, GaveUpError, IncrementalKeyError, SourceStoppedError, FileNotFoundError, ValueError)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(prog="python -m ingest", description="Load a source's new records to S3.")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--source", required=True, help="name of the source: the first folder of its keys")
    common.add_argument("--bucket", required=True, help="takes the records")
    common.add_argument("--ops-bucket", required=True, help="takes manifests, checkpoints and rejected records")
    common.add_argument("--require", default="", help="fields that every record has, with commas")
    common.add_argument("--day-field", help="field whose date a record is laid out by; else the day of loading")
    common.add_argument("--gzip", action="store_true", help="pack the objects")
    common.add_argument("--attempts", type=int, default=6, help="how often a call of S3 or the source is tried")
    kinds = made.add_subparsers(dest="kind", required=True)
    files = kinds.add_parser("files", parents=[common], help="files of JSON lines, plain or .gz, and folders of them")
    files.add_argument("paths", nargs="+", type=Path)
    api = kinds.add_parser("api", parents=[common], help="an HTTP API with pages")
    api.add_argument("url")
    api.add_argument("--paging", choices=("link", "page", "offset", "cursor"), default="link")
    api.add_argument("--items", default="items", help="path to the list in an answer; empty: the answer is the list")
    api.add_argument("--next", default="next", help="path to the next link, page or cursor in an answer")
    api.add_argument("--parameter", default="page", help="query parameter of page, offset or cursor")
    api.add_argument("--size", type=int, default=100, help="records of a page")
    api.add_argument("--keep-place", action="store_true", help="the next run goes on after the last record")
    api.add_argument("--header-from", action="append", default=[], metavar="HEADER=VARIABLE")
    table = kinds.add_parser("database", parents=[common], help="a table, by a key that grows")
    table.add_argument("table")
    table.add_argument("--driver", required=True, help="DB-API module, as psycopg2 or sqlite3")
    table.add_argument("--dsn-from", required=True, metavar="VARIABLE", help="variable that holds the address")
    table.add_argument("--key", required=True, help="columns of the key, with commas")
    table.add_argument("--columns", default="", help="columns to load, with commas; else all")
    table.add_argument("--size", type=int, default=10_000, help="rows of a page")
    return made


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _variable(name: str) -> str:
    if name not in os.environ:
        raise ValueError(f"The environment has no variable {name}.")
    return os.environ[name]


def _source(given: argparse.Namespace) -> Source:
    if given.kind == "files":
        return FileSource(given.source, files_in(given.paths))
    if given.kind == "api":
        pairs = [one.partition("=") for one in given.header_from]
        return ApiSource(
            name=given.source,
            url=given.url,
            paging=given.paging,
            items=given.items,
            following=given.next,
            parameter=given.parameter,
            size=given.size,
            headers={header: _variable(variable) for header, _, variable in pairs},
            keeps_place=given.keep_place,
            retry=Retry(given.attempts),
        )
    driver, address = importlib.import_module(given.driver), _variable(given.dsn_from)
    return TableSource(
        name=given.source,
        connect=lambda: driver.connect(address),
        table=given.table,
        key=_names(given.key),
        columns=_names(given.columns),
        size=given.size,
        paramstyle=driver.paramstyle,
        broken=(driver.OperationalError, driver.InterfaceError),
        retry=Retry(given.attempts),
    )


def main(arguments: list[str] | None = None, s3: Any = None) -> int:
    """Prints one line of JSON with what was loaded; 1 and the reason where it could not be completed."""
    given = parser().parse_args(arguments)
    try:
        source = _source(given)
        landing = Landing(Store(s3 or _client(), Retry(given.attempts)), given.bucket, given.ops_bucket, given.gzip)
        report = Loader(landing, Rules(_names(given.require), given.day_field)).run(source)
    except _TOLD as error:
        sys.stderr.write(f"{given.source} is not complete: {error}\n")
        return 1
    sys.stdout.write(report.line() + "\n")
    return 0


def _client() -> Any:
    import boto3
    from botocore.config import Config

    return boto3.client("s3", config=Config(retries={"total_max_attempts": 1}))  # ingest.retry tries again


if __name__ == "__main__":
    sys.exit(main())
