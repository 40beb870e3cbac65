"""One installation of the whole thing for all pipeline tests: its own state folder, its own free port."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lakeshift.cli.clients import LocalClients
from lakeshift.cli.sql import execute
from lakeshift.paths import REPOSITORY, StateFolder

LAKE = "lakeshift-local"


@dataclass(frozen=True)
class Installation:
    """A state folder and the commands a user would type over it."""

    state: StateFolder

    def command(self, *arguments: str, code: int = 0) -> str:
        """What ``lakeshift`` prints; fails with all of it when the exit code is another."""
        done = subprocess.run(
            [sys.executable, "-m", "lakeshift.cli.main", *arguments],
            cwd=REPOSITORY,
            env=os.environ | {"LAKESHIFT_HOME": str(self.state.root), "LAKESHIFT_PORT": "0"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    @property
    def clients(self) -> LocalClients:
        """Clients of the endpoint that answers now."""
        return LocalClients(self.state)

    def one(self, query: str) -> Any:
        """The single value of a query on the warehouse."""
        return execute(self.clients, query).rows[0][0]

    def audits(self) -> dict[str, dict[str, Any]]:
        """Audit documents of the last run, by stage."""
        s3 = self.clients.client("s3")
        keys = [
            item["Key"]
            for page in s3.get_paginator("list_objects_v2").paginate(Bucket=f"{LAKE}-ops", Prefix="audit/run-")
            for item in page.get("Contents", [])
        ]
        last = max(key.split("/")[1] for key in keys)
        wanted = [key for key in keys if key.split("/")[1] == last]
        documents = [json.loads(s3.get_object(Bucket=f"{LAKE}-ops", Key=key)["Body"].read()) for key in wanted]
        return {document["stage"]: document for document in documents}


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Stopped at the end, whatever happened; the jars of the set-up are used, not built again."""
    installed = Installation(StateFolder(Path(tmp_path_factory.mktemp("installation"))))
    yield installed
    installed.command("down")
