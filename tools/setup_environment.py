"""Make .venv, install what is pinned, build jars and class data. On the system's Python; prints one line a step."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"


def step(name: str, *command: str) -> None:
    """Run one command; its output is shown only where it fails, in a file otherwise."""
    started = time.monotonic()
    sys.stdout.write(f"  … {name}\n")
    sys.stdout.flush()
    log = VENV / "setup.log"
    with log.open("ab") as output:
        done = subprocess.run(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        sys.stdout.write("".join(log.read_text(errors="replace").splitlines(keepends=True)[-25:]))
        sys.exit(f"Set-up failed at: {name}. The whole log is {log}; mend the cause and run `make setup` again.")
    sys.stdout.write(f"  ✓ {name}  {time.monotonic() - started:.0f} s\n")
    sys.stdout.flush()


def main() -> None:
    """All steps; each is quick where there is nothing to do."""
    if sys.version_info[:2] != (3, 11):
        found = ".".join(map(str, sys.version_info[:2]))
        sys.exit(f"Python 3.11 is needed, as Glue 5.1 runs it; this is {found}. Try: make setup PYTHON=python3.11")
    for tool in ("java", "mvn"):
        if shutil.which(tool) is None:
            sys.exit(f"`{tool}` is not on the PATH. Java 17 and Maven are needed: apt-get install openjdk-17-jre maven")
    sys.stdout.write("Setting up: once, some minutes for the downloads.\n")
    if not PYTHON.exists():
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    step("packages", *pip, "--require-hashes", "-r", "requirements/runtime.txt", "-r", "requirements/dev.txt")
    step("this project", *pip, "--no-deps", "--no-build-isolation", "--editable", ".")
    step("jars", str(PYTHON), "-m", "lakeshift.cli.main", "jars")
    step("class data", str(PYTHON), "-m", "lakeshift.cli.main", "class-data")


if __name__ == "__main__":
    main()
