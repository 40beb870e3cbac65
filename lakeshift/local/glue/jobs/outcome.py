"""How a run ended, from what its process left: never a success that the runtime did not write down."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Final

__all__ = ["Ending", "ending_of", "written_outcome"]

Ending = tuple[str, str | None]  # state, error message

_TAIL_BYTES: Final = 16_384


def written_outcome(folder: Path) -> Ending | None:
    """What ``outcome.json`` says, or None where there is none or it is no outcome."""
    try:
        document = json.loads((folder / "outcome.json").read_text(encoding="utf-8"))
        state, message = document["state"], document.get("error_message")
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    if state not in ("SUCCEEDED", "FAILED"):
        return None
    return (state, message) if state == "SUCCEEDED" or message else (state, "The job failed without a message.")


def ending_of(folder: Path, status: int) -> Ending:
    """The ending of a process that left ``status`` (128 + n where signal n ended it)."""
    outcome = written_outcome(folder)
    if outcome is None:
        return "FAILED", f"The job's process {_how(status)} without an outcome.{_last_words(folder)}"
    if outcome[0] == "SUCCEEDED" and status != 0:
        return "FAILED", f"The job's process {_how(status)} after it had written its success.{_last_words(folder)}"
    return outcome


def _how(status: int) -> str:
    if status > 128:
        try:
            return f"was killed by {signal.Signals(status - 128).name}"
        except ValueError:
            pass
    return f"ended with exit status {status}"


def _last_words(folder: Path) -> str:
    """The last line of the error log, which mostly names the cause."""
    try:
        with (folder / "stderr").open("rb") as stream:
            stream.seek(max(0, stream.seek(0, 2) - _TAIL_BYTES))
            lines = [line.strip() for line in stream.read().decode(errors="replace").splitlines()]
    except OSError:
        return ""
    return next((f" Last error line: {line}" for line in reversed(lines) if line), "")
