"""A SQLite file that all threads of the server share."""

from __future__ import annotations

import sqlite3
from pathlib import Path

__all__ = ["open_file"]


def open_file(file: Path, tables: str) -> sqlite3.Connection:
    """Open ``file``, readable by its owner alone, with ``tables`` (statements that make what is missing) in it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    database = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=NORMAL")  # a killed server loses nothing; a power cut may
    database.executescript(tables)
    return database
