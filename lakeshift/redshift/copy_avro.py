"""COPY from Avro: records as JSON lines, which then load as JSON does.

https://docs.aws.amazon.com/redshift/latest/dg/copy-usage_notes-copy-from-avro.html
"""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import fastavro

from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.load_sources import LoadFile

__all__ = ["avro_as_json"]


@contextmanager
def avro_as_json(file: LoadFile, scratch: Path) -> Iterator[str]:
    """The path of a file below ``scratch`` with one JSON object for each record; raises RedshiftError."""
    copy = scratch / f".ls-copy-{uuid.uuid4().hex}.lakeshift-upload"
    try:
        with copy.open("w", encoding="utf-8") as target:
            for record in _records(file):
                target.write(json.dumps(record, ensure_ascii=False, default=_plain) + "\n")
        yield str(copy)
    finally:
        copy.unlink(missing_ok=True)


def _records(file: LoadFile) -> Iterator[Any]:
    try:
        with Path(file.path).open("rb") as source:
            blocks = fastavro.block_reader(source)
            # COPY knows no logical types: a timestamp is the number that is stored.
            schema = fastavro.parse_schema(_without_logical(json.loads(json.dumps(blocks.writer_schema))))
            for block in blocks:
                for _ in range(block.num_records):
                    yield fastavro.schemaless_reader(block.bytes_, schema, None)
    except (ValueError, EOFError, KeyError, TypeError) as error:
        raise RedshiftError(f"{file.url} is not a valid Avro file: {error}", "XX000") from error


def _without_logical(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {key: _without_logical(value) for key, value in schema.items() if key != "logicalType"}
    return [_without_logical(part) for part in schema] if isinstance(schema, list) else schema


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return base64.b64encode(value).decode()
    raise TypeError(f"{type(value).__name__} has no JSON")
