"""Who deploys where: another region, no credentials and other machines are refused before anything is sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakeshift.deploy import AwsSession
from lakeshift.errors import LakeshiftError


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No credentials, no region, no files of the user."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))


@pytest.mark.parametrize("name", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_another_region_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "eu-west-1")
    with pytest.raises(LakeshiftError, match=f"dev is in us-east-1, but {name} says eu-west-1"):
        AwsSession("dev", "us-east-1")
    AwsSession("dev", "eu-west-1")
    AwsSession("local", "us-east-1", "http://127.0.0.1:9")


def test_another_region_of_the_profile_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("[profile work]\nregion = eu-west-1\n")
    with pytest.raises(LakeshiftError, match="the profile says eu-west-1"):
        AwsSession("dev", "us-east-1", profile="work")


def test_a_profile_that_is_none_is_refused() -> None:
    with pytest.raises(LakeshiftError, match="nobody"):
        AwsSession("dev", "us-east-1", profile="nobody")


def test_without_credentials_nothing_is_done() -> None:
    with pytest.raises(LakeshiftError, match=r"stage dev needs credentials .* Nothing was done"):
        AwsSession("dev", "us-east-1").account()


@pytest.mark.parametrize(
    "endpoint",
    [None, "", "https://s3.amazonaws.com", "http://localhost.evil.com:5000", "http://127.0.0.1@evil.com", "http://10.0.0.1:5000"],
)  # fmt: skip
def test_the_local_stage_refuses_every_other_machine(endpoint: str | None) -> None:
    with pytest.raises(LakeshiftError, match="local AWS only"):
        AwsSession("local", endpoint=endpoint)
