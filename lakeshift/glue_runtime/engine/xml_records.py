"""XML to records: each element of the row tag is one.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-format-xml-home.html
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element, ParseError, XMLParser, iterparse

from pyspark.sql import types as t

from lakeshift.glue_runtime.engine.format_options import with_schema
from lakeshift.glue_runtime.engine.options import flag

__all__ = ["xml_records"]


class _Rules:
    """The options of one reading."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self.row = str(options["rowTag"])
        self.prefix = str(options.get("attributePrefix", "_"))
        self.value = str(options.get("valueTag", "_VALUE"))
        self.attributes = not flag(options, "excludeAttribute")
        self.nulls = flag(options, "treatEmptyValuesAsNulls")
        self.strip = flag(options, "ignoreSurroundingSpaces")
        self.schema = with_schema(options)

    def text(self, text: str | None) -> str | None:
        """The text of an element or attribute; None where blank counts as null."""
        given = text or ""
        if self.nulls and not given.strip():
            return None
        return given.strip() if self.strip else given

    def scalar(self, text: str | None) -> Any:
        """The text as the value it is written as."""
        given = self.text(text)
        return given if given is None or self.schema is not None else _typed(given)


def _typed(text: str) -> Any:
    word = text.strip()
    if word in ("true", "false"):
        return word == "true"
    number = word.lstrip("+-")
    if number.isdecimal() and number.isascii():
        return int(word)
    if number[:1].isdigit() or number[:1] == ".":
        try:
            return float(word)
        except ValueError:
            return text
    return text


def _local(tag: str) -> str:
    """A name without its namespace."""
    return tag.rsplit("}", 1)[-1]


def _content(element: Element, rules: _Rules) -> Any:
    attributes = {rules.prefix + _local(k): v for k, v in element.attrib.items()} if rules.attributes else {}
    if not len(element) and not attributes:
        return rules.scalar(element.text)
    record: dict[str, Any] = {name: rules.scalar(value) for name, value in attributes.items()}
    for child in element:
        name, value = _local(child.tag), _content(child, rules)
        if name not in record:
            record[name] = value
        elif isinstance(record[name], _List):
            record[name].append(value)
        else:
            record[name] = _List((record[name], value))
    own = (element.text or "").strip()
    if own:
        record[rules.value] = rules.scalar(element.text)
    return record


class _List(list[Any]):
    """Repeated children (and no value that is itself a list)."""


def _fitted(value: Any, kind: t.DataType) -> Any:
    """A value as the schema has it: a lone element where an array is wanted is an array of one."""
    if value is None:
        return None
    if isinstance(kind, t.ArrayType):
        return [_fitted(v, kind.elementType) for v in (value if isinstance(value, list) else [value])]
    if isinstance(kind, t.StructType):
        held = value if isinstance(value, dict) else {}
        return {f.name: _fitted(held[f.name], f.dataType) for f in kind.fields if f.name in held}
    if isinstance(value, dict | list):
        return str(value)
    return _scalar_of(str(value), kind)


def _scalar_of(text: str, kind: t.DataType) -> Any:
    try:
        if isinstance(kind, t.IntegerType | t.LongType | t.ShortType | t.ByteType):
            return int(text)
        if isinstance(kind, t.DoubleType | t.FloatType):
            return float(text)
    except ValueError:
        return None
    if isinstance(kind, t.BooleanType):
        return text.strip().lower() == "true"
    return text


def xml_records(content: bytes, options: Mapping[str, Any]) -> Iterator[dict[str, Any] | tuple[str, str]]:
    """Yield a record for each element of ``rowTag``; damage ends the file: one error record for the rest.

    A row tag that is closed at once (``<row/>``) is no record, as on Glue. Entities are not declared or expanded.
    """
    rules = _Rules(options)
    if b"<!ENTITY" in content:
        yield "An XML document that declares entities is not read", content[:1000].decode("utf-8", "replace")
        return
    encoding = str(options.get("encoding") or "UTF-8")
    try:
        for _, element in iterparse(io.BytesIO(content), ("end",), XMLParser(encoding=encoding)):  # noqa: S314
            if _local(element.tag) != rules.row:
                continue
            if len(element) or (element.text or "").strip():
                record = _content(element, rules)
                record = record if isinstance(record, dict) else {rules.value: record}
                yield record if rules.schema is None else _fitted(record, rules.schema)
            element.clear()
    except ParseError as error:
        line = content.split(b"\n")[max(0, error.position[0] - 1) :][:1]
        yield f"Malformed XML: {error}", b"".join(line).decode("utf-8", "replace")
