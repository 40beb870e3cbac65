"""Records of a JSON document stream, as far as they can be decoded."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

import orjson

__all__ = ["MOST", "Decoded", "decode"]

MOST: Final = 1000  # records a classifier looks at
_DOCUMENTS: Final = {dict, list}
_BLANK: Final = b" \t\r\n"
_BLANK_TEXT: Final = " \t\r\n\ufeff"
_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Decoded:
    """``records``: objects and arrays in order; ``damage``: what stopped the decoder before its limits, or ``""``.

    ``lines``: each record lies on one line of its own, as Athena's SerDe needs it.
    """

    records: list[Any]
    damage: str = ""
    lines: bool = True


def decode(data: bytes, *, whole: bool) -> Decoded:
    """Decode up to 1,000 records; they may follow each other with or without line ends, or span lines.

    Decoding ends at the first damage, and the records before it count; damage before any record is skipped line by
    line. With ``whole`` false the data was cut, so an unfinished last record is no damage.
    """
    at = len(_BOM) if data.startswith(_BOM) else 0
    first_damage = ""
    while True:
        found = _decode_from(data, at, whole)
        first_damage = first_damage or found.damage
        if found.records or not found.damage:
            return Decoded(found.records, first_damage, found.lines)
        at = data.find(b"\n", at) + 1
        if not at or not _starts_document(data, at):
            return Decoded([], first_damage)


def _starts_document(data: bytes, at: int) -> bool:
    """Whether any later line can start a record; text that is no JSON at all is not searched line by line."""
    return any(data.find(mark, at) >= 0 for mark in (b"\n{", b"\n[")) or data[at : at + 1] in (b"{", b"[")


def _lines_of_objects(data: bytes, at: int) -> list[Any] | None:
    """The usual case at once: an object or array on each line; None where a line is anything else."""
    lines = data.split(b"\n", MOST) if not at else data[at:].split(b"\n", MOST)
    if len(lines) > MOST:
        del lines[MOST:]
    try:
        records = [orjson.loads(line) for line in lines if line]
    except orjson.JSONDecodeError:
        return None
    return records if set(map(type, records)) <= _DOCUMENTS else None


def _decode_from(data: bytes, at: int, whole: bool) -> Decoded:
    usual = _lines_of_objects(data, at)
    if usual is not None:
        return Decoded(usual)
    records: list[Any] = []
    while len(records) < MOST and at < len(data):
        end = data.find(b"\n", at)
        end = len(data) if end < 0 else end
        line = data[at:end].strip(_BLANK)
        if line:
            try:
                record = orjson.loads(line)
            except orjson.JSONDecodeError:
                return _stream(data, at, whole, records)
            if not isinstance(record, dict | list):
                return Decoded(records, _damage(data, at, "neither an object nor an array"))
            records.append(record)
        at = end + 1
    return Decoded(records)


def _stream(data: bytes, start: int, whole: bool, records: list[Any]) -> Decoded:
    """The general case: one document after the other, wherever lines end."""
    text = data[start:].decode("utf-8", "replace")
    decoder, at = json.JSONDecoder(), 0
    lines = True
    while len(records) < MOST:
        while at < len(text) and text[at] in _BLANK_TEXT:
            at += 1
        if at >= len(text):
            break
        if text[at] not in "{[":
            return Decoded(records, _damage(data, start + len(text[:at].encode()), "no object starts here"), lines)
        try:
            record, end = decoder.raw_decode(text, at)
        except (json.JSONDecodeError, RecursionError) as error:
            if not whole and _is_cut(error, text):
                break
            reason = error.msg if isinstance(error, json.JSONDecodeError) else "nested too deeply"
            return Decoded(records, _damage(data, start + len(text[:at].encode()), reason), lines)
        records.append(record)
        lines = lines and "\n" not in text[at:end] and text[end : end + 1] in ("", "\n", "\r")
        at = end
    return Decoded(records, lines=lines)


def _is_cut(error: json.JSONDecodeError | RecursionError, text: str) -> bool:
    """Whether the decoder ran into the end of the data rather than into something wrong."""
    if isinstance(error, RecursionError):
        return False
    return error.msg.startswith("Unterminated string") or error.pos >= len(text) - 6


def _damage(data: bytes, at: int, reason: str) -> str:
    line = data.count(b"\n", 0, at) + 1
    return f"line {line}: {reason}"
