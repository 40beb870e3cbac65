"""The session of a stage, and what the sample's outside world gives to the local one."""

from __future__ import annotations

import os
from collections.abc import Mapping

from lakeshift.cli.clients import LocalClients
from lakeshift.cli.stage import parameters
from lakeshift.deploy import AwsSession
from lakeshift.paths import StateFolder
from lakeshift.sample import world

__all__ = ["addresses", "session_of"]


def session_of(stage: str, state: StateFolder) -> AwsSession:
    """The running local AWS for the stage ``local``, AWS and the credentials at hand for every other."""
    region = parameters(stage)["Region"]
    if stage == "local":
        return AwsSession(stage, region, LocalClients(state).endpoint)
    return AwsSession(stage, region, profile=os.environ.get("AWS_PROFILE"))


def addresses(stage: str, sources: world.World | None) -> Mapping[str, str]:
    """Parameters that are known only while the sample's sources run; none for a stage on AWS."""
    if stage != "local" or sources is None:
        return {}
    return {"OperationalJdbcUrl": sources.jdbc_url, "AirportsApiUrl": sources.airports_url}
