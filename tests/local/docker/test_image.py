"""What the image of the local AWS does, without Docker: its files, entry point, doors and health check."""

from __future__ import annotations

import contextlib
import fnmatch
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

from lakeshift.jvm.jars import jar_folder
from lakeshift.paths import REPOSITORY

DOCKER = REPOSITORY / "docker"
DOCKERFILE = (DOCKER / "local-aws" / "Dockerfile").read_text(encoding="utf-8")


def command_of(line: str) -> list[str]:
    """What follows ``line`` (a JSON list), by this interpreter."""
    (found,) = re.findall(rf"^ *{line} (\[.*\])$", DOCKERFILE, re.MULTILINE)
    python, *words = json.loads(found)
    assert python == "python"
    return [sys.executable, *words]


def sent() -> list[str]:
    """Tracked files that .dockerignore sends to the build."""
    told = (REPOSITORY / ".dockerignore").read_text(encoding="utf-8").splitlines()
    kept = [line[1:] for line in told if line.startswith("!")]
    dropped = [line.removeprefix("**/") for line in told if line.startswith("**/")]
    command = ["git", "ls-files", "-co", "--exclude-standard"]
    files = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return [
        name
        for name in files.stdout.splitlines()
        if any(name == one or name.startswith(f"{one}/") for one in kept)
        and not any(fnmatch.fnmatch(part, one) for part in Path(name).parts for one in dropped)
    ]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Container:
    """The image's files in a folder, and its entry point as a process."""

    root: Path
    environment: dict[str, str]
    process: subprocess.Popen[bytes]
    door: int

    def healthy(self, **more: str) -> bool:
        done = subprocess.run(
            command_of("CMD"), cwd=self.root, env=self.environment | more, capture_output=True, check=False
        )
        return done.returncode == 0


@pytest.fixture(scope="module")
def container(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Container]:
    root, home = tmp_path_factory.mktemp("image"), tmp_path_factory.mktemp("state")
    for name in sent():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(REPOSITORY / name, root / name)
    port, door = free_port(), free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home / "nobody"),
        "PYTHONPATH": str(root),
        "PYTHONDONTWRITEBYTECODE": "1",
        "LAKESHIFT_JARS": str(jar_folder()),
        "LAKESHIFT_HOME": str(home),
        "LAKESHIFT_PORT": str(port),
        "LAKESHIFT_DOORS": f"{door}:{port}",
        "LAKESHIFT_DOOR_HOST": "127.0.0.1",
    }
    process = subprocess.Popen(command_of("ENTRYPOINT"), cwd=root, env=environment)
    one = Container(root, environment, process, door)
    try:
        end = time.monotonic() + 60
        while not one.healthy():
            assert process.poll() is None
            assert time.monotonic() < end
        yield one
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
        assert not one.healthy()
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        process.wait()


def test_an_aws_sdk_reaches_it_by_the_door(container: Container) -> None:
    client = boto3.client(
        "s3", endpoint_url=f"http://127.0.0.1:{container.door}", region_name="us-east-1",
        aws_access_key_id="local", aws_secret_access_key="local", config=Config(s3={"addressing_style": "path"}),
    )  # fmt: skip
    client.create_bucket(Bucket="by-the-door")
    client.put_object(Bucket="by-the-door", Key="k", Body=b"x" * 300_000)
    assert len(client.get_object(Bucket="by-the-door", Key="k")["Body"].read()) == 300_000


def test_the_health_check_tells_a_server_that_is_not_there(container: Container) -> None:
    assert container.healthy()
    assert not container.healthy(LAKESHIFT_PORT=str(free_port()))


def test_packages_are_installed_by_hash_and_the_file_has_all_of_them() -> None:
    """The image's own line, on an environment that has them: without network pip finds nothing missing."""
    (line,) = re.findall(r"\.venv/bin/pip (install .*--require-hashes .*)$", DOCKERFILE, re.MULTILINE)
    command = [sys.executable, "-m", "pip", *shlex.split(line), "--dry-run", "--no-index"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "Would install" not in done.stdout


def test_the_image_runs_as_a_user_without_rights() -> None:
    users = re.findall(r"^USER (.+)$", DOCKERFILE, re.MULTILINE)
    assert users == ["10001"]
    assert "--uid 10001" in DOCKERFILE


@pytest.mark.parametrize("file", ["local-aws/healthy.py", "local-aws/serve.py"])
def test_what_the_image_starts_is_sent_to_its_build(file: str) -> None:
    assert f"docker/{file}" in sent()
