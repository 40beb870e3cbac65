"""Small JSON documents that survive a kill at any moment: old or new, never torn."""

from __future__ import annotations

import json
import os
import uuid
from pathlib import Path
from typing import Any, Final

__all__ = ["UNFINISHED", "read_json", "write_json"]

UNFINISHED: Final = ".unfinished"  # suffix of a document being written; never read


def write_json(path: Path, document: Any) -> None:
    """Write ``document`` at ``path``; it is on the disk when this returns.

    The bytes are synced under another name, renamed, and the folder is synced, so a reader and a restart see the
    whole old document or the whole new one. Raises OSError (for instance a full disk) with the old one untouched.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{uuid.uuid4().hex}{UNFINISHED}")
    try:
        with draft.open("w", encoding="utf-8") as stream:
            json.dump(document, stream, separators=(",", ":"))
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def read_json(path: Path) -> Any | None:
    """The document at ``path``, or None where there is none; raises ValueError where it is no JSON."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    return json.loads(text)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
