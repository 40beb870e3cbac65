"""Which SQL files the warehouse has yet to run, each in a transaction of its own; pure.

Order is schemas, tables, views. A new file runs; a changed schema or view runs again; a changed table is refused,
because ``CREATE TABLE IF NOT EXISTS`` would silently keep the old one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lakeshift.deploy.sql_text import checksum, quoted, statements
from lakeshift.errors import LakeshiftError

__all__ = [
    "AT_MOST",
    "FOLDERS",
    "RECORDS",
    "Migration",
    "fits",
    "migrations_in",
    "pending",
    "read_migrations",
    "recorded_by",
]

FOLDERS: Final = ("schemas", "tables", "views")
RECORDS: Final = "lakeshift.schema_migrations"
# https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_BatchExecuteStatement.html
AT_MOST: Final = 40
_RECORDING: Final = 2  # statements of a batch that record it


@dataclass(frozen=True, slots=True)
class Migration:
    """One file: its path in the repository, what it says, and the checksum of that."""

    path: str
    statements: tuple[str, ...]
    checksum: str

    @property
    def folder(self) -> str:
        """``schemas``, ``tables`` or ``views``."""
        return Path(self.path).parent.name


def migrations_in(texts: Mapping[str, str]) -> tuple[Migration, ...]:
    """The files of sql/redshift/{schemas,tables,views} among ``texts`` (by path), in the order they run in."""
    found: list[Migration] = []
    for folder in FOLDERS:
        for path in sorted(texts):
            place = Path(path)
            if place.parent.as_posix() == f"sql/redshift/{folder}" and place.suffix == ".sql":
                parts = tuple(statements(texts[path]))
                found.append(Migration(path, parts, checksum(parts)))
    return tuple(found)


def read_migrations(root: Path) -> tuple[Migration, ...]:
    """All files of sql/redshift/{schemas,tables,views} of the repository ``root``."""
    paths = (root / "sql" / "redshift").rglob("*.sql")
    return migrations_in({path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in paths})


def pending(files: Sequence[Migration], recorded: Mapping[str, str]) -> tuple[Migration, ...]:
    """The files that are new or changed. Raises LakeshiftError that names every changed table and what to do."""
    changed = [one for one in files if recorded.get(one.path) != one.checksum]
    tables = [one.path for one in changed if one.folder == "tables" and one.path in recorded]
    if tables:
        undo = f"DELETE FROM {RECORDS} WHERE path = '{tables[0]}'"  # noqa: S608 - a text for people
        raise LakeshiftError(
            f"{', '.join(tables)}: the table is already made from an older text, and CREATE TABLE IF NOT EXISTS would "
            "keep it as it is. Put the file back and change the table by a new file beside it "
            f"(tables/<schema>.<table>.2.sql with ALTER TABLE); or, where its rows may go, drop the table and {undo}."
        )
    return tuple(changed)


def fits(one: Migration) -> None:
    """Raises LakeshiftError for a file that is longer than one transaction."""
    if len(one.statements) + _RECORDING > AT_MOST:
        raise LakeshiftError(
            f"{one.path} has {len(one.statements)} statements; one transaction takes {AT_MOST - _RECORDING}. "
            "Make two files of it."
        )


def recorded_by(one: Migration) -> list[str]:
    """All statements of the transaction of a file: its own, then its record."""
    return [
        *one.statements,
        f"DELETE FROM {RECORDS} WHERE path = {quoted(one.path)}",  # noqa: S608 - quoted
        f"INSERT INTO {RECORDS} (path, checksum) "  # noqa: S608 - quoted
        f"VALUES ({quoted(one.path)}, {quoted(one.checksum)})",
    ]
