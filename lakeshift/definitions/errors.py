"""What is wrong in the definitions: every problem at once, each with its file and line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lakeshift.errors import LakeshiftError

__all__ = ["DefinitionError", "Problem"]


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing to mend: ``file``, ``line`` (the first is 1) and what to do."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class DefinitionError(LakeshiftError):
    """The definitions cannot be used; ``problems`` has all of them in the order of files and lines."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        count = "1 problem" if len(self.problems) == 1 else f"{len(self.problems)} problems"
        super().__init__("\n".join([f"The definitions have {count}:", *map(str, self.problems)]))
