"""A crawl against aws-sdk-pandas' metadata store over the same objects, and how its time grows with them.

Both fill the catalog of one local AWS, a process of its own, from one dataset of Parquet: the peer reads the files
through S3's API and writes through Glue's, the crawler does both inside the server. The second claim is of the crawl
alone, in process: ten times the objects for at most ten times the seconds; ``SCALE=10`` takes it to 200,000.
"""

from __future__ import annotations

import io
import itertools
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet

from benchmarks.harness import Claim, measure, scale
from lakeshift.crawler import CrawlOptions, Target, crawl
from lakeshift.lake import FolderLake
from lakeshift.local import process
from lakeshift.local.main import collect_less
from lakeshift.paths import StateFolder

CLAIM: Final = Claim(
    name="crawl",
    statement="A crawler fills the catalog from 300 Parquet files in 100 partitions in a tenth of the time of "
    "wr.s3.store_parquet_metadata",
    target=0.1,
    peer="aws-sdk-pandas 3.17.1 on the same local AWS",
)
GROWTH: Final = Claim(
    name="crawl.growth",
    statement="A crawl of ten times the objects takes at most ten times the seconds",
    target=1.2,
    peer="ten crawls of a tenth of the objects",
)
_BUCKET: Final = "crawl-benchmark"
_RECORDS: Final = b'{"id": 1, "name": "a", "value": 1.5, "at": "2013-01-01T00:00:00Z"}\n' * 5
_OBJECTS_A_PARTITION: Final = 10


def main() -> int:
    """Measure both claims; 0 where they hold."""
    with tempfile.TemporaryDirectory(prefix="lakeshift-crawl-") as home:
        against_peer = _against_peer(Path(home) / "state")
        growth = _growth(Path(home))
    return int(not (against_peer and growth))


def _against_peer(home: Path) -> bool:
    state = StateFolder(home)
    facts = process.up(state, 0)
    try:
        os.environ.update(
            AWS_ENDPOINT_URL=facts["endpoint"],
            AWS_ACCESS_KEY_ID="local",
            AWS_SECRET_ACCESS_KEY="local",  # noqa: S106 - a dummy
            AWS_DEFAULT_REGION="us-east-1",
        )
        return _measured(FolderLake(state.buckets))
    finally:
        process.down(state)


def _measured(lake: FolderLake) -> bool:
    import awswrangler
    import boto3

    glue = boto3.client("glue")
    boto3.client("s3").create_bucket(Bucket=_BUCKET)
    _put_parquet(lake, partitions=100, files=3)
    path, numbers = f"s3://{_BUCKET}/sales/", itertools.count()

    def database() -> str:
        name = f"run_{next(numbers)}"
        glue.create_database(DatabaseInput={"Name": name})
        return name

    def ours() -> Any:
        name = database()
        glue.create_crawler(Name=name, Role="r", DatabaseName=name, Targets={"S3Targets": [{"Path": path}]})
        glue.start_crawler(Name=name)
        while glue.get_crawler(Name=name)["Crawler"]["State"] != "READY":
            time.sleep(0.002)
        return _held(glue, name)

    def peer() -> Any:
        name = database()
        awswrangler.s3.store_parquet_metadata(path=path, database=name, table="sales", dataset=True)
        return _held(glue, name)

    return measure(CLAIM, ours, peer, pairs=5, objects=300, partitions=100).holds


def _held(glue: Any, database: str) -> Any:
    """What the catalog holds: columns with their types, and the values of every partition."""
    table = glue.get_table(DatabaseName=database, Name="sales")["Table"]
    columns = [(column["Name"], column["Type"]) for column in table["StorageDescriptor"]["Columns"]]
    pages = glue.get_paginator("get_partitions").paginate(DatabaseName=database, TableName="sales")
    return columns, sorted(tuple(part["Values"]) for page in pages for part in page["Partitions"])


def _put_parquet(lake: FolderLake, partitions: int, files: int) -> None:
    table = pa.table({"id": pa.array(range(100), pa.int64()), "name": ["x"] * 100, "value": [1.5] * 100})
    packed = io.BytesIO()
    pyarrow.parquet.write_table(table, packed)
    for part, number in itertools.product(range(partitions), range(files)):
        lake.put(_BUCKET, f"sales/year=2013/day={part:03}/{number}.parquet", packed.getvalue())


def _growth(home: Path) -> bool:
    collect_less()  # as in the server
    partitions = scale(2000)
    lake = FolderLake(home / "lake")
    _put_json(lake.root / "b", partitions)
    small = [Target(f"s3://b/t{part}/") for part in range(10)]

    def crawled(targets: list[Target]) -> Iterator[int]:
        for target in targets:
            yield sum(len(table.partitions) for table in crawl(lake, [target], CrawlOptions(), {}).tables)

    return measure(
        GROWTH,
        lambda: sum(crawled([Target("s3://b/")])),
        lambda: sum(crawled(small)),
        pairs=5 if partitions <= 2000 else 1,
        objects=partitions * _OBJECTS_A_PARTITION,
        partitions=partitions,
    ).holds


def _put_json(bucket: Path, partitions: int) -> None:
    """Objects of a few hundred bytes below ten folders of one schema."""
    for part in range(partitions):
        folder = bucket / f"t{part % 10}" / f"{part // 10:05}"
        folder.mkdir(parents=True)
        for number in range(_OBJECTS_A_PARTITION):
            (folder / f"{number:04}.json").write_bytes(_RECORDS)


if __name__ == "__main__":
    sys.exit(main())
