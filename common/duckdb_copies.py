"""Copies of a record in files of different tasks: found by the driver, left out of what a task has staged."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from common.places import place_of

__all__ = ["keys", "later_copies", "left_out"]


def keys(engine: Any, key: str, version: str) -> Any:
    """The rows that a task keeps of its ``events``: an array (rows, 3) of unsigned 64-bit integers.

    They are the MD5 of the key in two halves, and the microseconds of the version in an order without signs.
    """
    import numpy as np

    found = engine.execute(
        f"SELECT md5_number_upper({key}) AS upper, md5_number_lower({key}) AS lower, epoch_us({version}) AS version "  # noqa: S608
        "FROM events WHERE reason IS NULL AND NOT duplicate"
    ).fetchnumpy()
    ordered = np.asarray(found["version"], np.int64).view(np.uint64) ^ np.uint64(2**63)
    return np.stack([np.asarray(found["upper"]), np.asarray(found["lower"]), ordered], axis=1)


def later_copies(keys_by_task: Sequence[Any]) -> dict[int, Any]:
    """Keys that a task must leave out because another has them newer, or as new and is an earlier task: by task.

    What is given is of ``keys``, what is returned the halves of the hashes: arrays (rows, 2).
    """
    import numpy as np

    whole = np.concatenate([np.empty((0, 3), np.uint64), *keys_by_task])
    task = np.repeat(np.arange(len(keys_by_task)), [len(part) for part in keys_by_task])
    newest_first = np.lexsort((task, ~whole[:, 2], whole[:, 1], whole[:, 0]))
    ordered = whole[newest_first]
    copy = np.concatenate([[False], (ordered[1:, :2] == ordered[:-1, :2]).all(axis=1)])[: len(ordered)]
    losers, owner = ordered[copy][:, :2], task[newest_first][copy]
    return {int(number): losers[owner == number] for number in np.unique(owner)}


def left_out(engine: Any, folder: Path, staged: Mapping[str, str], key: str, lost: Any) -> tuple[dict[str, str], int]:
    """The ``staged`` files (where each is, and is to be) without the rows of ``lost`` keys, and how many those were.

    A file without them is a new one beside the old: an attempt that dies leaves what it read to the next.
    """
    import pyarrow as pa

    engine.register("lost", pa.table({"a": lost[:, 0].copy(), "b": lost[:, 1].copy()}))
    kept, removed = {}, 0
    for number, (there, wanted) in enumerate(staged.items()):
        if not there.endswith(".parquet"):
            kept[there] = wanted
            continue
        rows = f"read_parquet('{place_of(there).fetched(folder / str(number))}', hive_partitioning = false)"
        joined = f"JOIN lost ON md5_number_upper({key}) = a AND md5_number_lower({key}) = b"
        found = engine.execute(f"SELECT count(*) FROM {rows} SEMI {joined}").fetchall()[0][0]  # noqa: S608
        if not found:
            kept[there] = wanted
            continue
        removed += found
        path = folder / f"{number}.parquet"
        copied = f"COPY (SELECT * FROM {rows} ANTI {joined}) TO '{path}' (FORMAT parquet, COMPRESSION snappy)"  # noqa: S608
        if engine.execute(copied).fetchall()[0][0]:
            new = f"{there.rpartition('/')[0]}/{uuid.uuid4().hex}.parquet"
            place_of(new).put(path)
            kept[new] = wanted
    return kept, removed
