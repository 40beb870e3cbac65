"""Manifests of COPY: what they may say, beside what test_copy.py has of Parquet."""

from __future__ import annotations

import pytest

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.redshift import RedshiftError
from tests.unit.redshift.loading import LoadBench


@pytest.fixture(autouse=True)
def table(bench: LoadBench) -> None:
    bench.run("CREATE TABLE t (a INTEGER)")
    bench.put("in/1", "1\n")


def test_an_object_named_twice_is_refused(bench: LoadBench) -> None:
    bench.manifest("m", {"url": "s3://data/in/1"}, {"url": "s3://data/in/1"})
    with pytest.raises(NotSupportedLocallyError, match="names an object twice"):
        bench.copy("t", "m", "MANIFEST")


def test_a_folder_is_no_manifest(bench: LoadBench) -> None:
    with pytest.raises(RedshiftError, match="requires full path of an S3 object"):
        bench.copy("t", "in/", "MANIFEST")


def test_a_mandatory_object_that_is_absent_loads_nothing(bench: LoadBench) -> None:
    bench.manifest("m", {"url": "s3://data/in/1"}, {"url": "s3://data/in/2", "mandatory": True})
    with pytest.raises(RedshiftError, match="Mandatory url is not present in S3"):
        bench.copy("t", "m", "MANIFEST")
    assert bench.rows("SELECT count(*) FROM t") == [(0,)]


def test_an_object_of_another_bucket_is_loaded(bench: LoadBench) -> None:
    (bench.lake.root / "other").mkdir()
    bench.lake.put("other", "x", b"7\n")
    bench.manifest("m", {"url": "s3://other/x"})
    bench.copy("t", "m", "MANIFEST")
    assert bench.rows("SELECT a FROM t") == [(7,)]


def test_each_file_is_told_with_its_rows(bench: LoadBench) -> None:
    bench.put("in/2", "2\n3\n")
    bench.copy("t", "in/", "COMPUPDATE OFF")
    found = bench.rows("SELECT filename, lines_scanned FROM stl_load_commits ORDER BY 1")
    assert found == [("s3://data/in/1", 1), ("s3://data/in/2", 2)]
    assert bench.rows("SELECT name, lines, bytes FROM stl_file_scan ORDER BY 1")[1] == ("s3://data/in/2", 2, 4)
    assert bench.rows("SELECT copy_options, file_format FROM sys_load_history") == [("COMPUPDATE 'off'", "text")]
