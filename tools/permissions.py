"""infra/identity.yaml from what the definitions declare: `make permissions`; `--check` tells whether it is current."""

from __future__ import annotations

import difflib
import sys
from pathlib import Path

from lakeshift.paths import REPOSITORY
from lakeshift.permissions import Role, roles
from lakeshift.permissions.writing import identity_text

FOLDERS = ("infra", "crawlers", "jobs", "pipelines", "ingest")
IDENTITY = "infra/identity.yaml"


def derived(root: Path) -> tuple[Role, ...]:
    """The roles of the repository at ``root``."""
    paths = (path for folder in FOLDERS for path in sorted((root / folder).glob("*.yaml")))
    texts = {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in paths}
    texts.pop(IDENTITY, None)
    machines = {
        path.relative_to(root).as_posix(): path.read_text(encoding="utf-8")
        for path in (root / "pipelines").glob("*.asl.json")
    }
    return roles(texts, machines)


def main(arguments: list[str]) -> int:
    """Write the file, or say how it differs."""
    path = REPOSITORY / IDENTITY
    wanted = identity_text(derived(REPOSITORY))
    found = path.read_text(encoding="utf-8") if path.exists() else ""
    if "--check" not in arguments:
        path.write_text(wanted, encoding="utf-8")
        return 0
    if found == wanted:
        return 0
    difference = difflib.unified_diff(found.splitlines(), wanted.splitlines(), IDENTITY, "derived", lineterm="", n=2)
    sys.stdout.write("\n".join(list(difference)[:60]))
    sys.stdout.write(f"\n{IDENTITY} is not what the definitions ask for: run `make permissions` and look at its diff.\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
