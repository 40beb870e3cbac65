"""Redshift and its Data API: moto keeps the clusters, statements run on ``lakeshift.redshift``."""

from __future__ import annotations

from lakeshift.local.context import LocalContext

__all__ = ["close", "install", "resume"]


def install(context: LocalContext) -> None:
    """Put the Data API that runs statements, and clusters that own their data, under moto."""
    # moto and the engine are slow to import: only a server that starts pays for them.
    from lakeshift.local import moto_ec2

    moto_ec2.import_redshift()
    from lakeshift.local.redshift import backend

    backend.install(context)


def resume(context: LocalContext) -> None:
    """Listen for the clusters that were restored."""
    from lakeshift.local.redshift import backend

    backend.resume(context)


def close(context: LocalContext) -> None:
    """Stop statements that run, write every warehouse to its file, and let go of the files."""
    from lakeshift.local.redshift import backend

    backend.close(context)
