"""Files of JSON lines, plain or gzip, as a source: each in chunks, so that a file may be larger than memory."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, cast

from ingest.batch import Page

__all__ = ["FileSource", "SourceStoppedError", "files_in"]


class SourceStoppedError(RuntimeError):
    """The source ended in the middle; the text names it. What was whole before is landed, and a rerun does the rest."""


@dataclass(frozen=True, slots=True)
class FileSource:
    """Files in order; ``chunk`` is how many lines become an object at most."""

    name: str
    files: Sequence[Path]
    chunk: int = 100_000
    resumes: bool = False

    def pages(self, position: Any) -> Iterator[Page]:  # noqa: ARG002 - files are known by their content
        """The lines of every file, empty ones left out."""
        for path in self.files:
            try:
                with _opened(path) as lines:
                    while chunk := [line.rstrip(b"\r\n") for line in islice(lines, self.chunk)]:
                        yield Page([line for line in chunk if line.strip()])
            except (EOFError, gzip.BadGzipFile, zlib.error) as error:
                raise SourceStoppedError(
                    f"{path} is damaged or not whole: {error}. Bring it again, and rerun."
                ) from error


def _opened(path: Path) -> BinaryIO:
    return cast(BinaryIO, gzip.open(path, "rb")) if path.suffix == ".gz" else path.open("rb")


def files_in(paths: Sequence[Path]) -> list[Path]:
    """The files given, and those in the folders given, in order of name; raises FileNotFoundError."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(one for one in path.iterdir() if one.is_file() and not one.name.startswith("."))
        elif path.is_file():
            found.append(path)
        else:
            raise FileNotFoundError(f"{path} is neither a file nor a folder.")
    return found
