"""Processor seconds and memory of this process and all below it, the JVM and its Python workers among them (Linux)."""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["Peak", "memory", "peak_memory", "processor_seconds", "seconds_of_stat", "tree"]

_TICKS: Final = os.sysconf("SC_CLK_TCK")
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
_PROC: Final = Path("/proc")
_BETWEEN_SAMPLES: Final = 0.05


def seconds_of_stat(text: str) -> tuple[int, float]:
    """Parent and processor seconds of a line of ``/proc/<pid>/stat``: its own and those of the children it waited for.

    The command in parentheses may hold anything, so that fields count from the last parenthesis.
    """
    fields = text.rpartition(")")[2].split()
    return int(fields[1]), sum(map(int, fields[11:15])) / _TICKS


def _stats() -> dict[int, tuple[int, float]]:
    found = {}
    for folder in _PROC.iterdir():
        if folder.name.isdigit():
            try:
                found[int(folder.name)] = seconds_of_stat((folder / "stat").read_text())
            except (FileNotFoundError, ProcessLookupError):
                continue
    return found


def tree(root: int, parents: Mapping[int, int]) -> Iterator[int]:
    """``root`` and every process below it; ``parents`` is process → parent."""
    children = defaultdict(list)
    for process, parent in parents.items():
        children[parent].append(process)
    waiting = [root]
    while waiting:
        process = waiting.pop()
        yield process
        waiting += children[process]


def processor_seconds() -> float:
    """User and system seconds of this process and all below it so far: only differences mean anything."""
    stats = _stats()
    return sum(stats[p][1] for p in tree(os.getpid(), {p: s[0] for p, s in stats.items()}) if p in stats)


def memory() -> int:
    """Bytes that this process and all below it hold now, what they share left out."""
    parents = {process: parent for process, (parent, _) in _stats().items()}
    return sum(map(_private, tree(os.getpid(), parents)))


def _private(process: int) -> int:
    try:
        fields = (_PROC / str(process) / "statm").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return (int(fields[1]) - int(fields[2])) * _PAGE if fields else 0


@dataclass
class Peak:
    """The most memory seen, in bytes."""

    size: int = 0


@contextmanager
def peak_memory() -> Iterator[Peak]:
    """Sample ``memory`` every 50 ms while the block runs."""
    peak, ended = Peak(), threading.Event()

    def sample() -> None:
        while not ended.wait(_BETWEEN_SAMPLES):
            peak.size = max(peak.size, memory())

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        ended.set()
        thread.join()
        peak.size = max(peak.size, memory())
