"""Words of a partition expression."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

__all__ = ["Token", "tokens"]

Kind = Literal["name", "number", "text", "sign"]

_TOKEN: Final = re.compile(
    r"""\s*(?:
        (?P<text>'(?:[^'\\]|\\.|'')*')
      | (?P<number>[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w.-]))
      | (?P<name>`[^`]+`|\w[\w.]*(?:-[\w.]+)*)
      | (?P<sign><=|>=|<>|!=|=|<|>|\(|\)|,)
    )""",
    re.VERBOSE,
)
_ESCAPED: Final = re.compile(r"\\(.)|''", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Token:
    """One word; ``value`` without quotes and escapes."""

    kind: Kind
    value: str

    @property
    def word(self) -> str:
        """The keyword it may be: upper case, and empty for what is quoted."""
        return self.value.upper() if self.kind in ("name", "sign") else ""


def tokens(expression: str) -> list[Token]:
    """All words; raises ValueError where something is none."""
    found, at = [], 0
    text = expression.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ValueError(f"unexpected {text[at:].strip()[:1]!r}")
        found.append(_token(match))
        at = match.end()
    return found


def _token(match: re.Match[str]) -> Token:
    if match["text"] is not None:
        return Token("text", _ESCAPED.sub(lambda escape: escape[1] or "'", match["text"][1:-1]))
    if match["number"] is not None:
        return Token("number", match["number"])
    if match["name"] is not None:
        return Token("name", match["name"].strip("`"))
    return Token("sign", match["sign"])
