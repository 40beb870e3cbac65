"""Exclude patterns of an S3 target.

See https://docs.aws.amazon.com/glue/latest/dg/define-crawler.html#crawler-data-stores-exclude
"""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["exclusion"]


@lru_cache(maxsize=1024)
def exclusion(pattern: str) -> re.Pattern[str]:
    r"""The pattern as a regular expression over a key relative to the include path.

    ``*`` stays within a folder, ``**`` crosses folders, ``?``, ``[a-z]``, ``[!x]``, ``{a,b}`` (not nested), ``\``
    escapes, and a leading dot is an ordinary character. Raises ValueError for a bracket or brace left open.
    """
    return re.compile("".join(_Translator(pattern.strip()).parts()) + r"\Z", re.DOTALL)


class _Translator:
    """One pass over one pattern."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0
        self.in_group = False

    def parts(self) -> list[str]:
        found = []
        while self.at < len(self.pattern):
            found.append(self._next())
        if self.in_group:
            raise ValueError(f"The exclude pattern {self.pattern!r} opens a {{ it does not close.")
        return found

    def _next(self) -> str:
        char = self.pattern[self.at]
        self.at += 1
        if char == "*":
            return self._star()
        if char == "\\" and self.at < len(self.pattern):
            self.at += 1
            return re.escape(self.pattern[self.at - 1])
        if char == "[":
            return self._brackets()
        if char == "{" and not self.in_group:
            self.in_group = True
            return "(?:"
        if self.in_group and char in "},":
            self.in_group = char != "}"
            return ")" if char == "}" else "|"
        return "[^/]" if char == "?" else re.escape(char)

    def _star(self) -> str:
        if self.pattern[self.at : self.at + 1] == "*":
            self.at += 1
            return ".*"
        return "[^/]*"

    def _brackets(self) -> str:
        negated = self.pattern[self.at : self.at + 1] == "!"
        start = self.at + negated
        end = self.pattern.find("]", start + 1)
        if end < 0:
            raise ValueError(f"The exclude pattern {self.pattern!r} opens a [ it does not close.")
        self.at = end + 1
        inside = self.pattern[start:end].replace("\\", "\\\\").replace("^", "\\^").replace("[", "\\[")
        return f"(?!/)[{'^' if negated else ''}{inside}]"
