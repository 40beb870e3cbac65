"""When folders are alike enough to be partitions of one table.

AWS documents the threshold (0.7) and the limit of clusters (5), not the measure: this module is the one place that
decides it. See https://docs.aws.amazon.com/glue/latest/dg/crawler-grouping-policy.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lakeshift.crawler.types import Column

__all__ = ["THRESHOLD", "Verdict", "alike", "similarity"]

THRESHOLD: Final = 0.7
_MOST_CLUSTERS: Final = 5

Schema = tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether things belong to one table, and why."""

    together: bool
    because: str


def similarity(left: frozenset[str], right: frozenset[str]) -> float:
    """Shared column names over those of the narrower schema, 0 to 1: a column that was added costs nothing."""
    narrower = min(len(left), len(right))
    return len(left & right) / narrower if narrower else float(left == right)


def alike(schemas: Sequence[Schema], kinds: Sequence[tuple[str, ...]], *, combine: bool) -> Verdict:
    """Judge schemas that lie side by side, one each of ``kinds`` (format, compression, SerDe).

    With ``combine`` (CombineCompatibleSchemas) only the kinds must agree.
    """
    different = list(dict.fromkeys(kinds))
    if len(different) > 1:
        return Verdict(False, f"different formats: {_told(different[0])} and {_told(different[1])}")
    if combine:
        return Verdict(True, "CombineCompatibleSchemas joins what has one format")
    distinct: dict[int, tuple[Schema, int]] = {}
    for schema in schemas:
        distinct[id(schema)] = (schema, distinct.get(id(schema), (schema, 0))[1] + 1)
    if len(distinct) == 1:
        return Verdict(True, "one schema")
    return _clustered(list(distinct.values()), len(schemas))


def _clustered(weighted: list[tuple[Schema, int]], total: int) -> Verdict:
    clusters: list[tuple[frozenset[str], int]] = []
    for schema, weight in weighted:
        names = frozenset(column.name for column in schema)
        for at, (head, size) in enumerate(clusters):
            if similarity(head, names) > THRESHOLD:
                clusters[at] = (head | names, size + weight)
                break
        else:
            clusters.append((names, weight))
    share = max(size for _, size in clusters) / total
    found = f"{len(clusters)} cluster{'s' * (len(clusters) > 1)} of schemas"
    told = f"{found}, the largest holds {share:.0%} (more than 70% in at most 5 needed)"
    return Verdict(share > THRESHOLD and len(clusters) <= _MOST_CLUSTERS, told)


def _told(kind: tuple[str, ...]) -> str:
    classification, compression = kind[0], kind[1]
    detail = "" if compression == "none" else f" ({compression})"
    extra = ", ".join(kind[3:])
    return f"{classification}{detail}{f' [{extra}]' if extra else ''}"
