"""One Spark session, with the binding installed, for all tests of the Glue runtime."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lakeshift.local.server import LocalAws
from tests.glue_session import glue_session

Write = Callable[[str, str], str]


@pytest.fixture(scope="session")
def glue(local_aws: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A GlueContext of the unmodified library, with the local AWS for catalog and objects."""
    with glue_session(local_aws.state.root, tmp_path_factory.mktemp("spark")) as context:
        yield context


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a text file below the test's folder and return its path."""

    def written(name: str, text: str) -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return str(path)

    return written


@pytest.fixture
def of_json(glue: Any, write: Write) -> Callable[..., Any]:
    """Return the DynamicFrame of some JSON lines, given as objects or as raw text."""

    def frame(*records: Any) -> Any:
        lines = [r if isinstance(r, str) else json.dumps(r) for r in records]
        path = write("records.json", "\n".join(lines) + "\n")
        return glue.create_dynamic_frame.from_options("s3", {"paths": [path]}, "json")

    return frame


@pytest.fixture
def tree(capsys: pytest.CaptureFixture[str]) -> Callable[[Any], list[str]]:
    """Return the lines that printSchema prints."""

    def lines(frame: Any) -> list[str]:
        capsys.readouterr()
        frame.printSchema()
        return [line for line in capsys.readouterr().out.splitlines() if line]

    return lines


@pytest.fixture
def shown(capsys: pytest.CaptureFixture[str]) -> Callable[[Any], list[Any]]:
    """Return the records that show prints."""

    def records(frame: Any, number: int = 100) -> list[Any]:
        capsys.readouterr()
        frame.show(number)
        return [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.strip()]

    return records
