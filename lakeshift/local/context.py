"""What every room of the local AWS is given when it is installed."""

from __future__ import annotations

from dataclasses import dataclass

from lakeshift.lake import FolderLake
from lakeshift.paths import StateFolder

__all__ = ["ACCOUNT", "REGION", "LocalContext"]

ACCOUNT = "000000000000"
REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class LocalContext:
    """The running local AWS: where it listens (``http://127.0.0.1:<port>``) and where it keeps things."""

    endpoint: str
    state: StateFolder
    lake: FolderLake
    account: str = ACCOUNT
    region: str = REGION
    fixed_ports: bool = False  # whether services listen on the ports they are known by, rather than on free ones

    def job_environment(self) -> dict[str, str]:
        """Environment variables that point an AWS SDK at this server and nowhere else, with dummy credentials."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_DEFAULT_REGION": self.region,
            "AWS_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            "LC_ALL": "C.UTF-8",  # Java takes file names in the locale's encoding
        }
