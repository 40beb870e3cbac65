"""Make docs/fidelity.md from docs/fidelity/*.yaml; with --check, fail where the page is old or a test is not there.

A file is one room: ``title`` and ``rows`` of ``feature``, ``here`` (same, differs or refused), ``how`` (how it
differs, or what to do instead) and ``test`` (a path, or ``path::function``, or a list of them). Files that follow
each other under the same title share one table.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "fidelity.md"
HERE = ("same", "differs", "refused")
HEAD = """\
# Fidelity: what is the same, what differs, what is refused

"Same" means: as the documentation of the real service says, with a test here that shows it. "Differs" says how.
"Refused" means an error that names the feature; nothing pretends. Nothing in this repository has run against AWS
itself yet; where a text or a rule comes from documentation alone, its test says which page.

This page is made by `make fidelity` from the files of `docs/fidelity/`; `make check` fails where a test that a row
names is not there.
"""


def rooms() -> list[dict[str, Any]]:
    """The rooms in the order of their file names."""
    return [
        yaml.safe_load(path.read_text(encoding="utf-8")) | {"file": path.name}
        for path in sorted((ROOT / "docs" / "fidelity").glob("*.yaml"))
    ]


def tests(row: dict[str, Any]) -> list[str]:
    """The test ids a row names."""
    named = row.get("test") or []
    return [named] if isinstance(named, str) else list(named)


def page(found: list[dict[str, Any]]) -> str:
    """The Markdown page."""
    parts = [HEAD]
    title = ""
    for room in found:
        if room["title"] != title:
            title = room["title"]
            parts.append(f"\n## {title}\n\n| feature | here | how | shown by |\n|---|---|---|---|\n")
        for row in room["rows"]:
            shown = ", ".join(f"[{Path(test.split('::')[0]).stem}](../{test.split('::')[0]})" for test in tests(row))
            parts.append(f"| {row['feature']} | {row['here']} | {row.get('how') or ''} | {shown} |\n")
    return "".join(parts)


def mistakes(found: list[dict[str, Any]]) -> list[str]:
    """What is wrong with the rows: another word for ``here``, no ``how`` where it is owed, a test that is not there."""
    wrong = []
    for room in found:
        for row in room["rows"]:
            where = f"docs/fidelity/{room['file']}: {row['feature']}"
            if row["here"] not in HERE:
                wrong.append(f"{where}: here: {row['here']}; one of {', '.join(HERE)}")
            if row["here"] != "same" and not row.get("how"):
                wrong.append(f"{where}: {row['here']}, but not how")
            wrong += [f"{where}: no test {test}" for test in tests(row) if not exists(test)]
    return wrong


def exists(test: str) -> bool:
    """True where the file is there and defines the function."""
    path, _, name = test.partition("::")
    if not (ROOT / path).exists():
        return False
    if not name:
        return True
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return any(
        isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name.split("::")[-1].split("[")[0]
        for node in ast.walk(tree)
    )


def main() -> int:
    """Write the page, or check it."""
    found = rooms()
    wrong = mistakes(found)
    text = page(found)
    if "--check" in sys.argv:
        wrong += ["docs/fidelity.md is old: make fidelity"] * (PAGE.read_text(encoding="utf-8") != text)
    else:
        PAGE.write_text(text, encoding="utf-8")
    rows = [row for room in found for row in room["rows"]]
    unproven = sum(not tests(row) for row in rows)
    print(f"fidelity: {len(rows)} rows, {unproven} of them name no test")
    print("".join(f"{text}\n" for text in wrong), end="")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
