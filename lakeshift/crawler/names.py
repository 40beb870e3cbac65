"""Names of tables, columns and partition keys, as the crawler makes them."""

from __future__ import annotations

import hashlib
import re
from typing import Final

__all__ = ["column_name", "hashed_name", "partition_key", "table_name"]

_LONGEST_TABLE: Final = 128
_NOT_IN_TABLE: Final = re.compile(r"[^a-z0-9_]")


def column_name(text: str) -> str:
    """Lower case, trimmed; inner blanks and signs stay, as crawled tables show."""
    return text.strip().lower()


def table_name(folder: str, prefix: str = "") -> str:
    """``prefix`` + the folder's or file's name in ``[a-z0-9_]``, at most 128 characters."""
    return _NOT_IN_TABLE.sub("_", f"{prefix}{folder}".lower())[:_LONGEST_TABLE]


def hashed_name(name: str, bucket: str, prefix: str) -> str:
    """The name of a second table of that name: ``name_<md5 of bucket/prefix>``; ``prefix`` as in the location.

    No page documents it; tables published from several accounts agree.
    """
    digest = hashlib.md5(f"{bucket}/{prefix}".encode(), usedforsecurity=False).hexdigest()
    return f"{name[: _LONGEST_TABLE - 33]}_{digest}"


def partition_key(folder: str) -> str | None:
    """The key named by a ``key=value`` folder, lower-cased; None where the folder names none."""
    key, equals, _ = folder.partition("=")
    return key.strip().lower() if equals and key.strip() else None
