"""The command ``lakeshift``: verbs, and errors told once."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from pathlib import Path
from typing import Any, Final

from lakeshift.errors import LakeshiftError
from lakeshift.paths import StateFolder, default_state_folder

__all__ = ["EX_UNAVAILABLE", "main"]

# sysexits.h; a script can tell a failed pipeline (1) from a machine that lacks something (69)
EX_UNAVAILABLE: Final = 69

_VERBS: Final = {
    "run": ("pipeline", "run", "deploy, ingest and run the whole pipeline; print rows stage by stage"),
    "redrive": ("pipeline", "redrive", "go on with a run that failed, from the state where it stood"),
    "next-day": ("sample", "next_day", "let a new day's files and 500 late or corrected records arrive"),
    "up": ("services", "up", "start the local AWS"),
    "down": ("services", "down", "stop the local AWS; everything stays"),
    "status": ("services", "status", "what runs, where, and what it holds"),
    "deploy": ("deploying", "deploy", "apply every definition to a stage"),
    "logs": ("logs", "logs", "what a job run printed"),
    "crawl": ("crawling", "crawl", "run a crawler, or show what it would do and why"),
    "advance": ("passing", "advance", "let time pass: schedules, alarms, lifecycle rules and restores come due"),
    "restore": ("passing", "restore", "bring objects back from Glacier for some days"),
    "cost": ("costing", "cost", "what this lake and its runs would cost at list prices"),
    "sql": ("sql", "sql", "run SQL on the local Redshift"),
    "aws": ("aws", "aws", "the AWS CLI against the local endpoint"),
    "doctor": ("doctor", "doctor", "check this machine"),
    "jars": ("doctor", "jars", "fetch and build the jars Spark needs"),
    "class-data": ("doctor", "class_data", "make the archive of Spark's classes, with which Java starts faster"),
    "clean": ("services", "clean", "stop everything and delete the state folder"),
}


_JSON: Final = (("--json",), {"action": "store_true", "help": "for programs"})
_ARGUMENTS: Final[dict[str, tuple[tuple[tuple[str, ...], dict[str, Any]], ...]]] = {
    "logs": ((("run",), {"help": "job run id, jr_…"}),),
    "redrive": ((("run",), {"nargs": "?", "help": "execution name, run-…; the newest without one"}),),
    "crawl": (
        (("name",), {"help": "the crawler's name, as raw-zone"}),
        (("--dry",), {"action": "store_true", "help": "write nothing; explain every decision"}),
        _JSON,
    ),
    "advance": ((("--days",), {"type": float, "default": 0.0}), (("--hours",), {"type": float, "default": 0.0})),
    "restore": (
        (("url",), {"help": "s3://bucket/prefix"}),
        (("--days",), {"type": int, "default": 1, "help": "how long the copies stay"}),
        (("--tier",), {"default": "Standard", "choices": ("Expedited", "Standard", "Bulk")}),
    ),
    "cost": (_JSON,),
    "sql": (
        (("-q", "--query"), {"help": "a statement"}),
        (("-f", "--file"), {"type": Path, "help": "a file of statements"}),
    ),
    "aws": ((("arguments",), {"nargs": argparse.REMAINDER, "help": "as for the AWS CLI"}),),
    "deploy": ((("--env",), {"default": "local", "help": "stage: a file of environments/"}),),
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lakeshift", description="A local AWS for Glue pipelines, and its tools.")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for verb, (_, _, text) in _VERBS.items():
        sub = verbs.add_parser(verb, help=text, description=text)
        for flags, more in _ARGUMENTS.get(verb, ()):
            sub.add_argument(*flags, **more)
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run one verb; returns the exit code: 0, 1 for work that failed, 69 for what this machine lacks."""
    given = _parser().parse_args(arguments)
    module, function, _ = _VERBS[given.verb]
    state: StateFolder = default_state_folder()
    try:
        return int(getattr(importlib.import_module(f"lakeshift.cli.{module}"), function)(state, given))
    except LakeshiftError as error:
        print(f"lakeshift: {error}", file=sys.stderr)
        return EX_UNAVAILABLE
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("\nlakeshift: interrupted; what was done stays, and the next run goes on from there.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
