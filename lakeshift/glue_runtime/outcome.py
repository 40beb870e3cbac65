"""How a run ended: ``outcome.json`` in the run's folder, and Glue's way to say what went wrong."""

from __future__ import annotations

import json
import os
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any

__all__ = ["describe_failure", "write_outcome"]

_LONGEST = 4_000
_DEEPEST = 20  # exceptions behind one another; a loop among them must not hold a run


def write_outcome(folder: Path, state: str, error_message: str | None = None, details: str | None = None) -> None:
    """Write the outcome in one step: a reader sees all of it or nothing."""
    document = {"state": state, "error_message": error_message, "traceback": details}
    draft = folder / "outcome.json.draft"
    with draft.open("w", encoding="utf-8") as stream:
        json.dump(document, stream)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(folder / "outcome.json")


def _script_line(trace: TracebackType | None, script: Path) -> int | None:
    lines = [f.lineno for f in traceback.extract_tb(trace) if Path(f.filename) == script]
    return lines[-1] if lines else None


def _root(java: Any) -> Any:
    """The exception behind all others: of a failed stage the task's own, which names the file, not Spark's wrapping."""
    for _ in range(_DEEPEST):
        cause = java.getCause()
        if cause is None:
            break
        java = cause
    return java


def _text(error: BaseException) -> str:
    java = getattr(error, "java_exception", None)
    if java is not None:
        return str(_root(java).toString()).splitlines()[0]
    description = getattr(error, "desc", None) or str(error)
    return str(description).strip()


def describe_failure(error: BaseException, script: Path, last_action: str | None = None) -> str:
    """Return the run's ErrorMessage: type and text of the exception, script and line, last Spark action."""
    text = f"{type(error).__name__}: {error.code if isinstance(error, SystemExit) else _text(error)}"
    line = error.lineno if isinstance(error, SyntaxError) else _script_line(error.__traceback__, script)
    place = [script.name if line is None else f"{script.name}, line {line}"]
    if last_action:
        place.append(f"last Spark action: {last_action}")
    return f"{text[:_LONGEST]} ({'; '.join(place)})"
