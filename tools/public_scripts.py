"""Glue scripts of public repositories, unmodified, as job runs on a local AWS of their own.

The scripts are not part of this repository. Clone what tools/public_scripts.yaml names into one folder, each at
<folder>/<owner>/<repository>, then ``make public-scripts SCRIPTS=<folder>``, for some of them ARGS="--only <word>":

    git clone https://github.com/aws-samples/aws-glue-samples <folder>/aws-samples/aws-glue-samples

A case of the table says what the script expects to find and what must come out. A line a script tells ran or failed
and why; "as expected" beside a failure means that the table says so, with the reason. The exit code is 1 where
anything came out otherwise than the table says, 2 without the folder.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import yaml

sys.path.insert(0, str(Path(__file__).resolve().parent))
from public_places import Place, rows_at

from lakeshift.local.server import LocalAws
from lakeshift.paths import StateFolder

_TABLE = Path(__file__).with_suffix(".yaml")
_LIVE = {"STARTING", "RUNNING", "WAITING", "STOPPING"}
_KINDS = ("unmodified", "placeholders filled in", "notebook")


@dataclass(frozen=True)
class Outcome:
    """A finished run: its state, Glue's error message, and what it printed."""

    state: str
    error: str
    printed: str


def source_of(case: dict[str, Any], text: str, values: dict[str, str]) -> tuple[str, str]:
    """Return the script to run, and what was done to it: one of ``_KINDS``."""
    kind = _KINDS[0]
    if str(case["script"]).endswith(".ipynb"):
        kind, text = _KINDS[2], notebook_script(json.loads(text))
    for placeholder, value in case.get("fill", {}).items():
        if placeholder not in text:
            raise ValueError(f"{case['script']} holds no {placeholder}")
        text, kind = text.replace(placeholder, value.format_map(values)), kind if kind == _KINDS[2] else _KINDS[1]
    return text, kind


def notebook_script(notebook: dict[str, Any]) -> str:
    """The code cells as a script: magics of the session left out, ``%%sql`` cells through the cell's ``spark``."""
    parts = []
    for cell in notebook["cells"]:
        text = "".join(cell["source"]).strip()
        if cell["cell_type"] != "code" or not text or text.startswith("%%configure"):
            continue
        if text.startswith("%%sql"):
            text = f"spark.sql({text.removeprefix('%%sql').strip()!r}).show()"
        elif text.startswith("%"):
            continue
        parts.append(text)
    return "\n\n".join(parts) + "\n"


def run(case: dict[str, Any], folder: Path, place: Place) -> tuple[Outcome, str]:
    """Upload script and libraries, create the job, start it and wait for it."""
    s3, glue = boto3.client("s3"), boto3.client("glue")
    text, kind = source_of(case, (folder / case["script"]).read_text(encoding="utf-8"), place.values)
    name = case["name"]
    path = Path(case["script"]).with_suffix(".py").name
    arguments = {k: str(v).format_map(place.values) for k, v in case.get("arguments", {}).items()}
    libraries = [
        place.put(f"s3://public-scripts/{name}/{Path(library).name}", (folder / library).read_bytes())
        for library in case.get("libraries", ())
    ]
    if "driver" in case:  # the script is a library: a few lines of ours call it
        libraries.append(place.put(f"s3://public-scripts/{name}/{path}", text.encode()))
        path, text = "driver.py", case["driver"]
    if libraries:
        arguments["--extra-py-files"] = ",".join(libraries)
    s3.put_object(Bucket="public-scripts", Key=f"{name}/{path}", Body=text.encode())
    command = {"Name": case.get("command", "glueetl"), "ScriptLocation": f"s3://public-scripts/{name}/{path}"}
    if command["Name"] == "pythonshell":
        command["PythonVersion"] = "3.9"
    glue.create_job(Name=name, Role="public-scripts", Command=command, DefaultArguments=arguments)
    run_id = glue.start_job_run(JobName=name)["JobRunId"]
    while (shown := glue.get_job_run(JobName=name, RunId=run_id)["JobRun"])["JobRunState"] in _LIVE:
        time.sleep(0.1)
    printed = (place.state / "job-runs" / run_id / "stdout").read_text(encoding="utf-8", errors="replace")
    return Outcome(shown["JobRunState"], shown.get("ErrorMessage", ""), printed), kind


def faults(case: dict[str, Any], outcome: Outcome, place: Place) -> list[str]:
    """Return how what came out differs from what the table says."""
    expected = case.get("fails")
    if expected is not None:
        if outcome.state != "FAILED" or not re.search(expected["with"], outcome.error):
            return [f"{outcome.state}: {outcome.error}, not a failure with {expected['with']!r}"]
        return []
    if outcome.state != "SUCCEEDED":
        return [f"{outcome.state}: {outcome.error}"]
    found = [f"did not print {text!r}" for text in case.get("prints", ()) if text not in outcome.printed]
    for check in case.get("gives", ()):
        if "sql" in check:
            got: Any = place.sql(check["sql"])
            found += [] if got == check["rows"] else [f"{check['sql']}: {got}, not {check['rows']}"]
        elif "table" in check:
            got = place.columns(check["table"])
            found += [] if got == check["columns"] else [f"{check['table']}: {got}, not {check['columns']}"]
        else:
            found += _differences(check)
    return found


def _differences(check: dict[str, Any]) -> list[str]:
    rows = rows_at(check["at"], check["format"])
    found = []
    if len(rows) != check["rows"]:
        found.append(f"{check['at']}: {len(rows)} rows, not {check['rows']}")
    columns = sorted({str(name) for row in rows for name in row})
    if "columns" in check and columns != sorted(check["columns"]):
        found.append(f"{check['at']}: columns {columns}, not {sorted(check['columns'])}")
    missing = [row for row in check.get("holds", ()) if row not in rows]
    return found + [f"{check['at']}: no row {row}" for row in missing]


def report(case: dict[str, Any], folder: Path, place: Place) -> tuple[str, str]:
    """Run one case; return what it counts as, and its line."""
    begun = time.perf_counter()
    try:
        place.prepare(case.get("needs", ()))
        outcome, kind = run(case, folder, place)
        wrong = faults(case, outcome, place)
    except Exception as error:
        return "wrong", f"failed    {case['script']}: {type(error).__name__}: {error}"
    told = f"{case['script']} ({kind}, {time.perf_counter() - begun:.0f} s)"
    if wrong:
        return "wrong", f"failed    {told}: {'; '.join(wrong)}"
    if "fails" in case:
        return "failed as expected", f"failed    {told}: as expected: {case['fails']['why']}"
    return f"ran {kind}", f"ran       {told}"


def main() -> int:
    """Run the table's cases, or those with the word of ``--only`` in their path."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="a word of the script's path")
    parser.add_argument("--keep", type=Path, help="a folder for the local AWS that stays")
    given = parser.parse_args()
    cases = [c for c in yaml.safe_load(_TABLE.read_text(encoding="utf-8")) if given.only in c["script"]]
    absent = [c["script"] for c in cases if not (given.folder / c["script"]).is_file()]
    if not cases or absent:
        print(f"not below {given.folder}: {', '.join(absent) or 'anything like ' + given.only}\n{__doc__}")
        return 2
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="lakeshift-scripts-", ignore_cleanup_errors=True) as scratch:
        state = given.keep or Path(scratch) / "state"
        state.mkdir(parents=True, exist_ok=True)
        with LocalAws(StateFolder(state)) as aws:
            os.environ.update(aws.context.job_environment() if aws.context else {})
            with Place(state, given.folder) as place:
                for case in cases:
                    counted, line = report(case, given.folder, place)
                    counts[counted] += 1
                    print(line, flush=True)
    print(f"{len(cases)} scripts: " + ", ".join(f"{number} {name}" for name, number in sorted(counts.items())))
    return 1 if counts["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
