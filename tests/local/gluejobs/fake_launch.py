"""Stands in for the runtime's launcher: runs the script of a prepared folder and writes its outcome."""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path


def main(folder: Path) -> int:
    run = json.loads((folder / "run.json").read_text())
    sys.argv = [run["script"], *(word for pair in run["arguments"].items() for word in pair)]
    outcome: dict[str, str] = {"state": "SUCCEEDED"}
    try:
        runpy.run_path(run["script"], run_name="__main__")
    except Exception as error:
        outcome = {"state": "FAILED", "error_message": f"{type(error).__name__}: {error}"}
    draft = folder / "outcome.draft"
    draft.write_text(json.dumps(outcome))
    draft.replace(folder / "outcome.json")
    return 0 if outcome["state"] == "SUCCEEDED" else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
