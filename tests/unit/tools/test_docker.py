"""docker/compose.yaml names what is there, and the container's way of collecting the contract needs nothing of ours."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

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
