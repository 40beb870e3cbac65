"""What a pipeline run prints, as text made from data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

__all__ = ["failure_text", "header", "moved", "stage_line", "total_line"]

_WIDTH = 22
_COLUMNS = ("rows in", "rows out", "rejected", "duplicates", "seconds")


def header() -> str:
    """The line over the stages."""
    return "  ".join([f"  {'stage':<{_WIDTH}}", *(f"{name:>10}" for name in _COLUMNS)])


def stage_line(audit: Mapping[str, Any]) -> str:
    """One stage's line, and a line a reason under it where rows were rejected."""
    rejected: Mapping[str, int] = audit["rejected"]
    numbers = [audit["rows_in"], audit["rows_out"], sum(rejected.values()), audit["duplicates"]]
    cells = [f"{number:>10,}" for number in numbers] + [f"{audit['seconds']:>10.1f}"]
    lines = ["  ".join([f"✓ {audit['stage']:<{_WIDTH}}", *cells])]
    lines += [f"    {reason:<{_WIDTH + 22}}  {count:>10,}" for reason, count in sorted(rejected.items()) if count]
    return "\n".join(lines)


def moved(audits: Iterable[Mapping[str, Any]]) -> int:
    """Rows written by all stages together."""
    return sum(audit["rows_out"] for audit in audits)


def total_line(audits: Sequence[Mapping[str, Any]], seconds: float) -> str:
    """The closing line of a run that succeeded."""
    took = f"{seconds:.1f} s"
    if not moved(audits):
        return f"Nothing new: 0 rows moved, {took}. Let a new day arrive with `make next-day`, then `make run`."
    rejected = sum(sum(audit["rejected"].values()) for audit in audits)
    return f"{len(audits)} stages closed (in = out + rejected + duplicates), {rejected:,} rows rejected, {took}."


def failure_text(state: str, error: str, cause: str, run_id: str | None, redrive: str | None = None) -> str:
    """What is told of a run that failed: where, why, and the next step."""
    lines = [f"✗ {state}: {error}", *(f"    {line}" for line in cause.splitlines())]
    lines.append(
        "  Nothing after this stage ran; its bookmark stands where it stood. Mend the cause, `make run` again."
    )
    if redrive:
        lines.append(f"  Or go on from that stage, without those before it: make redrive RUN={redrive}")
    if run_id:
        lines.append(f"  What the job printed: make logs RUN={run_id}")
    return "\n".join(lines)
