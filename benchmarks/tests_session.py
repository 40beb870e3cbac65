"""The DataFrame tests on the project's session against the same tests on Spark's default one."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Final

from benchmarks.harness import Claim, measure
from lakeshift.paths import REPOSITORY

# A part of the tests of the transforms, of every kind: casts, windows, joins, files. All of them, on a default session,
# take longer than a claim may.
_TESTS: Final = (
    "tests/spark/common/test_duplicates.py",
    "tests/spark/common/test_enrichment.py",
    "tests/spark/common/test_partitions.py",
    "tests/spark/common/test_weather.py",
)
_BEFORE: Final = 2
CLAIM = Claim(
    "tests_session",
    "The tests of the transforms, run again on the session of `make test T=path`, take about a third of their time on a"
    " default session",
    0.35,
    "the same tests on SparkSession.builder.getOrCreate()",
)


def passed(session: str) -> int:
    """Run the tests in a process of their own on that session; how many passed, which must be all."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", f"--session={session}", *_TESTS]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    told = re.search(r"^(\d+) passed in", done.stdout, re.MULTILINE)
    if done.returncode or told is None:
        raise RuntimeError(f"The tests on the {session} session did not pass:\n{done.stdout[-3000:]}")
    return int(told[1])


def main() -> None:
    """Pairs after runs on our session: the JVM of the first ones is still cold, as of who begins to work."""
    for _ in range(_BEFORE):
        passed("warm")
    measure(CLAIM, lambda: passed("warm"), lambda: passed("default"), pairs=5, warm_up=0, tests=" ".join(_TESTS))


if __name__ == "__main__":
    main()
