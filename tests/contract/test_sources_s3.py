"""Files by connection options: which are read, how they are grouped, what is attached.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-connect-s3-home.html
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.contract.reading import folder_of, read, rows

pytestmark = pytest.mark.page("aws-glue-programming-etl-connect-s3-home")

FILES = {"a_json": '{"id": 1}\n', "sub__b_json": '{"id": 2}\n', "sub__c_txt": '{"id": 3}\n', "_hidden": '{"id": 4}\n'}


def ids(frame: Any) -> list[int]:
    return [row["id"] for row in rows(frame)]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param({}, [1], id="one-folder-without-recurse"),
        pytest.param({"recurse": True}, [1, 2, 3], id="recurse"),
        pytest.param({"recurse": "true"}, [1, 2, 3], id="recurse-as-text"),
        pytest.param({"recurse": True, "exclusions": '["**.txt"]'}, [1, 2], id="two-stars-cross-folders"),
        pytest.param({"recurse": True, "exclusions": '["*.json"]'}, [2, 3], id="one-star-stays-in-its-folder"),
        pytest.param({"recurse": True, "exclusions": '["sub/**"]'}, [1], id="a-folder"),
        pytest.param({"recurse": True, "exclusions": '["**.{txt,csv}", "a*"]'}, [2], id="several-and-braces"),
        pytest.param({"recurse": True, "exclusions": '["sub/[a-b].json"]'}, [1, 3], id="a-range"),
    ],
)
def test_which_files_are_read(glue: Any, tmp_path: Path, options: dict[str, Any], expected: list[int]) -> None:
    assert ids(read(glue, "json", folder_of(tmp_path, **FILES), **options)) == expected


def test_paths_may_be_files_and_several(glue: Any, tmp_path: Path) -> None:
    folder = folder_of(tmp_path, **FILES)
    paths = [f"{folder}/a.json", f"{folder}/sub/b.json"]
    assert ids(glue.create_dynamic_frame.from_options("s3", {"paths": paths}, "json")) == [1, 2]


@pytest.mark.page("grouping-input-files")
@pytest.mark.parametrize(
    ("options", "tasks"),
    [
        pytest.param({"groupFiles": "inPartition", "groupSize": "1048576"}, 2, id="one-group-a-folder"),
        pytest.param({"groupFiles": "inPartition", "groupSize": "30"}, 8, id="no-group-above-its-size"),
        pytest.param({"groupFiles": "inPartition"}, 2, id="size-chosen"),
    ],
)
@pytest.mark.parametrize("kind", ["json", "csv"])
def test_files_are_grouped(glue: Any, tmp_path: Path, kind: str, options: dict[str, str], tasks: int) -> None:
    files = {f"{folder}__{i}_{kind}": f'{{"id": {i}, "t": "xyz"}}\n' for folder in "ab" for i in range(4)}
    frame = read(
        glue, kind, folder_of(tmp_path, **files), {"quoteChar": -1} if kind == "csv" else {}, recurse=True, **options
    )
    assert (frame.getNumPartitions(), frame.count()) == (tasks, 8)


@pytest.mark.parametrize("kind", ["json", "csv", "parquet", "xml"])
def test_attached_file_name_and_time(glue: Any, tmp_path: Path, of_json: Any, kind: str) -> None:
    if kind == "parquet":
        folder = str(tmp_path / "p")
        glue.write_dynamic_frame.from_options(of_json({"id": 1}), "s3", {"path": folder}, "parquet")
    else:
        text = {"json": '{"id": 1}\n', "csv": "id\n1\n", "xml": "<x><r><id>1</id></r></x>"}[kind]
        folder = folder_of(tmp_path, **{f"a b+%41_{kind}": text})
    options = {"csv": {"withHeader": True}, "xml": {"rowTag": "r"}}.get(kind, {})
    frame = read(glue, kind, folder, options, attachFilename="file", attachTimestamp="changed")
    (row,) = rows(frame)
    (file,) = [p for p in Path(folder).iterdir() if not p.name.startswith(".")]
    assert (int(row["id"]), row["file"]) == (1, f"file:{file}")
    assert row["changed"] == file.stat().st_mtime_ns // 1_000_000


@pytest.mark.page("bounded-execution")
def test_bounds_exclude_each_other(glue: Any, tmp_path: Path) -> None:
    with pytest.raises(Exception, match="boundedFiles"):
        read(glue, "json", folder_of(tmp_path, **FILES), boundedFiles="1", boundedSize="1")


def test_fail_fast_fails_at_a_malformed_record(glue: Any, tmp_path: Path) -> None:
    path = folder_of(tmp_path, a_json='{"id": 1}\n{"id":\n')
    assert ids(read(glue, "json", path, isFailFast=False)) == [1]
    with pytest.raises(Exception, match="isFailFast"):
        read(glue, "json", path, isFailFast=True)


@pytest.mark.parametrize(
    ("kind", "options", "text"),
    [
        pytest.param("jsonl", {}, "Failed to load format with name jsonl", id="format"),
        pytest.param("hudi", {}, "hudi", id="a-lake-format"),
        pytest.param("csv", {"delimiter": "|"}, "delimiter", id="option-of-csv"),
        pytest.param("json", {"withHeader": True}, "withHeader", id="option-of-another-format"),
    ],
)
@pytest.mark.page("aws-glue-programming-etl-format")
def test_what_glue_does_not_know(glue: Any, tmp_path: Path, kind: str, options: dict[str, Any], text: str) -> None:
    with pytest.raises(Exception, match=text):
        read(glue, kind, folder_of(tmp_path, **FILES), options)


def test_get_source_and_sample(glue: Any, tmp_path: Path) -> None:
    path = folder_of(tmp_path, a_json="".join(json.dumps({"id": i}) + "\n" for i in range(20)))
    source = glue.getSource("s3", paths=[path])
    source.setFormat("json")
    assert source.getFrame().count() == 20
    sample = glue.create_sample_dynamic_frame_from_options("s3", {"paths": [path]}, 5, {}, "json")
    assert sample.count() == 5


@pytest.mark.page("aws-glue-api-crawler-pyspark-extensions-glue-context")
@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param({"maxSamplePartitions": 1, "maxSampleFilesPerPartition": 2}, [1, 2], id="files-of-one-folder"),
        pytest.param({"maxSamplePartitions": 2, "maxSampleFilesPerPartition": 1}, [1, 4], id="a-file-a-folder"),
        pytest.param({}, [1, 2, 3, 4], id="ten-of-each"),
    ],
)
def test_samples_read_few_files(glue: Any, tmp_path: Path, options: dict[str, int], expected: list[int]) -> None:
    files = {f"{folder}__{n}_json": f'{{"id": {n}}}\n' for folder, n in (("p", 1), ("p", 2), ("p", 3), ("q", 4))}
    given = {"paths": [folder_of(tmp_path, **files)], "recurse": True}
    assert ids(glue.create_sample_dynamic_frame_from_options("s3", given, 9, options, "json")) == expected


def test_data_frame_of_files(glue: Any, tmp_path: Path) -> None:
    path = folder_of(tmp_path, a_json='{"id": 1}\n{"id": "x"}\n')
    data = glue.create_data_frame.from_options("s3", {"paths": [path]}, "json")
    assert data.dtypes == [("id", "struct<int:int,string:string>")]
    out = str(tmp_path / "out")
    sink = glue.getSink("s3", path=out)
    sink.setFormat("json")
    sink.writeDataFrame(data, glue)
    assert len(rows(read(glue, "json", out))) == 2


def test_a_missing_folder(glue: Any, tmp_path: Path) -> None:
    with pytest.raises(Exception, match="Input path does not exist"):
        read(glue, "json", str(tmp_path / "nowhere"))


@pytest.mark.needs_catalog
def test_a_missing_bucket_is_s3s_error(glue: Any) -> None:
    with pytest.raises(Exception, match="The specified bucket does not exist"):
        read(glue, "json", "s3://no-such-bucket/x/")
