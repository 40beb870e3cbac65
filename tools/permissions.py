"""infra/identity.yaml, docs/permissions.md and CI's own roles, from what asks for permissions: `make permissions`.

With `--check`, tells whether they are current.
"""

from __future__ import annotations

import difflib
import sys
from pathlib import Path

from lakeshift.paths import REPOSITORY
from lakeshift.permissions import Role, roles
from lakeshift.permissions.writing import identity_text

__all__ = ["derived", "sources"]

FOLDERS = ("infra", "crawlers", "jobs", "pipelines", "ingest")
IDENTITY = "infra/identity.yaml"
PAGE = "docs/permissions.md"


def sources(root: Path) -> dict[str, str]:
    """The definitions of the repository at ``root``, but for the roles."""
    paths = (path for folder in FOLDERS for path in sorted((root / folder).glob("*.yaml")))
    texts = {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in paths}
    texts.pop(IDENTITY, None)
    return texts


def derived(root: Path) -> tuple[Role, ...]:
    """The roles of the repository at ``root``."""
    machines = {
        path.relative_to(root).as_posix(): path.read_text(encoding="utf-8")
        for path in (root / "pipelines").glob("*.asl.json")
    }
    return roles(sources(root), machines)


def main(arguments: list[str]) -> int:
    """Write the files, or say how they differ."""
    from tools.ci_roles import BOOTSTRAP, ci_roles_text
    from tools.permissions_page import page_text

    found = derived(REPOSITORY)
    wanted = {IDENTITY: identity_text(found), PAGE: page_text(found), BOOTSTRAP: ci_roles_text()}
    if "--check" not in arguments:
        for name, text in wanted.items():
            (REPOSITORY / name).write_text(text, encoding="utf-8")
        return 0
    return max(_difference(name, text) for name, text in wanted.items())


def _difference(name: str, wanted: str) -> int:
    path = REPOSITORY / name
    held = path.read_text(encoding="utf-8") if path.exists() else ""
    if held == wanted:
        return 0
    lines = list(difflib.unified_diff(held.splitlines(), wanted.splitlines(), name, "derived", lineterm="", n=2))
    sys.stdout.write("\n".join(lines[:40]))
    sys.stdout.write(f"\n{name} is not what the definitions ask for: run `make permissions` and look at its diff.\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
