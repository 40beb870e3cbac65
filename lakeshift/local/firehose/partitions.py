"""The partition keys of records, by one jq query for many of them. Pure.

https://docs.aws.amazon.com/firehose/latest/dev/dynamic-partitioning-partitioning-keys.html
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from lakeshift.local.firehose.failures import FailedRecord, Record

__all__ = ["EXTRACTION", "Keys", "key_texts", "keys_of"]

EXTRACTION: Final = "DynamicPartitioning.MetadataExtractionFailed"
_TOGETHER: Final = 2000  # records in one run of jq

Keys = dict[str, Any] | FailedRecord


def keys_of(records: Sequence[Record], query: str | None) -> list[Keys]:
    """The answer of the query for each record: its keys, or why it has none; no keys without a query."""
    if query is None:
        return [{} for _ in records]
    answers: list[Keys] = [FailedRecord(EXTRACTION, "Non JSON record provided") for _ in records]
    whole = [index for index, record in enumerate(records) if _is_json(record.data)]
    for start in range(0, len(whole), _TOGETHER):
        chosen = whole[start : start + _TOGETHER]
        told = _answers(query, [records[index].data for index in chosen])
        for index, answer in zip(chosen, told, strict=True):
            answers[index] = answer
    return answers


def key_texts(keys: dict[str, Any]) -> dict[str, str]:
    """Each key as text; raises FailedRecord for a value that is none."""
    return {name: _text(name, value) for name, value in keys.items()}


def _is_json(data: bytes) -> bool:
    try:
        json.loads(data, parse_constant=_refuse_constant)
    except ValueError:
        return False
    return True


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _answers(query: str, documents: list[bytes]) -> list[Keys]:
    """One run of jq for many documents: starting it for each would take ten times as long."""
    import jq

    program = jq.compile(f"[.[] | (try [first({query})] catch [null, tostring])]")
    told = program.input_text("[" + ",".join(document.decode() for document in documents) + "]").first()
    return [_answer(one) for one in told]


def _answer(told: list[Any]) -> Keys:
    if len(told) == 2:
        return FailedRecord(EXTRACTION, f"jq: {told[1]}")
    if not told or not isinstance(told[0], dict):
        return FailedRecord(EXTRACTION, "The query gave no object")
    return told[0]


def _text(name: str, value: Any) -> str:
    if value is None or value == "" or isinstance(value, dict | list):
        raise FailedRecord(EXTRACTION, f"partitionKeys values must not be null or empty: {name}")
    return value if isinstance(value, str) else json.dumps(value)
