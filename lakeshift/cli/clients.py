"""boto3 clients of the running local AWS, for commands."""

from __future__ import annotations

import functools
from typing import Any

from lakeshift.errors import LakeshiftError
from lakeshift.local.context import REGION
from lakeshift.paths import StateFolder

__all__ = ["LocalClients"]


class LocalClients:
    """Clients with dummy credentials that reach the endpoint of this state folder and nothing else."""

    def __init__(self, state: StateFolder) -> None:
        from lakeshift.local import process

        facts = process.status(state)
        if facts is None:
            raise LakeshiftError("The local AWS is not running. Start it with `make up`.")
        self.endpoint: str = facts["endpoint"]

    @functools.cache  # noqa: B019 - lives as long as the command
    def client(self, service: str) -> Any:
        """A client of ``service``."""
        import boto3
        from botocore.config import Config

        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id="local",
            aws_secret_access_key="local",  # noqa: S106 - a dummy: nothing checks it
            config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, read_timeout=600),
        )
