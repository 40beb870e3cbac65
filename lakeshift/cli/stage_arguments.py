"""The arguments of the verbs that are about a stage."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, Final

__all__ = ["STAGE_ARGUMENTS", "add_stage_arguments"]

_DATA: Final = "logical ids, separated by commas, of what may go with its data; yes for all"
_OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "json": {"action": "store_true", "help": "for programs"},
    "out": {"type": Path, "help": "a file for it, in JSON"},
    "plan": {"type": Path, "help": "a plan of `plan --out`: applied only where it still says the same"},
    "accept-drift": {"action": "store_true", "help": "overwrite what was changed by hand"},
    "data": {"help": _DATA},
    "to": {"help": "the sha or the number of a deployment; without it they are listed"},
    "confirm": {"help": "the name of the stage, which deletes it"},
    "name": {"required": True, "help": "logical ids of definitions, separated by commas"},
    "lock": {"required": True, "help": "the id of the lock, as the refusal tells it"},
}
STAGE_ARGUMENTS: Final[dict[str, tuple[str, ...]]] = {
    "plan": ("json", "out", "data"),
    "deploy": ("plan", "accept-drift", "data"),
    "drift": ("json",),
    "rollback": ("to", "accept-drift"),
    "destroy": ("data", "confirm"),
    "adopt": ("name",),
    "unlock": ("lock",),
    "export-cfn": ("out",),
}


def add_stage_arguments(parser: argparse.ArgumentParser, verb: str) -> None:
    """``--env``, and what else ``verb`` takes."""
    parser.add_argument("--env", default="local", help="stage: a file of environments/")
    for name in STAGE_ARGUMENTS[verb]:
        parser.add_argument(f"--{name}", **_OPTIONS[name])
