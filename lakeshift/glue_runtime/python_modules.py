"""What a job brings along: extra Python files and modules, unpacked into the run's own folder."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from lakeshift.errors import LakeshiftError, NotSupportedLocallyError
from lakeshift.glue_runtime.description import RunDescription

__all__ = ["fetch", "provided", "python_path"]

_PAGE = "https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-python-libraries.html"


def fetch(address: str, folder: Path) -> Path:
    """Bring ``s3://bucket/key`` (or a plain path) into ``folder`` and return it there.

    Raises:
        LakeshiftError: it is not there.
    """
    if not address.startswith(("s3://", "s3a://")):
        return Path(address)
    from lakeshift.glue_runtime.engine.objects import client

    bucket, _, key = address.split("://", 1)[1].partition("/")
    target = folder / key.rsplit("/", 1)[-1]
    folder.mkdir(parents=True, exist_ok=True)
    try:
        client("s3").download_file(bucket, key, str(target))
    except Exception as error:
        raise LakeshiftError(f"Cannot bring {address} to the run: {error}") from error
    return target


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _unpack_wheel(wheel: Path, target: Path) -> None:
    """Unpack a wheel of Python code alone, which is all that installing it means; pip does the others."""
    if wheel.name.endswith("-none-any.whl"):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(target)
        return
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(target)]
    done = subprocess.run([*command, str(wheel)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise LakeshiftError(f"Cannot install {wheel.name}: {done.stderr.strip()}")


def _check_installed(requirement: str) -> None:
    name, _, version = requirement.replace(" ", "").partition("==")
    try:
        have = metadata.version(name)
    except metadata.PackageNotFoundError:
        have = ""
    if not have or (version and have != version):
        raise NotSupportedLocallyError(
            f"--additional-python-modules {requirement} from a package index during a run",
            f"It has to be in this environment already ({name} is {have or 'not installed'}),"
            " or be given as an s3:// address of a wheel.",
            _PAGE,
        )


def python_path(run: RunDescription) -> list[Path]:
    """Unpack the run's modules and files; return what goes to the front of the import path."""
    modules = run.folder / "python" / "modules"
    files = run.folder / "python" / "files"
    path: list[Path] = []
    for entry in _listed(run.argument("additional-python-modules")):
        if entry.endswith(".whl"):
            _unpack_wheel(fetch(entry, run.folder / "python" / "wheels"), modules)
            path = [modules]
        else:
            _check_installed(entry)
    for entry in _listed(run.argument("extra-py-files")):
        fetched = fetch(entry, files)
        if fetched.suffix == ".whl":
            _unpack_wheel(fetched, modules)
            path.append(modules)
        else:
            path.append(fetched if fetched.suffix in (".zip", ".egg") else fetched.parent)
    return list(dict.fromkeys(path))


def provided(path: Iterable[Path]) -> set[str]:
    """Names of the packages and modules that folders and zip files of an import path hold."""
    names: set[str] = set()
    for entry in path:
        if entry.is_dir():
            names.update(inside.name.partition(".")[0] for inside in entry.iterdir())
        elif zipfile.is_zipfile(entry):
            with zipfile.ZipFile(entry) as archive:
                names.update(name.partition("/")[0].partition(".")[0] for name in archive.namelist())
    return names
