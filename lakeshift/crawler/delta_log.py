"""The log of a Delta table: its newest schema and its live files.

See https://github.com/delta-io/delta/blob/master/PROTOCOL.md
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote

import orjson

from lakeshift.lake import FolderLake

__all__ = ["DeltaState", "read_delta_log"]

_COMMIT: Final = re.compile(r"(\d{20})\.json")
_CHECKPOINT: Final = re.compile(r"(\d{20})\.checkpoint(?:\.\d{10}\.\d{10})?\.parquet")
_READER_VERSION: Final = 3
_FEATURES: Final = frozenset(
    {"columnMapping", "deletionVectors", "timestampNtz", "v2Checkpoint", "vacuumProtocolCheck"}
)


@dataclass(slots=True)
class DeltaState:
    """The table at its newest ``version``: ``metadata`` is the metaData action, ``files`` are live, by path."""

    version: int = -1
    timestamp: int = 0
    metadata: dict[str, Any] = field(default_factory=dict)
    protocol: dict[str, Any] = field(default_factory=dict)
    files: dict[str, dict[str, str | None]] = field(default_factory=dict)

    @property
    def schema(self) -> dict[str, Any]:
        """The schema as Spark writes it in JSON."""
        found: dict[str, Any] = json.loads(self.metadata["schemaString"])
        return found

    @property
    def partition_columns(self) -> list[str]:
        """In the order of the folders."""
        return list(self.metadata.get("partitionColumns") or ())

    def take(self, action: dict[str, Any], modified: int) -> None:
        """One line of the log, or one row of a checkpoint."""
        if action.get("metaData"):
            self.metadata = action["metaData"]
        if action.get("protocol"):
            self.protocol = action["protocol"]
        if action.get("add"):
            values = action["add"].get("partitionValues") or {}
            self.files[unquote(action["add"]["path"])] = dict(values)
        if action.get("remove"):
            self.files.pop(unquote(action["remove"]["path"]), None)
        if action.get("commitInfo"):
            self.timestamp = int(action["commitInfo"].get("timestamp") or modified)


def read_delta_log(lake: FolderLake, bucket: str, prefix: str) -> DeltaState:
    """The table whose folder has the key ``prefix``; raises ValueError where there is none or it cannot be read."""
    where = f"s3://{bucket}/{prefix}"
    entries = {info.key.rpartition("/")[2]: info for info in lake.list(bucket, f"{prefix}_delta_log/")}
    commits = {int(found[1]): name for name in entries if (found := _COMMIT.fullmatch(name))}
    checkpoints: dict[int, list[str]] = {}
    for name in sorted(entries):
        if found := _CHECKPOINT.fullmatch(name):
            checkpoints.setdefault(int(found[1]), []).append(name)
    state = DeltaState()
    if checkpoints:
        state.version = max(checkpoints)
        for name in checkpoints[state.version]:
            _take_checkpoint(lake, state, bucket, entries[name].key)
    for version in sorted(number for number in commits if number > state.version):
        if version != state.version + 1:
            raise ValueError(f"The Delta log of {where} lacks version {state.version + 1}.")
        info = entries[commits[version]]
        for line in lake.read(bucket, info.key).splitlines():
            if line.strip():
                state.take(_action(line, where, version), info.mtime_ns // 1_000_000)
        state.version = version
    if not state.metadata:
        raise ValueError(f"There is no Delta table at {where}: no _delta_log with a schema lies there.")
    _check_protocol(state, where)
    return state


def _action(line: bytes, where: str, version: int) -> dict[str, Any]:
    try:
        action = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"Version {version} of the Delta table {where} is damaged: {error}.") from error
    return action if isinstance(action, dict) else {}


def _take_checkpoint(lake: FolderLake, state: DeltaState, bucket: str, key: str) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    with lake.open(bucket, key) as stream:
        try:
            rows = parquet.read_table(stream, columns=["add", "remove", "metaData", "protocol"]).to_pylist()
        except (pa.ArrowException, OSError) as error:
            raise ValueError(f"The checkpoint s3://{bucket}/{key} cannot be read: {error}.") from error
    for row in rows:
        action = {name: value for name, value in row.items() if value}
        if "add" in action:
            values = action["add"].get("partitionValues") or []
            action["add"]["partitionValues"] = dict(values)
        state.take(action, 0)


def _check_protocol(state: DeltaState, where: str) -> None:
    needed = state.protocol.get("minReaderVersion", 1)
    unknown = set(state.protocol.get("readerFeatures") or ()) - _FEATURES
    if needed > _READER_VERSION or unknown:
        told = ", ".join(sorted(unknown)) or f"reader version {needed}"
        raise ValueError(f"The Delta table {where} needs {told}, which is not supported.")
