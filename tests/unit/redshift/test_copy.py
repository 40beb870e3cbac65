"""COPY: what it reads, what it refuses, and what a refused load leaves."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.orc as orc
import pytest

from lakeshift.errors import LakeshiftError, NotSupportedLocallyError
from lakeshift.redshift import RedshiftError
from tests.unit.redshift.loading import ROLE, LoadBench


def entry(url: str, size: int | None = None, **more: Any) -> dict[str, Any]:
    meta = {} if size is None else {"meta": {"content_length": size}}
    return {"url": f"s3://data/{url}", **meta, **more}


# Parquet and its manifest.


def test_parquet_goes_by_position_not_by_name(bench: LoadBench) -> None:
    bench.run("CREATE TABLE t (a INTEGER, b VARCHAR(8))")
    bench.parquet("in/1.parquet", {"b": pa.array([7], pa.int32()), "a": ["seven"]})
    assert bench.copy("t", "in/", "FORMAT AS PARQUET").row_count == 1
    assert bench.rows("SELECT a, b FROM t") == [(7, "seven")]


def test_prefix_reads_every_object_but_hidden_and_empty_ones(bench: LoadBench) -> None:
    bench.run("CREATE TABLE t (a INTEGER)")
    for key in ("in/1.parquet", "in/2.parquet", "in/_SUCCESS", "in/.hidden", "in-also/3.parquet"):
        bench.parquet(key, {"a": pa.array([1], pa.int32())})
    bench.put("in/empty.parquet", b"")
    assert bench.copy("t", "in/", "PARQUET").row_count == 2


def test_every_type_of_the_sample_arrives_as_it_was_written(bench: LoadBench) -> None:
    bench.run(
        "CREATE TABLE t (s SMALLINT, i INTEGER, b BIGINT, r REAL, d DOUBLE PRECISION, n DECIMAL(10, 2), f BOOLEAN, "
        "c CHAR(4), v VARCHAR(8), day DATE, at TIMESTAMP)"
    )
    moment = dt.datetime(2013, 1, 1, 5, 17, 0, 123456)
    row = (1, 2, 3, 0.5, 0.25, Decimal("12.34"), True, "ab", "cdé", moment.date(), moment)
    kinds = [
        *(pa.int16(), pa.int32(), pa.int64(), pa.float32(), pa.float64(), pa.decimal128(10, 2), pa.bool_()),
        *(pa.string(), pa.string(), pa.date32(), pa.timestamp("us")),
    ]
    bench.parquet(
        "in/1.parquet",
        {f"x{n}": pa.array([value, None], kind) for n, (value, kind) in enumerate(zip(row, kinds, strict=True))},
    )
    assert bench.copy("t", "in/", "PARQUET").row_count == 2
    assert bench.rows("SELECT * FROM t WHERE i IS NOT NULL") == [row]
    assert bench.rows("SELECT * FROM t WHERE i IS NULL") == [(None,) * len(row)]


def test_manifest_names_exactly_what_is_loaded(bench: LoadBench) -> None:
    bench.run("CREATE TABLE t (a INTEGER)")
    size = bench.parquet("in/1.parquet", {"a": pa.array([1], pa.int32())})
    bench.parquet("in/2.parquet", {"a": pa.array([2], pa.int32())})
    bench.manifest("m.json", entry("in/1.parquet", size, mandatory=True))
    bench.copy("t", "m.json", "FORMAT AS PARQUET MANIFEST")
    assert bench.rows("SELECT a FROM t") == [(1,)]


def test_manifest_leaves_out_an_absent_object_that_is_not_mandatory(bench: LoadBench) -> None:
    bench.run("CREATE TABLE t (a INTEGER)")
    size = bench.parquet("in/1.parquet", {"a": pa.array([1], pa.int32())})
    bench.manifest("m.json", entry("in/1.parquet", size), entry("in/gone.parquet", 5, mandatory=False))
    assert bench.copy("t", "m.json", "PARQUET MANIFEST").row_count == 1


REFUSED_MANIFESTS: dict[str, tuple[Any, str]] = {
    "a mandatory object is absent": (
        {"entries": [entry("in/gone.parquet", 5, mandatory=True)]},
        "Mandatory url is not present in S3: s3://data/in/gone.parquet",
    ),
    "content_length is missing": ({"entries": [entry("in/1.parquet")]}, "Missing content_length"),
    "content_length is another": ({"entries": [entry("in/1.parquet", 5)]}, "File size does not match content_length"),
    "no entry is there": ({"entries": []}, "has no entries"),
    "nothing but optional, absent objects": ({"entries": [entry("in/gone.parquet", 5)]}, "does not exist"),
    "it is no object": ([1], "Invalid JSON format in manifest file"),
    "it is no JSON": ("{", "Invalid JSON format in manifest file"),
    "the url is no S3 url": ({"entries": [{"url": "/etc/passwd", "meta": {"content_length": 1}}]}, "Invalid url"),
    "the url is of a bucket": ({"entries": [{"url": "s3://data/", "meta": {"content_length": 1}}]}, "Invalid url"),
    "the entry is text": ({"entries": ["s3://data/in/1.parquet"]}, "Invalid url"),
}


@pytest.mark.parametrize("case", REFUSED_MANIFESTS)
def test_manifest_is_refused_where(bench: LoadBench, case: str) -> None:
    document, message = REFUSED_MANIFESTS[case]
    bench.run("CREATE TABLE t (a INTEGER)")
    bench.parquet("in/1.parquet", {"a": pa.array([1], pa.int32())})
    bench.put("m.json", document if isinstance(document, str) else json.dumps(document))
    with pytest.raises(RedshiftError, match=message):
        bench.copy("t", "m.json", "PARQUET MANIFEST")
    assert bench.rows("SELECT count(*) FROM t") == [(0,)]


def test_manifest_over_one_megabyte_is_refused(bench: LoadBench) -> None:
    bench.run("CREATE TABLE t (a INTEGER)")
    bench.put("m.json", " " * (1024 * 1024 + 1))
    with pytest.raises(RedshiftError, match="exceeds the maximum size of 1 MB"):
        bench.copy("t", "m.json", "PARQUET MANIFEST")


REFUSED_SOURCES = {
    "s3://data/nothing/": "The specified S3 prefix 'nothing/' does not exist",
    "s3://no-such-bucket/in/": "The specified bucket does not exist,Status 404,Error NoSuchBucket",
}


@pytest.mark.parametrize("source", REFUSED_SOURCES)
def test_source_that_is_not_there_is_refused(bench: LoadBench, source: str) -> None:
    bench.run("CREATE TABLE t (a INTEGER)")
    with pytest.raises(RedshiftError, match=REFUSED_SOURCES[source]):
        bench.run(f"COPY t FROM '{source}' {ROLE} PARQUET")


def test_absent_manifest_is_refused(bench: LoadBench) -> None:
    bench.run("CREATE TABLE t (a INTEGER)")
    with pytest.raises(RedshiftError, match=r"Problem reading manifest file - .*Error NoSuchKey"):
        bench.copy("t", "m.json", "PARQUET MANIFEST")


REFUSED_PARQUET: dict[str, tuple[str, dict[str, Any], str]] = {
    "fewer columns": ("a INTEGER, b INTEGER", {"a": pa.array([1], pa.int32())}, "Table columns: 2, Data columns: 1"),
    "more columns": (
        "a INTEGER",
        {"a": pa.array([1], pa.int32()), "b": pa.array([1], pa.int32())},
        "Unmatched number of columns between table and file. Table columns: 1, Data columns: 2",
    ),
    "bigint into integer": ("a INTEGER", {"a": pa.array([1], pa.int64())}, "incompatible Parquet schema for column"),
    "integer into bigint": ("a BIGINT", {"a": pa.array([1], pa.int32())}, "Column type: BIGINT"),
    "text into date": ("a DATE", {"a": ["2013-01-01"]}, "incompatible Parquet schema"),
    "list into varchar": ("a VARCHAR(9)", {"a": [[1, 2]]}, "incompatible Parquet schema"),
    "text too long": (
        "a VARCHAR(3)",
        {"a": ["abcd"]},
        r"The length of the data column a is longer than the length defined in the table. Table: 3, Data: 4",
    ),
    "text too long in bytes": ("a VARCHAR(3)", {"a": ["éé"]}, "Table: 3, Data: 4"),
    "null into not null": ("a VARCHAR(3) NOT NULL", {"a": ["x", None]}, "Missing data for not-null field a"),
}


@pytest.mark.parametrize("case", REFUSED_PARQUET)
def test_parquet_is_refused_where_it_does_not_fit(bench: LoadBench, case: str) -> None:
    columns, table, message = REFUSED_PARQUET[case]
    bench.run(f"CREATE TABLE t ({columns})")
    bench.parquet("in/1.parquet", table)
    with pytest.raises(RedshiftError, match=message):
        bench.copy("t", "in/", "PARQUET")
    assert bench.rows("SELECT count(*) FROM t") == [(0,)]
    assert bench.rows("SELECT status, loaded_rows FROM sys_load_history") == [("aborted", 0)]


def test_damaged_parquet_is_named(bench: LoadBench) -> None:
    bench.run("CREATE TABLE t (a INTEGER)")
    bench.put("in/1.parquet", b"PAR1 no parquet at all PAR1")
    with pytest.raises(RedshiftError):
        bench.copy("t", "in/", "PARQUET")


def test_nested_values_go_into_super_with_serializetojson(bench: LoadBench) -> None:
    bench.run("CREATE TABLE t (a SUPER)")
    bench.parquet("in/1.parquet", {"a": [[1, 2]]})
    bench.copy("t", "in/", "PARQUET SERIALIZETOJSON")
    assert [json.loads(str(value)) for (value,) in bench.rows("SELECT a FROM t")] == [[1, 2]]


def test_orc_is_read(bench: LoadBench, tmp_path: Path) -> None:
    bench.run("CREATE TABLE t (a INTEGER, b VARCHAR(8))")
    orc.write_table(pa.table({"a": pa.array([1, 2], pa.int32()), "b": ["x", "y"]}), tmp_path / "1.orc")
    bench.put("in/1.orc", (tmp_path / "1.orc").read_bytes())
    assert bench.copy("t", "in/", "FORMAT ORC").row_count == 2
    assert bench.rows("SELECT a, b FROM t ORDER BY a") == [(1, "x"), (2, "y")]


def test_key_with_pattern_characters_means_itself(bench: LoadBench) -> None:
    bench.run("CREATE TABLE t (a INTEGER)")
    size = bench.parquet("in/[a]*?'.parquet", {"a": pa.array([1], pa.int32())})
    bench.parquet("in/aZZ'.parquet", {"a": pa.array([2], pa.int32())})
    bench.manifest("m.json", entry("in/[a]*?'.parquet", size))
    bench.copy("t", "m.json", "PARQUET MANIFEST")
    assert bench.rows("SELECT a FROM t") == [(1,)]


# CSV, delimited text and JSON: one table, its options, and the rows they make.

TEXTS: dict[str, tuple[str, str, str, list[tuple[Any, ...]]]] = {
    "csv": ("a INTEGER, b VARCHAR(20)", "CSV", '1,"x, ""y"""\n2,\n', [(1, 'x, "y"'), (2, "")]),
    "csv with header": ("a INTEGER, b VARCHAR(20)", "CSV IGNOREHEADER 1", "a,b\n1,x\n", [(1, "x")]),
    "csv with its own delimiter": ("a INTEGER, b VARCHAR(20)", "CSV DELIMITER ';'", "1;x,y\n", [(1, "x,y")]),
    "csv with its own quote": ("a INTEGER, b VARCHAR(20)", "CSV QUOTE '%'", "1,%x,y%\n", [(1, "x,y")]),
    "a quoted line break": ("a INTEGER, b VARCHAR(20)", "CSV", '1,"x\ny"\n2,z\n', [(1, "x\ny"), (2, "z")]),
    "pipe is the delimiter": ("a INTEGER, b VARCHAR(20)", "", "1|x\n2|y\n", [(1, "x"), (2, "y")]),
    "tab": ("a INTEGER, b VARCHAR(20)", "DELIMITER '\t'", "1\tx\n", [(1, "x")]),
    "a delimiter at the end": ("a INTEGER, b VARCHAR(20)", "", "1|x|\n", [(1, "x")]),
    "null as": ("a INTEGER, b VARCHAR(20)", "NULL AS 'NA'", "NA|NA\n1|x\n", [(1, "x"), (None, None)]),
    "empty is no null in text": ("a INTEGER, b VARCHAR(20)", "", "|\n", [(None, "")]),
    "emptyasnull": ("a INTEGER, b VARCHAR(20)", "EMPTYASNULL", "1|\n", [(1, None)]),
    "blanksasnull": ("a INTEGER, b VARCHAR(20)", "BLANKSASNULL", "1|   \n", [(1, None)]),
    "trimblanks": ("a INTEGER, b VARCHAR(20)", "TRIMBLANKS", "1|x  \n", [(1, "x")]),
    "removequotes": ("a INTEGER, b VARCHAR(20)", "REMOVEQUOTES", "1|'x'\n", [(1, "x")]),
    "ignoreblanklines": ("a INTEGER, b VARCHAR(20)", "IGNOREBLANKLINES", "1|x\n\n2|y\n", [(1, "x"), (2, "y")]),
    "fillrecord": ("a INTEGER, b VARCHAR(20)", "FILLRECORD", "1\n", [(1, "")]),
    "truncatecolumns by bytes": ("a INTEGER, b VARCHAR(3)", "TRUNCATECOLUMNS", "1|aéb\n", [(1, "aé")]),
    "booleans": ("a INTEGER, b BOOLEAN", "", "1|T\n2|no\n3|0\n", [(1, True), (2, False), (3, False)]),
    "dates by themselves": (
        "a INTEGER, b DATE",
        "DATEFORMAT 'auto'",
        "1|2013-01-02\n2|20130102\n",
        [(n, dt.date(2013, 1, 2)) for n in (1, 2)],
    ),
    "dateformat": ("a INTEGER, b DATE", "DATEFORMAT 'DD.MM.YYYY'", "1|02.01.2013\n", [(1, dt.date(2013, 1, 2))]),
    "timeformat": (
        "a INTEGER, b TIMESTAMP",
        "TIMEFORMAT 'YYYY-MM-DD HH24:MI'",
        "1|2013-01-02 05:17\n",
        [(1, dt.datetime(2013, 1, 2, 5, 17))],
    ),
    "epochsecs": ("a INTEGER, b TIMESTAMP", "TIMEFORMAT 'epochsecs'", "1|60\n", [(1, dt.datetime(1970, 1, 1, 0, 1))]),
    "epochmillisecs": (
        "a INTEGER, b TIMESTAMP",
        "TIMEFORMAT 'epochmillisecs'",
        "1|60500\n",
        [(1, dt.datetime(1970, 1, 1, 0, 1, 0, 500000))],
    ),
    "acceptanydate": ("a INTEGER, b DATE", "ACCEPTANYDATE DATEFORMAT 'auto'", "1|never\n", [(1, None)]),
    "decimal": ("a INTEGER, b DECIMAL(6, 2)", "", "1|12.3\n", [(1, Decimal("12.30"))]),
    "char": ("a INTEGER, b CHAR(5)", "", "1|ab \n", [(1, "ab")]),
    "columns in another order": ("a INTEGER, b VARCHAR(20)", "CSV", "x,1\n", [(1, "x")]),
    "json lines": (
        "a INTEGER, b VARCHAR(20)",
        "FORMAT AS JSON 'auto'",
        '{"b": "x", "a": 1, "more": true}\n\n{"a": 2}\n',
        [(1, "x"), (2, None)],
    ),
}


@pytest.mark.parametrize("case", TEXTS)
def test_text_is_read(bench: LoadBench, case: str) -> None:
    columns, options, text, rows = TEXTS[case]
    bench.run(f"CREATE TABLE t ({columns})")
    bench.put("in/1.txt", text)
    order = " (b, a)" if case == "columns in another order" else ""
    assert bench.copy(f"t{order}", "in/", options).row_count == len(rows)
    assert bench.rows("SELECT a, b FROM t ORDER BY a NULLS LAST") == rows


def test_gzip_is_read(bench: LoadBench) -> None:
    bench.run("CREATE TABLE t (a INTEGER)")
    bench.put("in/1.csv.gz", gzip.compress(b"1\n2\n"))
    assert bench.copy("t", "in/", "CSV GZIP").row_count == 2


def test_text_manifest_needs_no_content_length(bench: LoadBench) -> None:
    bench.run("CREATE TABLE t (a INTEGER)")
    bench.put("in/1.csv", "1\n")
    bench.manifest("m.json", entry("in/1.csv"))
    assert bench.copy("t", "m.json", "CSV MANIFEST").row_count == 1


def test_identity_column_counts_by_itself(bench: LoadBench) -> None:
    bench.run("CREATE TABLE t (id INTEGER IDENTITY(1, 1), a VARCHAR(9))")
    bench.put("in/1.csv", "x\ny\n")
    bench.copy("t", "in/", "CSV")
    assert [a for _, a in bench.rows("SELECT id, a FROM t ORDER BY id")] == ["x", "y"]
    assert len({number for number, _ in bench.rows("SELECT id, a FROM t")}) == 2


# What is wrong in a row: its code and text, as STL_LOAD_ERRORS has them.

BAD_ROWS: dict[str, tuple[str, str, str, tuple[Any, ...]]] = {
    "no number": ("a INTEGER", "CSV", "x\n", ("a", 1207, "x", 1)),
    "no whole number": ("a INTEGER", "CSV", "1.5\n", ("a", 1207, "1.5", 1)),
    "number too large": ("a SMALLINT", "CSV", "40000\n", ("a", 1222, "40000", 1)),
    "no boolean": ("a BOOLEAN", "CSV", "perhaps\n", ("a", 1210, "perhaps", 1)),
    "no date": ("a DATE", "CSV", "2013-13-01\n", ("a", 1205, "2013-13-01", 1)),
    "no timestamp": ("a TIMESTAMP", "CSV", "yesterday\n", ("a", 1206, "yesterday", 1)),
    "text too long": ("a VARCHAR(2)", "CSV", "abc\n", ("a", 1204, "abc", 1)),
    "text too long in bytes": ("a VARCHAR(2)", "CSV", "éé\n", ("a", 1204, "éé", 1)),
    "null into not null": ("a INTEGER NOT NULL, b INTEGER", "CSV", ",1\n", ("a", 1213, "", 1)),
    "a field too few": ("a INTEGER, b INTEGER", "", "1\n", ("", 1201, "", 1)),
    "a field too many": ("a INTEGER, b INTEGER", "", "1|2|3\n", ("", 1202, "", 1)),
    "a csv field too few": ("a INTEGER, b INTEGER", "CSV", "1\n", ("", 1201, "", 1)),
    "a csv field too many": ("a INTEGER, b INTEGER", "CSV", "1,2,3\n", ("", 1202, "", 1)),
    "many csv fields too many": ("a INTEGER, b INTEGER", "CSV", "1,2,3,4,5\n", ("", 1202, "", 1)),
    "no json": ("a INTEGER", "JSON 'auto'", "{a\n", ("", 1216, "", 1)),
    "the line behind a header": ("a INTEGER", "CSV IGNOREHEADER 1", "a\n1\nx\n", ("a", 1207, "x", 3)),
}


@pytest.mark.parametrize("case", BAD_ROWS)
def test_bad_row_stops_the_load_and_is_told(bench: LoadBench, case: str) -> None:
    columns, options, text, told = BAD_ROWS[case]
    bench.run(f"CREATE TABLE t ({columns})")
    bench.put("in/1.txt", text)
    with pytest.raises(RedshiftError, match=r"Load into table 't' failed\.  Check 'stl_load_errors' system table"):
        bench.copy("t", "in/", options)
    found = bench.rows("SELECT trim(colname), err_code, trim(raw_field_value), line_number FROM stl_load_errors")
    assert found == [told]
    assert bench.rows("SELECT trim(filename), tbl FROM stl_load_errors") == [("s3://data/in/1.txt", "t")]
    assert bench.rows("SELECT count(*) FROM t") == [(0,)]


def test_maxerror_lets_that_many_rows_go_and_notes_each(bench: LoadBench) -> None:
    bench.run("CREATE TABLE t (a INTEGER)")
    bench.put("in/1.csv", "1\nx\n2\ny\n")
    assert bench.copy("t", "in/", "CSV MAXERROR 2").row_count == 2
    assert bench.rows("SELECT raw_field_value FROM stl_load_errors ORDER BY line_number") == [("x",), ("y",)]
    assert bench.rows("SELECT status, loaded_rows, error_count FROM sys_load_history") == [("completed", 2, 2)]


def test_one_error_over_maxerror_loads_nothing_of_any_file(bench: LoadBench) -> None:
    bench.run("CREATE TABLE t (a INTEGER)")
    bench.put("in/1.csv", "1\n2\n")
    bench.put("in/2.csv", "x\ny\n")
    with pytest.raises(RedshiftError, match="failed"):
        bench.copy("t", "in/", "CSV MAXERROR 1")
    assert bench.rows("SELECT count(*) FROM t") == [(0,)]


def test_ignoreallerrors_loads_what_is_good(bench: LoadBench) -> None:
    bench.run("CREATE TABLE t (a INTEGER)")
    bench.put("in/1.csv", "1\nx\n2\ny\n")
    assert bench.copy("t", "in/", "CSV IGNOREALLERRORS").row_count == 2


def test_noload_checks_and_loads_nothing(bench: LoadBench) -> None:
    bench.run("CREATE TABLE t (a INTEGER)")
    bench.put("in/1.csv", "1\n")
    assert bench.copy("t", "in/", "CSV NOLOAD").row_count == 0
    assert bench.rows("SELECT count(*) FROM t") == [(0,)]


def test_refused_load_takes_the_transaction_with_it_but_not_its_errors(bench: LoadBench) -> None:
    bench.run("CREATE TABLE t (a INTEGER)")
    bench.run("INSERT INTO t VALUES (1)")
    bench.put("in/1.csv", "x\n")
    bench.run("BEGIN")
    bench.run("DELETE FROM t")
    with pytest.raises(RedshiftError):
        bench.copy("t", "in/", "CSV")
    with pytest.raises(RedshiftError, match="current transaction is aborted"):
        bench.run("SELECT 1")
    bench.run("ROLLBACK")
    assert bench.rows("SELECT a FROM t") == [(1,)]
    assert bench.rows("SELECT count(*) FROM stl_load_errors") == [(1,)]


def test_loaded_rows_are_seen_by_others_after_the_commit_only(bench: LoadBench) -> None:
    bench.run("CREATE TABLE t (a INTEGER)")
    bench.put("in/1.csv", "1\n")
    other = bench.warehouse.session(bench.database)
    bench.run("BEGIN")
    bench.copy("t", "in/", "CSV")
    assert other.execute("SELECT count(*) FROM t").rows == [(0,)]
    bench.run("COMMIT")
    assert other.execute("SELECT count(*) FROM t").rows == [(1,)]
    other.close()


def test_pg_last_copy_count_tells_the_rows(bench: LoadBench) -> None:
    bench.run("CREATE TABLE t (a INTEGER)")
    bench.put("in/1.csv", "1\n2\n3\n")
    bench.copy("t", "in/", "CSV")
    assert bench.rows("SELECT pg_last_copy_count()") == [(3,)]


def test_load_commits_name_every_file(bench: LoadBench) -> None:
    bench.run("CREATE TABLE t (a INTEGER)")
    bench.put("in/1.csv", "1\n")
    bench.put("in/2.csv", "2\n")
    bench.copy("t", "in/", "CSV")
    names = bench.rows("SELECT trim(filename) FROM stl_load_commits ORDER BY 1")
    assert names == [("s3://data/in/1.csv",), ("s3://data/in/2.csv",)]


# What is refused before anything is read.

REFUSED: dict[str, tuple[str, type[LakeshiftError], str]] = {
    "no role": ("COPY t FROM 's3://data/in/' CSV", RedshiftError, "IAM_ROLE is missing"),
    "a role that is none": ("COPY t FROM 's3://data/in/' IAM_ROLE 'admin' CSV", RedshiftError, "is not valid"),
    "an unknown table": (f"COPY nowhere FROM 's3://data/in/' {ROLE} CSV", RedshiftError, "does not exist"),
    "an unknown column": (f"COPY t (z) FROM 's3://data/in/' {ROLE} CSV", RedshiftError, 'column "z" of relation "t"'),
    "a column twice": (f"COPY t (a, a) FROM 's3://data/in/' {ROLE} CSV", RedshiftError, "specified more than once"),
    "a view": (f"COPY v FROM 's3://data/in/' {ROLE} CSV", RedshiftError, "v"),
    "a file of this machine": (f"COPY t FROM '/etc/passwd' {ROLE} CSV", RedshiftError, "does not exist"),
    "a way out of the bucket": (
        f"COPY t FROM 's3://data/../../etc/passwd' {ROLE} CSV",
        RedshiftError,
        "does not exist",
    ),
    "a bucket that is a path": (f"COPY t FROM 's3://../in/' {ROLE} CSV", RedshiftError, "does not exist"),
    "a way out of the quotes": (
        f"COPY t FROM 's3://data/x''); DROP TABLE t; --' {ROLE} CSV",
        RedshiftError,
        "does not exist",
    ),
    "csv options with parquet": (f"COPY t FROM 's3://data/in/' {ROLE} PARQUET MAXERROR 5", RedshiftError, "MAXERROR"),
    "dynamodb": (f"COPY t FROM 'dynamodb://table' {ROLE}", NotSupportedLocallyError, "dynamodb"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_copy_is_refused_for(bench: LoadBench, case: str) -> None:
    sql, kind, message = REFUSED[case]
    bench.run("CREATE TABLE t (a INTEGER)")
    bench.run("CREATE VIEW v AS SELECT a FROM t")
    bench.put("in/1.csv", "1\n")
    with pytest.raises(kind, match=message):
        bench.run(sql)
    assert bench.rows("SELECT count(*) FROM t") == [(0,)]


# Texts that would be SQL if any of our statements took them for such.
INJECTIONS = (
    "'); DROP TABLE t; --",
    "x' OR '1'='1",
    '"; DROP TABLE t; --',
    "$$; DROP TABLE t; $$",
    "\\'; DROP TABLE t; --",
    "/* */ ; DELETE FROM t; --",
    "${manifest}",
    ":name",
    "?",
    "%s",
    "{f0}",
)


@pytest.mark.parametrize("text", INJECTIONS)
@pytest.mark.parametrize("kind", ["CSV", "PARQUET", "JSON 'auto'"])
def test_value_that_looks_like_sql_is_a_value(bench: LoadBench, kind: str, text: str) -> None:
    bench.run("CREATE TABLE t (a VARCHAR(100))")
    if kind == "PARQUET":
        bench.parquet("in/1", {"a": [text]})
    else:
        quoted = '"' + text.replace('"', '""') + '"'
        bench.put("in/1", (quoted if kind == "CSV" else json.dumps({"a": text})) + "\n")
    bench.copy("t", "in/", kind)
    assert bench.rows("SELECT a FROM t") == [(text,)]


@pytest.mark.parametrize("text", ["'); DROP TABLE t; --", "x' OR '1'='1", "[*]?", "a b+c%20"])
def test_key_that_looks_like_sql_is_a_key(bench: LoadBench, text: str) -> None:
    bench.run("CREATE TABLE t (a INTEGER)")
    key = f"in/{text}.csv"
    bench.put(key, "1\n")
    bench.manifest("m.json", entry(key))
    assert bench.copy("t", "m.json", "CSV MANIFEST").row_count == 1
    assert bench.rows("SELECT trim(filename) FROM stl_load_commits") == [(f"s3://data/{key}",)]


@pytest.mark.parametrize("option", ["DELIMITER", "NULL", "QUOTE"])
def test_option_that_looks_like_sql_is_a_text(bench: LoadBench, option: str) -> None:
    bench.run("CREATE TABLE t (a VARCHAR(100))")
    bench.put("in/1.csv", "x\n")
    with_csv = "CSV" if option == "QUOTE" else ""
    with suppress(LakeshiftError):  # no delimiter, to be sure
        bench.copy("t", "in/", f"{with_csv} {option} AS '''); DROP TABLE t; --'")
    assert bench.rows("SELECT table_name FROM svv_tables") == [("t",)]


def test_keys_of_a_statement_are_not_kept_in_the_log(bench: LoadBench) -> None:
    bench.run("CREATE TABLE t (a INTEGER)")
    bench.put("in/1.csv", "1\n")
    keys = "CREDENTIALS 'aws_access_key_id=AKIA;aws_secret_access_key=hidden'"
    assert bench.run(f"COPY t FROM 's3://data/in/' {keys} CSV").row_count == 1
    texts = [text for (text,) in bench.rows("SELECT query_text FROM sys_query_history")]
    assert not any("hidden" in text or "AKIA" in text for text in texts)
    assert "COPY t FROM 's3://data/in/' CREDENTIALS '' CSV" in texts
