"""A lake of plain files keeps S3's key space, whatever the key."""

from __future__ import annotations

import itertools
import os
import random
import threading
import time
from pathlib import Path

import pytest

from lakeshift.lake import FolderLake, NoSuchBucketError, NoSuchKeyError, ObjectInfo, bucket_name_fault
from lakeshift.lake.names import is_hidden, is_plain, relative_path

_TRAVERSALS = [
    f"{lead}{'../' * depth}{name}"
    for lead in ("", "/", "a/", "a/b/", "./", "a/./")
    for depth in (1, 2, 5)
    for name in ("etc/passwd", "x", "")
]
_ODD = [
    *("/", "//", "a//b", "a/", "a/b/", "/a", "///a", ".", "..", "./a", "a/.", "a/..", "a/./b", "a/../b", "../a"),
    *("...", "../", "x" * 256, f"a/{'y' * 300}/b", "é" * 128, "日" * 86, "a\0b", "\0", "a/\0/b", "k" * 1024),
    *("\ud800", "a\ud800b", "a\nb", "a\tb", "a\rb", "a b", " ", " /a", "a/ ", "~", "~/a", "-rf", "a*b", "a?b", "a|b"),
    *("a;b", "$HOME", "`a`", "'", '"', "\\", "a\\b", "..\\..\\x", "C:\\x", "CON", "a:b", "%2e%2e/x", "%2F", "a%00b"),
    *("..%2fx", "a&b", "a=b", "a+b", "_temporary/x", "a/_temporary/b", ".spark-staging-1/x", "x.lakeshift-upload"),
    *(".lakeshift-odd-keys/x", "_SUCCESS", ".hidden", ".git/config", "a/.versions/1", "é", "日本語/キー", "\u202e"),
    *("😀/😀", "e\u0301", "\u00e9", "\ufb01"),
]
NASTY = list(dict.fromkeys([*_TRAVERSALS, *_ODD]))


@pytest.fixture
def lake(tmp_path: Path) -> FolderLake:
    (tmp_path / "s3" / "bkt").mkdir(parents=True)
    return FolderLake(tmp_path / "s3")


def test_there_are_at_least_a_hundred_nasty_keys() -> None:
    assert len(NASTY) >= 100


@pytest.mark.parametrize("key", NASTY, ids=ascii)
def test_a_key_is_read_back_and_never_leaves_its_bucket(lake: FolderLake, key: str) -> None:
    lake.put("bkt", key, b"bytes")
    folder = lake.root / "bkt"
    path = lake.path("bkt", key)
    assert folder in path.resolve().parents
    assert [info.key for info in lake.list("bkt")] == [key]
    assert lake.read("bkt", key) == b"bytes"
    assert {file.name for file in lake.root.parent.iterdir()} == {"s3"}
    lake.delete("bkt", key)
    assert list(lake.list("bkt")) == []


def test_all_nasty_keys_live_together_in_byte_order(lake: FolderLake) -> None:
    for key in NASTY:
        lake.put("bkt", key, key.encode("utf-8", "surrogatepass"))
    assert [info.key for info in lake.list("bkt")] == sorted(NASTY)
    for key in NASTY:
        assert lake.read("bkt", key) == key.encode("utf-8", "surrogatepass")


@pytest.mark.parametrize("key", [key for key in NASTY if is_plain(key)], ids=ascii)
def test_a_plain_key_is_its_own_path(key: str) -> None:
    assert relative_path(key) == key
    assert not is_hidden(key)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param("a", "a/b", id="an object, then one below it"),
        pytest.param("a/b", "a", id="an object, then one that is its folder"),
        pytest.param("a/b", "a/b/c/d", id="two folders below an object"),
    ],
)
def test_keys_that_a_file_system_cannot_hold_together_do_live_together(
    lake: FolderLake, first: str, second: str
) -> None:
    lake.put("bkt", first, b"1")
    lake.put("bkt", second, b"2")
    lake.put("bkt", second, b"22")
    assert (lake.read("bkt", first), lake.read("bkt", second)) == (b"1", b"22")
    assert [info.key for info in lake.list("bkt")] == sorted([first, second])


def test_an_empty_folder_is_no_object_and_in_nobodys_way(lake: FolderLake) -> None:
    (lake.root / "bkt" / "a" / "b").mkdir(parents=True)
    assert list(lake.entries("bkt", "", "/")) == []
    lake.put("bkt", "a", b"1")
    assert (lake.root / "bkt" / "a").read_bytes() == b"1"


def test_deleting_the_last_object_removes_its_folders(lake: FolderLake) -> None:
    lake.put("bkt", "a/b/c", b"")
    lake.delete("bkt", "a/b/c")
    assert list((lake.root / "bkt").iterdir()) == []


def _expected(keys: list[str], prefix: str, delimiter: str, after: str) -> list[str]:
    names = []
    for key in sorted(keys):
        if not key.startswith(prefix):
            continue
        end = key.find(delimiter, len(prefix)) if delimiter else -1
        names.append(key if end < 0 else key[: end + len(delimiter)])
    return [name for name, _ in itertools.groupby(names) if name > after]


@pytest.mark.parametrize("seed", range(10))
def test_a_listing_equals_the_one_made_from_all_keys(lake: FolderLake, seed: int) -> None:
    chance = random.Random(seed)
    letters = ["a", "b", "-", ".", "0", "a.b", "é"]
    keys = list({"/".join(chance.choices(letters, k=chance.randint(1, 4))) for _ in range(40)})
    for key in keys:
        lake.put("bkt", key, b"")
    keys = [info.key for info in lake.list("bkt")]
    for prefix in ("", "a", "a/", "a/b", "a-", "zz", "a.b/"):
        for delimiter in ("", "/", "b"):
            for after in ("", "a", "a/b", "a.", "é"):
                if delimiter and after.startswith(prefix) and delimiter in after[len(prefix) :]:
                    continue  # S3 never starts a page inside what it rolled up
                found = [
                    entry.key if isinstance(entry, ObjectInfo) else entry
                    for entry in lake.entries("bkt", prefix, delimiter, after)
                ]
                assert found == _expected(keys, prefix, delimiter, after), (prefix, delimiter, after)


def test_ten_thousand_objects_are_listed_in_under_a_second(lake: FolderLake) -> None:
    for folder in range(10):
        parent = lake.root / "bkt" / f"day={folder}"
        parent.mkdir()
        for number in range(1000):
            (parent / f"{number:04}.json").touch()
    started = time.process_time()
    assert sum(1 for _ in lake.list("bkt")) == 10_000
    assert time.process_time() - started < 1.0


def test_a_page_of_a_large_bucket_reads_only_the_folders_it_needs(
    lake: FolderLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in ("a/1", "b/1", "c/1", "d/1"):
        lake.put("bkt", key, b"")
    read: list[str] = []
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: read.append(Path(path).name) or scandir(path))
    assert [info.key for info in itertools.islice(lake.list("bkt", "", "b/0"), 1)] == ["b/1"]
    assert read == ["bkt", "b"]


def test_a_reader_never_sees_part_of_an_object(lake: FolderLake) -> None:
    bodies = (b"a" * 200_000, b"b" * 300_000)
    lake.put("bkt", "k", bodies[0])
    stop = threading.Event()

    def write() -> None:
        for body in itertools.cycle(bodies):
            if stop.is_set():
                return
            lake.put("bkt", "k", body)

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    try:
        for _ in range(100):
            assert lake.read("bkt", "k") in bodies
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert [info.key for info in lake.list("bkt")] == ["k"]


def test_a_range_is_read_alone(lake: FolderLake) -> None:
    lake.put("bkt", "k", b"0123456789")
    assert lake.read("bkt", "k", 3, 4) == b"3456"


@pytest.mark.parametrize("bucket", ["", ".", "..", "../bkt", "bkt/../bkt", ".versions", "nope", "a\0b"], ids=ascii)
def test_what_is_no_bucket_raises(lake: FolderLake, bucket: str) -> None:
    (lake.root / ".versions").mkdir()
    with pytest.raises(NoSuchBucketError):
        lake.folder(bucket)


@pytest.mark.parametrize("key", ["nope", "a", "a/b/c"])
def test_a_missing_key_raises(lake: FolderLake, key: str) -> None:
    lake.put("bkt", "a/b", b"")
    with pytest.raises(NoSuchKeyError):
        lake.head("bkt", key)
    with pytest.raises(NoSuchKeyError):
        lake.open("bkt", key)


@pytest.mark.parametrize(
    ("name", "good"),
    [
        *((name, True) for name in ("abc", "a-b", "lakeshift-local-raw", "1bucket1", "a.b.c", "a" * 63)),
        *((name, False) for name in ("", "ab", "a" * 64, "Abc", "a_b", "-ab", "ab-", ".ab", "ab.", "a..b", "a/b")),
        *(
            (name, False)
            for name in ("192.168.0.1", "xn--abc", "abc-s3alias", "..", "a b", "a\0b", "é-bucket", "abc\n")
        ),
    ],
    ids=ascii,
)
def test_bucket_names_follow_aws(name: str, good: bool) -> None:
    assert (bucket_name_fault(name) is None) == good
