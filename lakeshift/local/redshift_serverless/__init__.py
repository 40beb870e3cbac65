"""Redshift Serverless: namespaces with a warehouse each, and workgroups that listen for them."""

from __future__ import annotations

from lakeshift.local.context import LocalContext

__all__ = ["install"]


def install(_context: LocalContext) -> None:
    """Put the service, which moto does not have, among moto's."""
    from lakeshift.local.redshift_serverless import service

    service.install()
