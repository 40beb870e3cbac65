"""Field paths: dots separate levels, back-ticks hold a name with a dot, ``[]`` marks an element of an array."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["Path", "column_name", "join_path", "quote_name", "split_path"]

Path = tuple[str, ...]


def split_path(text: str) -> Path:
    """Return the names along ``text``; ``a.`b.c`.d[]`` gives ``("a", "b.c", "d")``.

    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-dynamic-frame.html
    """
    names: list[str] = []
    current: list[str] = []
    quoted = False
    for character in text:
        if character == "`":
            quoted = not quoted
        elif character == "." and not quoted:
            names.append("".join(current))
            current = []
        else:
            current.append(character)
    names.append("".join(current))
    return tuple(name.removesuffix("[]") for name in names)


def quote_name(name: str) -> str:
    """Back-tick ``name`` when it holds a dot."""
    return f"`{name}`" if "." in name else name


def join_path(names: Iterable[str]) -> str:
    """Return the text of a path."""
    return ".".join(quote_name(name) for name in names)


def column_name(name: str) -> str:
    """Return ``name`` quoted for Spark, whatever it holds."""
    return "`" + name.replace("`", "``") + "`"
