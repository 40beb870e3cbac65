"""Stands in for the runtime's launcher: the run has succeeded, whatever its script."""

from __future__ import annotations

import json
import sys
from pathlib import Path

folder = Path(sys.argv[1])
draft = folder / "outcome.draft"
draft.write_text(json.dumps({"state": "SUCCEEDED"}))
draft.replace(folder / "outcome.json")
