"""The package tested before it ships: every file compiles, and every module of the wheel can be imported from it."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Final

from lakeshift.definitions import DefinitionError, Problem
from lakeshift.deploy.artefacts import Code
from lakeshift.errors import LakeshiftError

__all__ = ["check_compiles", "check_imports"]

_WAIT: Final = 120.0  # seconds for all imports
# What the modules need is installed beside us; only the repository itself, and its editable installation, are kept out.
_IMPORT: Final = """\
import importlib, sys, traceback
sys.path[:] = [sys.argv[1]] + [one for one in sys.path if one not in ("", sys.argv[2])]
sys.meta_path[:] = [one for one in sys.meta_path if "editable" not in repr(one).lower()]
for name in sys.argv[3:]:
    try:
        module = importlib.import_module(name)
        if not str(module.__file__).startswith(sys.argv[1]):
            sys.exit(f"{name} came from {module.__file__}, not from the wheel")
    except Exception:
        sys.exit(f"{name} cannot be imported:\\n{traceback.format_exc(limit=-3)}")
"""


def check_compiles(code: Code) -> None:
    """Raises DefinitionError with file and line of every script and module of the wheel that is no Python."""
    problems: list[Problem] = []
    for path, text in {**code.texts("jobs/"), **_modules(code)}.items():
        try:
            compile(text, path, "exec", dont_inherit=True)
        except SyntaxError as error:
            problems.append(Problem(path, error.lineno or 1, f"no Python: {error.msg}."))
    if problems:
        raise DefinitionError(problems)


def check_imports(code: Code, root: Path) -> None:
    """Import every module of the wheel from the wheel, in a process of its own. Raises LakeshiftError with its text."""
    wheel = next(one for one in code.artefacts if one.path == code.wheel)
    names = [path.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for path in _modules(code)]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / Path(wheel.path).name
        file.write_bytes(wheel.content)
        command = [sys.executable, "-c", _IMPORT, str(file), str(root), *sorted(names)]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_WAIT, check=False)
    if done.returncode:
        raise LakeshiftError(f"The wheel {file.name} does not work: {done.stderr.strip()} Nothing was done.")


def _modules(code: Code) -> dict[str, str]:
    """The texts of the wheel's modules, by path in it."""
    wheel = next(one for one in code.artefacts if one.path == code.wheel)
    with zipfile.ZipFile(BytesIO(wheel.content)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist() if name.endswith(".py")}
