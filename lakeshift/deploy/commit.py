"""Which commit a repository stands at."""

from __future__ import annotations

import subprocess
from pathlib import Path

__all__ = ["commit_of"]


def commit_of(root: Path) -> str:
    """The commit's 40 digits, with ``+`` behind where files differ from it; empty where there is no repository."""
    if not (root / ".git").exists():
        return ""
    try:
        commit = _git(root, "rev-parse", "HEAD")
        return f"{commit}+" if _git(root, "status", "--porcelain", "--untracked-files=no") else commit
    except (OSError, subprocess.CalledProcessError):
        return ""


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
