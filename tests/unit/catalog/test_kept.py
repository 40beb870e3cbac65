"""Whatever is done to a catalog, in whatever grouping, the journal gives it back: the same things in the same order."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st
from moto.glue.exceptions import GlueClientError

from lakeshift.local.glue.catalog import database, kept, table
from lakeshift.local.glue.catalog.database import LocalDatabase
from lakeshift.local.glue.catalog.journal import Node
from lakeshift.local.glue.catalog.kept import Kept
from lakeshift.local.glue.catalog.lock import CatalogLock
from lakeshift.local.glue.catalog.table import LocalTable

_KEYS = [{"Name": "k", "Type": "string"}]
_NAMES = st.sampled_from(["a", "b"])
_STEPS = st.tuples(
    st.sampled_from(
        ["database", "drop database", "table", "drop table", "update", "skip", "partition", "move", "drop", "clear",
         "index", "version", "statistics", "function", "describe"]
    ),
    _NAMES,
    _NAMES,
    st.integers(0, 3),
)  # fmt: skip


def _empty() -> Kept[LocalDatabase]:
    made: Kept[LocalDatabase] = Kept(LocalDatabase.documents)
    made.settle(("0", "r", "databases"))
    return made


def _on_table(one: LocalTable, verb: str, number: int) -> None:
    values = [str(number)]
    given = {"Name": one.name, "PartitionKeys": _KEYS, "Description": str(number)}
    steps = {
        "update": lambda: one.replace(given, None, skip_archive=False),
        "skip": lambda: one.replace(given, str(one._current_version), skip_archive=True),
        "partition": lambda: one.create_partition({"Values": values, "Parameters": {"n": verb}}),
        "move": lambda: one.update_partition(values, {"Values": [str((number + 1) % 3)]}),
        "drop": lambda: one.delete_partition(values),
        "clear": one.partitions.clear,
        "index": lambda: one.indexes.__setitem__(f"i{number}", ["k"]),
        "version": lambda: one.delete_version(values[0]),
        "statistics": lambda: one.partition_statistics.__setitem__(str(values), {"c": {"n": number}}),
    }
    if verb in steps:
        steps[verb]()


def _step(databases: Kept[LocalDatabase], verb: str, name: str, inner: str, number: int) -> None:
    if verb == "database":
        databases[name] = LocalDatabase(name, {"Name": name, "Description": str(number)}, "0")
        return
    held = databases[name]
    if verb == "drop database":
        del databases[name]
    elif verb == "describe":
        held.replace({"Name": name, "Description": f"new {number}"})
    elif verb == "function":
        held.functions[inner] = {"n": number}
    elif verb == "table":
        held.tables[inner] = LocalTable(name, inner, {"Name": inner, "PartitionKeys": _KEYS}, "0")
    elif verb == "drop table":
        del held.tables[inner]
    else:
        _on_table(held.tables[inner], verb, number)


def _told(databases: dict[str, LocalDatabase]) -> list[Any]:
    """All there is, by name: the API lists by name too, so the order of a journal is not part of what it keeps."""
    return [
        (
            held.as_dict(),
            sorted(held.functions.items()),
            [
                (
                    [one.as_dict(version) for version in one.versions],
                    [partition.as_dict() for _, partition in sorted(one.partitions.items())],
                    sorted(one.indexes.items()),
                    sorted(one.partition_statistics.items()),
                )
                for _, one in sorted(held.tables.items())
            ],
        )
        for _, held in sorted(databases.items())
    ]


def _restored(tree: Node) -> dict[str, LocalDatabase]:
    written = tree.below.get("0", Node()).below.get("r", Node()).below.get("databases", Node()).below
    return {name: LocalDatabase.restored(name, node, "0") for name, node in written.items()}


@contextlib.contextmanager
def _lock() -> Iterator[tuple[CatalogLock, Path]]:
    lock = CatalogLock()
    with TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        for module in (kept, table, database):
            stack.enter_context(patch.object(module, "CATALOG", lock))
        lock.open(Path(folder) / "j")
        yield lock, Path(folder) / "j"
        lock.close()


@settings(max_examples=60, deadline=None)
@given(groups=st.lists(st.lists(_STEPS, max_size=12), max_size=4))
def test_the_journal_gives_back_what_was_kept(groups: list[list[tuple[str, str, str, int]]]) -> None:
    with _lock() as (lock, path):
        databases = _empty()
        for group in groups:
            with lock:
                for step in group:
                    with contextlib.suppress(KeyError, GlueClientError):
                        _step(databases, *step)
            again = CatalogLock()
            assert _told(_restored(again.open(path))) == _told(databases)
            again.close()


def test_a_group_is_one_line_and_nothing_of_it_is_there_before_its_end() -> None:
    with _lock() as (lock, path):
        databases = _empty()
        with lock:
            databases["a"] = LocalDatabase("a", {"Name": "a"}, "0")
            databases["a"].tables["t"] = LocalTable("a", "t", {"Name": "t"}, "0")
            assert path.read_bytes() == b""
        assert path.read_bytes().count(b"\n") == 1
