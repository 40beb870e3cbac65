"""What the tests of job runs share, without a server: quick to import in a process that is to be killed."""

from __future__ import annotations

import os
import sys
from pathlib import Path

FAKE = Path(__file__).with_name("fake_launch.py")


def fake_command(folder: Path) -> list[str]:
    return [sys.executable, "-S", str(FAKE), str(folder)]


def alive(pid: int) -> bool:
    """Whether the process runs; one that ended and that nobody has waited for does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"
