"""All tests, a pytest process a part: a Spark session belongs to its process, and parts start theirs with other jars.

Two lanes run side by side, since a part keeps hardly more than one core busy; what the second one printed is shown once
the first is through. The pipeline's own tests come last, alone. Ends with the seconds of each part.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

_PLAIN: Final = ("-m", "not spark and not e2e")
_LANE: Final = (
    ("tests/local", *_PLAIN),
    ("tests/spark/common", "tests/spark/jobs", "tests/spark/session"),
    ("tests/spark/glue_runtime",),
)
_BESIDE: Final = (("tests/unit", *_PLAIN), ("tests/contract",), ("tests/spark/s3", "tests/spark/iceberg"))
_LAST: Final = (("tests/e2e",),)
_POLL: Final = 0.2  # seconds
_Parts = tuple[tuple[str, ...], ...]


@dataclass
class Lane:
    """Parts one after the other, each with its ``basetemp``, printing to ``output``."""

    parts: _Parts
    output: IO[bytes] | None
    basetemp: Path
    seconds: list[tuple[float, str]] = field(default_factory=list)
    _process: subprocess.Popen[bytes] | None = None
    _begun: float = 0.0

    def step(self) -> bool | None:
        """Go on: True where all parts have passed, False where one has not, None while there is work."""
        status = None if self._process is None else self._process.poll()
        if self._process is not None and status is None:
            return None
        if self._process is not None:
            self.seconds.append((time.monotonic() - self._begun, " ".join(self.parts[len(self.seconds)])))
        if status:
            return False
        if len(self.seconds) == len(self.parts):
            return True
        part = self.parts[len(self.seconds)]
        told = f"pytest {' '.join(part)}\n".encode()
        (self.output or sys.stdout.buffer).write(told)
        (self.output or sys.stdout.buffer).flush()
        command = [Path(sys.executable).with_name("pytest"), "-q", *part, f"--basetemp={self.basetemp}"]
        self._begun, self._process = time.monotonic(), subprocess.Popen(command, stdout=self.output, stderr=self.output)
        return None

    def stop(self) -> None:
        """End what runs."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait()


def run(*lanes: Lane) -> bool:
    """All lanes side by side; False, and the others stopped, once a part has failed."""
    going = list(lanes)
    while going:
        for lane in list(going):
            passed = lane.step()
            if passed:
                going.remove(lane)
            elif passed is False:
                for other in going:
                    other.stop()
                return False
        time.sleep(_POLL)
    return True


def main() -> int:
    """Exit status 0 where all parts pass."""
    with tempfile.TemporaryDirectory(prefix="tests-") as home, Path(home, "beside").open("w+b") as told:
        lane = Lane(_LANE, None, Path(home, "lane"))
        beside = Lane(_BESIDE, told, Path(home, "lane-beside"))
        last = Lane(_LAST, None, Path(home, "last"))
        passed = run(lane, beside)
        told.seek(0)
        sys.stdout.buffer.write(told.read())
        passed = passed and run(last)
        for seconds, part in (*lane.seconds, *beside.seconds, *last.seconds):
            sys.stdout.write(f"{seconds:6.0f} s  {part}\n")
    return int(not passed)


if __name__ == "__main__":
    sys.exit(main())
