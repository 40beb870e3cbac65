"""Typed arguments of a stage: what ``--lake``, ``--pipeline_run_id`` and the rest mean, resolved once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["MissingArgumentError", "StageArguments", "stage_arguments"]

_BY_HAND = "manual"


class MissingArgumentError(ValueError):
    """A job was started without an argument it needs."""


@dataclass(frozen=True)
class StageArguments:
    """Arguments of one stage of one pipeline run; URLs have no slash at the end."""

    stage: str
    lake: str
    pipeline_run_id: str
    job_name: str
    job_run_id: str
    given: Mapping[str, str] = field(default_factory=dict)
    resolved: Mapping[str, Any] = field(default_factory=dict)  # all that Job.init needs, bookmark options among it

    @property
    def raw(self) -> str:
        """``s3://`` URL of the raw zone."""
        return f"s3://{self.lake}-raw"

    @property
    def clean(self) -> str:
        """``s3://`` URL of the clean zone."""
        return f"s3://{self.lake}-clean"

    @property
    def marts(self) -> str:
        """``s3://`` URL of the marts."""
        return f"s3://{self.lake}-marts"

    @property
    def ops(self) -> str:
        """``s3://`` URL of the operations bucket: audit, ledgers, code."""
        return f"s3://{self.lake}-ops"

    def __getitem__(self, name: str) -> str:
        """A further argument of the job, as given. Raises MissingArgumentError."""
        try:
            return self.given[name]
        except KeyError:
            raise MissingArgumentError(f"Stage {self.stage} has no argument --{name}; declare it in the job.") from None


def stage_arguments(argv: Sequence[str], stage: str, *names: str) -> StageArguments:
    """Resolve ``argv`` as Glue passes it: ``--lake`` and every one of ``names`` are required.

    ``--pipeline_run_id`` may be absent or ``manual``: in a Glue workflow the workflow's run is the pipeline run, which
    Glue gives as ``--WORKFLOW_RUN_ID``; a job that is started by hand is its own pipeline run. Raises
    MissingArgumentError, which names the argument and the stage.
    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-get-resolved-options.html
    """
    from awsglue.utils import GlueArgumentError, getResolvedOptions

    optional = [name for name in ("JOB_NAME", "pipeline_run_id", "WORKFLOW_RUN_ID") if _given(argv, name)]
    try:
        resolved = getResolvedOptions(list(argv), ["lake", *names, *optional])
    except GlueArgumentError as error:
        raise MissingArgumentError(f"Stage {stage}: {error}. Set it in the job's DefaultArguments.") from error
    job_run_id = resolved.get("JOB_RUN_ID") or ""
    pipeline_run_id = resolved.get("pipeline_run_id") or _BY_HAND
    if pipeline_run_id == _BY_HAND:
        by_hand = f"{_BY_HAND}-{job_run_id}" if job_run_id else _BY_HAND
        pipeline_run_id = resolved.get("WORKFLOW_RUN_ID") or by_hand
    return StageArguments(
        stage=stage,
        lake=str(resolved["lake"]),
        pipeline_run_id=str(pipeline_run_id),
        job_name=str(resolved.get("JOB_NAME") or stage),
        # Python shell does not promise a run id; the pipeline run and the stage still tell the run apart.
        job_run_id=str(job_run_id or f"{stage}-{pipeline_run_id}"),
        given={name: str(resolved[name]) for name in names},
        resolved=resolved,
    )


def _given(argv: Sequence[str], name: str) -> bool:
    return any(word == f"--{name}" or word.startswith(f"--{name}=") for word in argv)
