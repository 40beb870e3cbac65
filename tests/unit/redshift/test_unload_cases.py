"""UNLOAD case by case: options in, objects out; what COPY reads back from them; and what is refused."""

from __future__ import annotations

import bz2
import gzip
import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakeshift.errors import LakeshiftError
from lakeshift.redshift import RedshiftError
from tests.unit.redshift.loading import ROLE, LoadBench


@pytest.fixture(autouse=True)
def table(bench: LoadBench) -> None:
    bench.run("CREATE TABLE t (a INTEGER, b VARCHAR(20), d DATE, f BOOLEAN)")
    bench.run("INSERT INTO t VALUES (1, 'x|y', '2013-01-02', true), (2, NULL, NULL, false)")


def unload(bench: LoadBench, options: str, query: str = "SELECT a, b FROM t ORDER BY a") -> int:
    quoted = query.replace("'", "''")
    return int(bench.run(f"UNLOAD ('{quoted}') TO 's3://data/out/' {ROLE} {options}").row_count)


WRITTEN: dict[str, tuple[str, str, bytes]] = {
    "escape": ("ESCAPE", "0000_part_00", b"1|x\\|y\n2|\\N\n"),
    "addquotes": ("ADDQUOTES", "0000_part_00", b'1|"x|y"\n2|\n'),
    "addquotes and escape": ("ADDQUOTES ESCAPE", "0000_part_00", b'1|"x\\|y"\n2|\\N\n'),
    "header": ("HEADER DELIMITER ';'", "0000_part_00", b"a;b\n1;x|y\n2;\n"),
    "null as": ("NULL AS 'none'", "0000_part_00", b"1|x|y\n2|none\n"),
    "fixedwidth": ("FIXEDWIDTH 'a:3,b:5'", "0000_part_00", b"1  x|y  \n2       \n"),
    "csv with pipes": ("CSV DELIMITER '|'", "0000_part_00", b'1|"x|y"\n2|\n'),
    "json": ("JSON", "0000_part_00", b'{"a":1,"b":"x|y"}\n{"a":2,"b":null}\n'),
    "parallel off": ("PARALLEL OFF", "000", b"1|x|y\n2|\n"),
    "encrypted": ("ENCRYPTED AUTO", "0000_part_00", b"1|x|y\n2|\n"),
    "a key of its own": ("KMS_KEY_ID 'k' ENCRYPTED", "0000_part_00", b"1|x|y\n2|\n"),
    "extension": ("EXTENSION 'txt'", "0000_part_00.txt", b"1|x|y\n2|\n"),
}


@pytest.mark.parametrize("case", WRITTEN)
def test_text_is_written(bench: LoadBench, case: str) -> None:
    options, name, data = WRITTEN[case]
    assert unload(bench, options) == 2
    assert bench.objects() == [f"out/{name}"]
    assert bench.get(f"out/{name}") == data


PACKED = {"GZIP": (".gz", gzip.decompress), "BZIP2": (".bz2", bz2.decompress)}


@pytest.mark.parametrize("kind", PACKED)
def test_packed_files_have_their_ending(bench: LoadBench, kind: str) -> None:
    ending, unpack = PACKED[kind]
    unload(bench, kind)
    assert unpack(bench.get(f"out/0000_part_00{ending}")) == b"1|x|y\n2|\n"


def test_zstd_is_read_back(bench: LoadBench) -> None:
    unload(bench, "ZSTD CSV")
    bench.run("CREATE TABLE u (a INTEGER, b VARCHAR(20))")
    bench.copy("u", "out/0000_part_00.zst", "ZSTD CSV EMPTYASNULL")
    assert bench.rows("SELECT * FROM u ORDER BY a") == [(1, "x|y"), (2, None)]


def test_types_are_written_as_redshift_prints_them(bench: LoadBench) -> None:
    unload(bench, "", "SELECT d, f FROM t ORDER BY a")
    assert bench.get("out/0000_part_00") == b"2013-01-02|t\n|f\n"


def test_json_has_texts_of_dates(bench: LoadBench) -> None:
    unload(bench, "JSON", "SELECT d, f FROM t ORDER BY a")
    lines = bench.get("out/0000_part_00").splitlines()
    assert [json.loads(line) for line in lines] == [{"d": "2013-01-02", "f": True}, {"d": None, "f": False}]


ROUND = {
    "escape": ("ESCAPE ADDQUOTES", "ESCAPE REMOVEQUOTES"),
    "csv": ("CSV NULL AS '@'", "CSV NULL AS '@'"),
    "json": ("JSON", "JSON 'auto'"),
    "parquet": ("PARQUET", "PARQUET"),
    "bzip2": ("CSV BZIP2 NULL AS '@'", "CSV BZIP2 NULL AS '@'"),
}


@pytest.mark.parametrize("case", ROUND)
def test_copy_reads_back_what_unload_wrote(bench: LoadBench, case: str) -> None:
    out, back = ROUND[case]
    bench.run("INSERT INTO t VALUES (3, 'é\"\\\\''\n,\\\\ z', '2013-01-03', NULL), (4, '', NULL, true)")
    unload(bench, out, "SELECT * FROM t")
    bench.run("CREATE TABLE u (a INTEGER, b VARCHAR(20), d DATE, f BOOLEAN)")
    bench.copy("u", "out/", back)
    assert bench.rows("SELECT * FROM u ORDER BY a") == bench.rows("SELECT * FROM t ORDER BY a")


def test_partitions_are_folders_and_their_column_is_left_out(bench: LoadBench) -> None:
    bench.run("INSERT INTO t VALUES (3, 'a/b', '2013-01-02', true)")
    unload(bench, "PARQUET PARTITION BY (d, b)", "SELECT a, d, b FROM t")
    assert bench.objects() == [
        "out/d=2013-01-02/b=a%2Fb/0000_part_00.parquet",
        "out/d=2013-01-02/b=x%7Cy/0000_part_00.parquet",
        "out/d=__HIVE_DEFAULT_PARTITION__/b=__HIVE_DEFAULT_PARTITION__/0000_part_00.parquet",
    ]
    assert pq.read_table(io.BytesIO(bench.get(bench.objects()[0]))).column_names == ["a"]


def test_include_keeps_the_partition_column(bench: LoadBench) -> None:
    unload(bench, "CSV HEADER PARTITION BY (a) INCLUDE")
    assert bench.objects() == ["out/a=1/0000_part_00", "out/a=2/0000_part_00"]
    assert bench.get("out/a=1/0000_part_00") == b"a,b\n1,x|y\n"


def test_a_large_result_is_several_files_of_the_order_of_the_query(bench: LoadBench) -> None:
    bench.run("CREATE TABLE big (n INTEGER, x VARCHAR(120))")
    rows = pa.table({"n": pa.array(range(120_000), pa.int32()), "x": ["0123456789" * 11] * 120_000})
    sink = io.BytesIO()
    pq.write_table(rows, sink)
    bench.put("big.parquet", sink.getvalue())
    bench.copy("big", "big.parquet", "PARQUET")
    bench.lake.delete("data", "big.parquet")
    unload(bench, "PARALLEL OFF MAXFILESIZE 5 MB MANIFEST VERBOSE", "SELECT n, x FROM big ORDER BY n")
    files = [key for key in bench.objects() if key != "out/manifest"]
    assert files == [f"out/{number:03}" for number in range(len(files))]
    assert len(files) >= 3
    assert all(len(bench.get(key)) <= 5 * 1024 * 1024 for key in files)
    numbers = [int(line.split(b"|")[0]) for key in files for line in bench.get(key).splitlines()]
    assert numbers == list(range(120_000))
    document = json.loads(bench.get("out/manifest"))
    assert document["meta"]["record_count"] == 120_000
    assert [item["name"] for item in document["schema"]["elements"]] == ["n", "x"]
    assert len(document["entries"]) == len(files)


def test_slices_write_in_parallel(bench: LoadBench) -> None:
    numbers = "SELECT a.n * 200 + b.n AS n FROM n200 a CROSS JOIN n200 b"
    bench.run("CREATE TABLE n200 (n INTEGER)")
    bench.run(f"INSERT INTO n200 VALUES {', '.join(f'({n})' for n in range(200))}")
    assert unload(bench, "", numbers) == 40_000
    assert bench.objects() == ["out/0000_part_00", "out/0001_part_00"]
    assert bench.rows("SELECT unloaded_rows, unloaded_files_count FROM sys_unload_history") == [(40_000, 2)]


REFUSED = {
    "a limit behind an order": ("", "SELECT a FROM t ORDER BY a LIMIT 1", "Limit clause is not supported"),
    "gzip with parquet": ("PARQUET GZIP", "SELECT a FROM t", "not supported for UNLOAD to PARQUET"),
    "header with json": ("JSON HEADER", "SELECT a FROM t", "not supported for UNLOAD to JSON"),
    "delimiter with fixedwidth": ("FIXEDWIDTH 'a:3' DELIMITER ','", "SELECT a FROM t", "not supported for UNLOAD"),
    "fixedwidth of another number": ("FIXEDWIDTH 'a:3'", "SELECT a, b FROM t", "specification has 1 columns"),
    "two packings": ("GZIP ZSTD", "SELECT a FROM t", "not compatible"),
    "files too small": ("MAXFILESIZE 1 MB", "SELECT a FROM t", "between 5 MB and 6.2 GB"),
    "row groups without parquet": ("ROWGROUPSIZE 32 MB", "SELECT a FROM t", "ROWGROUPSIZE"),
    "a key without encrypted": ("KMS_KEY_ID 'k'", "SELECT a FROM t", "KMS_KEY_ID must be used with ENCRYPTED"),
    "an extension with a path": ("EXTENSION '../x'", "SELECT a FROM t", "Invalid EXTENSION"),
    "an option twice": ("GZIP GZIP", "SELECT a FROM t", "conflicting or redundant"),
    "two statements": ("", "SELECT a FROM t; DROP TABLE t", "syntax error"),
    "a change": ("", "UPDATE t SET a = 1", "syntax error"),
    "a client's key": ("MASTER_SYMMETRIC_KEY 'k' ENCRYPTED AUTO", "SELECT a FROM t", "client-side encryption"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_is_refused_and_nothing_is_written(bench: LoadBench, case: str) -> None:
    options, query, message = REFUSED[case]
    with pytest.raises(LakeshiftError) as caught:
        unload(bench, options, query)
    assert message in str(caught.value)
    assert bench.objects() == []
    assert bench.rows("SELECT count(*) FROM t") == [(2,)]


def test_a_limit_inside_is_no_outer_limit(bench: LoadBench) -> None:
    assert unload(bench, "", "SELECT * FROM (SELECT a FROM t ORDER BY a LIMIT 1) AS q") == 1


def test_a_failed_query_leaves_the_prefix(bench: LoadBench) -> None:
    bench.put("out/there", "kept")
    with pytest.raises(RedshiftError):
        unload(bench, "CLEANPATH", "SELECT 1 / (a - 1) FROM t")
    assert bench.objects() == ["out/there"]
