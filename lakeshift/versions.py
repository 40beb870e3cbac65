"""What each Glue version consists of; a new version is one row.

https://docs.aws.amazon.com/glue/latest/dg/release-notes.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lakeshift.errors import NotSupportedLocallyError

__all__ = ["DEFAULT_GLUE", "GLUE_VERSIONS", "GlueVersion", "glue_version"]


@dataclass(frozen=True, slots=True)
class GlueVersion:
    """One Glue version; ``runs_here`` where this environment has its Spark and Python."""

    name: str
    spark: str
    python: str
    java: str
    scala: str
    iceberg: str
    library: str
    runs_here: bool


DEFAULT_GLUE: Final = "5.1"
GLUE_VERSIONS: Final = {
    version.name: version
    for version in (
        GlueVersion("4.0", "3.3.0", "3.10", "8", "2.12.15", "1.0.0", "4.0.0", runs_here=False),
        GlueVersion("5.0", "3.5.4", "3.11", "17", "2.12.18", "1.7.1", "5.0.0", runs_here=True),
        GlueVersion("5.1", "3.5.6", "3.11", "17", "2.12.18", "1.10.0", "5.1.0", runs_here=True),
        GlueVersion("6.0", "4.1.1", "3.13", "17", "2.13.17", "1.10.0", "6.0.0", runs_here=False),
    )
}
"""Glue 5.0 runs on 5.1's Spark here: the same minor version of Spark and the same Python."""


def glue_version(name: str) -> GlueVersion:
    """Return the version ``name``.

    Raises:
        NotSupportedLocallyError: it is unknown, or its Spark is not the one of this environment.
    """
    found = GLUE_VERSIONS.get(name)
    if found is None or not found.runs_here:
        here = ", ".join(v.name for v in GLUE_VERSIONS.values() if v.runs_here)
        raise NotSupportedLocallyError(
            f"Spark jobs of GlueVersion {name}",
            f"Use one of {here}.",
            "https://docs.aws.amazon.com/glue/latest/dg/release-notes.html",
        )
    return found
