"""Compaction: rows stay, a reader through the catalog sees old or new files, and a kill anywhere leaves one of them."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from common.audit import AuditMismatchError
from common.compaction import Compaction, Outcome, UnsupportedTableError
from common.objects import Objects, split_url
from lakeshift.local.server import LocalAws

LINES = {f"2013-01-0{day}": [f'{{"n": {day}{number}}}' for number in range(6)] for day in (1, 2)}


class Killed(BaseException):
    """The process is gone."""


class Dying:
    """A client that dies at the n-th call, before it is made or after."""

    def __init__(self, client: Any, calls: list[str], at: int = -1, after: bool = False) -> None:
        self._client, self._calls, self._at, self._after = client, calls, at, after

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        if name in ("exceptions", "get_paginator", "meta") or not callable(found):
            return found

        def call(**given: Any) -> Any:
            self._calls.append(name)
            if len(self._calls) == self._at and not self._after:
                raise Killed(name)
            answer = found(**given)
            if len(self._calls) == self._at:
                raise Killed(name)
            return answer

        return call


@dataclass
class Lake:
    """One table of JSON lines with two partitions of six small files each."""

    bucket: str
    database: str
    s3: Any
    glue: Any

    def rewrite(self, s3: Any) -> Any:
        """As Spark would, one line a time."""

        def read(urls: Sequence[str]) -> list[str]:
            bodies = [s3.get_object(Bucket=split_url(url)[0], Key=split_url(url)[1])["Body"].read() for url in urls]
            return [line for body in bodies for line in body.decode().splitlines()]

        def counted(lines: list[str]) -> tuple[int, int]:
            return len(lines), sum(int(hashlib.sha256(line.encode()).hexdigest(), 16) for line in lines)

        def rewrite(_kind: str, urls: Sequence[str], target: str, count: int) -> Any:
            lines = read(urls)
            written = []
            for part in range(count):
                bucket, key = split_url(f"{target}/part-{part}.json")
                s3.put_object(Bucket=bucket, Key=key, Body="\n".join(lines[part::count]).encode())
                written.append(f"s3://{bucket}/{key}")
            return counted(lines), counted(read(written))

        return rewrite

    def compact(self, run: str, now: datetime, s3: Any = None, glue: Any = None, target: int = 1_000) -> Outcome:
        s3, glue = s3 or self.s3, glue or self.glue
        made = Compaction(Objects(s3), glue, self.rewrite(s3), run, target, timedelta(hours=24))
        return made.run(self.database, "t", now)

    def locations(self) -> list[str]:
        pages = self.glue.get_paginator("get_partitions").paginate(DatabaseName=self.database, TableName="t")
        return [one["StorageDescriptor"]["Location"] for page in pages for one in page["Partitions"]]

    def seen(self) -> list[str]:
        """What a reader through the catalog sees now."""
        urls = [item.url for place in self.locations() for item in Objects(self.s3).under(f"{place.rstrip('/')}/")]
        bodies = [Objects(self.s3).read(url).decode() for url in urls]
        return sorted(line for body in bodies for line in body.splitlines())

    def files(self) -> int:
        return sum(1 for _ in Objects(self.s3).under(f"s3://{self.bucket}/"))


EXPECTED = sorted(line for lines in LINES.values() for line in lines)


@pytest.fixture
def lake(local_aws: LocalAws) -> Lake:
    return made()


def made(lines_of: Mapping[str, list[str]] = LINES) -> Lake:
    name = f"compact-{uuid.uuid4().hex[:10]}"
    one = Lake(name, name.replace("-", "_"), boto3.client("s3"), boto3.client("glue"))
    one.s3.create_bucket(Bucket=name)
    one.glue.create_database(DatabaseInput={"Name": one.database})
    storage = {"Columns": [{"Name": "n", "Type": "int"}], "Location": f"s3://{name}/t/"}
    one.glue.create_table(
        DatabaseName=one.database,
        TableInput={
            "Name": "t",
            "Parameters": {"classification": "json", "compaction": "allowed"},
            "PartitionKeys": [{"Name": "day", "Type": "string"}],
            "StorageDescriptor": storage,
        },
    )
    for day, lines in lines_of.items():
        place = f"t/day={day}"
        for number, line in enumerate(lines):
            one.s3.put_object(Bucket=name, Key=f"{place}/{number}.json", Body=line.encode())
        given = {"Values": [day], "StorageDescriptor": {**storage, "Location": f"s3://{name}/{place}/"}}
        one.glue.create_partition(DatabaseName=one.database, TableName="t", PartitionInput=given)
    return one


def test_many_files_become_few_and_the_old_ones_go_later(lake: Lake) -> None:
    now = datetime.now(UTC)
    done = lake.compact("one", now)
    assert (done.rows, done.files_before, done.files_after, done.compacted) == (12, 12, 2, 2)
    assert lake.seen() == EXPECTED
    assert all(".compacted/one/day=2013-01-0" in place for place in lake.locations())
    assert lake.files() == 14  # a reader at the old ones goes on
    assert lake.compact("two", now + timedelta(hours=1)).compacted == 0
    done = lake.compact("three", now + timedelta(hours=25))
    assert (done.removed, done.compacted, lake.files()) == (12, 0, 2)
    assert lake.seen() == EXPECTED


def test_killed_at_any_call_a_reader_sees_all_rows_once_and_a_rerun_ends_well(local_aws: LocalAws) -> None:
    few = {"2013-01-01": ['{"n": 1}', '{"n": 2}']}
    expected, calls, lake = few["2013-01-01"], list[str](), made(few)
    lake.compact("whole", datetime.now(UTC), Dying(lake.s3, calls), Dying(lake.glue, calls), target=10**9)
    assert calls.count("update_partition") == 1
    for at in range(1, len(calls) + 1):
        lake, died = made(few), list[str]()
        dying = [Dying(client, died, at, after=bool(at % 2)) for client in (lake.s3, lake.glue)]
        with pytest.raises(Killed):
            lake.compact("killed", datetime.now(UTC), *dying, target=10**9)
        assert lake.seen() == expected, (at, died[-1])
        for run, days in (("again", 0), ("later", 2), ("last", 4)):
            lake.compact(run, datetime.now(UTC) + timedelta(days=days), target=10**9)
            assert lake.seen() == expected, (at, died[-1], run)
        assert lake.files() == 1, (at, died[-1])


def test_rows_that_do_not_come_out_stop_it_before_the_swap(lake: Lake) -> None:
    lossy = Compaction(Objects(lake.s3), lake.glue, lambda *_: ((6, 1), (5, 1)), "lossy", 1_000, timedelta(hours=24))
    with pytest.raises(AuditMismatchError, match="6 rows were read and 5 written"):
        lossy.run(lake.database, "t", datetime.now(UTC))
    assert lake.seen() == EXPECTED
    assert lake.files() == 12


def test_a_partition_that_is_written_to_meanwhile_is_left_for_the_next_run(lake: Lake) -> None:
    inner = lake.rewrite(lake.s3)

    def late(kind: str, urls: Sequence[str], target: str, count: int) -> Any:
        if "day=2013-01-01" in target:
            lake.s3.put_object(Bucket=lake.bucket, Key="t/day=2013-01-01/late.json", Body=b'{"n": 99}')
        return inner(kind, urls, target, count)

    done = Compaction(Objects(lake.s3), lake.glue, late, "r", 1_000, timedelta(hours=24)).run(
        lake.database, "t", datetime.now(UTC)
    )
    assert (done.compacted, done.skipped) == (1, 1)
    assert lake.seen() == sorted([*EXPECTED, '{"n": 99}'])


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ({"classification": "json"}, "compaction=allowed"),
        ({"classification": "csv", "compaction": "allowed"}, "only parquet and json"),
        ({"table_type": "ICEBERG", "compaction": "allowed"}, "OPTIMIZE"),
    ],
)
def test_a_table_that_must_not_be_compacted_is_refused(lake: Lake, parameters: dict[str, str], told: str) -> None:
    table = lake.glue.get_table(DatabaseName=lake.database, Name="t")["Table"]
    given = {key: table[key] for key in ("Name", "StorageDescriptor", "PartitionKeys")}
    lake.glue.update_table(DatabaseName=lake.database, TableInput={**given, "Parameters": parameters})
    with pytest.raises(UnsupportedTableError, match=told):
        lake.compact("r", datetime.now(UTC))
