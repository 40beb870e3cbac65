"""UNLOAD: the objects it writes, their names and form, and what it refuses."""

from __future__ import annotations

import gzip
import io
import itertools
import json
from collections.abc import Iterator
from typing import Any

import pyarrow.parquet as pq
import pytest

from lakeshift.errors import LakeshiftError
from lakeshift.lake import FolderLake
from lakeshift.redshift import RedshiftError, Result, Session, Warehouse

ROLE = "IAM_ROLE 'arn:aws:iam::000000000000:role/warehouse'"
QUERY = "SELECT a, b FROM t ORDER BY a"
_NUMBERS = itertools.count(1)


class Bench:
    """A database of its own with a table ``t`` of two rows, and one empty bucket, ``data``."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.lake = warehouse.lake
        self.session: Session = warehouse.session(f"db{next(_NUMBERS)}")
        for key in self.keys():
            self.lake.delete("data", key)
        self.session.execute("CREATE TABLE t (a INTEGER, b VARCHAR(20))")
        self.session.execute("INSERT INTO t VALUES (1, 'x,y'), (2, NULL)")

    def unload(self, options: str = "", query: str = QUERY, target: str = "s3://data/out/") -> Result:
        quoted = query.replace("'", "''")
        return self.session.execute(f"UNLOAD ('{quoted}') TO '{target}' {ROLE} {options}")

    def keys(self) -> list[str]:
        return [info.key for info in self.lake.list("data")]

    def read(self, key: str) -> bytes:
        return self.lake.read("data", key)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.session.execute(sql).rows


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    folder = tmp_path_factory.mktemp("warehouse")
    (folder / "buckets" / "data").mkdir(parents=True)
    made = Warehouse(folder / "warehouse.duckdb", FolderLake(folder / "buckets"))
    yield made
    made.close()


@pytest.fixture
def bench(warehouse: Warehouse) -> Iterator[Bench]:
    made = Bench(warehouse)
    yield made
    made.session.close()


TEXTS: dict[str, tuple[str, str, str]] = {
    "pipes by default": ("", "out/0000_part_00", "1|x,y\n2|\n"),
    "another delimiter": ("DELIMITER ';'", "out/0000_part_00", "1;x,y\n2;\n"),
    "null as": ("NULL AS 'NA'", "out/0000_part_00", "1|x,y\n2|NA\n"),
    "csv": ("FORMAT AS CSV", "out/0000_part_00", '1,"x,y"\n2,\n'),
    "csv with header": ("CSV HEADER", "out/0000_part_00", 'a,b\n1,"x,y"\n2,\n'),
    "extension": ("CSV EXTENSION 'csv'", "out/0000_part_00.csv", '1,"x,y"\n2,\n'),
    "one file": ("PARALLEL OFF", "out/000", "1|x,y\n2|\n"),
}


@pytest.mark.parametrize("case", TEXTS)
def test_text_is_written(bench: Bench, case: str) -> None:
    options, key, text = TEXTS[case]
    assert bench.unload(options).row_count == 2
    assert bench.keys() == [key]
    assert bench.read(key).decode() == text


def test_gzip_is_written(bench: Bench) -> None:
    bench.unload("CSV GZIP")
    assert bench.keys() == ["out/0000_part_00.gz"]
    assert gzip.decompress(bench.read("out/0000_part_00.gz")) == b'1,"x,y"\n2,\n'


def test_parquet_keeps_names_and_types(bench: Bench) -> None:
    bench.unload("FORMAT AS PARQUET")
    assert bench.keys() == ["out/0000_part_00.parquet"]
    table = pq.read_table(io.BytesIO(bench.read("out/0000_part_00.parquet")))
    assert [str(kind) for kind in table.schema.types] == ["int32", "string"]
    assert table.to_pylist() == [{"a": 1, "b": "x,y"}, {"a": 2, "b": None}]


def test_manifest_names_what_was_written(bench: Bench) -> None:
    bench.unload("MANIFEST")
    assert json.loads(bench.read("out/manifest")) == {"entries": [{"url": "s3://data/out/0000_part_00"}]}


def test_parquet_manifest_is_what_copy_needs(bench: Bench) -> None:
    bench.unload("PARQUET MANIFEST VERBOSE")
    (entry,) = json.loads(bench.read("out/manifest"))["entries"]
    size = len(bench.read("out/0000_part_00.parquet"))
    assert entry["meta"] == {"content_length": size, "record_count": 2}
    bench.session.execute("CREATE TABLE u (a INTEGER, b VARCHAR(20))")
    bench.session.execute(f"COPY u FROM 's3://data/out/manifest' {ROLE} PARQUET MANIFEST")
    assert bench.rows("SELECT * FROM u ORDER BY a") == [(1, "x,y"), (2, None)]


def test_prefix_is_no_folder(bench: Bench) -> None:
    bench.unload(target="s3://data/out/flights_")
    assert bench.keys() == ["out/flights_0000_part_00"]


def test_query_reads_the_rows_of_its_own_transaction(bench: Bench) -> None:
    bench.session.execute("BEGIN")
    bench.session.execute("DELETE FROM t WHERE a = 1")
    assert bench.unload().row_count == 1
    bench.session.execute("ROLLBACK")


def test_query_with_quotes_is_one_text(bench: Bench) -> None:
    assert bench.unload(query="SELECT a, 'it''s' AS b FROM t WHERE b = 'x,y'").row_count == 1
    assert bench.read("out/0000_part_00") == b"1|it's\n"


def test_destination_with_objects_is_refused_and_left(bench: Bench) -> None:
    bench.lake.put("data", "out/there", b"kept")
    with pytest.raises(RedshiftError, match="Specified unload destination on S3 is not empty"):
        bench.unload()
    assert bench.keys() == ["out/there"]


def test_allowoverwrite_leaves_other_objects(bench: Bench) -> None:
    bench.lake.put("data", "out/there", b"kept")
    bench.lake.put("data", "out/0000_part_00", b"old")
    bench.unload("ALLOWOVERWRITE")
    assert bench.keys() == ["out/0000_part_00", "out/there"]
    assert bench.read("out/0000_part_00") == b"1|x,y\n2|\n"


def test_cleanpath_removes_what_was_under_the_prefix(bench: Bench) -> None:
    bench.lake.put("data", "out/there", b"old")
    bench.lake.put("data", "elsewhere", b"kept")
    bench.unload("CLEANPATH")
    assert bench.keys() == ["elsewhere", "out/0000_part_00"]


def test_failed_query_writes_nothing_and_leaves_no_folder(bench: Bench) -> None:
    with pytest.raises(RedshiftError):
        bench.unload(query="SELECT 1 / (a - 1) FROM t")
    assert bench.keys() == []
    assert [path.name for path in bench.lake.root.iterdir()] == ["data"]


def test_unload_log_names_the_object(bench: Bench) -> None:
    bench.unload()
    size = len(bench.read("out/0000_part_00"))
    assert bench.rows("SELECT trim(path), line_count, transfer_size FROM stl_unload_log") == [
        ("s3://data/out/0000_part_00", 2, size)
    ]


REFUSED: dict[str, tuple[str, type[LakeshiftError], str]] = {
    "no role": ("UNLOAD ('SELECT 1') TO 's3://data/out/'", RedshiftError, "IAM_ROLE is missing"),
    "a bucket that is not there": (f"UNLOAD ('SELECT 1') TO 's3://nowhere/out/' {ROLE}", RedshiftError, "NoSuchBucket"),
    "a path of this machine": (f"UNLOAD ('SELECT 1') TO '/tmp/out' {ROLE}", RedshiftError, "does not exist"),
    "an unknown table": (f"UNLOAD ('SELECT * FROM z') TO 's3://data/out/' {ROLE}", RedshiftError, '"z" does not exist'),
    "a limit": (f"UNLOAD ('SELECT 1 LIMIT 1') TO 's3://data/out/' {ROLE}", RedshiftError, "Limit clause"),
    "two statements": (
        f"UNLOAD ('SELECT 1; DROP TABLE t') TO 's3://data/out/' {ROLE}",
        LakeshiftError,
        'syntax error at or near ";"',
    ),
    "no query": (
        f"UNLOAD ('DROP TABLE t') TO 's3://data/out/' {ROLE}",
        LakeshiftError,
        'syntax error at or near "DROP"',
    ),
    "a way out of the brackets": (
        f"UNLOAD ('SELECT 1) TO ''/tmp/x''; --') TO 's3://data/out/' {ROLE}",
        LakeshiftError,
        r'syntax error at or near "\)"',
    ),
    "a secret without its key": (
        "UNLOAD ('SELECT 1') TO 's3://data/out/' SECRET_ACCESS_KEY 'canary'",
        RedshiftError,
        "requires ACCESS_KEY_ID",
    ),
    "a change of rows": (
        f"UNLOAD ('DELETE FROM t') TO 's3://data/out/' {ROLE}",
        RedshiftError,
        'syntax error at or near "DELETE"',
    ),
    "a partition by every column": (
        f"UNLOAD ('SELECT 1 AS a') TO 's3://data/out/' {ROLE} PARQUET PARTITION BY (a)",
        RedshiftError,
        "PARTITION BY",
    ),
    "a partition by no column of it": (
        f"UNLOAD ('SELECT 1 AS a') TO 's3://data/out/' {ROLE} PARQUET PARTITION BY (z)",
        RedshiftError,
        "PARTITION BY",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_unload_is_refused_for(bench: Bench, case: str) -> None:
    sql, kind, message = REFUSED[case]
    with pytest.raises(kind, match=message):
        bench.session.execute(sql)
    assert bench.keys() == []
    assert bench.rows("SELECT count(*) FROM t") == [(2,)]
