"""The sample's SQL: every file is Redshift's grammar, and the lake's part runs over a catalog like the sample's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from common.redshift import fill
from lakeshift.deploy.migrations import read_migrations
from lakeshift.lake import FolderLake
from lakeshift.redshift import Warehouse
from lakeshift.redshift.grammar import parse
from lakeshift.redshift.reading import parse_query
from lakeshift.redshift.statements import Query
from lakeshift.redshift.tokens import split_statements
from tests.unit.redshift.loading import LoadBench
from tests.unit.redshift.test_external import FakeCatalog

ROOT = Path(__file__).resolve().parents[3]
SQL = ROOT / "sql" / "redshift"
VALUES = {
    "manifest": "s3://marts/load/run-1/x.manifest",
    "iam_role": "arn:aws:iam::000000000000:role/copy",
    "pipeline_run_id": "run-1",
    "load_set": "x",
    "rows": "1",
}


@pytest.mark.parametrize("file", sorted(path.relative_to(SQL).as_posix() for path in SQL.rglob("*.sql")))
def test_every_file_is_read_alone(file: str) -> None:
    statements = split_statements(fill((SQL / file).read_text(encoding="utf-8"), VALUES))
    assert statements
    for statement in statements:
        read = parse(statement)
        if isinstance(read, Query):
            parse_query(read.sql)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[LoadBench]:
    (tmp_path / "buckets" / "data").mkdir(parents=True)
    catalog = FakeCatalog()
    warehouse = Warehouse(tmp_path / "warehouse.duckdb", FolderLake(tmp_path / "buckets"), catalog)
    catalog.create_database("lakeshift_marts")
    names = ["flight_id", "carrier", "origin", "dest"]
    columns = [
        *((name, "string") for name in names),
        ("dep_delay", "int"),
        ("arr_delay", "int"),
        ("cancelled", "boolean"),
    ]
    catalog.create_table("lakeshift_marts", {
        "Name": "flights_enriched",
        "PartitionKeys": [{"Name": "flight_date", "Type": "date"}],
        "StorageDescriptor": {
            "Columns": [{"Name": name, "Type": kind} for name, kind in columns],
            "Location": "s3://data/flights_enriched/",
            "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
        },
    })  # fmt: skip
    made = LoadBench(warehouse)
    for day in ("2012-12-31", "2013-01-01"):
        rows = {name: [f"{name}-{day}"] for name in names} | {
            "dep_delay": pa.array([1], pa.int32()), "arr_delay": pa.array([2], pa.int32()), "cancelled": [False],
        }  # fmt: skip
        made.parquet(f"flights_enriched/{day}/1.parquet", rows)
        place = {"Location": f"s3://data/flights_enriched/{day}/"}
        catalog.create_partitions(
            "lakeshift_marts", "flights_enriched", [{"Values": [day], "StorageDescriptor": place}]
        )
    yield made
    made.session.close()
    warehouse.close()


def test_the_warehouse_and_the_lake_are_one_view_without_a_day_twice(bench: LoadBench) -> None:
    for one in read_migrations(ROOT):
        if one.path.endswith(("schemas/flights.sql", "flights.fact_flights.sql")):
            for statement in one.statements:
                bench.run(statement)
    for name in ("flights_lake", "v_all_flights"):
        for statement in split_statements((SQL / "spectrum" / f"{name}.sql").read_text(encoding="utf-8")):
            bench.run(statement)
    bench.run(
        "INSERT INTO flights.fact_flights (flight_id, event_time, flight_date, region, carrier, flight, "
        "plane_known, origin, dest, dest_known, time_hour, cancelled, weather_known) VALUES ('f', '2013-01-01', "
        "'2013-01-01', 'JFK', 'AA', 1, false, 'JFK', 'LAX', false, '2013-01-01', false, false)"
    )
    found = bench.rows("SELECT flight_date, kept_in FROM flights.v_all_flights ORDER BY 1")
    assert found == [(dt.date(2012, 12, 31), "lake"), (dt.date(2013, 1, 1), "warehouse")]
