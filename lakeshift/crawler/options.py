"""How a crawler was configured, validated."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["CrawlOptions", "InvalidConfigurationError", "parse_configuration"]

_TREE: Final[dict[str, Any]] = {
    "Version": None,
    "Grouping": {"TableGroupingPolicy": None, "TableLevelConfiguration": None},
    "CrawlerOutput": {
        "Partitions": {"AddOrUpdateBehavior": None},
        "Tables": {"AddOrUpdateBehavior": None, "TableThreshold": None},
    },
    "CreatePartitionIndex": None,
}


class InvalidConfigurationError(ValueError):
    """The crawler's Configuration JSON holds what Glue does not know; the text is Glue's where it is known."""


@dataclass(frozen=True, slots=True)
class CrawlOptions:
    """Everything about a crawl but its targets.

    ``level``: TableLevelConfiguration (bucket = 1, 0 = unset); ``threshold``: TableThreshold (0 = unset);
    ``update``, ``delete``: the SchemaChangePolicy; ``recrawl``: the RecrawlPolicy's behaviour.
    """

    crawler: str = "crawler"
    run_id: str = ""
    table_prefix: str = ""
    combine: bool = False
    level: int = 0
    inherit: bool = False
    merge_new_columns: bool = False
    threshold: int = 0
    partition_index: bool = True
    update: str = "UPDATE_IN_DATABASE"
    delete: str = "DEPRECATE_IN_DATABASE"
    recrawl: str = "CRAWL_EVERYTHING"
    classifiers: tuple[Mapping[str, Any], ...] = ()
    now_millis: int = 0


def parse_configuration(text: str | None) -> dict[str, Any]:
    """The Configuration JSON as keyword arguments of CrawlOptions; raises InvalidConfigurationError.

    See https://docs.aws.amazon.com/glue/latest/dg/crawler-configuration.html
    """
    if not text:
        return {}
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise InvalidConfigurationError(f"Configuration is not valid JSON: {error}.") from error
    _known(document, _TREE, "Configuration")
    if document.get("Version") != 1.0:
        raise InvalidConfigurationError('Configuration needs "Version": 1.0.')
    grouping, output = document.get("Grouping", {}), document.get("CrawlerOutput", {})
    tables = output.get("Tables", {})
    return {
        "combine": _choice(grouping, "TableGroupingPolicy", "CombineCompatibleSchemas"),
        "level": _count(grouping, "TableLevelConfiguration"),
        "inherit": _choice(output.get("Partitions", {}), "AddOrUpdateBehavior", "InheritFromTable"),
        "merge_new_columns": _choice(tables, "AddOrUpdateBehavior", "MergeNewColumns"),
        "threshold": _count(tables, "TableThreshold"),
        "partition_index": document.get("CreatePartitionIndex", True) is not False,
    }


def _known(document: Any, tree: dict[str, Any], where: str) -> None:
    if not isinstance(document, dict):
        raise InvalidConfigurationError(f"{where} must be an object.")
    unknown = ", ".join(sorted(set(document) - set(tree)))
    if unknown:
        raise InvalidConfigurationError(f"{where} contains unsupported keys: {unknown}.")
    for key, branch in tree.items():
        if branch is not None and key in document:
            _known(document[key], branch, key if where == "Configuration" else f"{where}.{key}")


def _choice(document: dict[str, Any], key: str, only: str) -> bool:
    value = document.get(key)
    if value not in (None, only):
        raise InvalidConfigurationError(f"{key} must be {only}, not {value!r}.")
    return bool(value == only)


def _count(document: dict[str, Any], key: str) -> int:
    value = document.get(key)
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InvalidConfigurationError(f"{key} must be a whole number of at least 1, not {value!r}.")
    return value
