"""The session of a stage, and what the sample's outside world gives to the local one."""

from __future__ import annotations

import argparse
import functools
import os
from collections.abc import Callable, Mapping

from botocore.exceptions import BotoCoreError, ClientError

from lakeshift.cli.clients import LocalClients
from lakeshift.cli.stage import parameters
from lakeshift.deploy import AwsSession
from lakeshift.errors import LakeshiftError
from lakeshift.paths import StateFolder
from lakeshift.sample import world

__all__ = ["addresses", "session_of", "stage_verb"]


_Verb = Callable[[StateFolder, argparse.Namespace], int]


def stage_verb(verb: _Verb) -> _Verb:
    """``verb`` with what AWS refuses outside of a single resource, a listing for one, told as the command's error."""

    @functools.wraps(verb)
    def told(state: StateFolder, given: argparse.Namespace) -> int:
        try:
            return verb(state, given)
        except (ClientError, BotoCoreError) as error:
            raise LakeshiftError(
                f"AWS refused, for the stage {given.env}: {error} What was done before stays."
            ) from error

    return told


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
