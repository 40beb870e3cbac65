"""The parameters of a stage, as commands need them."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from lakeshift.definitions import load_environment
from lakeshift.errors import LakeshiftError
from lakeshift.paths import REPOSITORY

__all__ = ["parameters"]


@functools.cache
def parameters(stage: str) -> Mapping[str, str]:
    """What environments/<stage>.yaml says; raises LakeshiftError where there is none."""
    path = REPOSITORY / "environments" / f"{stage}.yaml"
    if not path.is_file():
        raise LakeshiftError(f"There is no stage {stage}: {path} is missing.")
    return load_environment(path.read_text(encoding="utf-8"), path.name).parameters
