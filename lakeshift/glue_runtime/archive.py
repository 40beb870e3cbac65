"""Making the class-data archive once, in the set-up: one small Spark job loads the classes that jobs use."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from lakeshift.errors import LakeshiftError
from lakeshift.glue_runtime import warm_up
from lakeshift.glue_runtime.gateway import java_process
from lakeshift.glue_runtime.spark_settings import archives, job_jars, storage

__all__ = ["build"]


def build() -> Path:
    """Return the archive of today's jars, made where it is missing; those of other jars are removed.

    Raises LakeshiftError with what the job said where it leaves none.
    """
    jars = job_jars(storage(None)[1])
    _, _, classes = java_process("none", (), jars, archives())
    if classes is None:
        raise LakeshiftError("There is no folder for the class data.")
    if classes.archive.exists():
        return classes.archive
    with tempfile.TemporaryDirectory(prefix="class-data-") as made:
        folder = warm_up.prepare(Path(made) / "run", Path(made) / "state")
        command = [sys.executable, "-P", "-m", "lakeshift.glue_runtime.launch", str(folder)]
        done = subprocess.run(command, cwd=made, env=os.environ, capture_output=True, text=True, check=False)
    if not classes.archive.exists():
        raise LakeshiftError(f"Spark left no class data (status {done.returncode}).\n{done.stderr.strip()[-2000:]}")
    for other in classes.archive.parent.glob("spark-*"):
        if other != classes.archive:
            other.unlink()
    return classes.archive
