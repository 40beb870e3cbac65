"""Running one Glue job: ``python -m lakeshift.glue_runtime.launch <run folder>``.

Reads ``run.json`` in the folder, runs the script as Glue would, writes ``outcome.json``; exits 0 or 1.
"""

from __future__ import annotations

import logging
import os
import runpy
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.glue_runtime.description import RunDescription, script_arguments
from lakeshift.glue_runtime.outcome import describe_failure, write_outcome
from lakeshift.glue_runtime.python_modules import python_path
from lakeshift.versions import glue_version

__all__ = ["main", "run_job"]

_MODULES = Path(__file__).with_name("modules")


def _prepare_imports(run: RunDescription) -> None:
    """Put the run's modules on the path of this process and of those that Spark starts for Python functions."""
    first = [str(path) for path in (*python_path(run), run.script.parent)]
    sys.path[:0] = first
    sys.path.append(str(_MODULES))
    inherited = [os.environ["PYTHONPATH"]] if os.environ.get("PYTHONPATH") else []
    os.environ["PYTHONPATH"] = os.pathsep.join([*first, *inherited, str(_MODULES)])
    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable


def run_job(run: RunDescription, finish: Callable[[], str | None]) -> int:
    """Run the script as ``__main__``; write the outcome; return the exit status."""
    sys.argv = script_arguments(run)
    try:
        runpy.run_path(str(run.script), run_name="__main__")
    except SystemExit as error:
        if error.code not in (None, 0):
            return _failed(run, error, finish())
    except BaseException as error:  # whatever ends the script is its outcome
        return _failed(run, error, finish())
    write_outcome(run.folder, "SUCCEEDED")
    return 0


def _failed(run: RunDescription, error: BaseException, last_action: str | None = None) -> int:
    details = "".join(traceback.format_exception(error))
    sys.stderr.write(details)
    write_outcome(run.folder, "FAILED", describe_failure(error, run.script, last_action), details)
    return 1


def _spark_job(run: RunDescription) -> int:
    from lakeshift.glue_runtime.spark_run import start_spark

    glue_version(run.glue_version)
    spark = start_spark(run)
    try:
        return run_job(run, spark.last_action)
    finally:
        spark.stop()


def main(arguments: list[str] | None = None) -> int:
    """Run the job described in the folder that is the one argument."""
    given = sys.argv[1:] if arguments is None else arguments
    if len(given) != 1:
        sys.stderr.write("usage: python -m lakeshift.glue_runtime.launch <run folder>\n")
        return 2
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s [%(name)s] %(message)s")
    for noisy in ("py4j", "botocore", "boto3", "s3transfer", "urllib3"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    run = RunDescription.read(Path(given[0]).absolute())
    try:
        _prepare_imports(run)
        if run.command == "pythonshell":
            return run_job(run, lambda: None)
        if run.command == "glueetl":
            return _spark_job(run)
        raise NotSupportedLocallyError(
            f"Job command {run.command}",
            "Use glueetl or pythonshell.",
            "https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-jobs-job.html",
        )
    except BaseException as error:  # a run always leaves an outcome
        return _failed(run, error)


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads of the script or of py4j must not keep a run alive that has its outcome.
    os._exit(status)
