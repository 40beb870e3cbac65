"""What the contract tests of sources and sinks share: reading by connection options, and rows as plain dicts."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

Folder = Callable[..., str]
_number = itertools.count()


def folder_of(tmp_path: Path, **files: str | bytes) -> str:
    """Write files (``a_json="..."`` is a.json, two underscores are a slash) below a new folder, and return it."""
    folder = tmp_path / f"data{next(_number)}"
    for name, content in files.items():
        path = folder / name.replace("__", "/").replace("_", ".", 1)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(folder)


def read(glue: Any, kind: str, path: str, options: dict[str, Any] | None = None, **connection: Any) -> Any:
    """A DynamicFrame of the files at ``path``."""
    given = {"paths": [path], **connection}
    return glue.create_dynamic_frame.from_options("s3", given, kind, options or {})


def rows(frame: Any) -> list[dict[str, Any]]:
    """The records as dicts, in a fixed order; a field that a record does not have is None."""
    found = [row.asDict(recursive=True) for row in frame.toDF().collect()]
    return sorted(found, key=repr)
