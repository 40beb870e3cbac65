"""Python shell jobs run on Python 3.9 at AWS: what they are made of is Python 3.9."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from lakeshift.paths import REPOSITORY

_JOBS = sorted(path.stem for path in (REPOSITORY / "jobs").glob("*.yaml") if "pythonshell" in path.read_text("utf-8"))
# What 3.9 lacks and code of today likes to use.
_NEWER = {("datetime", "UTC"), ("typing", "Self"), ("typing", "assert_never"), ("enum", "StrEnum"),
                ("itertools", "pairwise"), ("itertools", "batched")}  # fmt: skip


def _modules_of(file: Path, found: dict[Path, ast.Module]) -> None:
    """The file and, of common/, what it imports in turn; raises SyntaxError for a newer language."""
    if file in found:
        return
    found[file] = tree = ast.parse(file.read_text("utf-8"), feature_version=(3, 9))
    for name in _imported(tree):
        inner = REPOSITORY / f"{name.replace('.', '/')}.py"
        if name.startswith("common.") and inner.exists():
            _modules_of(inner, found)


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{one.name}" for one in node.names)


def _newer(tree: ast.Module) -> set[str]:
    """Names and arguments of newer versions that it uses, as far as they are listed here."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            found |= {one.name for one in node.names if (node.module, one.name) in _NEWER}
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "zip":
            found |= {"zip(strict=)" for given in node.keywords if given.arg == "strict"}
        elif isinstance(node, ast.Call) and any(given.arg == "slots" for given in node.keywords):
            found.add("dataclass(slots=)")
    return found


def test_there_are_python_shell_jobs() -> None:
    assert {"airports_from_api", "ingest_check", "load_redshift"} <= set(_JOBS)


@pytest.mark.parametrize("job", _JOBS)
def test_it_is_made_of_python_3_9(job: str) -> None:
    modules: dict[Path, ast.Module] = {}
    _modules_of(REPOSITORY / "jobs" / f"{job}.py", modules)
    assert len(modules) > 1
    assert {file.name: newer for file, tree in modules.items() if (newer := _newer(tree))} == {}


@pytest.mark.parametrize(
    "line", ["from datetime import UTC", "zip([], [], strict=True)", "dataclass(slots=True)"], ids=lambda line: line
)
def test_a_newer_name_is_noticed(line: str) -> None:
    assert _newer(ast.parse(line))
