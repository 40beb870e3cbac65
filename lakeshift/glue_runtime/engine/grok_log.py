"""Log lines to records by a Grok pattern.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-format-grokLog-home.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from pyspark.errors import IllegalArgumentException

from lakeshift.crawler.grok import parse_custom_patterns
from lakeshift.crawler.grok_patterns import PATTERNS
from lakeshift.glue_runtime.engine.options import flag

__all__ = ["grok_records"]

_REFERENCE: Final = re.compile(r"%\{(\w+)(?::([\w.\-]+))?(?::(\w+))?\}")
_CASTS: Final[dict[str, Any]] = {
    "byte": int,
    "short": int,
    "int": int,
    "long": int,
    "float": float,
    "double": float,
    "boolean": lambda text: text.strip().lower() == "true",
    "string": str,
}


@lru_cache(maxsize=64)
def _compiled(pattern: str, custom: str) -> tuple[re.Pattern[str], tuple[tuple[str, str], ...]]:
    """The pattern with one group a field, and the fields: name and cast."""
    known = {**PATTERNS, **dict(parse_custom_patterns(custom))}
    fields: list[tuple[str, str]] = []

    def expanded(text: str, depth: int) -> str:
        def one(found: re.Match[str]) -> str:
            name, field, cast = found.groups()
            if name not in known or depth > 20 or (cast or "string") not in _CASTS:
                raise IllegalArgumentException(f"No definition for key '{name}' found, aborting")
            if field is None:
                return f"(?:{expanded(known[name], depth + 1)})"
            fields.append((field, cast or "string"))
            group = f"f{len(fields) - 1}"
            return f"(?P<{group}>{expanded(known[name], depth + 1)})"

        return _REFERENCE.sub(one, text)

    return re.compile(expanded(pattern, 0)), tuple(fields)


def _record(found: re.Match[str], fields: tuple[tuple[str, str], ...], missing: str, *, strict: bool) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for number, (name, cast) in enumerate(fields):
        text = found.group(f"f{number}")
        if text is None or name in record:
            continue
        if text == missing:
            record[name] = None
            continue
        try:
            record[name] = text if strict else _CASTS[cast](text)
        except ValueError:
            record[name] = text
    return record


def grok_records(content: bytes, options: Mapping[str, Any]) -> Iterator[dict[str, Any] | tuple[str, str]]:
    """Yield the fields of each log record; a record that is not of the pattern is an error record.

    LineCount lines are one record; the text MISSING stands for no value; StrictMode leaves every value a text.
    """
    pattern, fields = _compiled(str(options["logFormat"]), str(options.get("customPatterns") or ""))
    missing = str(options.get("MISSING", "-"))
    count = int(str(options.get("LineCount") or 1))
    strict = flag(options, "StrictMode")
    lines = [line.rstrip("\r") for line in content.decode("utf-8", "replace").split("\n") if line.strip()]
    for start in range(0, len(lines), count):
        text = "\n".join(lines[start : start + count])
        found = pattern.search(text)
        yield (
            ("The line does not match logFormat", text)
            if found is None
            else _record(found, fields, missing, strict=strict)
        )
