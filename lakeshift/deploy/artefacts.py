"""What is uploaded for jobs, state machines and loads: addressed by its content, so nothing is ever replaced."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lakeshift.deploy.wheel import build_wheel, wheel_name

__all__ = ["Artefact", "Code", "collect", "sha_of"]


@dataclass(frozen=True, slots=True)
class Artefact:
    """One file: its path below the code's prefix (``jobs/x.py``) and its bytes."""

    path: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Code:
    """All files of one deployment, below ``key`` (``code/<first 12 digits of their SHA-256>``) of ``bucket``."""

    bucket: str
    key: str
    wheel: str
    artefacts: tuple[Artefact, ...]

    @property
    def prefix(self) -> str:
        """``s3://<bucket>/code/<sha12>``."""
        return f"s3://{self.bucket}/{self.key}"

    @property
    def sha(self) -> str:
        """The first 12 digits of the SHA-256 of all files."""
        return self.key.rpartition("/")[2]

    def texts(self, folder: str) -> dict[str, str]:
        """The text files below ``folder``, by path."""
        return {one.path: one.content.decode() for one in self.artefacts if one.path.startswith(folder)}

    def parameters(self) -> dict[str, str]:
        """The parameters that definitions take the code's place from."""
        return {
            "CodeBucket": self.bucket,
            "CodeKey": self.key,
            "CodePrefix": self.prefix,
            "CommonWheel": f"{self.prefix}/{self.wheel}",
        }


def collect(root: Path, bucket: str, version: str) -> Code:
    """The wheel of common/, the scripts of jobs/, sql/redshift/ and the state machines of the repository ``root``."""
    wheel = f"wheels/{wheel_name(version)}"
    files = {wheel: build_wheel(root / "common", version)}
    scripts = (path for path in (root / "jobs").glob("*.py") if path.name != "__init__.py")
    for path in (*scripts, *(root / "sql" / "redshift").rglob("*.sql"), *(root / "pipelines").glob("*.asl.json")):
        files[path.relative_to(root).as_posix()] = path.read_bytes()
    artefacts = tuple(Artefact(path, content) for path, content in sorted(files.items()))
    return Code(bucket, f"code/{sha_of(artefacts)}", wheel, artefacts)


def sha_of(artefacts: Iterable[Artefact]) -> str:
    """The first 12 digits of the SHA-256 of paths and contents."""
    total = hashlib.sha256()
    for artefact in artefacts:
        total.update(f"{artefact.path}\0{hashlib.sha256(artefact.content).hexdigest()}\n".encode())
    return total.hexdigest()[:12]
