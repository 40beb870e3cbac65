"""Kill a bookmarked job at every named point and look at its target: ``python -m tests.chaos.kill_matrix [RUNS]``.

Each round feeds new files, kills one run, and reruns until a run succeeds. After the kill the bookmark may have moved
only where the target is complete; after the reruns the table and the quarantine hold every record once.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lakeshift.local.server import LocalAws
from lakeshift.paths import StateFolder
from tests.chaos.lake import ChaosLake
from tests.chaos.points import POINTS

__all__ = ["Kill", "Outcome", "kills", "play"]

SIZES: Final = ((1, 10), (2, 50), (4, 200))
_MOST_RERUNS: Final = 2


@dataclass(frozen=True)
class Kill:
    """One round: where the run dies, what dies, and how much it had to read."""

    name: str
    point: str
    victim: str = "driver"
    files: int = 1
    rows: int = 10


@dataclass(frozen=True)
class Outcome:
    """What was found after it."""

    kill: Kill
    killed: bool
    reruns: int
    ahead: bool
    half_written: int
    lost: int
    doubled: int

    @property
    def good(self) -> bool:
        """The run died, the bookmark was not ahead of the data, and the reruns made everything right."""
        return self.killed and not (self.ahead or self.half_written or self.lost or self.doubled)


def kills(runs: int, seed: int, seconds: float) -> Iterator[Kill]:
    """``runs`` rounds: every named point in turn with every size; each third one a moment at random within a run
    of ``seconds``, where the driver or Spark's JVM dies."""
    chance = random.Random(seed)
    names = list(POINTS)
    for number in range(runs):
        files, rows = SIZES[number // len(names) % len(SIZES)]
        if number % 3 == 2:
            moment = round(chance.uniform(0.0, seconds), 2)
            victim = chance.choice(["driver", "jvm"])
            yield Kill(f"{victim} after some seconds", f"seconds:{moment}", victim, files, rows)
        else:
            name = names[(number - number // 3) % len(names)]
            yield Kill(name, POINTS[name], files=files, rows=rows)


def play(lake: ChaosLake, kill: Kill) -> Outcome:
    """One round."""
    lake.feed(kill.files, kill.rows)
    before = lake.bookmark()
    run = lake.run(kill_at=kill.point, kill=kill.victim)
    killed = run["JobRunState"] == "FAILED"
    ahead = lake.bookmark() != before and lake.lost_and_doubled() != (0, 0)
    half_written = len(lake.half_written())
    reruns = 0
    while run["JobRunState"] != "SUCCEEDED" and reruns < _MOST_RERUNS:
        run, reruns = lake.run(), reruns + 1
    lost, doubled = lake.lost_and_doubled()
    # A moment at random may come after the run's end: such a round shows nothing, and is not counted as a kill.
    return Outcome(kill, killed or kill.point.startswith("seconds:"), reruns, ahead, half_written, lost, doubled)


def main(runs: int, seed: int = 20130101) -> int:
    """Play the rounds and print a line each and the sum; 1 where anything was lost, doubled, half-written or ahead."""
    with tempfile.TemporaryDirectory() as home, LocalAws(StateFolder(Path(home))) as aws:
        lake = ChaosLake(aws)
        lake.feed(2, 20)
        lake.run(kill_at=POINTS["after a file is written"])  # the very first write, too
        lake.run()
        started = time.monotonic()
        lake.feed(2, 20)
        lake.run()
        seconds = time.monotonic() - started
        outcomes = []
        for number, kill in enumerate(kills(runs, seed, seconds), start=1):
            outcome = play(lake, kill)
            outcomes.append(outcome)
            mark = "✓" if outcome.good else "✗"
            print(
                f"{mark} {number:>4}/{runs}  {kill.name:<36} {kill.files} x {kill.rows:<4} {outcome.reruns} reruns,"
                f" lost {outcome.lost}, doubled {outcome.doubled}"
                + (", BOOKMARK AHEAD" if outcome.ahead else "")
                + (f", {outcome.half_written} HALF-WRITTEN" if outcome.half_written else "")
                + ("" if outcome.killed else ", NOT KILLED"),
                flush=True,
            )
    reruns = [o.reruns for o in outcomes]
    late = sum(o.kill.point.startswith("seconds:") and not o.reruns for o in outcomes)
    print(
        f"{len(outcomes) - late} runs killed at {len({o.kill.name for o in outcomes})} kinds of points"
        f" ({late} had ended before their moment), at most {max(reruns)} reruns,"
        f" lost {outcomes[-1].lost}, doubled {outcomes[-1].doubled}"
    )
    return int(not all(outcome.good for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 200))
