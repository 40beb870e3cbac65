"""Glue behind its API: moto's backend with operations that act. One class is composed from the folders here."""

from __future__ import annotations

from lakeshift.local.context import LocalContext

__all__ = ["close", "install", "resume"]


def install(context: LocalContext) -> None:
    """Put the composed backend under moto's Glue before its first request."""
    from lakeshift.local.glue import backend

    backend.install(context)


def resume(context: LocalContext) -> None:
    """Go on from what an earlier server left, once its state is restored."""
    from lakeshift.local.glue import backend

    backend.resume(context)


def close(context: LocalContext) -> None:
    """Leave no process of a job behind."""
    from lakeshift.local.glue import backend

    backend.close(context)
