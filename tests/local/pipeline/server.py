"""A local AWS in a process of its own whose job runs succeed at once: ``python server.py <state folder>``."""

from __future__ import annotations

import sys
from pathlib import Path

from lakeshift.local.glue.backend import LocalGlueBackend
from lakeshift.local.server import LocalAws
from lakeshift.paths import StateFolder

LAUNCH = Path(__file__).with_name("instant_launch.py")


def main(root: str) -> None:
    """Serve until standard input ends; says its endpoint on a line."""
    with LocalAws(StateFolder(Path(root))) as aws:
        runner = LocalGlueBackend.runner
        assert runner is not None
        runner.command, runner.workers = lambda folder: [sys.executable, "-S", str(LAUNCH), str(folder)], None
        sys.stdout.write(f"{aws.endpoint}\n")
        sys.stdout.flush()
        while sys.stdin.read(1):
            pass


if __name__ == "__main__":
    main(sys.argv[1])
