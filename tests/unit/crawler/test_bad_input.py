"""Objects that are wrong: the crawl goes on without them or with what can be read, and says which they are."""

from __future__ import annotations

import gzip
import os
from pathlib import Path
from typing import Any

import pytest

from lakeshift.crawler import CrawlPlan
from lakeshift.crawler.sample import FIRST, FURTHEST, take
from tests.unit.crawler.lakes import Lake, columns
from tests.unit.crawler.packed import zipped

_GIB = 1 << 30
_AB = {"a": 1, "b": "x"}
_CSV = b"id,name\n1,x\n2,y\n"
_MANY = _CSV + b"3,z\n" * 2000


def sparse(lake: Lake, key: str, head: bytes, size: int, tail: bytes = b"") -> None:
    """An object of ``size`` bytes, nearly all of them zeros that take no room on the disk."""
    path = lake.files.folder("b") / key
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
        stream.write(head)
        stream.truncate(size - len(tail))
        stream.seek(0, os.SEEK_END)
        stream.write(tail)


@pytest.fixture
def bytes_read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many bytes each read of an object's head returned."""
    told: list[int] = []
    read = os.read

    def counted(descriptor: int, length: int) -> bytes:
        data = read(descriptor, length)
        told.append(len(data))
        return data

    monkeypatch.setattr(os, "read", counted)
    return told


@pytest.mark.parametrize("head", [b'{"a": "', b"id,name\n1,", b"x", b"<a><b>"], ids=["json", "csv", "text", "xml"])
def test_a_line_of_a_gibibyte_is_read_in_bounded_pieces(lake: Lake, bytes_read: list[int], head: bytes) -> None:
    sparse(lake, "t/huge", head, _GIB, b'"}\n')
    lake.put({"t/x.json": _AB}).crawl("t/")
    assert lake.tables()["t"] == {"a": "int", "b": "string"}
    assert max(bytes_read) <= FURTHEST


def test_a_text_line_that_never_ends_is_looked_at_to_the_limit_and_no_further(
    lake: Lake, bytes_read: list[int]
) -> None:
    lake.put({"t/long": b"y" * (FURTHEST + FIRST)}).crawl("t/")
    assert lake.catalog["t"].table["Parameters"]["classification"] == "UNKNOWN"
    assert max(bytes_read) == FURTHEST


def test_more_is_read_a_mebibyte_at_a_time_until_a_record_ends(lake: Lake, bytes_read: list[int]) -> None:
    lake.put({"t/x.json": [{"a": "x" * (3 * FIRST)}, {"a": "y"}, {"a": "z" * (2 * FIRST)}]}).crawl("t/")
    assert bytes_read == [FIRST, 2 * FIRST, 3 * FIRST, 4 * FIRST]
    assert lake.catalog["t"].table["Parameters"]["averageRecordSize"] == str(4 * FIRST // 2)


def test_an_archive_that_unpacks_to_much_is_read_in_bounded_pieces(lake: Lake) -> None:
    packed = zipped(b"\0" * (16 << 20))
    lake.put({"t/bomb.zip": packed, "t/bomb.gz": gzip.compress(b"\0" * (16 << 20))})
    for info in lake.files.list("b", "t/"):
        assert len(take(lake.files, info).data) == FIRST


class Wrong:
    """Objects beside one good one, and what is told of them."""

    def __init__(self, data: bytes, code: str, text: str) -> None:
        self.data, self.code, self.text = data, code, text


WRONG = {
    "truncated-gzip": Wrong(
        gzip.compress(_CSV + b"3,z\n" * 2000)[:60], "truncated-archive", "gzip ends before its data does"
    ),
    "gzip-of-nothing": Wrong(b"\x1f\x8b", "unreadable", "gzip ends before its data does"),
    "damaged-gzip": Wrong(b"\x1f\x8b\x08\x00" + b"\xff" * 40, "unreadable", "gzip cannot be read"),
    "damaged-zip": Wrong(zipped(_CSV)[:40], "unreadable", "zip cannot be read"),
    "damaged-bzip2": Wrong(b"BZh9" + b"\xff" * 40, "unreadable", "bzip2 cannot be read"),
    "damaged-lz4": Wrong(b"\x04\x22\x4d\x18" + b"\xff" * 40, "unreadable", "lz4 cannot be read"),
    "parquet-without-a-footer": Wrong(b"PAR1" + b"\0" * 40, "unreadable", "no classifier"),
    "avro-without-a-header": Wrong(b"Obj\x01" + b"\xff" * 40, "unreadable", "no classifier"),
    "utf-16": Wrong("id,name\n1,x\n2,y\n".encode("utf-16"), "unreadable", "UTF-16"),
    "nested-too-deeply": Wrong(b"[" * 100_000, "unreadable", "no classifier"),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=list(WRONG))
def test_a_wrong_object_is_named_and_the_others_are_read(lake: Lake, wrong: Wrong) -> None:
    good = gzip.compress(_CSV) if wrong.code == "truncated-archive" else _CSV
    plan = lake.put({"t/good": good, "t/wrong": wrong.data}).crawl("t/")
    assert columns(lake.catalog["t"].table) == {"id": "bigint", "name": "string"}
    assert told(plan, "s3://b/t/wrong", wrong.text)


def told(plan: CrawlPlan, where: str, text: str) -> bool:
    said: list[Any] = [*plan.advice, *plan.decisions]
    return any(getattr(one, "where", getattr(one, "path", "")) == where and text in one.text for one in said)


def test_mixed_encodings_in_one_folder(lake: Lake) -> None:
    lake.put({"t/utf8.csv": "id,name\n1,caf\u00e9\n2,x\n".encode(), "t/latin.csv": b"id,name\n1,caf\xe9\n2,x\n"})
    record = '{"a":1,"b":2,"c":3,"caf\u00e9":4}\n'
    lake.put({"j/utf8.json": record.encode(), "j/latin.json": record.encode("latin-1")}).crawl("t/", "j/")
    assert lake.tables()["t"] == {"id": "bigint", "name": "string"}
    assert lake.tables()["j"] == dict.fromkeys(("a", "b", "c", "caf\ufffd", "caf\u00e9"), "int")


def test_an_object_that_vanishes_while_it_is_crawled_is_named(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    lake.put({"t/gone.json": _AB, "t/x.json": _AB})
    open_ = os.open

    def vanishing(path: Any, *given: Any) -> int:
        Path(path).unlink() if str(path).endswith("gone.json") else None
        return open_(path, *given)

    monkeypatch.setattr(os, "open", vanishing)
    plan = lake.crawl("t/")
    assert lake.tables()["t"] == {"a": "int", "b": "string"}
    assert told(plan, "s3://b/t/gone.json", "cannot be read")
