"""Clients of one account, region and stage; the stage ``local`` reaches this machine and nothing else."""

from __future__ import annotations

import os
import urllib.parse
from typing import Any, Final

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ProfileNotFound
from botocore.loaders import create_loader

from lakeshift.deploy.retry import Retries
from lakeshift.deploy.shapes import shaped
from lakeshift.errors import LakeshiftError

__all__ = ["STACK_TAG", "AwsSession", "error_code"]

STACK_TAG: Final = "lakeshift:stack"
_LOADER: Final = create_loader()
_HOST: Final = "127.0.0.1"
_CONFIG: Final = Config(retries={"mode": "standard", "max_attempts": 6}, s3={"addressing_style": "path"})


def error_code(error: ClientError) -> str:
    """AWS's code of an error (``EntityNotFoundException``)."""
    return str(error.response.get("Error", {}).get("Code", ""))


class AwsSession:
    """Calls to AWS, with the retries that new IAM roles need.

    For the stage ``local`` an ``endpoint`` on 127.0.0.1 is needed and the credentials are dummies; every other stage
    uses AWS's own endpoints and the credentials of the environment or of ``profile``. Raises LakeshiftError.
    """

    def __init__(
        self,
        stage: str,
        region: str = "us-east-1",
        endpoint: str | None = None,
        profile: str | None = None,
        retries: Retries | None = None,
    ) -> None:
        if stage == "local":
            _refuse_other_machines(endpoint)
        else:
            _refuse_other_region(stage, region, profile)
        self.stage = stage
        self.region = region
        self.endpoint = endpoint
        # The local AWS knows a new role at once: what it refuses there is wrong, not late.
        self._retries = retries or (Retries(seconds=0.0) if stage == "local" else Retries())
        self._clients: dict[str, Any] = {}
        self._account: str | None = None
        keys = {"aws_access_key_id": "local", "aws_secret_access_key": "local"} if stage == "local" else {}
        core = botocore.session.get_session()
        core.register_component("data_loader", _LOADER)  # the models of the services are read once a process
        self._session = boto3.Session(region_name=region, profile_name=profile, botocore_session=core, **keys)

    def client(self, service: str) -> Any:
        """The boto3 client of ``service``, made once."""
        if service not in self._clients:
            self._clients[service] = self._session.client(service, endpoint_url=self.endpoint, config=_CONFIG)
        return self._clients[service]

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        """One call; a role that is not yet known everywhere is waited for."""
        client = self.client(service)
        function = getattr(client, operation)
        name = client.meta.method_to_api_mapping[operation]
        shape = client.meta.service_model.operation_model(name).input_shape
        given = parameters if shape is None else shaped(parameters, shape)
        answer: dict[str, Any] = self._retries.run(lambda: function(**given))
        return answer

    def find(self, service: str, operation: str, absent: tuple[str, ...], **parameters: Any) -> dict[str, Any] | None:
        """One call that reads; None where AWS answers with one of the codes in ``absent``."""
        try:
            return self.call(service, operation, **parameters)
        except ClientError as error:
            if error_code(error) in absent:
                return None
            raise

    def pages(self, service: str, operation: str, field: str, **parameters: Any) -> list[Any]:
        """All items of ``field`` over all pages of a listing."""
        paginator = self.client(service).get_paginator(operation)
        return [item for page in paginator.paginate(**parameters) for item in page.get(field, [])]

    def account(self) -> str:
        """The account's 12 digits. Raises LakeshiftError where there are no credentials, or wrong ones."""
        if self._account is None:
            try:
                self._account = str(self.call("sts", "get_caller_identity")["Account"])
            except (ClientError, BotoCoreError) as error:
                raise LakeshiftError(
                    f"AWS does not say whose account this is: {error} The stage {self.stage} needs credentials (the "
                    "environment, a profile by AWS_PROFILE, or a role of the CI). Nothing was done."
                ) from error
        return self._account


def _refuse_other_region(stage: str, region: str, profile: str | None) -> None:
    """Who sets a region means it: the stage's own is not silently taken instead."""
    try:
        of_profile = boto3.Session(profile_name=profile).region_name
    except ProfileNotFound as error:
        raise LakeshiftError(f"{error}. Nothing was done.") from error
    given = {name: os.environ[name] for name in ("AWS_REGION", "AWS_DEFAULT_REGION") if os.environ.get(name)}
    if of_profile and "AWS_DEFAULT_REGION" not in given:
        given["the profile"] = of_profile
    wrong = [f"{name} says {value}" for name, value in given.items() if value != region]
    if wrong:
        raise LakeshiftError(f"The stage {stage} is in {region}, but {' and '.join(wrong)}. Nothing was done.")


def _refuse_other_machines(endpoint: str | None) -> None:
    parts = urllib.parse.urlsplit(endpoint or "")
    if parts.scheme != "http" or parts.hostname != _HOST:
        raise LakeshiftError(
            f"The stage local is deployed to the local AWS only (http://{_HOST}:<port>), not to "
            f"{endpoint or 'AWS, which no endpoint means'}. Start it with `make up`."
        )
