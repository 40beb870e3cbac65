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
from typing import TYPE_CHECKING, Final, NoReturn

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.glue_runtime.brought import bring
from lakeshift.glue_runtime.description import RunDescription, script_arguments
from lakeshift.glue_runtime.outcome import describe_failure, write_outcome
from lakeshift.glue_runtime.python_modules import provided, python_path
from lakeshift.versions import glue_version

if TYPE_CHECKING:
    from lakeshift.glue_runtime.spark_run import SparkRun

__all__ = ["OWN_PROCESS", "StartSpark", "leave", "main", "run_folder", "run_job"]

StartSpark = Callable[[RunDescription], "SparkRun"]

_MODULES = Path(__file__).with_name("modules")


OWN_PROCESS: Final = 75
"""Exit status of a warm worker's run that brings its own version of what the worker stands on; it did not begin."""

_FOUNDATION: Final = frozenset({"pyspark", "py4j", "lakeshift"})


class _OwnProcessNeededError(Exception):
    """The run has to be started in a process of its own."""


def _prepare_imports(run: RunDescription, loaded: frozenset[str]) -> None:
    """Put the run's modules on the path of this process and of those that Spark starts for Python functions.

    Packages that are ``loaded`` already and that the run brings itself are forgotten, so that it gets its own.
    """
    first = [str(path) for path in (*python_path(run), run.script.parent)]
    own = provided(map(Path, first)) & loaded
    if own & _FOUNDATION:
        raise _OwnProcessNeededError
    for name in [name for name in sys.modules if name.partition(".")[0] in own]:
        del sys.modules[name]
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


def _own_spark(run: RunDescription) -> SparkRun:
    from lakeshift.glue_runtime.spark_run import start_spark

    return start_spark(run)


def _spark_job(run: RunDescription, start: StartSpark) -> int:
    glue_version(run.glue_version)
    spark = start(run)
    try:
        return run_job(run, spark.last_action)
    finally:
        spark.stop()


def run_folder(folder: Path, start: StartSpark = _own_spark, loaded: frozenset[str] = frozenset()) -> int:
    """Run the job described in ``folder``; ``start`` gives a Spark job its JVM. Returns the exit status.

    ``loaded`` names packages that this process had before the run. OWN_PROCESS is returned before anything was done.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s [%(name)s] %(message)s")
    for noisy in ("py4j", "botocore", "boto3", "s3transfer", "urllib3"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    run = RunDescription.read(folder)
    try:
        _prepare_imports(run, loaded)
        bring(run, Path.cwd())
        if run.command == "pythonshell":
            return run_job(run, lambda: None)
        if run.command in ("glueetl", "gluestreaming"):
            return _spark_job(run, start)
        raise NotSupportedLocallyError(
            f"Job command {run.command}",
            "Use glueetl, gluestreaming or pythonshell.",
            "https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-jobs-job.html",
        )
    except _OwnProcessNeededError:
        return OWN_PROCESS
    except BaseException as error:  # a run always leaves an outcome
        return _failed(run, error)


def leave(status: int) -> NoReturn:
    """End this process at once: threads of the script or of py4j must not keep a run alive that has its outcome."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def main(arguments: list[str] | None = None) -> int:
    """Run the job described in the folder that is the one argument."""
    given = sys.argv[1:] if arguments is None else arguments
    if len(given) != 1:
        sys.stderr.write("usage: python -m lakeshift.glue_runtime.launch <run folder>\n")
        return 2
    return run_folder(Path(given[0]).absolute())


if __name__ == "__main__":
    leave(main())
