"""What to run: ``run.json`` in the run's folder, written by whoever starts the run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

__all__ = ["COLD", "RunDescription", "script_arguments"]

COLD: Final = "lakeshift-cold"
"""Our one job argument: ``--lakeshift-cold true`` gives the run a process of its own; the script never sees it."""


@dataclass(frozen=True)
class RunDescription:
    """One job run; ``arguments`` are the job's and the run's, merged, with their leading dashes."""

    folder: Path
    job_name: str
    job_run_id: str
    command: str
    glue_version: str
    script: Path
    arguments: Mapping[str, str]
    worker_type: str = "G.1X"
    number_of_workers: int = 2
    state_folder: Path | None = None
    jars: tuple[str, ...] = field(default=())

    @classmethod
    def read(cls, folder: Path) -> RunDescription:
        """Read ``folder/run.json``; raises OSError, ValueError or KeyError where it is not one."""
        given = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        return cls(
            folder=folder,
            job_name=given["job_name"],
            job_run_id=given["job_run_id"],
            command=given["command"],
            glue_version=str(given.get("glue_version") or "5.1"),
            script=Path(given["script"]),
            arguments={str(k): str(v) for k, v in given.get("arguments", {}).items()},
            worker_type=given.get("worker_type") or "G.1X",
            number_of_workers=int(given.get("number_of_workers") or 2),
            state_folder=Path(given["state_folder"]) if given.get("state_folder") else None,
            jars=tuple(given.get("jars") or ()),
        )

    def argument(self, name: str, default: str = "") -> str:
        """Return argument ``--name``."""
        return self.arguments.get(f"--{name}", default)

    def enabled(self, name: str) -> bool:
        """Whether a switch such as ``--enable-metrics`` is on; any value but false turns it on."""
        key = f"--{name}"
        return key in self.arguments and self.arguments[key].strip().lower() != "false"


def script_arguments(run: RunDescription) -> list[str]:
    """Return the script's ``sys.argv`` as Glue sets it.

    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-glue-arguments.html
    """
    given = {key: value for key, value in run.arguments.items() if key != f"--{COLD}"}
    given["--JOB_NAME"] = run.job_name
    given["--JOB_RUN_ID"] = run.job_run_id
    given.setdefault("--JOB_ID", "j_" + run.job_run_id.removeprefix("jr_"))
    given.setdefault("--job-bookmark-option", "job-bookmark-disable")
    argv = [str(run.script)]
    for key, value in given.items():
        argv += [key, value]
    return argv
