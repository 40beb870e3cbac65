"""Files of lines as a table of DuckDB, for common/duckdb_tasks.py."""

from __future__ import annotations

import gzip
import mmap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from common.places import place_of

__all__ = ["read_lines"]

_LONGEST_LINE: Final = 16_000_000  # bytes


def read_lines(engine: Any, folder: Path, urls: Sequence[str]) -> None:
    """Make the view ``lines`` (``record``, ``source_file``) of the files; what must be fetched goes to ``folder``.

    Raises duckdb.InvalidInputException for what is no UTF-8, and for a line of more than 16 MB.
    """
    import pyarrow as pa

    found = list(_local(folder, urls))
    paths = [str(path) for path, _ in found]
    sources = pa.table({"filename": paths, "source_file": [url for _, url in found]})
    engine.register("sources", sources)
    lines = f"SELECT record, source_file FROM {_records(paths)} JOIN sources USING (filename)"  # noqa: S608
    engine.execute(f"CREATE VIEW lines AS {lines}")


def _records(paths: Sequence[str]) -> str:
    """A table function of ``record`` and ``filename``: lines as Hadoop reads them, ended by LF, CR or both."""
    if any(_has_null(path) for path in paths):
        return (
            "(SELECT unnest(string_split(replace(content, chr(13), chr(10)), chr(10))) AS record, filename "  # noqa: S608
            f"FROM read_text({list(paths)!r}))"
        )
    # As a CSV of one column and no quotes it is read ten times as fast, but for a NUL, which would end the column.
    return (
        f"read_csv({list(paths)!r}, columns = {{'record': 'VARCHAR'}}, delim = '', quote = '', escape = '', "
        "header = false, auto_detect = false, strict_mode = false, compression = 'none', filename = true, "
        f"max_line_size = {_LONGEST_LINE})"
    )


def _has_null(path: str) -> bool:
    if Path(path).stat().st_size == 0:
        return False
    with Path(path).open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.find(b"\0") >= 0


def _local(folder: Path, urls: Sequence[str]) -> Iterator[tuple[Path, str]]:
    """Each file as a plain one on this machine."""
    for number, url in enumerate(urls):
        path = place_of(url).fetched(folder / f"{number}")
        if url.endswith(".gz"):
            plain = folder / f"{number}.plain"
            plain.write_bytes(gzip.decompress(path.read_bytes()))
            path = plain
        yield path, url
