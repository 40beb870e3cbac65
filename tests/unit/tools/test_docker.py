"""The compose files name what is there, and the container's way of collecting the contract needs nothing of ours."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
DOCKER = ROOT / "docker"


@pytest.fixture(scope="module")
def contract() -> dict[str, Any]:
    """The one service."""
    document = yaml.safe_load((DOCKER / "compose.yaml").read_text(encoding="utf-8"))
    assert set(document) == {"services"}
    (service,) = document["services"].values()
    return dict(service)


def pytest_arguments(service: dict[str, Any]) -> list[str]:
    """What follows ``python3 -m pytest`` in the service's command."""
    shell, line = service["command"]
    assert shell == "-c"
    words = shlex.split(line)
    assert words[:3] == ["python3", "-m", "pytest"]
    return words[3:]


def test_the_repository_is_mounted_read_only_where_the_tests_run(contract: dict[str, Any]) -> None:
    (mount,) = contract["volumes"]
    assert (DOCKER / mount["source"]).resolve() == ROOT
    assert mount["target"] == contract["working_dir"]
    assert mount["read_only"] is True


def test_values_of_the_environment_are_text(contract: dict[str, Any]) -> None:
    assert {name for name, value in contract["environment"].items() if not isinstance(value, str)} == set()
    assert contract["environment"]["GLUE_CONTRACT"] == "container"


def test_folders_named_in_the_command_are_there(contract: dict[str, Any]) -> None:
    named = [word for word in pytest_arguments(contract) if re.match(r"tests\b", word)]
    assert named == ["tests/contract", "tests/contract"]
    assert (ROOT / named[0] / "conftest.py").is_file()


def test_the_image_is_the_one_of_the_readme(contract: dict[str, Any]) -> None:
    default = re.fullmatch(r"\$\{GLUE_IMAGE:-(.+)\}", contract["image"])
    assert default is not None
    assert f"`{default[1]}`" in (DOCKER / "README.md").read_text(encoding="utf-8")


def test_the_contract_is_collected_without_importing_the_repository(contract: dict[str, Any], tmp_path: Path) -> None:
    """A finder that refuses our packages stands before all others, as in an image where they are not installed."""
    refusing = (
        "import sys\n"
        "class Refusing:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in ('lakeshift', 'common', 'jobs', 'ingest'):\n"
        "            raise ImportError(name)\n"
        "sys.meta_path.insert(0, Refusing())\n"
        "import pytest\n"
        "sys.exit(pytest.main(sys.argv[1:]))\n"
    )
    arguments = [
        str(tmp_path) if before == "--basetemp" else word
        for before, word in zip(["", *pytest_arguments(contract)], pytest_arguments(contract), strict=False)
    ]
    found = subprocess.run(
        [sys.executable, "-c", refusing, *arguments, "--collect-only"],
        cwd=ROOT,
        env=os.environ | {"GLUE_CONTRACT": "container", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout[-2000:] + found.stderr[-2000:]
    count = re.search(r"(\d+) tests collected", found.stdout)
    assert count is not None
    assert int(count[1]) >= 250


def services(file: str) -> dict[str, Any]:
    """The services of one file."""
    return dict(yaml.safe_load((DOCKER / file).read_text(encoding="utf-8"))["services"])


@pytest.mark.parametrize("file", ["local-aws.yaml", "localstack.yaml"])
def test_ports_are_published_on_this_machine_alone(file: str) -> None:
    for name, service in services(file).items():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name


def test_the_doors_that_are_published_are_those_that_the_image_opens() -> None:
    entry = (DOCKER / "local-aws" / "serve.py").read_text(encoding="utf-8")
    doors = re.search(r'DOORS = "(.+)"', entry)
    assert doors is not None
    opened = {pair.split(":")[0] for pair in doors[1].split(",")}
    service = services("local-aws.yaml")["local-aws"]
    assert {port.rpartition(":")[2] for port in service["ports"]} == opened
    assert (DOCKER / service["build"]["context"] / service["build"]["dockerfile"]).is_file()


def test_the_local_aws_has_no_rights_that_it_does_not_need() -> None:
    service = services("local-aws.yaml")["local-aws"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]


def test_a_job_in_the_glue_image_sees_the_same_address_as_everybody() -> None:
    job = services("local-aws.yaml")["job"]
    assert job["network_mode"] == "service:local-aws"
    shell, line = job["command"]
    assert shell == "-c"
    assert line.count("http://127.0.0.1:4566") == 2
    assert job["environment"]["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4566"
    default = re.search(r"jobs/\$\{JOB:-(\w+)\}", line)
    assert default is not None
    assert (ROOT / "jobs" / f"{default[1]}.py").is_file()


@pytest.mark.parametrize(
    ("service", "port"),
    [("s3", 4567), ("stepfunctions", 4567), ("glue", 4566), ("redshift", 4566), ("redshift-data", 4566), ("sns", 4566)],
)
def test_each_service_goes_to_its_endpoint(service: str, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for line in (DOCKER / "localstack.env").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            monkeypatch.setenv(*line.split("=", 1))
    assert boto3.Session().client(service).meta.endpoint_url == f"http://127.0.0.1:{port}"


def test_every_docker_command_of_the_readme_is_a_make_target() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"`make ([a-z-]+)", (DOCKER / "README.md").read_text(encoding="utf-8")))
    assert named >= {"docker-build", "docker-up", "docker-job", "docker-localstack", "docker-down", "test-docker"}
    assert [name for name in named if f"\n{name}:" not in makefile] == []
    for file in re.findall(r"docker compose -f (\S+)", makefile):
        assert (ROOT / file).is_file()
