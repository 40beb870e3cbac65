"""Athena: queries over the Glue catalog and the lake, on DuckDB; results at the output location."""

from __future__ import annotations

from lakeshift.local.context import LocalContext

__all__ = ["close", "install", "resume"]


def install(context: LocalContext) -> None:
    """Put the Athena that runs queries under moto."""
    # moto and the engine are slow to import: only a server that starts pays for them.
    from lakeshift.local.athena import service

    service.install(context)


def resume(context: LocalContext) -> None:
    """Queries that ran when the last server stopped are told failed."""
    from lakeshift.local.athena import service

    service.resume(context)


def close(context: LocalContext) -> None:
    """Stop queries that run."""
    from lakeshift.local.athena import service

    service.close(context)
