"""The command ``lakeshift``: verbs, and errors told once."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from pathlib import Path
from typing import Final

from lakeshift.cli.stage_arguments import STAGE_ARGUMENTS, add_stage_arguments
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
    "plan": ("deploying", "plan", "show what a deployment would change; exit code 2 where that is anything"),
    "deploy": ("deploying", "deploy", "apply every definition to a stage"),
    "drift": ("stages", "drift", "show what was changed by hand since the last deployment; exit code 2 where anything"),
    "rollback": ("stages", "rollback", "deploy an earlier deployment again, or list them"),
    "destroy": ("stages", "destroy", "delete a stage; data only where it is named"),
    "adopt": ("stages", "adopt", "take over resources that were made elsewhere"),
    "unlock": ("stages", "unlock", "break the lock of a deployment that is dead"),
    "export-cfn": ("stages", "export_cfn", "write a stage as a CloudFormation template"),
    "new-job": ("new_job", "new_job", "write script, definition, test and SQL of a new job from templates/job"),
    "run-job": ("new_job", "run_job", "start one run of a job and follow it to its rows"),
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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lakeshift", description="A local AWS for Glue pipelines, and its tools.")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for verb, (_, _, text) in _VERBS.items():
        sub = verbs.add_parser(verb, help=text, description=text)
        if verb == "logs":
            sub.add_argument("run", help="job run id, jr_…")
        elif verb in ("new-job", "run-job"):
            _job_arguments(sub, verb)
        elif verb == "redrive":
            sub.add_argument("run", nargs="?", help="execution name, run-…; the newest without one")
        elif verb == "crawl":
            sub.add_argument("name", help="the crawler's name, as raw-zone")
            sub.add_argument("--dry", action="store_true", help="write nothing; explain every decision")
            sub.add_argument("--json", action="store_true", help="for programs")
        elif verb == "sql":
            sub.add_argument("-q", "--query", help="a statement")
            sub.add_argument("-f", "--file", type=Path, help="a file of statements")
            sub.add_argument("-d", "--database", help="another database than the sample's")
            sub.add_argument("-U", "--user", help="another user than the pipeline's, whose privileges count")
        elif verb == "aws":
            sub.add_argument("arguments", nargs=argparse.REMAINDER, help="as for the AWS CLI")
        elif verb in STAGE_ARGUMENTS:
            add_stage_arguments(sub, verb)
        else:
            _keeping_arguments(sub, verb)
    return parser


def _job_arguments(sub: argparse.ArgumentParser, verb: str) -> None:
    sub.add_argument("name", help="the job's name, as carrier_counts")
    if verb == "new-job":
        sub.add_argument("--source", default="lakeshift_clean.flights", help="table of the catalog that it reads")
        sub.add_argument("--target", help="table of the warehouse that it fills; by default flights.<name>")
        sub.add_argument("--key", default="carrier", help="column whose values are counted")


def _keeping_arguments(sub: argparse.ArgumentParser, verb: str) -> None:
    """Of time, archived objects and cost."""
    if verb == "advance":
        sub.add_argument("--days", type=float, default=0.0)
        sub.add_argument("--hours", type=float, default=0.0)
    elif verb == "restore":
        sub.add_argument("url", help="s3://bucket/prefix")
        sub.add_argument("--days", type=int, default=1, help="how long the copies stay")
        sub.add_argument("--tier", default="Standard", choices=("Expedited", "Standard", "Bulk"))
    elif verb == "cost":
        sub.add_argument("--json", action="store_true", help="for programs")


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
