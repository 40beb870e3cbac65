"""Flight events of any number as they land: ``flights/yyyy/mm/dd/<sha256>.json[.gz]``, with dirt whose truth is known.

Rows are made by string kernels of pyarrow, file by file: the memory used does not grow with the rows, and one seed
gives one set of bytes.
"""

from __future__ import annotations

import gzip as gz
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.data.dirt import DIRT, DUPLICATE, GOOD, KINDS
from benchmarks.data.lines import Numbers, day_lines
from ingest.landing import key_of

__all__ = ["Truth", "land", "write_flights"]

_LINES_A_FILE: Final = 200_000  # some 70 MB: a day of the sample is far below, a large one comes in several files
_NEXT_FILE: Final = ("late", "sent_again", "corrected")


@dataclass(frozen=True)
class Truth:
    """What was written: lines = clean + duplicates + those rejected, by the reasons of common/flights.py."""

    lines: int
    clean: int
    duplicates: int
    rejected: Mapping[str, int]


@dataclass
class _Batch:
    """What one seed makes: how many lines so far and what they are, and those that arrive with the next file."""

    dirt: Mapping[str, float]
    lines: int = 0
    becomes: Counter[str] = field(default_factory=Counter)
    waiting: pa.Array = field(default_factory=lambda: pa.array([], pa.string()))

    def shares(self, lines: int) -> dict[str, int]:
        """How many of the next ``lines`` are of each kind: so many that the shares hold for all lines so far."""
        after = self.lines + lines
        return {kind: int(share * after) - int(share * self.lines) for kind, share in self.dirt.items()}


def write_flights(
    folder: Path,
    rows: int,
    *,
    days: int = 7,
    seed: int = 2013,
    gzip: bool = False,
    first_day: date = date(2013, 1, 1),
    dirt: Mapping[str, float] = DIRT,
) -> Truth:
    """Write ``rows`` lines below ``folder``/flights, spread over ``days`` days; returns what is in them.

    From the middle of the days on, events have a new column, ``operated_by``. ``dirt`` has the share of lines of each
    of ``KINDS``; ``HARSH`` is five times as bad as the default.
    """
    batch = _Batch(dirt)
    number = 0
    for place in range(days):
        day = first_day + timedelta(days=place)
        whole = rows * (place + 1) // days - rows * place // days
        numbers = Numbers()
        for start in range(0, whole, _LINES_A_FILE):
            lines = min(_LINES_A_FILE, whole - start)
            dice = np.random.default_rng([seed, number])
            last = place == days - 1 and start + lines == whole
            number += 1

            def good(count: int) -> pa.Array:
                return day_lines(dice, count, day, numbers, operated_by=2 * place >= days > 1)  # noqa: B023 - called now

            text = _file(batch, dice, lines, good, last)
            land(folder, "flights", day, _bytes(text), gzip=gzip)
    rejected = {what: count for what, count in sorted(batch.becomes.items()) if count and what not in (GOOD, DUPLICATE)}
    return Truth(batch.lines, batch.becomes[GOOD], batch.becomes[DUPLICATE], rejected)


def land(folder: Path, source: str, day: date, content: Any, *, gzip: bool = False, suffix: str = ".json") -> Path:
    """Write one object of a source under its day, named by its content; returns its path."""
    path = folder / key_of(source, day, content, suffix + ".gz" * gzip)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gz.compress(content, mtime=0) if gzip else content)
    return path


def _file(
    batch: _Batch, dice: np.random.Generator, lines: int, good: Callable[[int], pa.Array], last: bool
) -> pa.Array:
    """The ``lines`` lines of one file, in any order; ``good`` gives so many good ones, ``last`` has no next file."""
    counts = batch.shares(lines)
    if last:
        counts.pop("late", None)
    copied = [kind for kind in counts if KINDS[kind].becomes == DUPLICATE and (last or kind not in _NEXT_FILE)]
    events = lines - len(batch.waiting) - sum(counts[kind] for kind in copied) + counts.get("late", 0)
    if events < sum(counts.values()):
        raise ValueError(
            f"{lines} lines a file are too few for the dirt wanted: {counts} and {len(batch.waiting)} late"
        )
    base = good(events)
    picked = iter(dice.permutation(events))
    rows = {kind: np.fromiter(picked, np.int64, count) for kind, count in counts.items()}
    made = {kind: KINDS[kind].spoil(dice, base.take(pa.array(places))) for kind, places in rows.items()}

    here = [made[kind] for kind in copied]
    later = [made[kind] for kind in _NEXT_FILE if kind in made and kind not in copied]
    instead = [kind for kind in made if kind not in _NEXT_FILE and kind not in copied]
    base = _replaced(base, [rows[kind] for kind in instead], [made[kind] for kind in instead])
    if "late" in rows:
        base = base.filter(pa.array(np.isin(np.arange(events), rows["late"], invert=True)))
    text = pa.concat_arrays([base, batch.waiting, *here])

    batch.lines += lines
    batch.waiting = pa.concat_arrays([pa.array([], pa.string()), *later])
    batch.becomes[GOOD] += events
    for kind, count in counts.items():
        batch.becomes[KINDS[kind].becomes] += count
        if KINDS[kind].becomes != DUPLICATE:
            batch.becomes[GOOD] -= count
    return text.take(pa.array(dice.permutation(len(text))))


def _replaced(lines: pa.Array, places: list[np.ndarray[Any, Any]], texts: list[pa.Array]) -> pa.Array:
    where = np.concatenate([np.array([], np.int64), *places])
    mask = np.zeros(len(lines), bool)
    mask[where] = True
    order = np.argsort(where)
    return pc.replace_with_mask(
        lines, pa.array(mask), pa.concat_arrays([pa.array([], pa.string()), *texts]).take(pa.array(order))
    )


def _bytes(lines: pa.Array) -> memoryview:
    """The texts one after the other, without a copy."""
    ends = np.frombuffer(lines.buffers()[1], np.int32)[lines.offset : lines.offset + len(lines) + 1]
    return memoryview(lines.buffers()[2])[int(ends[0]) : int(ends[-1])]
