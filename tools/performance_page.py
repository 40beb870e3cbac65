"""Make docs/performance.md and its plots from benchmarks/results/*.json; with --check, fail where they are old.

A result belongs to its claim where statement, target and limits are still those of the file that made it; a claim
that no result belongs to is on the page as not measured. Facts that are lists of records become tables, and those
with ``rows`` and a figure that ends in ``_us`` (microseconds a row) a plot.
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tools.plots import Bar, bars, curves

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
PAGE = ROOT / "docs" / "performance.md"
PLOTS = ROOT / "docs" / "performance"
NOT_CLAIMS = {"__init__", "harness", "run"}
MACHINE = ("cores", "memory_gib", "python", "load", "date", "scale")
HEAD = """\
# Performance: what is promised, and what was measured

Every figure is a ratio: ours and a named peer, run in turns on the same machine, with equal answers or no figure at
all. The median of the pairs counts; its spread is beside it. `make bench` measures all claims and fails where one
does not hold, `make bench BENCH=<name>` one of them, `SCALE=10` with ten times the data. What a stage costs on AWS is
on [the sizing page](sizing.md).

This page is made by `make performance` from the results in `benchmarks/results`; `make check` fails where it is not
theirs, or where a claim says something else by now than the result that is shown for it.
"""


def results(folder: Path) -> list[dict[str, Any]]:
    """The documents, by name."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]


def claim_files(folder: Path) -> list[str]:
    """Names of the files that hold a claim."""
    return sorted(
        path.stem
        for path in folder.glob("*.py")
        if path.stem not in NOT_CLAIMS and "\ndef main(" in path.read_text(encoding="utf-8")
    )


def promises(source: str) -> dict[str, float | None]:
    """Claim → target, of the calls of ``Claim`` in a file whose name and target are written out."""
    found: dict[str, float | None] = {}
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Claim"):
            continue
        given = dict(zip(("name", "statement", "target", "peer"), node.args, strict=False))
        given |= {word.arg: word.value for word in node.keywords if word.arg}
        name, target = given.get("name"), given.get("target")
        if isinstance(name, ast.Constant) and isinstance(target, ast.Constant):
            found[str(name.value)] = target.value if isinstance(target.value, float | int) else None
    return found


def stale(found: Iterable[Mapping[str, Any]], targets: Mapping[str, float | None]) -> list[str]:
    """Results whose claim has another target by now, or is no more."""
    wrong = []
    for one in found:
        name, target = one["claim"]["name"], one["claim"]["target"]
        if name not in targets:
            wrong.append(f"benchmarks/results/{name}.json: no claim of that name; delete it")
        elif targets[name] != target:
            wrong.append(f"{name} was measured for {target}, and promises {targets[name]}: make bench BENCH={name}")
    return wrong


def page(found: Sequence[Mapping[str, Any]], claims: Sequence[str]) -> str:
    """The Markdown page."""
    promised, plain = _parts(found)
    parts = [HEAD, f"\n{_machine(found)}\n"]
    if promised:
        parts += ["\n## Claims\n\n![ratios and what is promised](performance/claims.svg)\n\n", _table(promised)]
    if plain:
        parts += ["\n## Figures without a promise\n\n", _table(plain)]
    measured = {one["claim"]["name"].split(".")[0] for one in found}
    missing = [name for name in claims if name not in measured]
    if missing:
        parts.append(f"\nNot measured for this page: {', '.join(f'`{name}`' for name in missing)}.\n")
    parts += [_details(one) for one in found if _lists(one)]
    return "".join(parts)


def plots(found: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """File name → SVG."""
    promised, _ = _parts(found)
    rows = [Bar(one["claim"]["name"], one["median"], one["claim"]["target"], one["holds"]) for one in promised]
    made = {"claims.svg": bars("Ours / peer: less is better; the black mark is what is promised", rows)} if rows else {}
    for one in found:
        for fact, records in _lists(one).items():
            line = _series(records)
            if line:
                title = f"{one['claim']['name']}: {fact.replace('_', ' ')}"
                made[_plot_name(one, fact)] = curves(title, line, "rows", "microseconds a row")
    return made


def _parts(found: Sequence[Mapping[str, Any]]) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    promised = [one for one in found if one["claim"]["target"] is not None or one["claim"]["limits"]]
    return promised, [one for one in found if one not in promised]


def _table(found: Iterable[Mapping[str, Any]]) -> str:
    lines = ["| claim | what | beside | at most | measured | spread | holds |", "|---|---|---|---|---|---|---|"]
    for one in found:
        claim, ratios = one["claim"], one["ratios"]
        limits = "".join(
            f"; {name} {_figure(one['facts'].get(name))} (at most {_figure(most)})"
            for name, most in claim["limits"].items()
        )
        most = "" if claim["target"] is None else f"{claim['target']:g}"
        unit = "" if one.get("unit", "wall-clock seconds") == "wall-clock seconds" else f", {one['unit']}"
        measured = f"**{one['median']:.3f}**{unit}{limits}"
        spread = f"{min(ratios):.3f} to {max(ratios):.3f}, {len(ratios)} pairs"
        holds = "yes" if one["holds"] else "**no**" if one["answers_equal"] else "**answers differ**"
        cells = (f"`{claim['name']}`", claim["statement"], claim["peer"], most, measured, spread, holds)
        lines.append(f"| {' | '.join(map(_cell, cells))} |")
    return "\n".join(lines) + "\n"


def _machine(found: Sequence[Mapping[str, Any]]) -> str:
    if not found:
        return "Nothing is measured yet: `make bench`, then `make performance`."
    facts = [one["facts"] for one in found]

    def seen(name: str) -> str:
        values = sorted({str(fact[name]) for fact in facts if name in fact})
        told = values[0] if len(values) == 1 else f"{values[0]} to {values[-1]}" if values else "unknown"
        return told if all(name in fact for fact in facts) else f"{told} (some results do not say)"

    loads = sorted(fact["load"] for fact in facts if "load" in fact)
    load = f"{loads[0]:g} to {loads[-1]:g}" if loads else "unknown"
    return (
        f"Measured on {seen('cores')} cores, {seen('memory_gib')} GiB of memory, Python {seen('python')}; "
        f"day {seen('date')}; load of the machine at the ends of the runs {load}."
    )


def _details(one: Mapping[str, Any]) -> str:
    name = one["claim"]["name"]
    scale = f" SCALE={one['facts']['scale']}" if "scale" in one["facts"] else ""
    parts = [f"\n## {name}\n\n{one['claim']['statement']}: `make bench BENCH={name.split('.')[0]}{scale}`.\n"]
    plain = [
        f"{key.replace('_', ' ')} {_figure(value)}" for key, value in one["facts"].items() if _is_plain(key, value)
    ]
    if plain:
        parts.append(f"\n{'; '.join(plain)}.\n")
    for fact, records in _lists(one).items():
        if _series(records):
            parts.append(f"\n![{fact.replace('_', ' ')}](performance/{_plot_name(one, fact)})\n")
        columns = list(dict.fromkeys(key for record in records for key in record))
        rows = [[_figure(record.get(column)) for column in columns] for record in records]
        parts.append(f"\n| {' | '.join(column.replace('_', ' ') for column in columns)} |\n|{'---|' * len(columns)}\n")
        parts += [f"| {' | '.join(map(_cell, row))} |\n" for row in rows]
    return "".join(parts)


def _lists(one: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    return {
        name: value
        for name, value in one["facts"].items()
        if isinstance(value, list) and value and all(isinstance(record, dict) for record in value)
    }


def _is_plain(key: str, value: Any) -> bool:
    return key not in MACHINE and isinstance(value, str | int | float)


def _series(records: Iterable[Mapping[str, Any]]) -> dict[str, list[tuple[float, float]]]:
    """Name → points, of records with ``rows``, a name (their first text) and one figure in microseconds a row."""
    found: dict[str, list[tuple[float, float]]] = {}
    for record in records:
        name = next((value for value in record.values() if isinstance(value, str)), None)
        figure = next((value for key, value in record.items() if key.endswith("_us")), None)
        if name is None or figure is None or "rows" not in record:
            return {}
        found.setdefault(name, []).append((record["rows"], figure))
    return found if any(len(points) > 1 for points in found.values()) else {}


def _plot_name(one: Mapping[str, Any], fact: str) -> str:
    return f"{one['claim']['name']}-{fact}.svg"


def _figure(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "" if value is None else str(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:,.3f}".rstrip("0").rstrip(".")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def main() -> int:
    """Write page and plots, or check them."""
    found = results(RESULTS)
    folder = ROOT / "benchmarks"
    targets = {k: v for path in folder.glob("*.py") for k, v in promises(path.read_text(encoding="utf-8")).items()}
    wrong = stale(found, targets)
    files = {PAGE: page(found, claim_files(folder)), **{PLOTS / name: text for name, text in plots(found).items()}}
    superfluous = set(PLOTS.glob("*.svg")) - set(files)
    if "--check" in sys.argv:
        old = [path for path, text in files.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
        wrong += [f"{path.relative_to(ROOT)} is old: make performance" for path in (*old, *superfluous)]
    else:
        PLOTS.mkdir(exist_ok=True)
        for path in superfluous:
            path.unlink()
        for path, text in files.items():
            path.write_text(text, encoding="utf-8")
    print(f"performance: {len(found)} results, {sum(one['holds'] for one in found)} hold")
    print("".join(f"{text}\n" for text in wrong), end="")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
