"""What a run needs before its process starts: folder, script, ``run.json``, environment."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path, PurePosixPath
from typing import Any, Final

from lakeshift.lake import FolderLake, NoSuchBucketError, NoSuchKeyError
from lakeshift.local.context import LocalContext
from lakeshift.local.glue.jobs.capacity import DEFAULT_GLUE_VERSION, dpu_per_worker
from lakeshift.local.glue.jobs.run import JobRun

__all__ = ["LaunchError", "environment", "launch_command", "prepare", "split_uri"]

# What a process needs of the user's environment. Nothing of AWS, Spark, Python or a proxy: a job must see the
# local AWS alone, and the same settings on every machine.
_INHERITED: Final = ("PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "JAVA_HOME", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
_SAME_ENGINE: Final = (None, "5.0", "5.1")  # Spark 3.5 and Python 3.11
_INHERITED_PREFIXES: Final = ("PIP_", "LAKESHIFT_")


class LaunchError(Exception):
    """The run cannot start; the text is its ErrorMessage."""


def prepare(run: JobRun, folder: Path, context: LocalContext) -> None:
    """Fill the run's folder; raises LaunchError where the script is not there."""
    script = folder / "script" / (PurePosixPath(run.command["ScriptLocation"]).name or "script.py")
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_bytes(_script(run.command["ScriptLocation"], context.lake))
    if run.uses_spark and run.glue_version not in _SAME_ENGINE:
        with (folder / "stderr").open("a", encoding="utf-8") as stream:
            stream.write(f"The job asks for Glue {run.glue_version}; locally it runs on Glue {DEFAULT_GLUE_VERSION}.\n")
    document: dict[str, Any] = {
        "job_name": run.job_name,
        "job_run_id": run.run_id,
        "command": run.command_name,
        "glue_version": run.glue_version,
        "script": str(script),
        "arguments": run.arguments,
        "worker_type": run.worker_type,
        "number_of_workers": run.number_of_workers or _workers(run),
        "state_folder": str(context.state.root),
        "jars": [],
    }
    (folder / "run.json").write_text(json.dumps(document, indent=2), encoding="utf-8")


def _workers(run: JobRun) -> int:
    """A job sized by MaxCapacity has that many workers of one DPU each."""
    return max(1, int((run.max_capacity or 1) / dpu_per_worker(run.worker_type)))


def _script(location: str, lake: FolderLake) -> bytes:
    bucket, key = split_uri(location)
    failed = f"LAUNCH ERROR | Error downloading from S3 for bucket: {bucket}, key: {key}."
    rest = "(Service: Amazon S3; Status Code: 404; Please refer logs for details."
    try:
        return lake.read(bucket, key)
    except NoSuchKeyError:
        raise LaunchError(f"{failed}The specified key does not exist. {rest}") from None
    except NoSuchBucketError:
        raise LaunchError(f"{failed}The specified bucket does not exist. {rest}") from None
    except OSError as error:
        raise LaunchError(f"{failed}{error.strerror}: the object's file cannot be read.") from error


def split_uri(location: str) -> tuple[str, str]:
    """Bucket and key of an ``s3://`` address; raises LaunchError for any other text."""
    scheme, _, rest = location.partition("://")
    bucket, _, key = rest.partition("/")
    if scheme not in ("s3", "s3a", "s3n") or not bucket or not key:
        raise LaunchError(f"LAUNCH ERROR | ScriptLocation {location!r} is no S3 object; give s3://bucket/key.")
    return bucket, key


def environment(context: LocalContext) -> dict[str, str]:
    """A clean environment whose AWS is this server."""
    kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    kept.update({name: value for name, value in os.environ.items() if name.startswith(_INHERITED_PREFIXES)})
    return {
        **kept,
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "NO_PROXY": "*",
        "PYTHONUNBUFFERED": "1",
        "LAKESHIFT_HOME": str(context.state.root),
        **context.job_environment(),
    }


def launch_command(folder: Path) -> list[str]:
    """The runtime's launcher; ``-P`` keeps the run's folder off the import path."""
    return [sys.executable, "-P", "-m", "lakeshift.glue_runtime.launch", str(folder)]
