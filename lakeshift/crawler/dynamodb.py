"""DynamoDB targets: a table's columns from its items, as the API gives them (``{"S": "x"}``). Scanning is the shell's.

See https://docs.aws.amazon.com/glue/latest/dg/define-crawler.html (DynamoDB)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from lakeshift.crawler.found import Found
from lakeshift.crawler.names import column_name
from lakeshift.crawler.options import CrawlOptions
from lakeshift.crawler.storage import VERSIONS, plain_table, storage_descriptor
from lakeshift.crawler.types import NULL, Array, Column, HiveType, Struct, merge

__all__ = ["attribute_type", "dynamodb_table"]

_PLAIN: Final[dict[str, HiveType]] = {
    "S": "string",
    "B": "binary",
    "BOOL": "boolean",
    "NULL": NULL,
    "SS": Array("string"),
    "BS": Array("binary"),
}


def dynamodb_table(
    name: str, arn: str, items: Iterable[Mapping[str, Any]], facts: tuple[int, int], options: CrawlOptions
) -> Found:
    """``facts`` are the table's item count and its size in bytes, as DescribeTable tells them."""
    columns: dict[str, HiveType] = {}
    for item in items:
        for key, value in item.items():
            folded = column_name(key)
            columns[folded] = merge(columns.get(folded, NULL), attribute_type(value))
    count, size = facts
    parameters = {
        **VERSIONS,
        "UPDATED_BY_CRAWLER": options.crawler,
        "CRAWL_RUN_ID": options.run_id,
        "averageRecordSize": str(size // count if count else 0),
        "classification": "dynamodb",
        "compressionType": "none",
        "recordCount": str(count),
        "sizeKey": str(size),
        "typeOfData": "table",
    }
    described = [Column(column, kind).as_api() for column, kind in columns.items()]
    return Found(name, (arn, ""), plain_table(storage_descriptor("none", described, arn, {}, parameters), parameters))


def attribute_type(value: Mapping[str, Any]) -> HiveType:
    """The catalog's type of one attribute: a number is bigint where it is whole, else double."""
    (kind, content), *_ = value.items()
    if kind in _PLAIN:
        return _PLAIN[kind]
    if kind == "N":
        return _number(content)
    if kind == "L":
        element: HiveType = NULL
        for item in content:
            element = merge(element, attribute_type(item))
        return Array(element)
    if kind == "NS":
        element = NULL
        for number in content:
            element = merge(element, _number(number))
        return Array(element)
    return Struct(tuple((name, attribute_type(item)) for name, item in content.items()))


def _number(text: str) -> str:
    return "bigint" if text.lstrip("+-").isdigit() else "double"
