"""Run the claims, each in a process of its own, one after the other: ``python -m benchmarks.run [name…]``.

Exit 0 only where every claim that has a target holds with equal answers.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from benchmarks.harness import RESULTS

FOLDER = Path(__file__).resolve().parent
NOT_CLAIMS = {"__init__", "harness", "run"}


def claims() -> list[str]:
    """Names of the files that hold a claim: those with a ``main``."""
    return sorted(
        path.stem
        for path in FOLDER.glob("*.py")
        if path.stem not in NOT_CLAIMS and "\ndef main(" in path.read_text(encoding="utf-8")
    )


def held(name: str) -> bool:
    """Run one claim; whether it ran to its end and what it wrote says that it holds."""
    results = [RESULTS / f"{name}.json", *RESULTS.glob(f"{name}.*.json")]
    for result in results:
        result.unlink(missing_ok=True)
    done = subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], cwd=FOLDER.parent, check=False)
    written = [path for path in (RESULTS / f"{name}.json", *RESULTS.glob(f"{name}.*.json")) if path.exists()]
    if done.returncode or not written:
        sys.stdout.write(f"✗ {name:<24} exit {done.returncode}, {len(written)} results\n")
        return False
    return all(json.loads(path.read_text(encoding="utf-8"))["holds"] for path in written)


def main() -> int:
    """All claims, or those named."""
    wanted = sys.argv[1:] or claims()
    unknown = sorted(set(wanted) - set(claims()))
    if unknown:
        sys.exit(f"No claim {', '.join(unknown)}; there are: {', '.join(claims())}")
    missed = [name for name in wanted if not held(name)]
    sys.stdout.write(
        f"{len(wanted) - len(missed)} of {len(wanted)} hold" + (f"; not: {', '.join(missed)}" if missed else "") + "\n"
    )
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
