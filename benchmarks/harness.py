"""Measure a claim: ours and a peer, interleaved in one run, with equal answers, as a ratio of seconds.

A claim holds where the median of the paired ratios is at most its target and every answer of ours equals every answer
of the peer. Ratios are of pairs that ran one after the other, so that a machine that becomes busy slows both.
"""

from __future__ import annotations

import json
import math
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

from benchmarks.processes import processor_seconds

RESULTS: Final = Path(__file__).resolve().parent / "results"
_MEGABYTES_PER_PAGE: Final = os.sysconf("SC_PAGE_SIZE") / 2**20
Unit = Literal["wall-clock seconds", "processor seconds", "bytes"]
_CLOCKS: Final[Mapping[Unit, Callable[[], float]]] = {
    "wall-clock seconds": time.perf_counter,
    "processor seconds": processor_seconds,  # of all processes below this one: other work on the machine changes little
}


@dataclass(frozen=True)
class Claim:
    """One sentence with a number in it.

    Attributes:
        name: the file's name without ``.py``.
        statement: what is compared, in words a user understands.
        target: the largest ratio (ours / peer) with which the claim holds; None for a figure without a promise.
        peer: whom ours is measured against, with its version or settings.
        limits: the largest values with which the claim holds of facts that are no ratio, such as milliseconds added.
    """

    name: str
    statement: str
    target: float | None
    peer: str
    limits: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What a run of a claim gave: ours and the peer's figures in ``unit``, in the order of the pairs."""

    claim: Claim
    ours: list[float]
    peer: list[float]
    answer: Any
    answers_equal: bool
    facts: dict[str, Any] = field(default_factory=dict)
    unit: Unit = "wall-clock seconds"

    @property
    def ratios(self) -> list[float]:
        """Ours / peer, pair by pair."""
        return [mine / other for mine, other in zip(self.ours, self.peer, strict=True)]

    @property
    def median(self) -> float:
        """The figure of the claim."""
        return statistics.median(self.ratios)

    @property
    def holds(self) -> bool:
        """Answers equal, the median at most the target, and every limited fact there and at most its limit."""
        within = all(self.facts.get(name, math.inf) <= limit for name, limit in self.claim.limits.items())
        return self.answers_equal and within and (self.claim.target is None or self.median <= self.claim.target)

    def line(self) -> str:
        """What a reader sees: one line."""
        mark = "✓" if self.holds else "✗"
        target = "" if self.claim.target is None else f", at most {self.claim.target:g}"
        unit = "" if self.unit == "wall-clock seconds" else f"{self.unit}; "
        answers = "equal answers" if self.answers_equal else "ANSWERS DIFFER"
        limited = "".join(
            f"; {name} {self.facts.get(name)}, at most {limit:g}" for name, limit in self.claim.limits.items()
        )
        spread = f"{min(self.ratios):.3f} to {max(self.ratios):.3f}"
        return (
            f"{mark} {self.claim.name:<24} {self.median:.3f} of {self.claim.peer}"
            f" ({unit}{spread}, {len(self.ratios)} pairs{target}{limited}; {answers})"
        )

    def document(self) -> dict[str, Any]:
        """The same as JSON: what docs/performance.md is made from."""
        return asdict(self) | {"median": self.median, "ratios": self.ratios, "holds": self.holds}


def measure(
    claim: Claim,
    ours: Callable[[], Any],
    peer: Callable[[], Any],
    pairs: int = 5,
    warm_up: int = 1,
    unit: Unit = "wall-clock seconds",
    before: Callable[[], object] = lambda: None,
    **facts: Any,
) -> Outcome:
    """Run both ``warm_up`` times unmeasured, then ``pairs`` times in turn; print, write JSON, return.

    Args:
        claim: what is promised.
        ours: does the work once and returns its answer (rows and a checksum), comparable by ``==``.
        peer: the same work by the other way.
        pairs: how often each is measured.
        warm_up: how often each runs before.
        unit: which seconds count; those of the processors are of this process and all below it.
        before: is called before each, unmeasured: it waits for what goes on of the last one.
        facts: anything a reader should know of the run (rows, bytes); written beside the machine's facts.
    """
    clock = _CLOCKS[unit]
    answers = [work() for _ in range(warm_up) for work in (ours, peer)]
    seconds: dict[Callable[[], Any], list[float]] = {ours: [], peer: []}
    for pair in range(pairs):
        # Who comes first changes from pair to pair: neither always finds the caches the other has filled.
        for work in (ours, peer) if pair % 2 == 0 else (peer, ours):
            before()
            started = clock()
            answers.append(work())
            seconds[work].append(clock() - started)
    equal = all(answer == answers[0] for answer in answers)
    outcome = Outcome(claim, seconds[ours], seconds[peer], answers[0], equal, machine() | facts, unit)
    report(outcome)
    return outcome


def report(outcome: Outcome) -> None:
    """Print the line, and write ``benchmarks/results/<name>.json``."""
    sys.stdout.write(outcome.line() + "\n")
    sys.stdout.flush()
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps(outcome.document(), indent=1, default=str)
    (RESULTS / f"{outcome.claim.name}.json").write_text(text + "\n", encoding="utf-8")


def machine() -> dict[str, Any]:
    """Cores, memory, and the versions that matter; the day, the load, and SCALE where it is set."""
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        **({"scale": os.environ["SCALE"]} if os.environ.get("SCALE") else {}),
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PHYS_PAGES") * _MEGABYTES_PER_PAGE / 1024),
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 1),
    }


def scale(default: int) -> int:
    """``default`` times the environment's ``SCALE`` (1 where it is not set)."""
    return int(default * float(os.environ.get("SCALE") or 1))
